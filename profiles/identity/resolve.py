"""Who is who, in the database: reads a neighbourhood, splits it into people, writes the differences.

The rules themselves are pure and live in `exact`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db import connection

from cdp.lib import sql
from profiles.identity.exact import Kind, Node, Partition, Shared, partition
from profiles.models import Decision, DecisionMove, IdentifierKind, LinkConstraintRecord, Profile

RULE = "exact"


@dataclass(frozen=True, slots=True)
class _Record:
    node: Node
    profile: int
    first_profile: int


@dataclass(frozen=True, slots=True)
class _Move:
    record: int
    before: int
    after: int


def resolve(
    seeds: Collection[int], *, born: Collection[int] = (), intake_id: int | None = None, actor: str = ""
) -> int:
    """Finds the persons of these source records and of everybody who shares something with them.

    `born` are records of this transaction that have never belonged to anybody: giving
    them to a person is no decision. Returns how many older records changed person.
    Everything touched is added to stage_touched.
    """
    if not seeds:
        return 0
    records = _read(_neighbourhood(seeds))
    found = _partition(records)
    targets = _assign(found, records)
    moves = [
        _Move(record, records[record].profile, target)
        for group, target in zip(found.groups, targets, strict=True)
        for record in group
        if records[record].profile != target
    ]
    newborn = set(born)
    _write(moves, newborn, found, intake_id, actor)
    if any(move.record not in newborn for move in moves):
        _repoint(found, targets, records)
    return sum(1 for move in moves if move.record not in newborn)


def _neighbourhood(seeds: Collection[int]) -> set[int]:
    """The seeds and all that hangs together with them, one step after another."""
    known: set[int] = set()
    frontier = set(seeds)
    with connection.cursor() as cursor:
        while frontier:
            known |= frontier
            sql.run("profiles/resolve_neighbours", {"records": list(frontier)}, cursor=cursor)
            frontier = {record for (record,) in cursor.fetchall()} - known
    return known


def _read(ids: Collection[int]) -> dict[int, _Record]:
    with connection.cursor() as cursor:
        sql.run("profiles/resolve_nodes", {"records": list(ids)}, cursor=cursor)
        return {
            row[0]: _Record(Node(row[0], (row[1], row[2]), row[3], row[4]), row[5], row[6])
            for row in cursor.fetchall()
        }


def _partition(records: Mapping[int, _Record]) -> Partition:
    values: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    shown: dict[tuple[int, str, str, str], list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        sql.run("profiles/resolve_values", {"records": list(records)}, cursor=cursor)
        for record, identifier, kind, namespace, value, joins in cursor.fetchall():
            values[record].append((kind, namespace, value))
            if joins:
                shown[identifier, kind, namespace, value].append(record)
    shared = [Shared(*key, tuple(members)) for key, members in shown.items() if len(members) > 1]
    kinds = {
        k.key: Kind(k.priority, k.limit_per_person, k.max_profiles) for k in IdentifierKind.objects.all()
    }
    nodes = {r: record.node for r, record in records.items()}
    must, cannot = _constraints(records)
    return partition(nodes, shared, kinds, values=values, must=must, cannot=cannot)


def _constraints(
    records: Mapping[int, _Record],
) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    said: dict[str, set[tuple[int, int]]] = {"must": set(), "cannot": set()}
    sets: dict[tuple[str, int], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    rows = LinkConstraintRecord.objects.filter(record__in=records, constraint__lifted_by=None)
    for kind, constraint, record, side in rows.values_list(
        "constraint__kind", "constraint_id", "record_id", "side"
    ):
        sets[kind, constraint][side].append(record)
    for (kind, _constraint), (one, two) in sets.items():
        said[kind] |= set(pairwise(one)) if kind == "must" else {(a, b) for a in one for b in two}
    return frozenset(said["must"]), frozenset(said["cannot"])


def _assign(found: Partition, records: Mapping[int, _Record]) -> list[int]:
    """A profile for every group: the one it overlaps most, then the older one.

    A part that splits off gets back the profile most of its records were born into, if
    that one is free; else a new one (IDENTITY.md, stable id).
    """
    overlap = [
        (-count, profile, position)
        for position, group in enumerate(found.groups)
        for profile, count in Counter(records[r].profile for r in group).items()
    ]
    target: dict[int, int] = {}
    taken: set[int] = set()
    for _count, profile, position in sorted(overlap):
        if position not in target and profile not in taken:
            target[position] = profile
            taken.add(profile)
    inside = {record.profile for record in records.values()}
    for position, group in enumerate(found.groups):
        if position not in target:
            target[position] = _born_into(group, records, taken | inside) or _new_profile_id()
            taken.add(target[position])
    return [target[position] for position in range(len(found.groups))]


def _born_into(group: Iterable[int], records: Mapping[int, _Record], taken: set[int]) -> int | None:
    """The free profile that most of these records were born into, then the older one."""
    homes = Counter(records[r].first_profile for r in group)
    free = [home for home in homes if home not in taken]
    home = min(free, key=lambda home: (-homes[home], home), default=None)
    return home if home and Profile.objects.filter(pk=home).exists() else None


def _new_profile_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('profiles_profile', 'id'))")
        return int(cursor.fetchone()[0])


def _write(
    moves: list[_Move],
    born: set[int],
    found: Partition,
    intake_id: int | None,
    actor: str,
) -> None:
    with connection.cursor() as cursor:
        if found.held:
            sql.run("profiles/resolve_hold", {"identifiers": found.held}, cursor=cursor)
        if not moves:
            return
        params: dict[str, Any] = {
            "records": [m.record for m in moves],
            "profiles": [m.after for m in moves],
            "born": [m.record in born for m in moves],
        }
        older = [m for m in moves if m.record not in born]
        sql.run("profiles/profiles_insert", {"profiles": sorted({m.after for m in moves})}, cursor=cursor)
        sql.run("profiles/resolve_move", params, cursor=cursor)
        touched = sorted({m.after for m in moves} | {m.before for m in older})
        sql.run("profiles/touch", {"profiles": touched}, cursor=cursor)
    _journal(older, found, intake_id, actor)


def _journal(moves: list[_Move], found: Partition, intake_id: int | None, actor: str) -> None:
    """Writes down who was merged into whom and who was split off, with the proof."""
    by_pair: dict[tuple[int, int], list[_Move]] = defaultdict(list)
    for move in moves:
        by_pair[move.before, move.after].append(move)
    emptied = _emptied({before for before, _ in by_pair})
    decisions, moved = [], []
    for (before, after), pair in by_pair.items():
        proof = sorted({i for m in pair for i in found.proof.get(m.record, ())})
        merged = before in emptied
        decision = Decision(
            kind=Decision.Kind.MERGE if merged else Decision.Kind.SPLIT,
            rule=RULE,
            actor=actor,
            evidence={"identifiers": proof},
            survivor_id=after if merged else before,
            retired_id=before if merged else after,
            intake_id=intake_id,
        )
        decisions.append(decision)
        moved += [
            DecisionMove(decision=decision, record_id=m.record, from_profile_id=before, to_profile_id=after)
            for m in pair
        ]
    Decision.objects.bulk_create(decisions)
    DecisionMove.objects.bulk_create(moved)
    _retire({d.retired_id: d.survivor_id for d in decisions if d.kind == Decision.Kind.MERGE})


def _emptied(profiles: set[int]) -> set[int]:
    with connection.cursor() as cursor:
        sql.run("profiles/resolve_emptied", {"profiles": list(profiles)}, cursor=cursor)
        return {profile for (profile,) in cursor.fetchall()}


def _repoint(found: Partition, targets: list[int], records: Mapping[int, _Record]) -> None:
    """Where a merge was taken apart, ids merged away before it point at whoever has their records now."""
    homes: dict[int, Counter[int]] = defaultdict(Counter)
    for group, target in zip(found.groups, targets, strict=True):
        for record in group:
            homes[records[record].first_profile][target] += 1
    params = {
        "merged": list(homes),
        "survivors": [min(where, key=lambda p: (-where[p], p)) for where in homes.values()],
    }
    sql.run("profiles/resolve_repoint", params).close()


def _retire(pairs: Mapping[int | None, int]) -> None:
    """Merged-away profiles point at their survivor, for ever.

    Tags that staff or a rule gave them go over to the survivor, and stay there should the merge be
    taken apart: who was meant by them nobody knows any more.
    """
    if pairs:
        params = {"retired": list(pairs), "survivors": list(pairs.values())}
        sql.run("profiles/resolve_retire", params).close()
        sql.run("profiles/resolve_tags", params).close()
