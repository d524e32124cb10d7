"""Other exact rules: tried over the whole history first, then applied.

A trial clusters everybody by the rules as they would be and compares with membership as it
is. It writes nothing but its own report, of numbers and ids: nobody's values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from django.utils.translation import gettext as _

from organisations.models import User
from profiles.identity import batch, rules
from profiles.identity.acting import NotPossible, turn
from profiles.identity.batch import Portion, Whole
from profiles.identity.reading import Supposed
from profiles.identity.rules import RuleSet
from profiles.models import Identifier, RuleTrial

EXAMPLES = 50
"""So many merges, splits and values of each sort are kept to be shown."""
State = RuleTrial.State


def begin_trial(wanted: RuleSet, *, actor: str) -> RuleTrial:
    """A trial that has looked at nobody yet. Errors: NotPossible where nothing would be another rule,
    or a rule cannot be meant."""
    rules.refuse_if_unusable(wanted)
    before = rules.load()
    if wanted == before:
        raise NotPossible(_("These are the rules that count already."))
    return RuleTrial.objects.create(
        rules=RuleTrial.Rules.IDENTITY, before=before.as_json(), wanted=wanted.as_json(), actor=actor
    )


def run(trial_id: int) -> None:
    """Does what the trial's state says is to be done. Doing it twice does no harm."""
    trial = RuleTrial.objects.get(pk=trial_id)
    if trial.state == State.TRYING:
        _try(trial)
    elif trial.state == State.APPLYING:
        _apply(trial)


@dataclass(slots=True)
class Report:
    """What the wanted rules would do. A person merges away when no record is left, and is split off
    when some of a person's records become somebody new."""

    merged: int = 0
    split: int = 0
    records: int = 0
    merges: list[dict[str, Any]] = field(default_factory=list)
    splits: list[dict[str, Any]] = field(default_factory=list)
    limits: int = 0

    def add(self, portion: Portion) -> None:
        """Counts one portion in, and keeps what a hash draws as examples."""
        now = {record.profile for record in portion.records.values()}
        leaving: dict[int, list[tuple[int, int]]] = {}
        for record, before, after in portion.moves():
            leaving.setdefault(before, []).append((record, after))
        self.records += sum(map(len, leaving.values()))
        gone = now - set(portion.targets)
        fresh = set(portion.targets) - now
        self.merged += len(gone)
        self.split += len(fresh)
        self.limits += _limits(portion, {record for moves in leaving.values() for record, _after in moves})
        self.merges = _drawn(self.merges, [_merge(p, leaving[p], portion) for p in gone])
        self.splits = _drawn(self.splits, list(_splits(leaving, fresh)))


def _merge(profile: int, moves: list[tuple[int, int]], portion: Portion) -> dict[str, Any]:
    """Somebody who would be merged into whoever gets most of their records, and by which values."""
    into = Counter(after for _record, after in moves).most_common(1)[0][0]
    proof = {i for record, _after in moves for i in portion.found.proof.get(record, ())}
    return {"profile": profile, "into": into, "identifiers": sorted(proof)[:EXAMPLES]}


def _splits(leaving: dict[int, list[tuple[int, int]]], fresh: set[int]) -> Iterator[dict[str, Any]]:
    """Whoever would lose records to somebody new, and which."""
    for profile, moves in leaving.items():
        away: dict[int, list[int]] = {}
        for record, after in moves:
            if after in fresh:
                away.setdefault(after, []).append(record)
        for records in away.values():
            yield {"profile": profile, "records": sorted(records)[:EXAMPLES]}


def _limits(portion: Portion, moved: set[int]) -> int:
    """Identifiers that a limit would set aside among those who move."""
    return sum(d.a in moved or d.b in moved for d in portion.found.demoted)


def _drawn(one: list[dict[str, Any]], two: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """EXAMPLES of both, the same whichever came first."""
    both = [*one, *two]
    return sorted(both, key=lambda each: crc32(f"{each}".encode()))[:EXAMPLES]


def _try(trial: RuleTrial) -> None:
    before, wanted = RuleSet.of_json(trial.before), RuleSet.of_json(trial.wanted)
    with turn():
        states = rules.judged_anew(before, wanted)
        whole = batch.look(Supposed(kinds=wanted.plain(), states=states))
    trial.total, trial.done = whole.astray, 0
    trial.save(update_fields=["total", "done"])
    report, found = Report(), batch.portions(whole, dry=True)
    while portion := _next(found):
        report.add(portion)
        trial.done += len(portion.records)
        trial.save(update_fields=["done"])
    trial.report = _told(report) | _values(whole, states) | {"digest": whole.digest}
    trial.state, trial.done = State.TRIED, trial.total
    trial.save(update_fields=["state", "done", "report"])


def _next(found: Iterator[Portion]) -> Portion | None:
    """One portion at a time, so that deliveries come in between."""
    with turn():
        return next(found, None)


def _told(report: Report) -> dict[str, Any]:
    return {name: getattr(report, name) for name in Report.__slots__}


def _values(whole: Whole, states: dict[int, str]) -> dict[str, Any]:
    """What becomes of identifiers: how many of each, and some ids to show."""
    was = dict(Identifier.objects.filter(pk__in=[*whole.held, *states]).values_list("pk", "state"))
    becomes = {**states, **dict.fromkeys(whole.held, Identifier.State.HELD.value)}
    kinds: dict[str, list[int]] = {"held": [], "released": [], "blocked": [], "unblocked": []}
    for pk, state in sorted(becomes.items()):
        if was.get(pk, state) != state:
            kinds[_change(was[pk], state)].append(pk)
    return {"values": {k: {"count": len(ids), "ids": ids[:EXAMPLES]} for k, ids in kinds.items()}}


def _change(before: str, after: str) -> str:
    if after == Identifier.State.NORMAL:
        return "unblocked" if before == Identifier.State.BLOCKED else "released"
    return after


def apply(trial: RuleTrial, *, actor: User) -> None:
    """Begins to put the tried rules in force. Errors: NotPossible when it was not tried to its end, or
    was applied already."""
    begun = RuleTrial.objects.filter(
        pk=trial.pk, rules=RuleTrial.Rules.IDENTITY, state__in=[State.TRIED, State.APPLYING]
    ).update(state=State.APPLYING, actor=actor.email)
    if not begun:
        raise NotPossible(_("This has not been tried to its end, or it was applied already."))
    trial.refresh_from_db()


def _apply(trial: RuleTrial) -> None:
    """Rules, everybody they move, and the trial's own state in one transaction; or not at all, where
    something has changed since that the trial rests on."""
    with turn():
        trial = RuleTrial.objects.select_for_update().get(pk=trial.pk)
        if trial.state != State.APPLYING:
            return
        if is_stale(trial):
            trial.state = State.TRIED
            trial.report |= {"stale": True}
        else:
            actor = User.objects.get(email=trial.actor)
            trial.act = rules.save(RuleSet.of_json(trial.wanted), actor=actor, trial=trial.pk)
            trial.state = State.APPLIED
        trial.save(update_fields=["state", "act", "report"])


def is_stale(trial: RuleTrial) -> bool:
    """Whether rules, records or anybody's word have changed since: then the report is of another day."""
    if rules.load().as_json() != trial.before:
        return True
    return bool(batch.digest() != trial.report.get("digest"))
