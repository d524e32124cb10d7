"""The buyer and the attendee: whom a row tells about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from integrations.files import meanings
from integrations.files.cellwise import Cells, Columns, Defaults, Grouped, Holds
from integrations.files.spec import Spec
from integrations.files.values import clean
from profiles.rows import Hold, PersonRow

Seen = Callable[[Cells, datetime | None], tuple[PersonRow | None, tuple[Hold, ...]]]


class Known(NamedTuple):
    """A buyer but for the time: `rest` are the fields of PersonRow after `observed_at`."""

    external_id: str
    updated: datetime | None
    rest: tuple[Any, ...]


def buyers(spec: Spec, defaults: Defaults) -> Seen:
    """(cells, when the row was sold) → the buyer as known then."""
    known = _known_buyers(spec, defaults)
    last: tuple[Known | None, datetime | None, PersonRow | None] = (None, None, None)

    def read(cells: Cells, at: datetime | None) -> tuple[PersonRow | None, tuple[Hold, ...]]:
        nonlocal last
        found, holds = known(cells)
        if found is None:
            return None, holds
        if found is not last[0] or at != last[1]:
            person = PersonRow(found.external_id, True, found.updated or at, *found.rest)
            last = found, at, person
        return last[2], holds

    return read


_TEXTS = (
    "customer_id", "given_name", "family_name", "full_name", "company", "email", "street", "house_number",
    "postal_code", "city", "gender", "language",
)  # fmt: skip


def _known_buyers(spec: Spec, defaults: Defaults) -> Grouped[Known | None]:
    columns = Columns(spec, defaults, "buyer")
    attributes, keys = _many(spec, "buyer.attribute"), _many(spec, "buyer.identifier")
    texts = [columns.at.get(name, -1) for name in _TEXTS]
    mobile_of, phone_of, country_of = map(columns.text, ("mobile", "phone", "country"))
    born, year, updated = map(columns.value, ("birth_date", "birth_year", "updated_at"))
    land_of = spec.options.country or defaults.country

    def build(cells: Cells, holds: Holds) -> Known | None:
        number, given, family, full, company, email, street, house, postal, city, gender, language = [
            clean(cells[at]) if at >= 0 else "" for at in texts
        ]
        mobile, phone, country = mobile_of(cells, holds), phone_of(cells, holds), country_of(cells, holds)
        own = {name: found for name, at in attributes if (found := clean(cells[at]))}
        if mobile and phone and phone != mobile:
            own.setdefault("other_phone", phone)
        identifiers = tuple((name, found) for name, at in keys if (found := clean(cells[at])))
        address = f"{street} {house}" if street and house else street or house
        if not city:
            postal, city = meanings.postal_and_city(postal)
        code = meanings.postal(postal, country if len(country) == 2 else land_of)
        rest = (
            given, family, full, company, email, mobile or phone, address, code, city, country,
            born(cells, holds), year(cells, holds), meanings.gender(gender), language, identifiers, own,
        )  # fmt: skip
        number, changed = _customer_id(number), updated(cells, holds)
        if not (number or identifiers or any(rest[:7])):
            return None
        return Known(number, changed[0] if changed else None, rest)

    return Grouped(tuple(at for at, _column in columns.pairs), build)


def _customer_id(text: str) -> str:
    """Zero and minus one are what systems write for "no customer yet"."""
    return "" if not text.strip("0") or text == "-1" else text


def _many(spec: Spec, target: str) -> list[tuple[str, int]]:
    """(name, place) of the columns kept under their own name; equal names are told apart."""
    found: list[tuple[str, int]] = []
    for at, column in spec.pairs:
        if column.target == target:
            name = column.name or column.header
            taken = sum(other.split(" (")[0] == name for other, _at in found)
            found.append((name if not taken else f"{name} ({taken + 1})", at))
    return found


def attendees(spec: Spec) -> Grouped[PersonRow | None]:
    """An attendee: whose address the buyer typed, so no customer and no permission (C26)."""
    columns = Columns(spec, Defaults(ZoneInfo("UTC")), "attendee")
    text = {name: columns.text(name) for name in columns.at}

    def build(cells: Cells, holds: Holds) -> PersonRow | None:
        found = {name: read(cells, holds) for name, read in text.items()}
        return PersonRow(is_customer=False, **found) if any(found.values()) else None

    return Grouped(columns.places(*columns.at), build)


def together(
    buyer: PersonRow | None, attendee: PersonRow | None
) -> tuple[PersonRow | None, tuple[PersonRow, ...]]:
    """An attendee with the buyer's address is the buyer, and may lend the buyer a name.

    One without an address of their own is no record: a name alone is nobody.
    """
    if attendee is None:
        return buyer, ()
    if buyer is not None and attendee.email and attendee.email.casefold() == buyer.email.casefold():
        return _with_name(buyer, attendee), ()
    return buyer, ((attendee,) if attendee.email or attendee.phone else ())


def _with_name(buyer: PersonRow, attendee: PersonRow) -> PersonRow:
    if buyer.full_name or buyer.given_name or buyer.family_name:
        return buyer
    names = {key: getattr(attendee, key) for key in ("given_name", "family_name", "full_name")}
    return replace(buyer, **names)


def is_nobody(buyer: PersonRow) -> bool:
    """A row may name an address and nobody at it."""
    return not (
        buyer.external_id
        or buyer.email
        or buyer.phone
        or buyer.full_name
        or buyer.family_name
        or buyer.given_name
        or buyer.identifiers
    )
