"""Who is who over the whole table: what `resolve` finds delivery by delivery, found in one go.

Copy out, cluster, write only what differs (IDENTITY.md section 1: never connected components
in SQL). Plain neighbourhoods are joined as arrays; the others are asked of `exact.partition`,
some thousands of records at a time, so that memory stays flat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import NamedTuple

import numpy as np
from django.db import connection

from cdp.lib import collector, sql
from profiles.identity import columns, plain, reading, writing
from profiles.identity.acting import settle_touched, turn
from profiles.identity.columns import HELD, Bools, Columns, Ints
from profiles.identity.exact import Partition
from profiles.identity.plain import Sorted
from profiles.identity.reading import NOTHING, Supposed
from profiles.identity.resolve import assign
from profiles.models import Identifier, IdentityAct

PORTION = 20_000
"""So many records, or a little more, are written together."""
CLOSER = 5_000
"""So many records, or a little more, are judged one by one together."""


class Home(NamedTuple):
    """Where a record is now, and the profile that it was born into."""

    profile: int
    first_profile: int


@dataclass(frozen=True, slots=True)
class Portion:
    """Whole neighbourhoods: their partition, a profile for each group (negative: a new one), and
    where their records are now."""

    found: Partition
    targets: list[int]
    records: Mapping[int, writing.Lives]

    def moves(self) -> Iterator[tuple[int, int, int]]:
        """(record, profile now, profile to be) of every record that would move."""
        for group, target in zip(self.found.groups, self.targets, strict=True):
            for record in group:
                if self.records[record].profile != target:
                    yield record, self.records[record].profile, target


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole table, sorted out. `held` are identifiers found on too many people; `digest` is of all
    that was stored (`Columns.digest`)."""

    columns: Columns
    sorted: Sorted
    held: list[int]
    supposed: Supposed
    digest: str

    @property
    def astray(self) -> int:
        """How many records stand in neighbourhoods that need a portion, for showing progress."""
        s = self.sorted
        return int(np.count_nonzero((s.many & (s.astray | ~s.plain))[s.around]))


def look(supposed: Supposed = NOTHING) -> Whole:
    """Copies the table out and sorts it. The caller holds the organisation's turn."""
    by_kind = supposed.kinds if supposed.kinds is not None else reading.kinds()
    found = columns.read(list(by_kind))
    stored = found.digest()
    columns.suppose(found, supposed.states)
    judged = plain.sort_out(found, by_kind, columns.called)
    held = found.identifier[judged.held].tolist()
    states = {**supposed.states, **dict.fromkeys(held, Identifier.State.HELD.value)}
    found.state[judged.held] = HELD
    return Whole(found, judged, held, replace(supposed, kinds=by_kind, states=states), stored)


def digest() -> str:
    """Of all that is stored and who is who may rest on. Inside `turn`."""
    return columns.read(list(reading.kinds())).digest()


def portions(whole: Whole, *, dry: bool) -> Iterator[Portion]:
    """All neighbourhoods in which anybody might have to move. `dry`: new profiles get numbers below
    zero, and nothing is written."""
    numbers = (-n for n in count(1))
    yield from _plain_portions(whole)
    for ids in _closer(whole):
        found, records = reading.judge(ids, whole.supposed)
        new = (lambda: next(numbers)) if dry else None
        yield Portion(found, assign(found, records, new=new), records)


def rebuild(act: IdentityAct) -> int:
    """Makes membership what the rules say, everywhere, with all that hangs on it. Returns how many
    records moved. `act` stands behind every decision."""
    with turn():
        moved = write(look(), act)
        settle_touched()
    return moved


def write(whole: Whole, act: IdentityAct) -> int:
    """Writes what differs and adds it to stage_touched. Inside the transaction that looked."""
    why = writing.Why(actor=act.actor, act=act)
    with connection.cursor() as cursor:
        sql.run("profiles/resolve_hold", {"identifiers": whole.held}, cursor=cursor)
    with collector.rests():
        return sum(
            writing.write(portion.found, portion.targets, portion.records, (), why)
            for portion in portions(whole, dry=False)
        )


@dataclass(frozen=True, slots=True)
class Drift:
    """Where membership is not what the rules make of what is stored. All empty when all is well."""

    records: int
    moves: list[tuple[int, int, int]]
    held: list[int]


def check(*, most: int = 50) -> Drift:
    """Compares membership with a partition made anew; `moves` are `most` examples of (record,
    profile, profile it should have, below zero for a new one). Writes nothing."""
    with collector.rests(), turn():
        whole = look()
        records = 0
        moves: list[tuple[int, int, int]] = []
        for portion in portions(whole, dry=True):
            for move in portion.moves():
                records += 1
                if len(moves) < most:
                    moves.append(move)
    return Drift(records, moves, whole.held)


def _plain_portions(whole: Whole) -> Iterator[Portion]:
    """Plain neighbourhoods that are not one profile yet: each becomes the one most of it is."""
    c, s = whole.columns, whole.sorted
    rows = np.flatnonzero((s.plain & s.astray)[s.around])
    rows = rows[np.argsort(s.around[rows], kind="stable")]
    target = _survivors(s.around[rows], c.profile[rows], ~s.anonymous[rows])
    for begin, end in _cuts(s.around[rows], PORTION):
        mine = rows[begin:end]
        heads = _heads(s.around[mine])
        groups = [tuple(part.tolist()) for part in np.split(c.record[mine], heads[1:])]
        yield Portion(
            Partition(groups, [], _proof(whole, mine)), target[begin:end][heads].tolist(), _homes(c, mine)
        )


def _proof(whole: Whole, rows: Ints) -> dict[int, tuple[int, ...]]:
    """For each record the identifiers that tie it to its person: all that it shares with anybody."""
    c = whole.columns
    pairs = np.flatnonzero(whole.sorted.proof)
    first, last = (np.searchsorted(c.shower[pairs], rows, side) for side in ("left", "right"))
    return {
        record: tuple(c.identifier[c.shown[pairs[begin:end]]].tolist())
        for record, begin, end in zip(c.record[rows].tolist(), first, last, strict=True)
    }


def _homes(c: Columns, rows: Ints) -> dict[int, Home]:
    found = zip(c.profile[rows].tolist(), c.first_profile[rows].tolist(), strict=True)
    return dict(zip(c.record[rows].tolist(), map(Home._make, found), strict=True))


def _survivors(around: Ints, profile: Ints, known: Bools) -> Ints:
    """For every row the profile that its neighbourhood becomes (`resolve.assign`): the one with more
    known records, then with more records, then the older. Rows are in order of neighbourhood."""
    if not len(around):
        return around
    order = np.lexsort((profile, around))
    heads = np.flatnonzero(
        (np.diff(around[order], prepend=-1) != 0) | (np.diff(profile[order], prepend=-1) != 0)
    )
    records = np.diff(heads, append=len(order))
    acquainted = np.add.reduceat(known[order].astype(np.int64), heads)
    of, which = around[order][heads], profile[order][heads]
    best = np.lexsort((which, -records, -acquainted, of))
    one_each = which[best[_heads(of[best])]]
    found: Ints = one_each[np.cumsum(np.diff(around, prepend=around[0]) != 0)]
    return found


def _heads(group: Ints) -> Ints:
    """Positions at which a new group begins."""
    return np.flatnonzero(np.diff(group, prepend=-1) != 0)


def _closer(whole: Whole) -> Iterator[list[int]]:
    """Ids of records in neighbourhoods that are not plain, whole neighbourhoods together."""
    c, s = whole.columns, whole.sorted
    rows = np.flatnonzero((s.many & ~s.plain)[s.around])
    rows = rows[np.argsort(s.around[rows], kind="stable")]
    for begin, end in _cuts(s.around[rows], CLOSER):
        ids: list[int] = c.record[rows[begin:end]].tolist()
        yield ids


def _cuts(group: Ints, size: int) -> Iterator[tuple[int, int]]:
    """Cuts rows, in order of group, into stretches of whole groups with `size` rows or a little more."""
    ends = np.append(_heads(group)[1:], len(group))
    begin = 0
    while begin < len(group):
        end = int(ends[min(int(np.searchsorted(ends, begin + size)), len(ends) - 1)])
        yield begin, end
        begin = end
