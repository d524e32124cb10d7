"""How alike two records are, one small number (a level) per comparison.

A level is worked out once for every pair of distinct values, not for every pair of
records. Levels are symmetric in the two records. -1 says that a comparison cannot be
made, because one of the records does not know the value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from profiles.identity.matching import pairs, words, work
from profiles.identity.matching.pairs import Levels, Rows
from profiles.identity.matching.table import Column, Ints, Table

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
    return np.stack(work.each(lambda comparison: comparison.of(table, i, j), COMPARISONS, len(i))).T


# Names

GIVEN = (
    "given name differs",
    "initial fits",
    "given name nearly the same",
    "given name's variant",
    "given name same",
)
FAMILY = ("family name differs", "part of family name", "family name nearly the same", "family name same")


def _judge_given(names: Column, one: Ints, two: Ints) -> Levels:
    likeness = pairs.likeness(*names.take(one, two))
    initial = np.array([*(name if len(name) == 1 else "" for name in names.values), ""])
    start = np.array([*(name[:1] for name in names.values), ""])
    fits = ((initial[one] != "") | (initial[two] != "")) & (start[one] == start[two])
    variant = pairs.share_a_word(names, one, two, shortest=2, also=words.lines_of)
    return np.select([variant, likeness >= NEAR, fits], [3, 2, 1], 0).astype(np.int8)


def _judge_family(names: Column, one: Ints, two: Ints) -> Levels:
    likeness = pairs.likeness(*names.take(one, two))
    part = pairs.share_a_word(names, one, two, shortest=4)
    return np.select([likeness >= NEAR, part], [2, 1], 0).astype(np.int8)


def _name(table: Table, i: Rows, j: Rows) -> Levels:
    given = pairs.fill(table["given"], i, j, 4, _judge_given)
    family = pairs.fill(table["family"], i, j, 3, _judge_family)
    level = NAME.of(given, family)
    doubtful = np.flatnonzero((given < 2) & (family < 2) & (given >= 0) & (family >= 0))
    swapped = _swapped(table, i[doubtful], j[doubtful])
    for found, swap in ((1, CROSSED), (2, SWAPPED_NEARLY), (3, SWAPPED)):
        level[doubtful[swapped == found]] = swap
    _single_names(table, i, j, level)
    return level


def _single_names(table: Table, i: Rows, j: Rows, level: Levels) -> None:
    """A record's only name may stand in the wrong place: it then counts where the other record has it."""
    given, family = table["given"], table["family"]
    as_given, as_family = pairs.codes_in(given, family), pairs.codes_in(family, given)
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
        number = {pair: n for n, pair in enumerate(dict.fromkeys(pairs[1:]))}
        return tuple(number[pair] for pair in pairs[1:])


def _swapped(table: Table, i: Rows, j: Rows) -> Levels:
    """3 where given and family name have changed places, 2 where nearly so, 1 where one has, else 0."""
    one, other = _crossed(table, i, j), _crossed(table, j, i)
    choices = [(one == 2) & (other == 2), (one > 0) & (other > 0), (one > 0) | (other > 0)]
    return np.select(choices, [3, 2, 1], 0).astype(np.int8)


def _crossed(table: Table, i: Rows, j: Rows) -> Levels:
    """2 where the family name at i is the given name at j, 1 where nearly so; they must begin alike."""
    given, family = table["given"], table["family"]
    start = pairs.codes_in(table["given_initial"], table["family_start"])
    level = np.zeros(len(i), np.int8)
    asked = np.flatnonzero(start[i] == table["given_initial"].codes[j])
    likeness = pairs.likeness(*family.take(family.codes[i[asked]]), *given.take(given.codes[j[asked]]))
    level[asked] = np.select([likeness == 1, likeness >= NEAR], [2, 1], 0)
    return level


NAME = Grid(Part(GIVEN, (0,) * len(GIVEN)), Part(FAMILY, (0,) * len(FAMILY)))
NAME_LEVELS = (
    *NAME.levels, "one name in the other's place", "names swapped, nearly the same", "names swapped"
)  # fmt: skip
CROSSED, SWAPPED_NEARLY, SWAPPED = range(len(NAME.levels), len(NAME_LEVELS))


class Names(IntEnum):
    """What two records' names have in common."""

    NOTHING = 0
    GIVEN = 1
    FAMILY = 2
    BOTH = 3


def _in_common(level: int) -> Names:
    if level >= CROSSED:
        return Names.NOTHING if level == CROSSED else Names.BOTH
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


def _judge_birth(dates: Column, one: Ints, two: Ints) -> Levels:
    slips = pairs.slips(*dates.take(one, two))
    (year, day), (other_year, other_day) = (np.divmod(dates.numbers[codes], 10_000) for codes in (one, two))
    swapped = (year == other_year) & (day % 100 * 100 + day // 100 == other_day)
    choices = [swapped, slips <= 1, slips <= 2, day == other_day, year == other_year]
    return np.select(choices, [8, 7, 6, 5, 2], 0).astype(np.int8)


def _judge_year(years: Column, one: Ints, two: Ints) -> Levels:
    return np.where(np.abs(years.numbers[one] - years.numbers[two]) == 1, 3, 1).astype(np.int8)


def _birth(table: Table, i: Rows, j: Rows) -> Levels:
    level = pairs.fill(table["birth"], i, j, 9, _judge_birth)
    rest = np.flatnonzero(level < 0)
    level[rest] = pairs.fill(table["year"], i[rest], j[rest], 4, _judge_year)
    return level


# E-mail, phone, accounts

EMAIL_LEVELS = (
    "e-mail differs", "e-mail resembles", "local part nearly the same", "local part same", "e-mail same"
)  # fmt: skip


def judge_local(a: Sequence[str], b: Sequence[str]) -> Levels:
    """Levels of different local parts."""
    likeness = pairs.likeness(a, b)
    return np.where(likeness >= 0.93, 2, np.where(likeness >= 0.85, 1, 0)).astype(np.int8)


LOCAL_SAME = 3


def _email(table: Table, i: Rows, j: Rows) -> Levels:
    level = pairs.fill(
        table["local"], i, j, LOCAL_SAME, lambda locals_, one, two: judge_local(*locals_.take(one, two))
    )
    level[pairs.same(table["email"], i, j)] = 4
    return level


PHONE_LEVELS = ("phone differs", "phone one slip apart", "phone same")


def _judge_slip(values: Column, one: Ints, two: Ints) -> Levels:
    return np.where(pairs.slips(*values.take(one, two)) <= 1, 1, 0).astype(np.int8)


def _phone(table: Table, i: Rows, j: Rows) -> Levels:
    return pairs.fill(table["phone"], i, j, 2, _judge_slip)


ACCOUNT_LEVELS = (
    "account differs",
    "account same",
    "account differs, other source",
    "account same, other source",
)
ACCOUNT_SAME = (1, 3)


def _accounts(table: Table, i: Rows, j: Rows) -> Levels:
    """Accounts compare within one kind and namespace; any that is the same decides."""
    level = np.full(len(i), -1, np.int8)
    rows = np.flatnonzero(pairs.known(table["accounts"], i, j))
    i, j = i[rows], j[rows]
    used = [n for n in (1, 2, 3) if table[f"account_{n}"].values]
    spaces = [table[f"account_space_{n}"].hashes for n in used]
    values = [table[f"account_{n}"].hashes for n in used]
    best = np.full(len(rows), -1, np.int8)
    for space, value in zip(spaces, values, strict=True):
        for other_space, other in zip(spaces, values, strict=True):
            here = space[i]
            comparable = (here == other_space[j]) & (here != 0)
            same = comparable & (value[i] == other[j])
            best = np.maximum(best, np.where(same, 1, np.where(comparable, 0, -1)).astype(np.int8))
    elsewhere = (best >= 0) & (table.sources[i] != table.sources[j])
    level[rows] = np.where(elsewhere, best + 2, best)
    return level


SOURCE_LEVELS = ("same source", "other source")


def _source(table: Table, i: Rows, j: Rows) -> Levels:
    """Most sources have most people once: records of two sources are likelier one person's."""
    one, two = table.sources[i], table.sources[j]
    return np.where((one < 0) | (two < 0), -1, one != two).astype(np.int8)


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


def _judge_street(values: Column, one: Ints, two: Ints) -> Levels:
    return np.where(pairs.likeness(*values.take(one, two)) >= NEAR, 1, 0).astype(np.int8)


def _street(table: Table, i: Rows, j: Rows) -> Levels:
    alike = pairs.fill(table["street"], i, j, 2, _judge_street)
    if table["street2"].values:
        alike = np.maximum(alike, _lines_swapped(table, i, j, alike))
    number = table["number"]
    known, same = pairs.known(number, i, j), pairs.same(number, i, j)
    choices = [alike < 0, ~known, (alike == 2) & same, (alike == 1) & same, alike == 2]
    return np.select(choices, [-1, 4 + alike, 3, 2, 1], 0).astype(np.int8)


def _lines_swapped(table: Table, i: Rows, j: Rows, alike: Levels) -> Levels:
    """2 where one record's street is the other's second address line, 1 where nearly so, else 0."""
    street, second = table["street"], table["street2"]
    crossed = pairs.codes_in(street, second)
    level = np.where((crossed[i] == street.codes[j]) | (crossed[j] == street.codes[i]), 2, 0).astype(np.int8)
    rest = np.flatnonzero((level == 0) & (alike == 0))
    for one, two in ((i, j), (j, i)):
        a, b = street.codes[one[rest]], second.codes[two[rest]]
        known = (a >= 0) & (b >= 0)
        likeness = pairs.likeness(street.objects[a[known]].tolist(), second.objects[b[known]].tolist())
        level[rest[known][likeness >= NEAR]] = 1
    return level


def _place(table: Table, i: Rows, j: Rows) -> Levels:
    postal = pairs.fill(table["postal"], i, j, 2, _judge_slip)
    city = pairs.fill(table["city"], i, j, 2, _judge_street)
    choices = [
        (postal < 0) & (city < 0), city < 0, postal < 0, (postal == 2) & (city == 2), postal == 2,
        (postal == 1) & (city >= 1), city >= 1,
    ]  # fmt: skip
    return np.select(choices, [-1, 5 + postal, 8 + city, 4, 3, 2, 1], 0).astype(np.int8)


def _address(table: Table, i: Rows, j: Rows) -> Levels:
    return ADDRESS.of(_street(table, i, j), _place(table, i, j))


SECOND_LEVELS = ("second line differs", "second line nearly the same", "second line same")


def _second_line(table: Table, i: Rows, j: Rows) -> Levels:
    """The second lines, or where the lines have changed places the others of each."""
    level = pairs.fill(table["street2"], i, j, 2, _judge_street)
    open_ = np.flatnonzero(level == 0)
    swapped = _lines_swapped(table, i[open_], j[open_], level[open_])
    level[open_[swapped > 0]] = -1
    return level


def _one_group(levels: tuple[str, ...]) -> tuple[int, ...]:
    return (0,) * len(levels)


_FULL_ADDRESS = ("street", "number", "postal")
COMPARISONS = (
    Comparison(
        "name", NAME_LEVELS, _name, (*NAME.groups, *[NAME.groups[-1]] * 3),
        ((NAME.at(4, 3), ("given", "family")), (NAME.at(4, -1), ("given",)), (NAME.at(-1, 3), ("family",))),
    ),
    Comparison(
        "birth", BIRTH_LEVELS, _birth, (0, 1, 0, 1, 1, 0, 0, 0, 0, 0), ((9, ("birth",)), (4, ("year",)))
    ),
    Comparison("email", EMAIL_LEVELS, _email, _one_group(EMAIL_LEVELS), ((4, ("email",)),)),
    Comparison("phone", PHONE_LEVELS, _phone, _one_group(PHONE_LEVELS), ((2, ("phone",)),)),
    Comparison(
        "account", ACCOUNT_LEVELS, _accounts, (0, 0, 1, 1), ((1, ("accounts",)), (3, ("accounts",)))
    ),
    Comparison("source", SOURCE_LEVELS, _source, _one_group(SOURCE_LEVELS)),
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
