"""What happens to a likely pair of people: joined by itself, or put to a person.

Thresholds are probabilities. By itself nothing is joined across two accounts of one source,
two birth dates, a limit, more than twelve records, or against the whole group's evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, overload

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from profiles.identity.matching.cluster import MayJoin
from profiles.identity.matching.frequency import Floats
from profiles.identity.matching.pairs import Rows
from profiles.identity.matching.score import probability
from profiles.identity.matching.table import Hashes, Table

AUTOMATIC = 0.999
REVIEW = 0.5
MOST_RECORDS = 12


class Proposal(NamedTuple):
    """Two groups of records that may be one person, named by the rows of their best pair.

    `weight` is in log2 odds. `band` is "automatic" or "review"; `blocked_by` says what kept
    a pair above the threshold from being automatic: "accounts", "birth_dates", "limit",
    "size" or "contradiction"; "" where nothing did.
    """

    a: int
    b: int
    weight: float
    probability: float
    band: str
    blocked_by: str


@dataclass(frozen=True, slots=True)
class Proposals(Sequence[Proposal]):
    """Proposals as columns: there may be hundreds of thousands."""

    a: Rows
    b: Rows
    weight: Floats
    probability: Floats
    band: npt.NDArray[np.str_]
    blocked_by: npt.NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.a)

    @overload
    def __getitem__(self, index: int) -> Proposal: ...
    @overload
    def __getitem__(self, index: slice) -> Proposals: ...
    def __getitem__(self, index: int | slice) -> Proposal | Proposals:
        if isinstance(index, slice):
            return Proposals(*(column[index] for column in self._columns()))
        return Proposal._make(column[index].item() for column in self._columns())

    def __iter__(self) -> Iterator[Proposal]:
        return map(Proposal._make, zip(*(column.tolist() for column in self._columns()), strict=True))

    def _columns(self) -> tuple[npt.NDArray[Any], ...]:
        return self.a, self.b, self.weight, self.probability, self.band, self.blocked_by


def judge(
    table: Table,
    i: Rows,
    j: Rows,
    weight: Floats,
    *,
    start: npt.NDArray[np.int64],
    labels: npt.NDArray[np.int64],
    automatic: float = AUTOMATIC,
    review: float = REVIEW,
    may_join: MayJoin | None = None,
) -> Proposals:
    """A proposal for every two groups of `start` whose best pair reaches `review`, likeliest first.

    `start` labels what is one person already, `labels` what `cluster` found.
    """
    chances = probability(weight)
    likely = np.flatnonzero((chances >= review) & (start[i] != start[j]))
    likely = likely[np.lexsort((j[likely], i[likely], -weight[likely]))]
    groups = np.sort(np.stack([start[i[likely]], start[j[likely]]]), axis=0)
    _, first = np.unique(groups[0] * (int(start.max(initial=0)) + 1) + groups[1], return_index=True)
    likely = likely[np.sort(first)]
    a, b, chance = i[likely], j[likely], chances[likely]
    reasons = np.where(labels[a] == labels[b], "", "contradiction").astype("U13")
    sure = np.flatnonzero((chance >= automatic) & (reasons == ""))
    reasons[sure] = _reasons(table, start, a[sure], b[sure], may_join)
    bands = np.where((chance >= automatic) & (reasons == ""), "automatic", "review")
    return Proposals(a, b, weight[likely], chance, bands, reasons)


def _reasons(
    table: Table, start: npt.NDArray[np.int64], a: Rows, b: Rows, may_join: MayJoin | None
) -> list[str]:
    """Why pairs of rows may not be joined by themselves, "" where they may; in this order.

    Where everything that all the pairs would join together agrees, so does each of them: one by
    one only the others are judged.
    """
    reasons = [""] * len(a)
    size = int(start.max(initial=-1)) + 1
    graph = coo_matrix((np.ones(len(a), np.bool_), (start[a], start[b])), shape=(size, size))
    together = connected_components(graph, directed=False)[1][start]
    doubtful = (
        _differ(table, together, np.unique(together[a])) if may_join is None else np.ones(size, np.bool_)
    )
    open_ = np.flatnonzero(doubtful[together[a]])
    union = _Union(table, start, a[open_], b[open_], may_join)
    for pair in open_.tolist():
        reasons[pair] = union.join(int(a[pair]), int(b[pair]))
    return reasons


def _differ(table: Table, together: npt.NDArray[np.int64], asked: Rows) -> npt.NDArray[np.bool_]:
    """Per label: is it asked about, and does it have two birth dates, two accounts of one space or more
    than the most records?"""
    count = int(together.max(initial=-1)) + 1
    wanted = np.zeros(count, np.bool_)
    wanted[asked] = True
    rows = np.flatnonzero(wanted[together])
    labels = together[rows]
    doubtful = np.bincount(labels, minlength=count) > MOST_RECORDS
    doubtful |= _several(labels, table["birth"].hashes[rows], count)
    spaces, lines = (
        np.concatenate([table[f"{name}_{number}"].hashes[rows] for number in (1, 2, 3)])
        for name in ("account_space", "account")
    )
    return doubtful | _several(np.tile(labels, 3), lines, count, spaces)


def _several(
    labels: npt.NDArray[np.int64], values: Hashes, count: int, spaces: Hashes | None = None
) -> npt.NDArray[np.bool_]:
    """Which labels have more than one distinct value (0 is unknown), within a space if given?"""
    known = values != 0
    labels, values = labels[known], values[known]
    spaces = np.zeros_like(values) if spaces is None else spaces[known]
    order = np.lexsort((values, spaces, labels))
    labels, spaces, values = labels[order], spaces[order], values[order]
    other = (labels[1:] == labels[:-1]) & (spaces[1:] == spaces[:-1]) & (values[1:] != values[:-1])
    found = np.zeros(count, np.bool_)
    found[labels[1:][other]] = True
    return found


class _Union:
    """People as automatic joins make them, and what each shows that only one person may."""

    def __init__(
        self, table: Table, start: npt.NDArray[np.int64], i: Rows, j: Rows, may_join: MayJoin | None
    ) -> None:
        self._start = start
        self._may_join = may_join
        self._parent: dict[int, int] = {}
        self._rows: dict[int, list[int]] = defaultdict(list)
        self._births: dict[int, set[str]] = defaultdict(set)
        self._accounts: dict[int, set[str]] = defaultdict(set)
        mine = np.zeros(int(start.max(initial=-1)) + 1, np.bool_)
        mine[start[np.concatenate([i, j])]] = True
        touched = np.flatnonzero(mine[start])
        shown = (_shown(table, "birth", touched), _shown(table, "accounts", touched))
        for row, group, birth, accounts in zip(
            touched.tolist(), start[touched].tolist(), *shown, strict=True
        ):
            self._rows[group].append(row)
            self._births[group].update(filter(None, [birth]))
            self._accounts[group].update(filter(None, accounts.split("\n")))

    def join(self, a: int, b: int) -> str:
        """Joins the people of two rows, or says why not."""
        one, two = self._root(int(self._start[a])), self._root(int(self._start[b]))
        if one == two:
            return ""
        if reason := self._against(one, two):
            return reason
        if len(self._rows[one]) < len(self._rows[two]):
            one, two = two, one
        self._parent[two] = one
        self._rows[one] += self._rows.pop(two)
        self._births[one] |= self._births.pop(two)
        self._accounts[one] |= self._accounts.pop(two)
        return ""

    def _root(self, group: int) -> int:
        while (above := self._parent.get(group, group)) != group:
            group = above
        return group

    def _against(self, one: int, two: int) -> str:
        births, others = self._births[one], self._births[two]
        if births and others and births != others and len(births | others) > 1:
            return "birth_dates"
        if self._two_accounts(self._accounts[one], self._accounts[two]):
            return "accounts"
        if len(self._rows[one]) + len(self._rows[two]) > MOST_RECORDS:
            return "size"
        if self._may_join is not None and not self._may_join(self._rows[one], self._rows[two]):
            return "limit"
        return ""

    @staticmethod
    def _two_accounts(one: Iterable[str], two: set[str]) -> bool:
        """Does one side have an account where the other has a different one, of one kind and source?"""
        spaces = {line.rpartition("\t")[0] for line in two}
        return any(line not in two and line.rpartition("\t")[0] in spaces for line in one)


def _shown(table: Table, column: str, rows: Rows) -> list[str]:
    """A column's values of rows, "" where unknown."""
    values = [*table[column].values, ""]
    return [values[code] for code in table[column].codes[rows].tolist()]
