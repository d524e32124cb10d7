"""The records to be matched, as columns: a person's values, made comparable once.

`Person` holds what a record says, cleaned; `features` makes of it one row of short texts
(what the nightly job stores); `Table` holds many rows as columns of codes, so that every
later step works on whole arrays.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import count, islice
from zlib import adler32, crc32

import numpy as np
import numpy.typing as npt

from profiles import normalise
from profiles.identity.matching import words

Ints = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

Account = tuple[str, str, str]
"""(kind, namespace, value) of an identifier of which a person has one per source."""


@dataclass(frozen=True, slots=True)
class Person:
    """What one record says of a person, cleaned by `profiles.normalise`; "" and None are unknown.

    `key` orders records the same for ever. `street` may hold the house number. `birth_text` is
    a birth date as digits yyyymmdd where there is no such day: a slip of the pen is evidence too.
    """

    id: int = 0
    source: int = 0
    key: str = ""
    given_name: str = ""
    family_name: str = ""
    full_name: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    house_number: str = ""
    street2: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    birth_date: date | None = None
    birth_text: str = ""
    birth_year: int | None = None
    gender: str = ""
    accounts: tuple[Account, ...] = ()


@dataclass(frozen=True, slots=True)
class Features:
    """One record's comparable values, every one a short text, "" where unknown."""

    given: str = ""
    family: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    number: str = ""
    street2: str = ""
    postal: str = ""
    city: str = ""
    birth: str = ""
    """yyyymmdd"""
    year: str = ""
    """yyyy, also where the whole date is known"""
    names: str = ""
    """rough spelling of both names in alphabetical order, from the e-mail where a name is unknown"""
    local: str = ""
    """letters and digits before the e-mail's @"""
    handle: str = ""
    """the e-mail's local part without the names (`words.handle`)"""
    accounts: str = ""
    """lines of kind, namespace and value, apart by tabs, in order"""

    @classmethod
    def of(cls, values: Sequence[str]) -> Features:
        """From the texts in the order of COLUMNS."""
        return cls(*values)

    def texts(self) -> list[str]:
        """The texts in the order of COLUMNS."""
        return [getattr(self, name) for name in COLUMNS]


COLUMNS = tuple(f.name for f in fields(Features))
"""Names of the features, in the order in which they are stored."""


def features(person: Person) -> Features:
    """A person's values as they are compared."""
    given, family = normalise.names(person.given_name, person.family_name, person.full_name)
    street, number = words.street(person.street)
    if person.house_number:
        number = normalise.fold(person.house_number).replace(" ", "").lstrip("0")
    birth = person.birth_date.strftime("%Y%m%d").zfill(8) if person.birth_date else person.birth_text
    birth = birth if len(birth) == 8 and birth.isdecimal() else ""
    given, family, email = normalise.fold(given), normalise.fold(family), words.mailbox(person.email)
    local = words.local_part(email)
    return Features(
        given=given,
        family=family,
        email=email,
        phone="".join(c for c in person.phone if c.isdigit()),
        street=street,
        number=number,
        street2=words.street_name(person.street2),
        postal=normalise.fold(person.postal_code).replace(" ", ""),
        city=normalise.fold(person.city),
        birth=birth,
        year=birth[:4] or str(person.birth_year or ""),
        names=words.names(given, family, email),
        local=local,
        handle=words.handle(local, given, family),
        accounts="\n".join(sorted("\t".join(account) for account in set(person.accounts))),
    )


def text_hashes(texts: Sequence[str]) -> Hashes:
    """A signed 64-bit number per text, the same in every process and release; 0 for "".

    Two checksums beside each other: quick, and no two texts of a table meet but by rare accident.
    """
    written = [text.encode() for text in texts]
    crc, adler = (np.fromiter(map(f, written), np.int64, len(written)) for f in (crc32, adler32))
    lengths = np.fromiter(map(len, written), np.int64, len(written))
    return np.where(lengths > 0, mix((crc << 32) ^ adler ^ (lengths << 58)), 0)


_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def mix(*parts: Hashes, salt: int = 0) -> Hashes:
    """One hash of several per row (splitmix64's finaliser after each); 0 where a part is unknown."""
    known = np.logical_and.reduce([part != 0 for part in parts])
    state: npt.NDArray[np.uint64] = np.full(len(parts[0]), salt, np.uint64)
    for part in parts:
        state = (state ^ part.view(np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * _MIX_1
        state = (state ^ (state >> np.uint64(27))) * _MIX_2
        state ^= state >> np.uint64(31)
    return np.where(known, state.view(np.int64), 0)


class Column:
    """One value per row as a code into the distinct values; -1 where unknown."""

    def __init__(self, codes: Ints, values: list[str]) -> None:
        self.codes = codes
        self.values = values
        self._hashes: Hashes | None = None
        self._value_hashes: Hashes | None = None
        self._counts: npt.NDArray[np.int64] | None = None
        self._objects: npt.NDArray[np.object_] | None = None
        self.memo: dict[object, npt.NDArray[np.int32]] = {}
        """What others work out once per column."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> Column:
        """Gives codes to texts in the order in which they come; "" is unknown."""
        texts = texts if isinstance(texts, list) else list(texts)
        distinct = dict.fromkeys(texts)
        distinct.pop("", None)
        number = {text: code for code, text in enumerate(distinct)}
        number[""] = -1
        return cls(np.array(list(map(number.__getitem__, texts)), np.int32), list(distinct))

    def derive(self, function: Callable[[str], str]) -> Column:
        """The same rows under a function of the value, worked out once per distinct value."""
        derived = Column.of(list(map(function, self.values)))
        return Column(self.spread(derived.codes), derived.values)

    def spread(self, per_value: Ints) -> Ints:
        """Per-value codes to per-row codes."""
        return np.append(per_value, np.int32(-1))[self.codes]

    @property
    def hashes(self) -> Hashes:
        """`text_hashes` of every row's value, 0 where unknown."""
        if self._hashes is None:
            self._hashes = np.append(self.value_hashes, 0)[self.codes]
        return self._hashes

    @property
    def value_hashes(self) -> Hashes:
        """`text_hashes` of the distinct values."""
        if self._value_hashes is None:
            self._value_hashes = text_hashes(self.values)
        return self._value_hashes

    @property
    def objects(self) -> npt.NDArray[np.object_]:
        """The distinct values as an array, to take many at once."""
        if self._objects is None:
            self._objects = np.array([*self.values, ""], object)[:-1]
        return self._objects

    def take(self, *codes: Ints) -> list[list[str]]:
        """The values of codes, a list per argument."""
        return [self.objects[some].tolist() for some in codes]

    @property
    def numbers(self) -> Ints:
        """The distinct values as numbers, -1 for what is none."""
        return np.array([int(v) if v.isdecimal() and len(v) < 10 else -1 for v in self.values], np.int32)

    def texts(self) -> Callable[[int], str]:
        """The value of a row by its number, "" where unknown."""
        codes, values = self.codes.tolist(), [*self.values, ""]
        return lambda row: values[codes[row]]

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """How many rows show each distinct value."""
        if self._counts is None:
            known = self.codes[self.codes >= 0]
            self._counts = np.bincount(known, minlength=len(self.values)).astype(np.int64)
        return self._counts


def _first_line(lines: str) -> str:
    return lines.partition("\n")[0]


def _other_lines(lines: str) -> str:
    return lines.partition("\n")[2]


def _space(line: str) -> str:
    return line.rpartition("\t")[0]


_DERIVED: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "root": ("given", words.root),
    "family_root": ("family", words.family_root),
    "given_initial": ("given", lambda given: given[:1]),
    "family_initial": ("family", lambda family: family.rsplit(" ", 1)[-1][:1]),
    "family_start": ("family", lambda family: family[:1]),
    "street_start": ("street", lambda street: street[:4]),
    "street2_start": ("street2", lambda street: street[:4]),
    "phone_end": ("phone", lambda phone: phone[-6:] if len(phone) >= 6 else ""),
    "area": ("postal", lambda postal: postal[:2]),
    "account_1": ("accounts", _first_line),
    "account_2": ("more_accounts", _first_line),
    "account_3": ("most_accounts", _first_line),
    "more_accounts": ("accounts", _other_lines),
    "most_accounts": ("more_accounts", _other_lines),
    "account_space_1": ("account_1", _space),
    "account_space_2": ("account_2", _space),
    "account_space_3": ("account_3", _space),
}


class Table:
    """Records as columns, all of length `len(table)`.

    `ids` and `sources` are int64; `keys` orders the records. Columns are those of
    `COLUMNS` and what is derived from them, made when first asked for.
    """

    def __init__(self, ids: Hashes, sources: Hashes, keys: Sequence[str], columns: dict[str, Column]) -> None:
        self.ids, self.sources, self.keys = ids, sources, keys
        self._columns = columns
        self._combined: dict[tuple[str, ...], Hashes] = {}
        self.memo: dict[object, npt.NDArray[np.float32]] = {}
        """What others work out once per table, by what they worked it out from."""

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, str, Features | Sequence[str]]]) -> Table:
        """From (id, source, key, features) in any order; features also as texts in COLUMNS' order.

        Reads the rows once, as they come: a distinct value is kept once.
        """
        ids, sources, keys = array("q"), array("q"), list[str]()
        known: list[dict[str, int]] = [{"": -1} for _ in COLUMNS]
        codes = [array("i") for _ in COLUMNS]
        rows = iter(rows)
        while chunk := list(islice(rows, 10_000)):
            ids.extend(row[0] for row in chunk)
            sources.extend(row[1] for row in chunk)
            keys.extend(row[2] for row in chunk)
            texts = (row[3].texts() if isinstance(row[3], Features) else row[3] for row in chunk)
            for numbers, coded, column in zip(known, codes, zip(*texts, strict=True), strict=True):
                fresh = [text for text in dict.fromkeys(column) if text not in numbers]
                numbers.update(zip(fresh, count(len(numbers) - 1), strict=False))
                coded.extend(map(numbers.__getitem__, column))
        columns = {
            name: Column(np.array(coded, np.int32), list(numbers)[1:])
            for name, numbers, coded in zip(COLUMNS, known, codes, strict=True)
        }
        return cls(np.array(ids, np.int64), np.array(sources, np.int64), keys, columns)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, name: str) -> Column:
        """A column by name, derived if need be. KeyError for a name there is not."""
        if name not in self._columns:
            base, function = _DERIVED[name]
            self._columns[name] = self[base].derive(function)
        return self._columns[name]

    def hashes(self, *names: str) -> Hashes:
        """One hash per row over one or several columns; 0 where any of them is unknown."""
        if len(names) == 1:
            return self[names[0]].hashes
        if names not in self._combined:
            self._combined[names] = mix(*(self[name].hashes for name in names))
        return self._combined[names]

    def row(self, index: int) -> Features:
        """One row's features, back from the columns."""
        codes = ((self[name].values, int(self[name].codes[index])) for name in COLUMNS)
        return Features(*(values[code] if code >= 0 else "" for values, code in codes))
