"""Other rules of survivorship: tried over the history first, then applied, in batches either way.

A trial computes with the statement that golden values are computed with, for everybody who
has several records, and writes nothing but numbers and ids. Applying it writes the rules in
one act, which can be taken back, and then computes anew whoever they change.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest
from typing import Any, NamedTuple
from zlib import crc32

from django.db import transaction
from django.utils.translation import gettext as _

from cdp.lib import sql
from organisations.audit import verbs as audit
from organisations.models import User
from profiles.identity import consequences, units
from profiles.identity.acting import NotPossible, begin, turn
from profiles.identity.units import UNITS, Rule, Rules
from profiles.ingest import gild, load
from profiles.models import IdentityAct, RuleTrial, SurvivorshipRule

BATCH = 5_000
"""People in one transaction."""
EXAMPLES = 50
"""So many are shown, and kept of each unit."""
AT_A_TIME = 300.0
"""Seconds after which a task hands over to the next, far below the time a task may take."""

State = RuleTrial.State


class Example(NamedTuple):
    """Somebody whose value would change: `record` would win."""

    profile: int
    unit: str
    record: int


def begin_trial(wanted: Rules, *, actor: str) -> RuleTrial:
    """A trial that has looked at nobody yet. Errors: NotPossible where nothing would be another rule."""
    before = units.rules()
    if units.as_json(wanted) == units.as_json(before):
        raise NotPossible(_("These are the rules that count already."))
    return _begin(State.TRYING, before, wanted, actor)


def _begin(
    state: RuleTrial.State, before: Rules, wanted: Rules, actor: str, act: IdentityAct | None = None
) -> RuleTrial:
    return RuleTrial.objects.create(
        rules=RuleTrial.Rules.SURVIVORSHIP,
        state=state,
        before=units.as_json(before),
        wanted=units.as_json(wanted),
        total=sql.value("profiles/survivorship_total"),
        actor=actor,
        act=act,
    )


def apply(trial: RuleTrial, *, actor: User) -> IdentityAct:
    """Puts the rules in force that were tried; `run` then computes everybody anew whom they change.

    Taken back by `verbs.undo`. Errors: NotPossible when the trial is not done, or other
    rules have come into force since it was begun.
    """
    with turn():
        trial = RuleTrial.objects.select_for_update().get(pk=trial.pk)
        before = units.rules()
        if trial.state != State.TRIED or trial.rules != RuleTrial.Rules.SURVIVORSHIP:
            raise NotPossible(_("This has not been tried to its end, or it was applied already."))
        if units.as_json(before) != trial.before:
            raise NotPossible(_("The rules have been changed since this was tried. Try it again."))
        wanted = units.of_json(trial.wanted)
        evidence = {"before": trial.before, "after": trial.wanted, "people": trial.report.get("people", 0)}
        act = begin(IdentityAct.Kind.RULES, actor=actor.email, survivorship=evidence)
        _write(act, before, wanted)
        trial.state, trial.act, trial.done = State.APPLYING, act, 0
        trial.report |= {"after": 0}
        trial.save(update_fields=["state", "act", "done", "report"])
        changed = [key for key in UNITS if before[key] != wanted[key]]
        audit.record(
            actor=actor, verb="survivorship.changed", target=f"act {act.pk}", summary={"units": changed}
        )
    return act


def _write(act: IdentityAct, before: Rules, wanted: Rules) -> None:
    changed = [rule for rule in wanted.values() if rule != before[rule.unit]]
    SurvivorshipRule.objects.filter(unit__in=[rule.unit for rule in changed], lifted_by=None).update(
        lifted_by=act
    )
    SurvivorshipRule.objects.bulk_create(
        [
            SurvivorshipRule(
                unit=rule.unit, strategies=list(rule.strategies), sources=list(rule.sources), act=act
            )
            for rule in changed
            if rule != Rule(rule.unit)
        ]
    )


def begin_recount(act: IdentityAct) -> RuleTrial:
    """Everybody is computed anew by the rules in force: after a change of rules was taken back."""
    now = units.rules()
    return _begin(State.APPLYING, now, now, act.actor, act)


def run(trial_id: int, *, seconds: float = AT_A_TIME) -> bool:
    """Goes on with a trial, or with applying it, where it stands. True when there is more to do."""
    until = time.monotonic() + seconds
    while more := advance(trial_id):
        if time.monotonic() > until:
            break
    return more


def advance(trial_id: int) -> bool:
    """The next BATCH people; False when there are none left."""
    with transaction.atomic():
        trial = RuleTrial.objects.select_for_update().get(pk=trial_id)
        if trial.state == State.TRYING:
            load.empty_touched()
            people = _batch(trial)
            _count(trial, people)
            ended = State.TRIED
        elif trial.state == State.APPLYING:
            with turn():
                people = _batch(trial)
                _recompute()
            ended = State.APPLIED
        else:
            return False
        trial.done += len(people)
        trial.report["after"] = max(people, default=0)
        if not people:
            trial.state, trial.done = ended, trial.total
        trial.save(update_fields=["state", "done", "report"])
    return bool(people)


def _batch(trial: RuleTrial) -> list[int]:
    params = {"after": trial.report.get("after", 0), "size": BATCH}
    return [row["profile_id"] for row in sql.rows("profiles/survivorship_batch", params)]


def _changes(rules: Rules) -> Iterator[tuple[Example, bool]]:
    """Of those in stage_touched: whose record would win, and whether that changes the value."""
    gild.find_winners(rules)
    for row in sql.rows("profiles/survivorship_changes"):
        yield Example(row["profile_id"], row["unit"], row["record_id"]), row["changes"]


def _count(trial: RuleTrial, people: list[int]) -> None:
    """Adds a batch to the report: numbers, and of every unit the examples that a hash draws."""
    found = (
        [example for example, changes in _changes(units.of_json(trial.wanted)) if changes] if people else []
    )
    report = trial.report
    report["people"] = report.get("people", 0) + len({each.profile for each in found})
    report["units"] = Counter(report.get("units", {})) + Counter(each.unit for each in found)
    drawn: dict[str, Any] = report.setdefault("examples", {})
    for unit in {each.unit for each in found}:
        mine = [tuple(each) for each in drawn.get(unit, [])]
        mine += [(each.profile, each.record) for each in found if each.unit == unit]
        drawn[unit] = sorted(mine, key=lambda pair: crc32(f"{pair[0]} {unit}".encode()))[:EXAMPLES]


def examples(trial: RuleTrial) -> list[Example]:
    """At most EXAMPLES, some of every unit."""
    drawn: dict[str, list[list[int]]] = trial.report.get("examples", {})
    by_unit = [[Example(p, unit, r) for p, r in drawn[unit]] for unit in UNITS if unit in drawn]
    in_turn: Iterable[Example | None] = chain.from_iterable(zip_longest(*by_unit))
    return [each for each in in_turn if each][:EXAMPLES]


def _recompute() -> None:
    """Writes the golden values of those in stage_touched whom the rules in force change."""
    found = list(_changes(units.rules()))
    changed = sorted({example.profile for example, _changes in found})
    if changed:
        sql.run("profiles/survivorship_only", {"profiles": changed}).close()
        sql.run("profiles/gild_values").close()
        consequences.settle(sorted({example.profile for example, changes in found if changes}))
