"""Pairs of values: what `compare` is made of.

Each judgement is made once per pair of distinct values, whichever records show them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from profiles.identity.matching.table import Bools, Column, Ints
from profiles.identity.matching.work import workers

Levels = npt.NDArray[np.int8]
Rows = npt.NDArray[np.int64]
Judge = Callable[[Column, Ints, Ints], Levels]
"""Gives levels to pairs of different values of a column, named by their codes."""

_DENSE = 40_000_000
"""Pairs of distinct values up to which a plain table finds the distinct ones, instead of sorting."""


def known(column: Column, i: Rows, j: Rows) -> Bools:
    """Do both records know the value?"""
    both: Bools = (column.codes[i] >= 0) & (column.codes[j] >= 0)
    return both


def same(column: Column, i: Rows, j: Rows) -> Bools:
    """Do both records know the value, and is it the same?"""
    codes = column.codes[i]
    equal: Bools = (codes >= 0) & (codes == column.codes[j])
    return equal


def fill(column: Column, i: Rows, j: Rows, best: int, judge: Judge) -> Levels:
    """-1 where unknown, `best` where equal, else what `judge` says of the two values."""
    a, b = column.codes[i], column.codes[j]
    level = np.where((a >= 0) & (b >= 0), 0, -1).astype(np.int8)
    level[(a == b) & (a >= 0)] = best
    rest = np.flatnonzero(level == 0)
    level[rest] = _once(column, a[rest], b[rest], judge)
    return level


def _once(column: Column, a: Ints, b: Ints, judge: Judge) -> Levels:
    """`judge` asked once per distinct unordered pair of codes."""
    size = len(column.values)
    pairs = np.minimum(a, b).astype(np.int64) * size + np.maximum(a, b)
    if size * size > _DENSE:
        distinct, back = np.unique(pairs, return_inverse=True)
        return judge(column, *_codes(distinct, size))[back]
    seen = np.zeros(size * size, np.bool_)
    seen[pairs] = True
    distinct = np.flatnonzero(seen)
    level = np.empty(size * size, np.int8)
    level[distinct] = judge(column, *_codes(distinct, size))
    return level[pairs]


def _codes(pairs: Rows, size: int) -> tuple[Ints, Ints]:
    one, two = np.divmod(pairs, max(1, size))
    return one.astype(np.int32), two.astype(np.int32)


def likeness(a: Sequence[str], b: Sequence[str]) -> npt.NDArray[np.float32]:
    """Jaro-Winkler similarity of texts, 0 to 1."""
    found: npt.NDArray[np.float32] = process.cpdist(
        a, b, scorer=JaroWinkler.similarity, score_cutoff=0.8, workers=workers(len(a)), dtype=np.float32
    )
    return found


def slips(a: Sequence[str], b: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Slips of the pen between two texts, up to 3 (optimal string alignment)."""
    found: npt.NDArray[np.uint8] = process.cpdist(
        a, b, scorer=OSA.distance, score_cutoff=2, workers=workers(len(a)), dtype=np.uint8
    )
    return found


_MOST_WORDS = 3


def share_a_word(
    names: Column,
    one: Ints,
    two: Ints,
    *,
    shortest: int,
    also: Callable[[str], Iterable[int]] | None = None,
) -> Bools:
    """Have two names a word of at least so many letters in common?

    `also` gives numbers of a word that it shares with words which count as the same.
    """
    numbers, distinct = _words(names, shortest)
    square, line = _alike(distinct, also or _nothing)
    several: Bools = np.logical_or.reduce(numbers[:, 1:] >= 0, axis=1)
    asked = several[one] | several[two]
    lined: Bools = line[numbers[:, 0]] > 0
    asked |= lined[one] & lined[two]
    asked_rows = np.flatnonzero(asked)
    one, two = one[asked_rows], two[asked_rows]
    shared = np.zeros(len(asked_rows), np.bool_)
    for a in numbers.T:
        for b in numbers.T:
            x, y = a[one], b[two]
            alike = (x == y) | square[line[x], line[y]]
            shared |= alike & (x >= 0) & (y >= 0)
    asked[asked_rows] = shared
    return asked


def _words(names: Column, shortest: int) -> tuple[Ints, list[str]]:
    """Numbers of the words of every distinct name, shape (names, words), -1 for none; and the words."""
    place = {"": -1}
    numbers = np.full((len(names.values), _MOST_WORDS), -1, np.int32)
    for row, name in enumerate(names.values):
        for column, word in enumerate(name.split(" ")[:_MOST_WORDS]):
            if len(word) >= shortest:
                numbers[row, column] = place.setdefault(word, len(place) - 1)
    return numbers, list(place)[1:]


def _nothing(_word: str) -> tuple[int, ...]:
    return ()


def _alike(known_words: list[str], also: Callable[[str], Iterable[int]]) -> tuple[Bools, Ints]:
    """Which words that have numbers share one, as a square; and every word's place in it, 0 for none."""
    numbered = [(n, set(lines)) for n, word in enumerate(known_words) if (lines := also(word))]
    square = np.zeros((len(numbered) + 1, len(numbered) + 1), np.bool_)
    place = np.zeros(len(known_words) + 1, np.int32)
    by_line: dict[int, list[int]] = {}
    for row, (n, lines) in enumerate(numbered, 1):
        place[n] = row
        for line in lines:
            by_line.setdefault(line, []).append(row)
    for rows in by_line.values():
        square[np.ix_(rows, rows)] = True
    return square, place


def codes_in(target: Column, source: Column) -> Ints:
    """Every row's value of `source` as a code of `target`; -2 where target does not have it, or unknown."""
    if target not in source.memo:
        place = {value: code for code, value in enumerate(target.values)}
        per_value = np.array([place.get(value, -2) for value in source.values] + [-2], np.int32)
        source.memo[target] = per_value[source.codes]
    return source.memo[target]
