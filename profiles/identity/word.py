"""What people say about who is who, as it is stored: said, narrowed, lifted.

Nothing here decides or moves anything; `resolve` does, from what is in force afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from cdp.lib import sql
from profiles.models import IdentityAct, LinkConstraint, LinkConstraintRecord, MatchLink

MUST, CANNOT = LinkConstraint.Kind.MUST, LinkConstraint.Kind.CANNOT


_FIELDS = ("id", "kind", "actor", "reason", "fingerprint", "act_id", "created_at")
"""As profiles/sql/words_in_force.sql has them."""


@dataclass(frozen=True, slots=True)
class Said:
    """A constraint in force, with all its records by side (a `must` has side 0 only)."""

    constraint: LinkConstraint
    sides: tuple[frozenset[int], frozenset[int]]

    @property
    def records(self) -> frozenset[int]:
        return self.sides[0] | self.sides[1]


def in_force_on(records: Collection[int], kind: LinkConstraint.Kind | None = None) -> list[Said]:
    """Constraints in force that name any of these records, oldest first."""
    sides: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    constraints: dict[int, LinkConstraint] = {}
    for pk, *about, record, side in sql.with_kept_plan("profiles/words_in_force", {"records": list(records)}):
        if pk not in constraints:
            constraints[pk] = LinkConstraint.from_db(connection.alias, _FIELDS, (pk, *about))
        sides[pk][side].add(record)
    said = _said(constraints, sides)
    return [each for each in said if each.constraint.kind == kind] if kind else said


def read(members: Iterable[LinkConstraintRecord]) -> list[Said]:
    """Constraints put together from their members, oldest first."""
    sides: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    constraints: dict[int, LinkConstraint] = {}
    for member in members:
        constraints[member.constraint_id] = member.constraint
        sides[member.constraint_id][member.side].add(member.record_id)
    return _said(constraints, sides)


def _said(
    constraints: Mapping[int, LinkConstraint], sides: Mapping[int, tuple[set[int], set[int]]]
) -> list[Said]:
    return [
        Said(constraints[pk], (frozenset(sides[pk][0]), frozenset(sides[pk][1])))
        for pk in sorted(constraints)
    ]


def say_must(act: IdentityAct, records: Collection[int], reason: str = "") -> LinkConstraint:
    """All these records are one person."""
    return _say(act, MUST, (records, ()), reason)


def say_cannot(
    act: IdentityAct, one: Collection[int], two: Collection[int], *, reason: str = "", fingerprint: str = ""
) -> LinkConstraint:
    """No record of the one side is the same person as one of the other."""
    return _say(act, CANNOT, (one, two), reason, fingerprint)


def _say(
    act: IdentityAct,
    kind: LinkConstraint.Kind,
    sides: tuple[Collection[int], Collection[int]],
    reason: str,
    fingerprint: str = "",
) -> LinkConstraint:
    said = LinkConstraint.objects.create(
        kind=kind, actor=act.actor, reason=(reason or act.reason)[:240], fingerprint=fingerprint, act=act
    )
    LinkConstraintRecord.objects.bulk_create(
        [
            LinkConstraintRecord(constraint=said, record_id=record, side=side)
            for side, records in enumerate(sides)
            for record in sorted(records)
        ]
    )
    return said


def lift(act: IdentityAct, constraints: Collection[LinkConstraint]) -> None:
    if not constraints:
        return
    LinkConstraint.objects.filter(pk__in=[c.pk for c in constraints], lifted_by=None).update(lifted_by=act)


def let_be_one(act: IdentityAct, records: frozenset[int]) -> list[Said]:
    """Lifts whatever tells these records apart from each other; returns what was lifted.

    What the same word says about others stays said: it is said anew without these.
    """
    against = [
        said for said in in_force_on(records, CANNOT) if said.sides[0] & records and said.sides[1] & records
    ]
    lift(act, [said.constraint for said in against])
    for said in against:
        for one, two in without_pairs_in(said.sides, records):
            say_cannot(act, one, two, reason=said.constraint.reason, fingerprint=said.constraint.fingerprint)
    return against


def without_pairs_in(
    sides: tuple[frozenset[int], frozenset[int]], records: frozenset[int]
) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    """The pairs of one from each side, but for those that are both among `records`."""
    one, two = sides
    for left, right in ((one, two - records), (one - records, two & records)):
        if left and right:
            yield left, right


def let_be_two(act: IdentityAct, stay: frozenset[int], go: frozenset[int]) -> None:
    """Lifts whatever holds the two sides together: a `must` goes on for each side by itself,
    links of the matcher between the two are gone."""
    over = [said for said in in_force_on(go, MUST) if said.records & stay]
    lift(act, [said.constraint for said in over])
    for said in over:
        for part in (said.records - go, said.records & go):
            if len(part) > 1:
                say_must(act, part, reason=said.constraint.reason)
    across = Q(record_a__in=stay, record_b__in=go) | Q(record_a__in=go, record_b__in=stay)
    MatchLink.objects.filter(across, lifted_by=None).update(lifted_by=act)
