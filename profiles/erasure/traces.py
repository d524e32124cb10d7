"""Finds one person in rows that were kept as they came: held rows, uploaded tables, parcels.

Nothing ties such a row to a record, so it is found by what it says. `patterns` narrow a
table down in the database, `in_cells` judges each row that is left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from organisations.personal_data import Subject
from profiles import normalise
from profiles.erasure.tombstones import canonical
from profiles.models import Identifier, Order, Profile, RecordVersion, SourceRecord

STRONG_KEY = 6
"""Characters from which an account key or order number is found by itself; a shorter one ("12") may be
anybody's seat, and needs the person's name beside it."""
_EMAIL = re.compile(r"[^\s<>\"',;:()\[\]]+@[^\s<>\"',;:()\[\]]+")
_PHONE = re.compile(r"\+?[\d\s().\-/]{7,24}")
_LEAST_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Traces:
    """What a row about the person would hold. `names` are folded full names, `homes` folded
    streets and birth dates, which say who of that name is meant."""

    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    homes: frozenset[str] = frozenset()
    patterns: list[str] = field(default_factory=list)
    """For `lower(column::text) like any(...)`: whatever `in_cells` finds is among what they find."""
    digits: list[str] = field(default_factory=list)
    """The same for telephone numbers, of a text of which nothing but digits is left."""

    def __bool__(self) -> bool:
        return bool(self.emails or self.phones or self.keys or self.names)

    def in_cells(self, row: Any) -> bool:
        """Whether a row (any JSON value) is about the person."""
        cells = list(texts(row))
        if any(self._names_them(cell) for cell in cells):
            return True
        weak = any(cell.strip().lower() in self.keys for cell in cells)
        return (weak or any(self._home(cell) for cell in cells)) and self._named(cells)

    def in_text(self, text: str) -> bool:
        """Whether a text names the person by an address or number of theirs, or by name."""
        words = f" {normalise.fold(text)} "
        return self._names_them(text) or any(f" {name} " in words for name in self.names)

    def _names_them(self, cell: str) -> bool:
        text = cell.strip().lower()
        if len(text) >= STRONG_KEY and text in self.keys:
            return True
        if "@" in text and any(plain(found) in self.emails for found in _EMAIL.findall(text)):
            return True
        return any(self._number(found) for found in _PHONE.findall(text))

    def _number(self, text: str) -> bool:
        digits = re.sub(r"\D", "", text).lstrip("0")
        return len(digits) >= _LEAST_DIGITS and any(phone.endswith(digits) for phone in self.phones)

    def _home(self, cell: str) -> bool:
        return normalise.fold(cell) in self.homes or cell.strip() in self.homes

    def _named(self, cells: list[str]) -> bool:
        words = {word for cell in cells for word in normalise.fold(cell).split()}
        return any(set(name.split()) <= words for name in self.names)


def plain(email: str) -> str:
    return canonical(("email", "", email.strip(".").lower()))[2]


def texts(value: Any) -> Iterator[str]:
    """Every text and number in a JSON value; JSON inside a text is opened."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value
        if value[:1] in "[{":
            try:
                yield from texts(json.loads(value))
            except ValueError:
                return
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def of(subject: Subject) -> Traces:
    """Everything that the person's records have ever said, as long as they are there."""
    said = list(_said(subject.records))
    values = Identifier.objects.filter(
        pk__in=[*subject.identifiers, *subject.shared, *(subject.proven or ())]
    )
    shown = list(values.values_list("kind", "kind__role", "value"))
    emails = {plain(v) for kind, _role, v in shown if kind == "email"}
    emails |= {plain(row["email"]) for row in said if row["email"]}
    phones = {v.strip("+") for kind, _role, v in shown if kind == "phone"}
    phones |= {row["phone"].strip("+") for row in said if row["phone"]}
    keys = {v.lower() for _kind, role, v in shown if role != "contact_point"}
    keys |= {row["external_id"].lower() for row in said if row.get("external_id")}
    keys |= {n.lower() for n in _orders(subject.records)} | _public_ids(subject.profiles)
    names = {normalise.fold(f"{row['given_name']} {row['family_name']}") for row in said} - {""}
    homes = {normalise.fold(row["street"]) for row in said if row["street"]}
    homes |= {str(row["birth_date"]) for row in said if row["birth_date"]}
    spelt = {row["family_name"] or row["given_name"] for row in said} - {""}
    return Traces(
        frozenset(emails), frozenset(phones), frozenset(keys), frozenset(names), frozenset(homes),
        _patterns(emails, keys, spelt), [f"%{phone[-_LEAST_DIGITS:]}%" for phone in phones],
    )  # fmt: skip


_COLUMNS = ("external_id", "email", "phone", "given_name", "family_name", "street", "birth_date")


def _said(records: Collection[int]) -> Iterator[dict[str, Any]]:
    yield from SourceRecord.objects.filter(pk__in=records).values(*_COLUMNS)
    for values in RecordVersion.objects.filter(record__in=records).values_list("values", flat=True):
        yield {column: values.get(column) or "" for column in _COLUMNS}


def _orders(records: Collection[int]) -> Iterator[str]:
    yield from Order.objects.filter(record__in=records).values_list("external_id", flat=True)


def _public_ids(profiles: Collection[int]) -> set[str]:
    return {str(pk) for pk in Profile.objects.filter(pk__in=profiles).values_list("public_id", flat=True)}


def _patterns(emails: set[str], keys: set[str], names: set[str]) -> list[str]:
    """Lower-case. A canonical address is looked for by its domain where its dots may be anywhere."""
    wanted = {email.partition("@")[0] for email in emails if not email.endswith("@gmail.com")}
    if any(email.endswith("@gmail.com") for email in emails):
        wanted |= {"@gmail.com", "@googlemail.com"}
    wanted |= keys
    wanted |= {spelling for name in names for spelling in (name, name.lower(), name.upper(), name.title())}
    return [f"%{_literally(text)}%" for text in sorted(wanted)]


def _literally(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
