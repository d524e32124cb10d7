"""Lines of an opt-out register's file as keys to compare by. Pure: bytes in, keys out, nothing kept.

Robinsonlisten (cpr.dk, "Specifikationer for Robinsonlisten"): ISO 8859-1, fields of fixed width with "#"
between them: name as "Surname,Given", street address, town, postcode and district; a few lines at the
top carry the date and the names of the columns. Reservasjonsregisteret comes from
Brønnøysundregistrene by agreement; washed lists come back as CSV. So columns are recognised by their
names in any order, and a file without names is taken where its columns speak for themselves.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from profiles import normalise

NAMES: Mapping[str, frozenset[str]] = {
    "phone": frozenset(
        {"telefon", "tlf", "mobil", "telefonnummer", "telefonnr", "tlfnr", "mobilnummer", "mobiltelefon"}
        | {"phone", "mobile", "nummer", "msisdn", "telephone", "phone number"}
    ),
    "family": frozenset({"etternavn", "efternavn", "surname", "last name", "lastname", "family name"}),
    "given": frozenset({"fornavn", "first name", "firstname", "given name"}),
    "name": frozenset({"navn", "personnavn", "name", "fullt navn"}),
    "street": frozenset(
        {
            "adresse",
            "gateadresse",
            "vejnavn",
            "standardadresse",
            "address",
            "street",
            "gate",
            "adresselinje 1",
        }
    ),
    "postal": frozenset(
        {"postnr", "postnummer", "postal code", "zip", "postnr og postdistrikt", "postnr og poststed"}
    ),
    # Which of its two channels somebody is on the register for, where one file holds both.
    "for_phone": frozenset({"telefonsalg", "telefon reservert", "reservert telefon", "tlf reservert"}),
    "for_post": frozenset({"adressert reklame", "post reservert", "reservert post", "direktereklame"}),
}
YES = frozenset({"j", "ja", "y", "yes", "1", "x", "true", "s", "sann"})
ROBINSON = {"name": 0, "street": 1, "postal": 3}
SAMPLE = 200
_NUMBERED = re.compile(r"^(.*?)\s*(\d+)(?:\s?([a-z])(?=\s|$))?")
_SEPARATORS = ("#", ";", "\t", "|", ",")


class NotARegister(ValueError):
    """No column of it could be told; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each thing stands: {"phone": 2 …}, counted from 0. `first` is the first line with somebody."""

    separator: str
    columns: Mapping[str, int]
    first: int

    @property
    def by(self) -> str:
        return "phone" if "phone" in self.columns else "address"


@dataclass(frozen=True, slots=True)
class Line:
    """One line read: a key, or why not. `other`: on the register for the other channel only."""

    number: int
    key: str = ""
    why: str = ""
    other: bool = False


def text(line: bytes) -> str:
    """UTF-8, else the Western European that registers are written in."""
    try:
        return line.decode("utf-8").strip("\ufeff\r\n")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace").strip("\r\n")


def layout(sample: Sequence[str], channel: str) -> Layout:
    """From the first lines. Raises `NotARegister`."""
    separator = max(_SEPARATORS, key=lambda each: sum(line.count(each) for line in sample))
    if not any(separator in line for line in sample):
        separator = "\x1f"  # one thing a line
    if separator == "#":
        return _robinson(sample)
    header = _named(sample[0], separator) if sample else {}
    columns = header or _guessed(sample, separator)
    needed = {"phone"} if "phone" in columns and channel == "phone" else {"street", "postal"}
    if not needed <= columns.keys() or (needed != {"phone"} and not columns.keys() & {"name", "family"}):
        raise NotARegister(
            "No column with telephone numbers, and none with names, streets and postcodes."
            if channel == "phone"
            else "No columns with names, streets and postcodes."
        )
    if channel == "post":
        columns = {name: place for name, place in columns.items() if name != "phone"}
    return Layout(separator, columns, 1 if header else 0)


def _robinson(sample: Sequence[str]) -> Layout:
    """The lines before the first with a postcode are the date and the names of the columns."""
    for number, line in enumerate(sample):
        cells = line.split("#")
        if len(cells) > 4 and re.match(r"\s*\d{3,4}\b", cells[3]):
            return Layout("#", ROBINSON, number)
    raise NotARegister("No line with a postcode in its fourth column.")


def _named(line: str, separator: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(_cells(line, separator)):
        name = normalise.fold(cell)
        for column, known in NAMES.items():
            if name in {normalise.fold(each) for each in known}:
                found.setdefault(column, place)
    return found


def _guessed(sample: Sequence[str], separator: str) -> dict[str, int]:
    """A file without names: the column in which nearly all lines have eight digits or more."""
    rows = [_cells(line, separator) for line in sample if line.strip()]
    for place in range(max(map(len, rows), default=0)):
        cells = [row[place] for row in rows if place < len(row)]
        numbers = [
            cell for cell in cells if len(re.sub(r"\D", "", cell)) >= 8 and not re.search(r"[^\W\d_]", cell)
        ]
        if cells and len(numbers) >= 0.9 * len(cells):
            return {"phone": place}
    return {}


def _cells(line: str, separator: str) -> list[str]:
    cells = next(csv.reader([line], delimiter=separator)) if '"' in line else line.split(separator)
    return [cell.strip() for cell in cells]


def read(lines: Iterable[tuple[int, str]], how: Layout, *, channel: str, country: str) -> Iterator[Line]:
    """(number, text) of each line from the first with somebody on. Empty lines are passed over."""
    for number, line in lines:
        if not line.strip():
            continue
        cells = _cells(line, how.separator)
        row = {name: cells[place] for name, place in how.columns.items() if place < len(cells)}
        flag = row.get(f"for_{channel}")
        if flag is not None and normalise.fold(flag) not in YES:
            yield Line(number, other=True)
        else:
            yield _line(number, row, how.by, country)


def _line(number: int, row: Mapping[str, str], by: str, country: str) -> Line:
    if by == "phone":
        try:
            value = normalise.phone(row.get("phone", ""), country)
        except normalise.Unusable as error:
            return Line(number, why=error.code)
        return Line(number, phone_key(value)) if value else Line(number, why="empty")
    given, family = row.get("given", ""), row.get("family", "")
    if not family:
        given, family = _apart(row.get("name", ""))
    key = address_key(given, family, row.get("postal", ""), row.get("street", ""))
    return Line(number, key) if key else Line(number, why="incomplete")


def _apart(name: str) -> tuple[str, str]:
    """ "Surname,Given" or "Given Surname"."""
    if "," in name:
        family, _comma, given = name.partition(",")
        return given.strip(), family.strip()
    given, _space, family = name.strip().rpartition(" ")
    return given, family


def phone_key(value: str) -> str:
    return f"phone\x1f{value}"


def address_key(given: str, family: str, postal: str, street: str) -> str:
    """First given name, last surname, postcode, street with house number and letter; '' where one is
    missing. Floors, doors and middle names are written in too many ways to compare."""
    first, last = normalise.fold(given).split(), normalise.fold(family).split()
    code = re.match(r"\s*(?:[A-Z]{1,2}-)?(\d{3,5})", postal)
    place = normalise.fold(street)
    if not (first and last and code and place):
        return ""
    if numbered := _NUMBERED.match(place):
        place = f"{numbered[1]} {numbered[2]}{numbered[3] or ''}"
    return "\x1f".join(("address", first[0], last[-1], code[1], place))
