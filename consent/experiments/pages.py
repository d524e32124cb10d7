"""What the pages about tests show, as plain rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent import names
from consent.experiments import guardrails, planning, plots, results, verbs, words
from consent.experiments.forms import describe
from consent.experiments.guardrails import Reading
from consent.experiments.results import Arm, Results
from consent.experiments.statistics import newcombe, z_test
from consent.models import ConsentForm, Experiment
from organisations.templatetags.foyer import number

BADGES = {
    "draft": ("pending", gettext_lazy("Not started")),
    "running": ("running", gettext_lazy("Running")),
    "stopped": ("off", gettext_lazy("Stopped")),
    "promoted": ("applied", gettext_lazy("Winner published")),
}


def badge(test: Experiment) -> tuple[str, str | Promise]:
    return BADGES[test.state]


def question(test: Experiment) -> str:
    """“Newsletter, E-mail”, which does not break within a word."""
    return f"{names.purpose(test.purpose)}, {names.channel(test.channel)}".replace(
        "-", "\N{NON-BREAKING HYPHEN}"
    )


def line(test: Experiment) -> dict[str, Any]:
    """A row of the list."""
    shown = results.look(test)
    return {
        "test": test,
        "badge": badge(test),
        "question": question(test),
        "told": words.verdict(shown),
        "served": shown.served,
        "winner": words.letter(test.winner),
    }


def candidate(form: ConsentForm) -> dict[str, Any]:
    """A live form, and why it cannot be tested now, if so."""
    others = form.versions.filter(published_at=None).count()
    running = form.experiments.filter(state=Experiment.State.RUNNING).first()
    return {"form": form, "others": others, "running": running, "traffic": planning.traffic(form)}


def length_of(form: ConsentForm, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """How long the test that is being put together would take; None while that makes no sense."""
    versions = given.getlist("versions") if hasattr(given, "getlist") else []
    try:
        share, lift = int(given.get("share", "")) / 100, int(given.get("lift", "")) / 100
        traffic = planning.traffic(form)
        arms = min(max(len(versions), 1), len(verbs.LETTERS) - 1) + 1
        found = planning.length(share, lift, arms, traffic.per_day)
    except ValueError:
        return None
    return {"length": found, "traffic": traffic, "weeks": (found.days or 0) // 7}


def draft(test: Experiment) -> dict[str, Any]:
    """A test that has not begun: its variants, what the linter says, how long it will take."""
    arms = list(test.variants.select_related("version__form"))
    try:
        found, unusable = verbs.findings(test), ""
    except verbs.Refused as refused:
        found, unusable = [], str(refused)
    barred = verbs.stops(test, found)
    per_day = planning.traffic(test.form).per_day
    return {
        "test": test,
        "badge": badge(test),
        "question": question(test),
        "variants": [_variant(arm.key, describe(arm.version), arm.weight, arms) for arm in arms],
        "findings": [(words.letter(key), each) for key, each in found],
        "barred": barred,
        "unusable": unusable,
        "length": planning.length(test.expected_share, test.smallest_lift, len(arms), per_day),
        "per_day": per_day,
    }


def _variant(key: str, told: str, weight: int, arms: list[Any]) -> dict[str, Any]:
    part = words.percent(weight / sum(arm.weight for arm in arms))
    return {"letter": words.letter(key), "told": told, "part": part, "is_control": key == arms[0].key}


@dataclass(frozen=True, slots=True)
class Cell:
    """One variant's number in the guardrail table, and whether it is worse than the first."""

    letter: str
    value: str
    note: str
    state: str
    word: str | Promise


def shown(found: Results) -> dict[str, Any]:
    """Everything a results page shows. Where the sample ratio is wrong, no answer is among it."""
    test = found.experiment
    context: dict[str, Any] = {
        "test": test,
        "badge": badge(test),
        "question": question(test),
        "shown": found,
        "arms": [_arm(arm, found) for arm in found.arms],
        "ratio": {"p": words.p_value(found.ratio_p), "arms": _ratio(found)},
        "needed": planning.needed_per_arm(test, len(found.arms)),
        "least": min(arm.served for arm in found.arms),
        "lift": words.points(test.smallest_lift),
        "winner": words.letter(test.winner),
        "offers": [] if test.state == Experiment.State.PROMOTED else _offers(found),
    }
    if not found.is_hidden and found.served:
        context |= {"rails": rails(found), "plots": _plots(found), "once": _once(found)}
    return context


def _arm(arm: Arm, found: Results) -> dict[str, Any]:
    is_control = arm is found.control
    return {
        "letter": words.letter(arm.key),
        "told": describe(arm.variant.version),
        "is_control": is_control,
        "served": arm.served,
        "yes": arm.yes,
        "share": words.percent(arm.primary.share) if arm.served else "–",
        "no": words.percent(arm.no / arm.served) if arm.served else "–",
    }


def _once(found: Results) -> list[dict[str, str]]:
    """What each comparison would say to somebody who chose beforehand to look today, and only today."""
    return [
        {
            "letter": words.letter(each.arm.key),
            "p": words.p_value(z_test(each.arm.primary, each.control.primary)),
            "low": words.points(newcombe(each.arm.primary, each.control.primary).low, signed=True),
            "high": words.points(newcombe(each.arm.primary, each.control.primary).high, signed=True),
        }
        for each in found.comparisons
    ]


def _ratio(found: Results) -> list[dict[str, Any]]:
    whole = sum(arm.variant.weight for arm in found.arms)
    return [
        {
            "letter": words.letter(arm.key),
            "served": arm.served,
            "due": round(found.served * arm.variant.weight / whole),
        }
        for arm in found.arms
    ]


def _offers(found: Results) -> list[dict[str, Any]]:
    """Each variant that could be published, with what speaks against it; the winner first.

    The live one is offered only where it has won: stopping the test keeps it anyway.
    """
    best = found.best.arm.key if found.best else found.control.key
    offers = [
        {
            "key": arm.key,
            "letter": words.letter(arm.key),
            "against": verbs.objections(found, arm.key),
            "is_live": arm is found.control,
            "is_best": arm.key == best,
        }
        for arm in found.arms
    ]
    kept = [offer for offer in offers if not (offer["is_live"] and offer["against"])]
    return sorted(kept, key=lambda offer: not offer["is_best"])


def _plots(found: Results) -> list[plots.Plot]:
    days = results.by_day(found)
    if len(days) < 2:
        return []
    drawn = []
    for nth, arm in enumerate(found.arms[1:], start=1):
        title = _("How much better than A is %(variant)s?") % {"variant": words.letter(arm.key)}
        drawn.append(plots.differences(found, days, nth, title))
    return [*drawn, plots.shares(found, days, _("Share that says yes"))]


def rails(found: Results) -> list[dict[str, Any]]:
    """The guardrails in words, one row each, with one cell for each variant."""
    rows = [
        {
            "label": each[0].guardrail.label,
            "explanation": each[0].guardrail.explanation,
            "bars": each[0].guardrail.bars,
            "cells": [_cell(reading, found) for reading in each],
        }
        for each in guardrails.readings(found)
    ]
    return [*rows, _no_row(found), _seconds_row(found), _steps_row(found)]


def _cell(reading: Reading, found: Results) -> Cell:
    counted = reading.counted
    letter = words.letter(reading.arm.key)
    if not counted.of:
        return Cell(letter, "–", _("nobody yet"), "", "")
    note = _("%(yes)s of %(of)s") % {"yes": number(counted.yes), "of": number(counted.of)}
    state, word = ("failed", _("Worse")) if reading.harms else ("ok", _("No sign of harm"))
    if reading.p is None:
        state, word = "", ""
    return Cell(letter, words.percent(counted.share), note, state, word)


def _no_row(found: Results) -> dict[str, Any]:
    cells = [
        Cell(
            words.letter(arm.key),
            words.percent(arm.no / arm.served) if arm.served else "–",
            number(arm.no),
            "",
            "",
        )
        for arm in found.arms
    ]
    explanation = _("Reported, and never a target: a clear no is worth having.")
    return {"label": _("Said no"), "explanation": explanation, "bars": False, "cells": cells}


def _seconds_row(found: Results) -> dict[str, Any]:
    cells = []
    for arm in found.arms:
        value = _("%(n)s s") % {"n": round(arm.seconds / arm.timed)} if arm.timed else "–"
        cells.append(Cell(words.letter(arm.key), value, "" if arm.timed else _("nobody yet"), "", ""))
    explanation = _("From seeing the question to answering it, on average.")
    return {"label": _("Time on the question"), "explanation": explanation, "bars": False, "cells": cells}


def _steps_row(found: Results) -> dict[str, Any]:
    cells = []
    for arm in found.arms:
        beside = arm.variant.version.spec.get("layout", {}).get("no_place", "beside") == "beside"
        state, word = ("ok", _("One step")) if beside else ("failed", _("More steps"))
        cells.append(Cell(words.letter(arm.key), words.percent(float(beside)), "", state, word))
    explanation = _("Everybody who can say yes must be able to say no as easily.")
    return {"label": _("Reach “no” in one step"), "explanation": explanation, "bars": False, "cells": cells}
