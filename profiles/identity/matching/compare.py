"""How alike two records are, one small number (a level) per comparison.

A level is worked out once for every pair of distinct values, not for every pair of
records. Levels are symmetric in the two records. -1 says that a comparison cannot be
made, because one of the records does not know the value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from profiles.identity.matching import words
from profiles.identity.matching.table import Bools, Column, Table

Levels = npt.NDArray[np.int8]
Rows = npt.NDArray[np.int64]

WORKERS = 2
NEAR = 0.88
"""Jaro-Winkler similarity from which two names or streets may be one, written twice."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing to compare. `levels` names them from 0 up; `of` gives them for rows i and j.

    Levels of one group are possible where the same parts are known of both records: which
    parts are known says nothing of who they are, so probabilities add up to one in a group.
    `equal` gives the levels at which the values of certain columns are equal, for which the
    values' frequencies are the best measure of chance.
    """

    name: str
    levels: tuple[str, ...]
    of: Callable[[Table, Rows, Rows], Levels]
    groups: tuple[int, ...]
    equal: tuple[tuple[int, tuple[str, ...]], ...] = ()


def levels(table: Table, i: Rows, j: Rows) -> Levels:
    """Levels of the pairs (i, j), shape (pairs, COMPARISONS)."""
    found = np.empty((len(COMPARISONS), len(i)), np.int8)
    for number, comparison in enumerate(COMPARISONS):
        found[number] = comparison.of(table, i, j)
    return found.T


# Pairs of values


def _known(column: Column, i: Rows, j: Rows) -> Bools:
    return (column.codes[i] >= 0) & (column.codes[j] >= 0)


def _same(column: Column, i: Rows, j: Rows) -> Bools:
    codes = column.codes[i]
    same: Bools = (codes >= 0) & (codes == column.codes[j])
    return same


Judge = Callable[[list[str], list[str]], Levels]
_DENSE = 40_000_000
"""Pairs of distinct values up to which a plain table finds the distinct ones, instead of sorting."""


def per_value_pair(column: Column, i: Rows, j: Rows, judge: Judge) -> Levels:
    """`judge` of the values at i and j (all known), asked once per distinct unordered pair."""
    a, b = column.codes[i].astype(np.int64), column.codes[j].astype(np.int64)
    pairs = np.minimum(a, b) * len(column.values) + np.maximum(a, b)
    distinct, back = _distinct(pairs, len(column.values) ** 2)
    one, two = np.divmod(distinct, len(column.values))
    values = column.objects
    return judge(values[one].tolist(), values[two].tolist())[back]


def _distinct(pairs: Rows, size: int) -> tuple[Rows, Rows]:
    """Distinct numbers below `size` and where each pair's number is among them."""
    if size > _DENSE:
        return np.unique(pairs, return_inverse=True)
    seen = np.zeros(size, np.bool_)
    seen[pairs] = True
    distinct = np.flatnonzero(seen)
    place = np.empty(size, np.int32)
    place[distinct] = np.arange(len(distinct), dtype=np.int32)
    return distinct, place[pairs].astype(np.int64)


def _likeness(a: list[str], b: list[str]) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = process.cpdist(
        a, b, scorer=JaroWinkler.similarity, workers=WORKERS, dtype=np.float32
    )
    return found


def _slips(a: list[str], b: list[str]) -> npt.NDArray[np.uint8]:
    """Slips of the pen between two texts, up to 3 (optimal string alignment)."""
    found: npt.NDArray[np.uint8] = process.cpdist(
        a, b, scorer=OSA.distance, score_cutoff=2, workers=WORKERS, dtype=np.uint8
    )
    return found


def _fill(table: Table, column: str, i: Rows, j: Rows, best: int, judge: Judge) -> Levels:
    """-1 where unknown, `best` where equal, else what `judge` says of the two values."""
    values = table[column]
    level = np.where(_known(values, i, j), 0, -1).astype(np.int8)
    level[_same(values, i, j)] = best
    rest = np.flatnonzero(level == 0)
    level[rest] = per_value_pair(values, i[rest], j[rest], judge)
    return level


# Names

GIVEN = (
    "given name differs",
    "initial fits",
    "given name nearly the same",
    "given name's variant",
    "given name same",
)
FAMILY = ("family name differs", "part of family name", "family name nearly the same", "family name same")


def _judge_given(a: list[str], b: list[str]) -> Levels:
    level = np.where(_likeness(a, b) >= NEAR, 2, 0).astype(np.int8)
    for n in np.flatnonzero(level == 0).tolist():
        x, y = a[n], b[n]
        if (len(x) == 1 or len(y) == 1) and x[0] == y[0]:
            level[n] = 1
    for n in range(len(a)):
        if words.variants(a[n], b[n]):
            level[n] = 3
    return level


def _judge_family(a: list[str], b: list[str]) -> Levels:
    level = np.where(_likeness(a, b) >= NEAR, 2, 0).astype(np.int8)
    for n in np.flatnonzero(level == 0).tolist():
        x, y = a[n], b[n]
        if (" " in x or " " in y) and words.share_a_word(x, y):
            level[n] = 1
    return level


def _name(table: Table, i: Rows, j: Rows) -> Levels:
    given = _fill(table, "given", i, j, 4, _judge_given)
    family = _fill(table, "family", i, j, 3, _judge_family)
    level = NAME.of(given, family)
    doubtful = np.flatnonzero((given < 2) & (family < 2) & (given >= 0) & (family >= 0))
    swapped = _swapped(table, i[doubtful], j[doubtful])
    level[doubtful[swapped == 1]] = SWAPPED_NEARLY
    level[doubtful[swapped == 2]] = SWAPPED
    _single_names(table, i, j, level)
    return level


def _single_names(table: Table, i: Rows, j: Rows, level: Levels) -> None:
    """A record's only name may stand in the wrong place: it then counts where the other record has it."""
    given, family = table["given"], table["family"]
    as_given, as_family = _codes_in(given, family), _codes_in(family, given)
    for one, two in ((i, j), (j, i)):
        only_given = (given.codes[one] >= 0) & (family.codes[one] < 0)
        level[only_given & (as_family[one] == family.codes[two])] = NAME.at(-1, 3)
        only_family = (family.codes[one] >= 0) & (given.codes[one] < 0)
        level[only_family & (as_given[one] == given.codes[two])] = NAME.at(4, -1)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two halves of a comparison: level names, and the group of each (see Comparison)."""

    levels: tuple[str, ...]
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Two halves as one comparison: every level of one, or unknown, with every level of the other.

    Unknown twice is -1, so level = (first + 1) * width + (second + 1) - 1.
    """

    first: Part
    second: Part

    @property
    def width(self) -> int:
        return len(self.second.levels) + 1

    def at(self, first: int, second: int) -> int:
        """The level of two halves' levels."""
        return (first + 1) * self.width + second

    def of(self, first: Levels, second: Levels) -> Levels:
        """The levels of two halves' levels."""
        return ((first.astype(np.int16) + 1) * self.width + second).astype(np.int8)

    @property
    def levels(self) -> tuple[str, ...]:
        pairs = [(a, b) for a in ("", *self.first.levels) for b in ("", *self.second.levels)]
        return tuple(", ".join(filter(None, pair)) for pair in pairs[1:])

    @property
    def groups(self) -> tuple[int, ...]:
        pairs = [(a, b) for a in (-1, *self.first.groups) for b in (-1, *self.second.groups)]
        number = {pair: n for n, pair in enumerate(dict.fromkeys(pairs))}
        return tuple(number[pair] for pair in pairs[1:])


def _swapped(table: Table, i: Rows, j: Rows) -> Levels:
    """2 where given and family name have changed places, 1 where nearly so, else 0."""
    given, family = table["given"], table["family"]
    crossed = _codes_in(given, family)
    level = np.zeros(len(i), np.int8)
    level[(crossed[i] == given.codes[j]) & (crossed[j] == given.codes[i])] = 2
    initials = table["given_initial"], table["family_start"]
    start = _codes_in(*initials)
    likely = (level == 0) & (start[i] == initials[0].codes[j]) & (start[j] == initials[0].codes[i])
    for n in np.flatnonzero(likely).tolist():
        (g1, f1), (g2, f2) = (_names_at(table, int(row)) for row in (i[n], j[n]))
        likeness = JaroWinkler.similarity
        level[n] = likeness(g1, f2) >= NEAR and likeness(f1, g2) >= NEAR
    return level


def _codes_in(target: Column, source: Column) -> npt.NDArray[np.int32]:
    """Every row's value of `source` as a code of `target`, -2 where target does not have it."""
    place = {value: code for code, value in enumerate(target.values)}
    per_value = np.array([place.get(value, -2) for value in source.values] + [-2], np.int32)
    return per_value[source.codes]


def _names_at(table: Table, row: int) -> tuple[str, str]:
    given, family = table["given"], table["family"]
    return given.values[given.codes[row]], family.values[family.codes[row]]


NAME = Grid(Part(GIVEN, (0,) * len(GIVEN)), Part(FAMILY, (0,) * len(FAMILY)))
NAME_LEVELS = (*NAME.levels, "names swapped, nearly the same", "names swapped")
SWAPPED_NEARLY, SWAPPED = len(NAME_LEVELS) - 2, len(NAME_LEVELS) - 1


class Names(IntEnum):
    """What two records' names have in common."""

    NOTHING = 0
    GIVEN = 1
    FAMILY = 2
    BOTH = 3


def _in_common(level: int) -> Names:
    if level >= SWAPPED_NEARLY:
        return Names.BOTH
    given, family = divmod(level + 1, NAME.width)
    return Names((given - 1 >= 1) + 2 * (family - 1 >= 2))


NAMES_IN_COMMON = np.array([*map(_in_common, range(len(NAME_LEVELS))), Names.NOTHING], np.int8)
"""Per level of the name, and last for -1, what is in common."""


# Birth date

BIRTH_LEVELS = (
    "birth date differs", "birth year differs", "same birth year, other day", "birth year one apart",
    "same birth year, day unknown", "same day, other year", "birth date two slips apart",
    "birth date one slip apart", "day and month swapped", "birth date same",
)  # fmt: skip


def _judge_birth(a: list[str], b: list[str]) -> Levels:
    slips = _slips(a, b)
    year = np.array([x[:4] == y[:4] for x, y in zip(a, b, strict=True)], np.bool_)
    day = np.array([x[4:] == y[4:] for x, y in zip(a, b, strict=True)], np.bool_)
    swapped = np.array([x[6:] + x[4:6] == y[4:] for x, y in zip(a, b, strict=True)], np.bool_)
    choices = [year & swapped, slips <= 1, slips <= 2, day, year]
    return np.select(choices, [8, 7, 6, 5, 2], 0).astype(np.int8)


def _judge_year(a: list[str], b: list[str]) -> Levels:
    apart = np.array(
        [
            abs(int(x) - int(y)) == 1 if x.isdigit() and y.isdigit() else False
            for x, y in zip(a, b, strict=True)
        ],
        np.bool_,
    )
    return np.where(apart, 3, 1).astype(np.int8)


def _birth(table: Table, i: Rows, j: Rows) -> Levels:
    level = _fill(table, "birth", i, j, 9, _judge_birth)
    rest = np.flatnonzero(level < 0)
    level[rest] = _fill(table, "year", i[rest], j[rest], 4, _judge_year)
    return level


# E-mail, phone, accounts

EMAIL_LEVELS = (
    "e-mail differs", "e-mail resembles", "local part nearly the same", "local part same", "e-mail same"
)  # fmt: skip


def judge_local(a: list[str], b: list[str]) -> Levels:
    """Levels of different local parts."""
    likeness = _likeness(a, b)
    return np.where(likeness >= 0.93, 2, np.where(likeness >= 0.85, 1, 0)).astype(np.int8)


LOCAL_SAME = 3


def _email(table: Table, i: Rows, j: Rows) -> Levels:
    level = _fill(table, "local", i, j, 3, judge_local)
    level[_same(table["email"], i, j)] = 4
    return level


PHONE_LEVELS = ("phone differs", "phone one slip apart", "phone same")


def _judge_phone(a: list[str], b: list[str]) -> Levels:
    return np.where(_slips(a, b) <= 1, 1, 0).astype(np.int8)


def _phone(table: Table, i: Rows, j: Rows) -> Levels:
    return _fill(table, "phone", i, j, 2, _judge_phone)


ACCOUNT_LEVELS = ("account differs", "account same")


def _accounts(table: Table, i: Rows, j: Rows) -> Levels:
    """Accounts compare within one kind and namespace; any that is the same decides."""
    level = np.full(len(i), -1, np.int8)
    numbers = (1, 2, 3)
    for a in numbers:
        space, value = table[f"account_space_{a}"], table[f"account_{a}"]
        if not value.values:
            continue
        for b in numbers:
            other_space, other = table[f"account_space_{b}"], table[f"account_{b}"]
            here, there = space.hashes[i], other_space.hashes[j]
            comparable = (here == there) & (here != 0)
            same = comparable & (value.hashes[i] == other.hashes[j])
            level = np.maximum(level, np.where(same, 1, np.where(comparable, 0, -1)).astype(np.int8))
    return level


# Address

STREET = Part(
    (
        "street differs", "same street, other number", "street nearly the same, same number",
        "street and number same", "street differs, number unknown", "street nearly the same, number unknown",
        "street same, number unknown",
    ),
    (0, 0, 0, 0, 1, 1, 1),
)  # fmt: skip
PLACE = Part(
    (
        "place differs", "city same or nearly", "city and postal code nearly the same", "postal code same",
        "postal code and city same", "postal code differs", "postal code one slip apart",
        "postal code same, city unknown", "city differs", "city nearly the same",
        "city same, postal code unknown",
    ),
    (0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2),
)  # fmt: skip
ADDRESS = Grid(STREET, PLACE)


def _judge_street(a: list[str], b: list[str]) -> Levels:
    return np.where(_likeness(a, b) >= NEAR, 1, 0).astype(np.int8)


def _judge_slip(a: list[str], b: list[str]) -> Levels:
    return np.where(_slips(a, b) <= 1, 1, 0).astype(np.int8)


def _street(table: Table, i: Rows, j: Rows) -> Levels:
    alike = _fill(table, "street", i, j, 2, _judge_street)
    alike[(alike >= 0) & _lines_swapped(table, i, j)] = 2
    number = table["number"]
    known, same = _known(number, i, j), _same(number, i, j)
    choices = [alike < 0, ~known, (alike == 2) & same, (alike == 1) & same, alike == 2]
    return np.select(choices, [-1, 4 + alike, 3, 2, 1], 0).astype(np.int8)


def _lines_swapped(table: Table, i: Rows, j: Rows) -> Bools:
    """Is one record's street the other's second address line?"""
    street, second = table["street"], table["street2"]
    if not second.values:
        return np.zeros(len(i), np.bool_)
    crossed = _codes_in(street, second)
    swapped: Bools = (crossed[i] == street.codes[j]) | (crossed[j] == street.codes[i])
    return swapped


def _place(table: Table, i: Rows, j: Rows) -> Levels:
    postal = _fill(table, "postal", i, j, 2, _judge_slip)
    city = _fill(table, "city", i, j, 2, _judge_street)
    choices = [
        (postal < 0) & (city < 0), city < 0, postal < 0, (postal == 2) & (city == 2), postal == 2,
        (postal == 1) & (city >= 1), city >= 1,
    ]  # fmt: skip
    return np.select(choices, [-1, 5 + postal, 8 + city, 4, 3, 2, 1], 0).astype(np.int8)


def _address(table: Table, i: Rows, j: Rows) -> Levels:
    return ADDRESS.of(_street(table, i, j), _place(table, i, j))


SECOND_LEVELS = ("second line differs", "second line nearly the same", "second line same")


def _second_line(table: Table, i: Rows, j: Rows) -> Levels:
    return _fill(table, "street2", i, j, 2, _judge_street)


def _one_group(levels: tuple[str, ...]) -> tuple[int, ...]:
    return (0,) * len(levels)


_FULL_ADDRESS = ("street", "number", "postal")
COMPARISONS = (
    Comparison(
        "name", NAME_LEVELS, _name, (*NAME.groups, NAME.groups[-1], NAME.groups[-1]),
        ((NAME.at(4, 3), ("given", "family")), (NAME.at(4, -1), ("given",)), (NAME.at(-1, 3), ("family",))),
    ),
    Comparison(
        "birth", BIRTH_LEVELS, _birth, (0, 1, 0, 1, 1, 0, 0, 0, 0, 0), ((9, ("birth",)), (4, ("year",)))
    ),
    Comparison("email", EMAIL_LEVELS, _email, _one_group(EMAIL_LEVELS), ((4, ("email",)),)),
    Comparison("phone", PHONE_LEVELS, _phone, _one_group(PHONE_LEVELS), ((2, ("phone",)),)),
    Comparison("account", ACCOUNT_LEVELS, _accounts, _one_group(ACCOUNT_LEVELS), ((1, ("accounts",)),)),
    Comparison(
        "address", ADDRESS.levels, _address, ADDRESS.groups,
        (
            (ADDRESS.at(3, 4), _FULL_ADDRESS), (ADDRESS.at(3, 7), _FULL_ADDRESS),
            (ADDRESS.at(3, 10), ("street", "number", "city")),
            (ADDRESS.at(-1, 7), ("postal",)), (ADDRESS.at(-1, 10), ("city",)),
        ),
    ),
    Comparison("second_line", SECOND_LEVELS, _second_line, _one_group(SECOND_LEVELS), ((2, ("street2",)),)),
)  # fmt: skip
"""What is compared, in the order of the columns of `levels`."""
NAMES = tuple(comparison.name for comparison in COMPARISONS)
