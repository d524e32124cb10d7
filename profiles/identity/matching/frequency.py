"""How common a value is: that two records agree on a rare one says more than on a common one.

Frequencies are part of the model, so that a table, a pair on a page and one incoming
record are all judged alike. Values are kept as hashes, and only those that several records
show: a model holds no one's personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from profiles.identity.matching import work
from profiles.identity.matching.compare import NAMES, NAMES_IN_COMMON, Names
from profiles.identity.matching.pairs import Levels
from profiles.identity.matching.table import Hashes, Table, mix

Floats = npt.NDArray[np.float64]

RULES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "name": (("given", "family"), ("given",), ("family",)),
    "birth": (("birth",), ("year",)),
    "email": (("email",), ("handle",), ("local",)),
    "phone": (("phone",),),
    "account": (("accounts",),),
    "address": (
        ("street", "number", "postal"), ("street", "number", "city"), ("street", "postal"), ("postal",),
        ("city",), ("street",),
    ),
    "second_line": (("street2",),),
}  # fmt: skip
"""Per comparison the columns whose frequency counts: the first that both records agree on."""

_FEWEST = 3
_MOST_KEPT = 20_000
_FULL_NAME = ("given", "family")
_RECORDS_A_PERSON = 2.0
"""Records that an average person has, where nothing better is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Frequency:
    """Chance that another record shows the same value, by value.

    `hashes` (sorted) and `shares` hold the common values, `rest` is the share of every
    other value, `mean` the average over all records: the chance that two agree.
    """

    hashes: Hashes
    shares: Floats
    rest: float
    mean: float

    def of(self, hashes: Hashes) -> Floats:
        """The share of each value."""
        if not len(self.hashes):
            return np.full(len(hashes), self.rest)
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[place] == hashes, self.shares[place], self.rest)


Frequencies = Mapping[tuple[str, ...], Frequency]


def count(table: Table) -> Frequencies:
    """Frequencies of everything `RULES` asks for."""
    asked = [columns for rules in RULES.values() for columns in rules if columns != _FULL_NAME]
    found = dict(zip(asked, work.each(lambda columns: _of(table, columns), asked, len(table)), strict=True))
    found[_FULL_NAME] = _count_full_names(table, found)
    return found


def _of(table: Table, columns: tuple[str, ...]) -> Frequency:
    if columns in _CONTACTS:
        return _count_contacts(table, columns)
    return _count(*_values(table, columns))


_CONTACTS = (
    ("email",), ("phone",), ("accounts",), ("street", "number", "postal"), ("street", "number", "city"),
)  # fmt: skip
_HOME = 4
_STRAY = 0.02


def _count_contacts(table: Table, columns: tuple[str, ...]) -> Frequency:
    """Shares of what belongs to one person or home: by the names that show it beyond a home's number.

    Strangers hardly ever share one, however often it occurs, unless it is everybody's
    (a shared mailbox, a clerk's own number, a block of flats).
    """
    hashes, names = table.hashes(*columns), table["names"].hashes
    known = np.flatnonzero(hashes)
    n = max(1, len(known))
    _, first = np.unique(mix(hashes[known], names[known]), return_index=True)
    values, people = np.unique(hashes[known][first], return_counts=True)
    values, people = values[people > _HOME], people[people > _HOME]
    shares, rest = (people - _HOME) / n, _STRAY / n
    found = Frequency(values, shares, rest, rest)
    return replace(found, mean=float(found.of(hashes[known]).mean()) if len(known) else rest)


def _values(table: Table, columns: tuple[str, ...]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Hashes of the distinct values in ascending order, and how many records show each."""
    if len(columns) > 1:
        hashes = table.hashes(*columns)
        return np.unique(hashes[hashes != 0], return_counts=True)
    column = table[columns[0]]
    order = np.argsort(column.value_hashes)
    return column.value_hashes[order], column.counts[order]


def _count(values: Hashes, counts: npt.NDArray[np.int64]) -> Frequency:
    """A value's share does not count the record that asks."""
    n = max(1, int(counts.sum()))
    rest = 0.5 / n
    kept = _common(counts)
    shares = (counts[kept] - 1) / n
    mean = rest + float((counts[kept] / n * (shares - rest)).sum())
    return Frequency(values[kept], shares, rest, mean)


def _common(counts: npt.NDArray[np.int64]) -> Hashes:
    """Places of the values worth keeping, in order of their hash."""
    enough = np.flatnonzero(counts >= _FEWEST)
    if len(enough) > _MOST_KEPT:
        enough = np.sort(enough[np.argsort(-counts[enough], kind="stable")[:_MOST_KEPT]])
    return enough


def _count_full_names(table: Table, single: Frequencies) -> Frequency:
    """Shares of whole names, drawn towards what given and family name alone let expect.

    Ten records of one name are ten people where the name is common and one person where
    it is rare: the number of other people is a Gamma posterior with the expectation as
    its mean and a shape of 1.
    """
    hashes = table.hashes(*_FULL_NAME)
    rows = np.flatnonzero(hashes)
    values, first, counts = np.unique(hashes[rows], return_index=True, return_counts=True)
    chance = single["given",].of(table.hashes("given")[rows[first]])
    chance *= single["family",].of(table.hashes("family")[rows[first]])
    n = max(1, len(rows))
    people = n / _RECORDS_A_PERSON
    expected = np.maximum(people * chance * _company(counts, chance, n), 1e-6)
    others = np.maximum(counts / _RECORDS_A_PERSON - 1, 0)
    shares = (1 + others) / (1 / expected + 1) / people
    mean = float((counts * shares).sum()) / n
    kept = _common(counts)
    rare = np.ones(len(values), np.bool_)
    rare[kept] = False
    rest = float((counts * shares)[rare].sum() / max(1, counts[rare].sum())) if rare.any() else 0.5 / n
    return Frequency(values[kept], shares[kept], max(rest, 1e-9), max(mean, 1e-9))


def _company(counts: npt.NDArray[np.int64], chance: Floats, n: int) -> float:
    """How much oftener given and family names meet than by chance, seen on common names."""
    common = counts >= 10
    if not common.any():
        return 1.0
    return float(np.clip(counts[common].sum() / (n * chance[common]).sum(), 1.0, 8.0))


def rarity(
    frequencies: Frequencies, table: Table, i: Hashes, j: Hashes, levels: Levels
) -> npt.NDArray[np.float32]:
    """log2 of how much likelier strangers agree on these very values than on average ones.

    Shape (pairs, comparisons that have rules, in the order of RULES); 0 where nothing agrees.
    Local parts of people who share both names agree as often as their handles do.
    """

    def of(name: str) -> npt.NDArray[np.float32]:
        found = np.zeros(len(i), np.float32)
        open_ = np.flatnonzero(levels[:, NAMES.index(name)] > 0)
        for columns in RULES[name]:
            if not len(open_):
                break
            hashes = table.hashes(*columns)
            mine = hashes[i[open_]]
            agree = (mine == hashes[j[open_]]) & (mine != 0)
            if columns == ("handle",):
                agree &= NAMES_IN_COMMON[levels[open_, NAMES.index("name")]] == Names.BOTH
            rows = open_[agree]
            found[rows] = _per_row(frequencies[columns], table, columns)[i[rows]]
            open_ = open_[~agree]
        return found

    return np.stack(work.each(of, RULES, len(i))).T


def _per_row(frequency: Frequency, table: Table, columns: tuple[str, ...]) -> npt.NDArray[np.float32]:
    """log2 of every row's share against the average; worked out once per table."""
    found = table.memo.get(frequency)
    if found is None:
        found = np.log2(frequency.of(table.hashes(*columns)) / frequency.mean).astype(np.float32)
        table.memo[frequency] = found
    return found
