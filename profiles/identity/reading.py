"""Reads out of the database what `exact.partition` needs: a neighbourhood, and what is said of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from cdp.lib import sql
from profiles.identity.exact import Kind, Link, Node, Partition, Seen, Shared, Word, partition
from profiles.models import Identifier, IdentifierKind, LinkConstraint


class Record(NamedTuple):
    """A source record with the person it belongs to now, and the one it was born into."""

    node: Node
    profile: int
    first_profile: int


@dataclass(frozen=True, slots=True)
class Supposed:
    """What would be said more, and what no longer: for looking before leaping.

    `kinds` instead of the organisation's own; `states` of identifiers, by id, instead of
    those stored.
    """

    must: tuple[frozenset[int], ...] = ()
    cannot: tuple[tuple[frozenset[int], frozenset[int]], ...] = ()
    without_constraints: frozenset[int] = frozenset()
    without_links: frozenset[int] = frozenset()
    kinds: Mapping[str, Kind] | None = None
    states: Mapping[int, str] = field(default_factory=dict)


NOTHING = Supposed()


def neighbourhood(seeds: Collection[int]) -> set[int]:
    """The seeds and all that hangs together with them, one step after another."""
    known: set[int] = set()
    frontier = set(seeds)
    with connection.cursor() as cursor:
        while frontier:
            known |= frontier
            sql.run("profiles/resolve_neighbours", {"records": list(frontier)}, cursor=cursor)
            frontier = {record for (record,) in cursor.fetchall()} - known
    return known


def kinds() -> dict[str, Kind]:
    """The organisation's identifier kinds as the rules read them."""
    return {
        k.key: Kind(
            k.priority,
            k.limit_per_person,
            k.max_profiles,
            k.window_days,
            k.joins,
            k.shared_joins,
            k.role == IdentifierKind.Role.ANONYMOUS,
        )
        for k in IdentifierKind.objects.all()
    }


def judge(ids: Collection[int], supposed: Supposed = NOTHING) -> tuple[Partition, dict[int, Record]]:
    """The partition of these records, which must be a whole neighbourhood, and the records."""
    by_kind = kinds() if supposed.kinds is None else supposed.kinds
    values, shown = _values(ids, by_kind, supposed.states)
    records = _records(ids, values, by_kind)
    shared = [
        Shared(*key[:4], tuple(members), *key[4:]) for key, members in shown.items() if len(members) > 1
    ]
    found = partition(
        {r: record.node for r, record in records.items()},
        shared,
        by_kind,
        values=values,
        word=word_on(records, supposed),
        links=_links(records, supposed),
    )
    return found, records


_Values = dict[int, list[tuple[str, str, str, Seen]]]
_Shown = dict[tuple[int, str, str, str, bool, bool], list[int]]


def _values(
    ids: Collection[int], by_kind: Mapping[str, Kind], states: Mapping[int, str]
) -> tuple[_Values, _Shown]:
    values: _Values = defaultdict(list)
    shown: _Shown = defaultdict(list)
    with connection.cursor() as cursor:
        windowed = [key for key, kind in by_kind.items() if kind.window_days is not None]
        sql.run("profiles/resolve_values", {"records": list(ids), "windowed": windowed}, cursor=cursor)
        for record, identifier, kind, namespace, value, stored, by_person, first, last in cursor.fetchall():
            state = states.get(identifier, stored)
            if state == Identifier.State.BLOCKED:
                continue
            values[record].append((kind, namespace, value, (first, last) if first else None))
            if state == Identifier.State.NORMAL:
                shown[identifier, kind, namespace, value, False, by_person].append(record)
            elif state == Identifier.State.SHARED and by_kind[kind].shared_joins:
                shown[identifier, kind, namespace, value, True, by_person].append(record)
    return values, shown


def _records(ids: Collection[int], values: _Values, by_kind: Mapping[str, Kind]) -> dict[int, Record]:
    with connection.cursor() as cursor:
        sql.run("profiles/resolve_nodes", {"records": list(ids)}, cursor=cursor)
        return {
            r: Record(
                Node(r, (source, key), given, birth, name, is_anonymous(name, values.get(r, ()), by_kind)),
                profile,
                first,
            )
            for r, source, key, given, birth, name, profile, first in cursor.fetchall()
        }


def is_anonymous(
    name_key: str, values: Iterable[tuple[str, str, str, Seen]], by_kind: Mapping[str, Kind]
) -> bool:
    """Whether a record shows nothing but anonymous identifiers."""
    shows = [by_kind[kind].anonymous for kind, *_ in values]
    return not name_key and bool(shows) and all(shows)


def word_on(records: Collection[int], supposed: Supposed = NOTHING) -> Word:
    """What people have said about these records, and what they might say."""
    must: list[tuple[int, frozenset[int]]] = []
    cannot: list[tuple[frozenset[int], frozenset[int]]] = []
    for number, kind, sides in constraints_on(records):
        if number in supposed.without_constraints:
            continue
        if kind == LinkConstraint.Kind.MUST:
            must.append((number, frozenset(sides[0] | sides[1])))
        else:
            cannot.append((frozenset(sides[0]), frozenset(sides[1])))
    newest_first = tuple(said for _, said in sorted(must, key=lambda each: -each[0]))
    return Word(supposed.must + newest_first, supposed.cannot + tuple(cannot))


def constraints_on(records: Collection[int]) -> list[tuple[int, str, tuple[set[int], set[int]]]]:
    """Constraints in force that speak of these records: id, kind, and those records by side."""
    found: dict[tuple[int, str], tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    with connection.cursor() as cursor:
        sql.run("profiles/resolve_word", {"records": list(records)}, cursor=cursor)
        for number, kind, record, side in cursor.fetchall():
            found[number, kind][side].add(record)
    return [(number, kind, sides) for (number, kind), sides in sorted(found.items())]


def _links(records: Mapping[int, Record], supposed: Supposed) -> list[Link]:
    with connection.cursor() as cursor:
        sql.run("profiles/resolve_links", {"records": list(records)}, cursor=cursor)
        return [
            Link(number, a, b, weight)
            for number, a, b, weight in cursor.fetchall()
            if b in records and number not in supposed.without_links
        ]
