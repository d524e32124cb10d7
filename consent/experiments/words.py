"""A test's results in words that need no statistics: the verdict first, in one sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from consent.experiments import guardrails
from consent.experiments.guardrails import Reading
from consent.experiments.results import LEAST_DAYS, LEAST_UNITS, Comparison, Results, Verdict
from organisations.templatetags.foyer import number

LEAST_P = 0.00001


@dataclass(frozen=True, slots=True)
class Told:
    """`tone` is a colour class of the design system."""

    tone: str
    icon: str
    headline: str
    detail: str


def letter(key: str) -> str:
    """What a variant is called on pages: A, B, …"""
    return key.upper()


def percent(share: float) -> str:
    return f"{formats.number_format(round(100 * share, 1), decimal_pos=1)} %"


def points(difference: float, *, signed: bool = False) -> str:
    """A difference of shares in percentage points, one decimal."""
    text = formats.number_format(round(100 * abs(difference), 1), decimal_pos=1)
    sign = "" if not signed or not round(difference, 4) else "+" if difference > 0 else "−"
    return f"{sign}{text}"


def p_value(p: float) -> str:
    """“p = 0.0033”: two figures that say something, one where it is very small."""
    if p < LEAST_P:
        return f"p < {formats.number_format(LEAST_P, decimal_pos=5)}"
    wanted = 1 if p < 0.001 else 2
    places = max(wanted - 1 - math.floor(math.log10(p)), 2)
    return f"p = {formats.number_format(round(p, places), decimal_pos=places)}"


def day(moment: object) -> str:
    return formats.date_format(timezone.localtime(moment), "DATE_FORMAT")  # type: ignore[arg-type]


def verdict(results: Results) -> Told:
    return _TELL[results.verdict](results)


def _empty(results: Results) -> Told:
    if results.experiment.started_at is None:
        return Told(
            "calm", "circle-dashed", _("This test has not started."), _("Start it to show both wordings.")
        )
    return Told(
        "calm",
        "circle-dashed",
        _("Nobody has been shown the form since the test began."),
        _("The first results are here as soon as somebody opens it."),
    )


def _hidden(results: Results) -> Told:
    headline = _("The results are hidden: the variants were not shown as often as they should have been.")
    detail = _(
        "Chance alone does this less than once in a thousand tests (sample ratio, %(p)s). Something shows "
        "one variant more often: a program that visits, a cache, a page that breaks. What was answered "
        "says nothing then. Stop the test, find the cause, begin anew."
    )
    return Told("bad", "eye-off", headline, detail % {"p": p_value(results.ratio_p)})


def _early(results: Results) -> Told:
    least = min(arm.served for arm in results.arms)
    detail = _(
        "A verdict needs %(days)s full days, until %(day)s, and %(units)s people in each variant; "
        "the smallest has %(least)s so far."
    )
    facts = {
        "days": LEAST_DAYS, "day": day(results.full_days_on), "units": LEAST_UNITS,
        "least": number(least),
    }  # fmt: skip
    if results.experiment.stopped_at:
        return Told("calm", "circle-stop", _("The test ended before it could say anything."), detail % facts)
    return Told("info", "clock", _("It is too early to say anything."), detail % facts)


def _open(results: Results) -> Told:
    widest = max(results.comparisons, key=lambda each: each.interval.high)
    low = min(each.interval.low for each in results.comparisons)
    detail = _(
        "If another wording is better than A, then by at most %(up)s points; if worse, by at most "
        "%(down)s. You may look as often as you like."
    )
    facts = {"up": points(max(widest.interval.high, 0)), "down": points(min(low, 0))}
    ended = results.experiment.stopped_at is not None
    headline = _("The test ended without a difference.") if ended else _("No difference has shown so far.")
    return Told("calm" if ended else "info", "minus", headline, detail % facts)


def _better(results: Results) -> Told:
    best = results.best
    assert best is not None
    headline = _("%(variant)s asks better: %(share)s say yes, instead of %(before)s with A.")
    facts = {
        "variant": letter(best.arm.key),
        "share": percent(best.arm.primary.share),
        "before": percent(best.control.primary.share),
    }
    if harms := guardrails.bars(results, best.arm.key):
        cost = _("But it has a cost: %(what)s.") % {"what": "; ".join(map(harm, harms))}
        return Told("warn", "triangle-alert", headline % facts, f"{cost} {_between(best)}")
    return Told("good", "circle-check", headline % facts, _between(best))


def harm(reading: Reading) -> str:
    """“Took it back within 30 days: 11.0 % (79 of 720)”."""
    counted = reading.counted
    of = _("%(yes)s of %(of)s") % {"yes": number(counted.yes), "of": number(counted.of)}
    return f"{reading.guardrail.label}: {percent(counted.share)} ({of})"


def _worse(results: Results) -> Told:
    worst = max(results.comparisons, key=lambda each: each.arm.primary.share)
    headline = _("A asks better: %(before)s say yes, instead of %(share)s with %(variant)s.")
    facts = {
        "variant": letter(worst.arm.key),
        "share": percent(worst.arm.primary.share),
        "before": percent(worst.control.primary.share),
    }
    return Told("warn", "circle-check", headline % facts, _between(worst))


def _between(found: Comparison) -> str:
    low, high = sorted((abs(found.interval.low), abs(found.interval.high)))
    if found.interval.low <= 0 <= found.interval.high:  # decided at an earlier look
        low = 0.0
    detail = _(
        "The difference is between %(low)s and %(high)s points, with 95 %% certainty at every look (%(p)s)."
    )
    return detail % {"low": points(low), "high": points(high), "p": p_value(found.p)}


_TELL = {
    Verdict.EMPTY: _empty,
    Verdict.HIDDEN: _hidden,
    Verdict.EARLY: _early,
    Verdict.OPEN: _open,
    Verdict.BETTER: _better,
    Verdict.WORSE: _worse,
}
