"""Turns canonical rows into cleaned, folded, numbered stage rows. No database.

A value that cannot be used is held with its reason; the rest of its row goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter

from profiles import normalise
from profiles.erasure.tombstones import NOBODY, Buried
from profiles.ingest import naming
from profiles.ingest.keys import hashed, line_content
from profiles.ingest.staged import Chunk, Claim, Held, Line, Numbered, Order, Person, Product
from profiles.rows import CanonicalRow, EventRow, Hold, LineRow, OrderRow, PersonRow

NAMELESS = "?"
"""The name of a product whose row gives it none. Nobody is tagged with it."""

_MOST = Decimal("999999999999")
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Times outside are slips of the pen or a system's "never"; some could be stored but never be read back."""


UNSTORABLE = Hold("", "", "unstorable", "The row holds a character or number that cannot be stored.")
_ORDER_TEXTS = attrgetter("external_id", "channel", "payment_type")
_LINE_TEXTS = attrgetter(
    "external_id", "product_id", "product_name", "venue", "category", "price_type", "section", "row", "seat",
    "barcode", "campaign",
)  # fmt: skip


def _is_storable(order: OrderRow) -> bool:
    """Whether PostgreSQL takes its texts. It would say so itself, but only to whole chunks: a file read in
    the wrong encoding has a NUL in every cell, and finding its rows by halving takes half an hour."""
    text = "".join(_ORDER_TEXTS(order))
    for line in order.lines:
        text += "".join(_LINE_TEXTS(line))
    return "\x00" not in text and (text.isascii() or not _SURROGATE.search(text))


_SURROGATE = re.compile("[\ud800-\udfff]")


class _Erased(Exception):
    """What is said of this person is no younger than their erasure."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """The identifier kinds of the organisation, strongest first, and what they never accept."""

    per_source: Mapping[str, bool]
    blocked_values: Mapping[str, re.Pattern[str]]
    roles: Mapping[str, str]

    @classmethod
    def of(
        cls,
        per_source: Mapping[str, bool],
        blocks: Iterable[tuple[str | None, str]],
        roles: Mapping[str, str],
    ) -> Kinds:
        """`blocks` are (kind or None for every kind, pattern over the whole value)."""
        blocks = list(blocks)
        patterns = {kind: [p for k, p in blocks if k in (None, kind)] for kind in per_source}
        return cls(
            per_source,
            {
                kind: re.compile("|".join(f"(?:{p})" for p in some), re.IGNORECASE)
                for kind, some in patterns.items()
                if some
            },
            roles,
        )

    def blocked(self, kind: str, value: str) -> bool:
        """Whether the value is a placeholder that never means a person."""
        pattern = self.blocked_values.get(kind)
        return bool(pattern and pattern.fullmatch(value))


@dataclass(frozen=True, slots=True)
class _Buyer:
    """What the last row's buyer came to."""

    row: PersonRow
    order: str
    at: datetime
    p: int | None
    holds: list[Hold]
    address: tuple[str, str]


class Cleaner:
    """Cleans one chunk's rows of one source into a `Chunk`."""

    def __init__(
        self,
        *,
        source_slug: str,
        country: str,
        arrived_at: datetime,
        kinds: Kinds,
        has_customer_numbers: bool = True,
        erased: Buried = NOBODY,
    ) -> None:
        """`has_customer_numbers` is False where the external id is technical (a newsletter's hash);
        `erased` says who was erased, and when (`erasure.buried`)."""
        self.source_slug = source_slug
        self.has_customer_numbers = has_customer_numbers
        self.erased = erased
        self.country = country
        self.arrived_at = arrived_at
        self.kinds = kinds
        self.chunk = Chunk()
        self._holds: list[Hold] = []
        self._told = True
        self._address = ("", "")
        self._last: _Buyer | None = None

    def add(self, numbered: Numbered) -> None:
        """Cleans one row into the chunk, holds it, or counts it as erased."""
        try:
            self._add(numbered)
        except _Erased:
            self.chunk.erased += 1
            self.chunk.naming_erased.append(numbered.row.number)

    def _add(self, numbered: Numbered) -> None:
        row = numbered.row
        self._holds = list(row.holds)
        if row.erased:
            raise _Erased
        if row.fatal:
            self._fail(numbered, Hold("", "", "unreadable_row", row.fatal))
            return
        if row.order and not _is_storable(row.order):
            self._fail(numbered, UNSTORABLE)
            return
        if not (row.buyer or row.order or row.attendees):
            self._fail(numbered, Hold("", "", "empty_row", "The row names nobody and nothing bought."))
            return
        if row.order and not row.buyer and self._number(row.order) in self.erased.orders:
            raise _Erased
        at = self._observed(row)
        p = self._buyer(row.buyer, row.order, at) if row.buyer else None
        if p is None and row.order is None:
            self._fail(
                numbered,
                Hold("", "", "no_identity", "No customer id, e-mail, phone or visitor id to know them by."),
            )
            return
        for attendee in row.attendees:
            self._attendee(attendee, at, row.number)
        o = self._order(row.order, p, at, numbered) if row.order else None
        if p is not None:
            self.chunk.events += [(row.number, p, event) for event in row.events if self._can_be(event)]
            for claim in row.claims:  # every ticket of an order repeats the order's answer
                self.chunk.claims.setdefault(
                    (p, claim, self._address), Claim(row.number, p, claim, *self._address)
                )
        elif row.events:
            self._holds.append(
                Hold("", "", "nobody", "Something happened, but the row does not say to whom.")
            )
        self.chunk.rows.append((row.number, numbered.key, numbered.digest, p, o))
        if self._holds:
            self.chunk.held.append(Held(row, numbered.key, self._holds, failed=False))

    def _fail(self, numbered: Numbered, reason: Hold) -> None:
        self.chunk.rows.append((numbered.row.number, numbered.key, numbered.digest, None, None))
        self.chunk.held.append(Held(numbered.row, numbered.key, [*self._holds, reason], failed=True))

    def _observed(self, row: CanonicalRow) -> datetime:
        """When the source knew this: its own word, else the order's or the event's time, else arrival."""
        at = (row.buyer and row.buyer.observed_at) or (row.order and row.order.ordered_at)
        at = at or max((event.occurred_at for event in row.events), default=None)
        self._told = at is not None
        at = at or self.arrived_at
        return max(min(at, self.arrived_at), _EARLIEST)

    def _can_be(self, event: EventRow) -> bool:
        return self._time("occurred_at", event.occurred_at) is not None

    def _time(self, column: str, value: datetime | None) -> datetime | None:
        """The time, or None and a hold where it lies outside any calendar in use."""
        if value is None or _EARLIEST <= value < _LATEST:
            return value
        self._holds.append(Hold(column, str(value), "time_range", "No such time can be meant."))
        return None

    def _try(self, column: str, value: str, clean: Callable[[str], str]) -> str:
        """The cleaned value, or '' and a hold."""
        if not value:
            return ""
        try:
            return clean(value)
        except normalise.Unusable as error:
            self._holds.append(Hold(column, value, error.code, str(error)))
            return ""

    # --- people ---------------------------------------------------------------

    def _buyer(self, row: PersonRow, order: OrderRow | None, at: datetime) -> int | None:
        """The row's buyer; a file that repeats the buyer on every ticket is read once."""
        number = order.external_id if order else ""
        last = self._last
        if last and last.order == number and last.at == at and last.row == row:
            self._holds += last.holds
            self._address = last.address
            return last.p
        before = len(self._holds)
        p = self._person(row, order, at)
        self._last = _Buyer(row, number, at, p, self._holds[before:], self._address)
        return p

    def _person(self, row: PersonRow, order: OrderRow | None, at: datetime) -> int | None:
        country = self._try("country", row.country, normalise.country)
        home = country or self.country
        email = self._try("email", row.email, normalise.email)
        phone = self._try("phone", row.phone, lambda value: normalise.phone(value, home))
        marks = [(kind, "", value) for kind, value in (("email", email), ("phone", phone)) if value]
        # A placeholder is remembered as an identifier, but it is nobody's address.
        email = "" if email and self.kinds.blocked("email", email) else email
        phone = "" if phone and self.kinds.blocked("phone", phone) else phone
        self._address = (email, phone)
        given, family = self._names(row)
        name_key = normalise.fold(f"{given} {family}")
        own = self._key("external_id", row.external_id)
        shown = self._shown(row)
        proof = [each for each in shown if not self.kinds.blocked(*each)]
        number = self._number(order)
        external_id = own or naming.derived_id(
            email, phone, name_key, number, naming.by_key(proof, self.kinds.roles, name_key)
        )
        if not external_id:
            return None
        if not (own or email or phone or order) and naming.is_visitor(proof, self.kinds.roles, name_key):
            row = replace(row, is_customer=False)
        told = self._told or row.observed_at is not None
        if self.erased.stops(external_id, at, told=told, order=number):
            raise _Erased
        person = self.chunk.people.get(external_id)
        if person is None:
            person = Person(len(self.chunk.people), external_id, row.is_customer, at, first_observed_at=at)
            self.chunk.people[external_id] = person
        self._fill(person, row, at, email, phone, given, family, name_key, country, home)
        person.identifiers.update(marks)
        self._identify(person, shown, own)
        if number and external_id == naming.by_order(number):  # known again when the order is another's
            person.identifiers.add((naming.ORDER_NUMBER, self.source_slug, number))
        return person.p

    @staticmethod
    def _number(order: OrderRow | None) -> str:
        """The order's number; what is wrong with it is said where the order is read."""
        with suppress(normalise.Unusable):
            return normalise.account_key(order.external_id) if order else ""
        return ""

    def _key(self, column: str, value: str) -> str:
        return self._try(column, value, normalise.account_key)

    def _names(self, row: PersonRow) -> tuple[str, str]:
        try:
            return normalise.names(row.given_name, row.family_name, row.full_name)
        except normalise.Unusable as error:
            self._holds.append(Hold("name", row.full_name or row.given_name, error.code, str(error)))
            return "", ""

    def _fill(
        self,
        person: Person,
        row: PersonRow,
        at: datetime,
        email: str,
        phone: str,
        given: str,
        family: str,
        name_key: str,
        country: str,
        home: str,
    ) -> None:
        """Folds a row's values into its person: of every unit the newest wins, blanks never do."""
        newer = at >= person.observed_at
        person.is_customer = person.is_customer or row.is_customer
        person.first_observed_at = min(person.first_observed_at or at, at)
        person.observed_at = max(person.observed_at, at)
        person.put("email", email, at)
        person.put("phone", phone, at)
        if name_key and person.hears("name", at):
            person.given_name, person.family_name, person.name_key = given, family, name_key
            person.given_key = normalise.fold(given)
        if row.street or row.postal_code or row.city:
            self._place(person, row, at, home)
        person.put("country", country, at)
        if row.company:
            person.put("company", self._text("company", row.company), at)
        birth_date = normalise.birth_date(row.birth_date)
        if year := birth_date.year if birth_date else self._year(row.birth_year):
            person.born(birth_date, year, at)
        if row.gender:
            person.put("gender", self._try("gender", row.gender, normalise.gender), at)
        if row.language:
            person.put("language", self._try("language", row.language, normalise.language), at)
        if row.attributes:
            told = {k: v for k, v in row.attributes.items() if v}
            person.attributes = person.attributes | told if newer else told | person.attributes

    def _place(self, person: Person, row: PersonRow, at: datetime, home: str) -> None:
        postal = self._try("postal_code", row.postal_code, lambda value: normalise.postal_code(value, home))
        street, city = self._text("street", row.street), self._text("city", row.city)
        if (street or postal or city) and person.hears("address", at):
            person.street, person.postal_code, person.city = street, postal, city

    def _year(self, value: int | None) -> int | None:
        if value is None or _EARLIEST.year - 100 < value < _LATEST.year:
            return value
        self._holds.append(Hold("birth_year", str(value), "year_range", "Nobody was born in this year."))
        return None

    def _text(self, column: str, value: str) -> str:
        return self._try(column, value, normalise.text)

    def _shown(self, row: PersonRow) -> list[tuple[str, str]]:
        """The row's further identifiers, as (kind, value)."""
        shown = []
        for kind, value in row.identifiers:
            if kind not in self.kinds.per_source:
                self._holds.append(
                    Hold(kind, value, "kind_unknown", f"No identifier kind “{kind}” is set up.")
                )
            elif clean := self._key(kind, value):
                shown.append((kind, clean))
        return shown

    def _identify(self, person: Person, shown: list[tuple[str, str]], own: str) -> None:
        if own and self.has_customer_numbers:
            person.identifiers.add(("customer_number", self.source_slug, own))
        for kind, value in shown:
            person.identifiers.add((kind, self.source_slug if self.kinds.per_source[kind] else "", value))

    def _attendee(self, row: PersonRow, at: datetime, number: int) -> None:
        """An attendee with an own address is a record of its own (CONSENT.md C26)."""
        if row.email or row.phone or row.external_id:
            try:
                self._person(row, None, min(row.observed_at or at, self.arrived_at))
            except _Erased:
                self.chunk.naming_erased.append(number)

    # --- orders ---------------------------------------------------------------

    def _order(self, row: OrderRow, p: int | None, at: datetime, numbered: Numbered) -> int | None:
        external_id = self._key("order", row.external_id)
        if not external_id:
            self._holds.append(Hold("order", "", "order_without_number", "The order has no number."))
            return None
        ordered_at = self._time("ordered_at", row.ordered_at)
        order = self.chunk.orders.get(external_id)
        if order is None:
            order = Order(
                len(self.chunk.orders), external_id, p, row.status, ordered_at, "", None, "", "",
                row.complete, alone=True,
            )  # fmt: skip
            self.chunk.orders[external_id] = order
        order.status, order.complete = row.status, row.complete
        order.alone = order.alone and not row.lines
        order.ordered_at = order.ordered_at or ordered_at
        order.p = order.p if p is None else p
        order.currency = self._currency(row.currency) or order.currency
        order.total = order.total if row.total is None else self._money("total", row.total)
        order.channel = row.channel or order.channel
        order.payment_type = row.payment_type or order.payment_type
        seen: dict[str, int] = {}
        for line in row.lines:
            self._line(order, row, line, numbered, seen)
        return order.o

    def _line(
        self, order: Order, row: OrderRow, line: LineRow, numbered: Numbered, seen: dict[str, int]
    ) -> None:
        starts_at = line.starts_at if line.starts_at and _EARLIEST <= line.starts_at < _LATEST else None
        product = self._product(line, starts_at, order.ordered_at or self.arrived_at)
        key = line.external_id or line.barcode
        if not key:
            content = hashed(line_content(line))
            seen[content] = seen.get(content, 0) + 1
            nth = max(seen[content], numbered.nth)
            key = f"~{content[:20]}#{nth}"
        quantity = line.quantity if -32768 < line.quantity < 32768 else 0
        if quantity != line.quantity:
            self._holds.append(Hold("quantity", str(line.quantity), "quantity_range", "No such quantity."))
        self.chunk.lines[order.o, key] = Line(
            numbered.row.number, order.o, key, product.d, line.status or row.status, starts_at, line.venue,
            line.category, line.price_type, quantity, self._money("price", line.price),
            self._money("fee", line.fee), line.section, line.row, line.seat, line.barcode, line.campaign,
        )  # fmt: skip

    def _currency(self, value: str) -> str:
        if len(value) <= 3:
            return value
        self._holds.append(Hold("currency", value, "currency_unknown", "Use the three letters, such as NOK."))
        return ""

    def _money(self, column: str, value: Decimal | None) -> Decimal | None:
        if value is None or (value.is_finite() and abs(value) < _MOST):
            return value
        self._holds.append(Hold(column, str(value), "amount_range", "Not an amount of money."))
        return None

    def _product(self, line: LineRow, starts_at: datetime | None, ordered_at: datetime) -> Product:
        name = line.product_name or line.product_id or NAMELESS
        external_id = line.product_id or f"name:{normalise.fold(name)}"
        product = self.chunk.products.get(external_id)
        if product is None:
            product = Product(
                len(self.chunk.products), external_id, name, line.product_kind, line.venue,
                starts_at, starts_at, None, None,
            )  # fmt: skip
            self.chunk.products[external_id] = product
            self._tag(product, ordered_at)
        elif starts_at:
            product.ends_at = max(product.ends_at or starts_at, starts_at)
            if product.starts_at is None or starts_at < product.starts_at:
                product.starts_at = starts_at
                self._tag(product, ordered_at)
        return product

    @staticmethod
    def _tag(product: Product, ordered_at: datetime) -> None:
        """A show's tag carries the year of the first performance known."""
        if product.kind == "show" and product.name != NAMELESS:
            year = (product.starts_at or ordered_at).year
            product.tag_key = f"show:{normalise.fold(product.name) or product.name}:{year}"
            product.tag_name = f"{product.name} {year}"
