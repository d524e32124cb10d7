"""When a person is taken apart: which records came after the two were put together, and whose they are.

Nobody ever decided about those. They follow their own identifier: one that shows the same
as exactly one side goes with that side; one that fits both or neither is asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cdp.lib import sql
from profiles.models import Decision, DecisionMove, IdentityAct, SourceRecord

Side = Literal["stay", "go"]
OTHER: Mapping[Side, Side] = {"stay": "go", "go": "stay"}


@dataclass(frozen=True, slots=True)
class Split:
    """A person's records by side. `followed` went the way of an identifier, to that side;
    `ambiguous` are asked about and stay until somebody answers."""

    stay: frozenset[int]
    go: frozenset[int]
    followed: Mapping[int, Side] = field(default_factory=dict)
    ambiguous: frozenset[int] = frozenset()


def split(
    records: Mapping[int, SourceRecord], chosen: Collection[int], answers: Mapping[int, Side] | None = None
) -> Split:
    """The two sides when `chosen`, of all the person's records, go. `answers` are a person's."""
    answers = answers or {}
    go = set(chosen)
    came_later = newcomers(records, frozenset(go)) - set(answers)
    go |= {record for record, answer in answers.items() if answer == "go"}
    stay = set(records) - go - came_later
    followed: dict[int, Side] = {}
    if came_later:
        followed = follow(came_later, {"stay": frozenset(stay), "go": frozenset(go)}, _shown(records))
    go |= {record for record, side in followed.items() if side == "go"}
    return Split(frozenset(records) - go, frozenset(go), followed, frozenset(came_later - set(followed)))


def follow(
    undecided: Collection[int], sides: Mapping[Side, frozenset[int]], shown: Collection[frozenset[int]]
) -> dict[int, Side]:
    """Who goes with whom, step by step: whoever has followed may be followed.

    `shown` are sets of records that show one identifier. Whoever fits both sides is never
    in the answer, nor is somebody who only fits such a one.
    """
    home: dict[int, Side] = {record: side for side, records in sides.items() for record in records}
    followed: dict[int, Side] = {}
    while True:
        found: dict[int, Side] = {}
        for record in set(undecided) - set(followed):
            fits = {
                home[other] for with_it in shown if record in with_it for other in with_it if other in home
            }
            if len(fits) == 1:
                found[record] = fits.pop()
        if not found:
            return followed
        followed |= found
        home |= found


def _shown(records: Collection[int]) -> list[frozenset[int]]:
    rows = sql.rows("profiles/newcomers_shown", {"records": list(records)})
    return [frozenset(row["records"]) for row in rows]


def newcomers(records: Mapping[int, SourceRecord], chosen: frozenset[int]) -> frozenset[int]:
    """Records that came when the chosen and the others were one person already, and that no
    person has put where they are.

    The journal is read backwards to the decision that brought the two together. Empty where
    there is none: an identifier joined them from the first.
    """
    home = {record: found.profile_id for record, found in records.items()}
    present = set(records)
    placed: set[int] = set()
    for step in _backwards(records):
        together = {home[record] for record in chosen & present}
        before = home | step.came_from
        present &= {record for record in present if step.knew(records[record])}
        theirs = {before[record] for record in chosen & present}
        if step.by_person:
            placed |= {r for r in present if home[r] in together and before[r] not in theirs}
        home = before
        others = {before[record] for record in present - chosen}
        if theirs and others and not theirs & others:
            return frozenset(records) - present - chosen - placed
    return frozenset()


@dataclass(frozen=True, slots=True)
class _Step:
    """One act or decision: the profile its records came from, and whether a record was there before."""

    came_from: dict[int, int]
    by_person: bool
    knew: Callable[[SourceRecord], bool]


def _backwards(records: Collection[int]) -> Iterator[_Step]:
    """What moved these records, newest first; the decisions of one act, or of one moment, are one step."""
    moves = DecisionMove.objects.filter(record_id__in=list(records)).select_related("decision__act")
    steps: dict[tuple[str, int], list[DecisionMove]] = defaultdict(list)
    for move in moves.order_by("-decision_id", "-pk"):
        decision = move.decision
        key = ("act", decision.act_id) if decision.act_id else ("decision", decision.pk)
        steps[key].append(move)
    for mine in steps.values():
        # Of several moves of one record in one act the first one tells where it came from.
        yield _Step(
            {move.record_id: move.from_profile_id for move in mine},
            is_by_person(mine[0].decision.act),
            _knew(mine[-1].decision),
        )


def is_by_person(act: IdentityAct | None) -> bool:
    return act is not None and act.kind not in (IdentityAct.Kind.MATCH, IdentityAct.Kind.RULES)


def _knew(decision: Decision) -> Callable[[SourceRecord], bool]:
    """Whether a record was there when this was decided. Where the act lists its records, or the
    delivery is known, the clock is not asked."""
    told = decision.act.evidence.get("sides") if decision.act else None
    if told and decision.act and decision.act.kind == IdentityAct.Kind.MERGE:
        then = {record for side in told for record in side}
        return lambda record: record.pk in then or _older(record, decision)
    if decision.intake_id:
        return lambda record: (record.first_intake_id or 0) < decision.intake_id  # type: ignore[operator]
    return lambda record: _older(record, decision)


def _older(record: SourceRecord, decision: Decision) -> bool:
    return record.created_at < decision.decided_at
