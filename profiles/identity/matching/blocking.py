"""Which pairs of records are worth comparing: those that share a blocking key.

A key is a 64-bit hash over a few values that records of one person tend to share, whatever
else differs. Keys are made of the same hashes for a table and for one record, and are the
same in every process, so that they may be stored. A block of more records than the cap
tells nobody apart: it is skipped and reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

from profiles.identity.matching import work
from profiles.identity.matching.table import Features, Hashes, Table, mix

Rows = npt.NDArray[np.int64]

CAP = 150
"""Records in a block above which it is skipped."""

PAIRS_A_KEY = 1_000_000
PAIRS_A_RECORD = 1.5
"""Pairs that one key may bring, per record in a large table: its largest blocks are skipped beyond that.
A block of many records gives each pair in it little chance, and other keys find those that have more."""
COARSE = 0.04
"""Share of those pairs that a coarse key may bring."""


@dataclass(frozen=True, slots=True)
class Key:
    """Records that agree on the columns of any of the alternatives share this key.

    A coarse key finds what is much misspelt. In a large table it finds little that other keys do
    not: it may bring a small share of their pairs, and is not stored for looking one record up.
    """

    name: str
    alternatives: tuple[tuple[str, ...], ...]
    coarse: bool = False

    def hashes(self, table: Table) -> Iterator[Hashes]:
        """One hash per row for each alternative, 0 where the record has no such key."""
        for columns in self.alternatives:
            yield mix(*(table[column].hashes for column in columns), salt=crc32(self.name.encode()))


KEYS = (
    Key("account", (("account_1",), ("account_2",), ("account_3",))),
    Key("email", (("email",),)),
    Key("local part", (("local",),)),
    Key("phone", (("phone",),)),
    Key("names", (("names",),)),
    Key("names, year", (("root", "family_root", "year"),)),
    Key("names, area", (("root", "family_root", "area"),)),
    Key("birth", (("birth",),)),
    Key("birth, given initial", (("birth", "given_initial"),)),
    Key("birth, family initial", (("birth", "family_initial"),)),
    Key("postal code, family", (("postal", "family_root"),)),
    Key("postal code, given", (("postal", "root"),)),
    Key("address", (("street", "number", "postal"),)),
    Key("phone end, initial", (("phone_end", "given_initial"),)),
    Key("street, given", (("street", "root"),), coarse=True),
    Key("street, number", (("street_start", "number"), ("street2_start", "number")), coarse=True),
    Key("street, postal code", (("street_start", "postal"), ("street2_start", "postal")), coarse=True),
    Key("street, city", (("street_start", "city"), ("street2_start", "city")), coarse=True),
    Key("number, city", (("number", "city"),), coarse=True),
    Key("number, postal code", (("number", "postal"),), coarse=True),
    Key("family, city", (("family_root", "city"),), coarse=True),
    Key("given, city", (("root", "city"),), coarse=True),
    Key("street, second line", (("street", "street2"), ("street2", "street")), coarse=True),
)
"""The keys, of which a record has those whose values it knows."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Blocks that were too large to compare: of which key, how many records each, how many blocks.

    `row` is one of the records, to see what they have in common.
    """

    key: str
    size: int
    blocks: int
    row: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of rows, each once with i < j, in order; and the blocks that were skipped."""

    i: Rows
    j: Rows
    skipped: tuple[Skipped, ...]

    def __len__(self) -> int:
        return len(self.i)


def keys_of(table: Table) -> Hashes:
    """Blocking keys of all rows that are not coarse, shape (rows, keys with alternatives); 0 for none."""
    return np.stack([hashes for key in KEYS if not key.coarse for hashes in key.hashes(table)], axis=1)


def keys(features: Features) -> list[int]:
    """The distinct blocking keys of one record, signed 64-bit."""
    row = keys_of(Table.of([(0, 0, "", features)]))[0]
    return sorted({int(key) for key in row if key})


def candidates(table: Table, cap: int = CAP) -> Candidates:
    """All pairs that share a block of at most `cap` records."""
    results = work.each(lambda key: _of_key(key, table, cap), KEYS, len(table))
    pairs = _distinct(np.concatenate([pairs for pairs, _ in results]))
    i, j = np.divmod(pairs, max(1, len(table)))
    skipped = [block for _, blocks in results for block in blocks]
    skipped.sort(key=lambda s: (-s.size, s.key))
    return Candidates(i, j, tuple(skipped))


def _of_key(key: Key, table: Table, cap: int) -> tuple[Rows, list[Skipped]]:
    """The pairs one key brings, smallest blocks first, and what it leaves out."""
    found: list[Rows] = [np.zeros(0, np.int64)]
    skipped: list[Skipped] = []
    left = max(PAIRS_A_KEY, PAIRS_A_RECORD * len(table)) * (COARSE if key.coarse else 1)
    for rows in _blocks(key, table):
        size = rows.shape[1]
        left -= len(rows) * size * (size - 1) / 2
        if size > cap or left < 0:
            skipped.append(Skipped(key.name, size, len(rows), int(rows.min())))
        else:
            found.append(_pairs(rows, len(table)))
    return np.concatenate(found), skipped


def _blocks(key: Key, table: Table) -> Iterator[Rows]:
    """Blocks of one key as matrices (blocks, size) of row numbers, one matrix per size above one."""
    hashes = np.concatenate(list(key.hashes(table)))
    rows = np.tile(np.arange(len(table)), len(key.alternatives))[hashes != 0]
    hashes = hashes[hashes != 0]
    order = np.argsort(hashes)
    rows, hashes = rows[order], hashes[order]
    starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]]) if len(hashes) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(hashes)])
    for size in np.unique(sizes[sizes > 1]):
        yield rows[starts[sizes == size, None] + np.arange(size)]


def _pairs(blocks: Rows, n: int) -> Rows:
    """All pairs within each block of one size, as i * n + j with i < j."""
    a, b = np.triu_indices(blocks.shape[1], 1)
    one, two = blocks[:, a].ravel(), blocks[:, b].ravel()
    pairs: Rows = (np.minimum(one, two) * n + np.maximum(one, two))[one != two]
    return pairs


def _distinct(pairs: Rows) -> Rows:
    pairs = np.sort(pairs)
    return pairs[np.r_[True, pairs[1:] != pairs[:-1]]] if len(pairs) else pairs
