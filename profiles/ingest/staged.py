"""A chunk of rows, cleaned and numbered, as it is copied into the staging tables.

One class per staging table; the field order is the column order (profiles/sql/stage_tables.sql).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from profiles.rows import CanonicalRow, ConsentClaim, EventRow, Hold


@dataclass(slots=True)
class Person:
    """A person of the chunk: all rows about one (source, external id) folded into one.

    `told` says when each unit (name, address, e-mail …) was told last.
    """

    p: int
    external_id: str
    is_customer: bool
    observed_at: datetime
    given_name: str = ""
    family_name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    birth_date: date | None = None
    birth_year: int | None = None
    gender: str = ""
    language: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    name_key: str = ""
    given_key: str = ""
    first_observed_at: datetime | None = None
    identifiers: set[tuple[str, str, str]] = field(default_factory=set)
    told: dict[str, datetime] = field(default_factory=dict)

    @property
    def observed(self) -> dict[str, str]:
        """The units told last before `observed_at`, with their own time (SourceRecord.observed)."""
        return {unit: at.isoformat() for unit, at in self.told.items() if at < self.observed_at}

    def hears(self, unit: str, at: datetime) -> bool:
        """Notes that a unit was told; False where it was told later already."""
        if at < self.told.get(unit, at):
            return False
        self.told[unit] = at
        return True

    def put(self, unit: str, value: str, at: datetime) -> None:
        """Takes a unit of one value, if there is one and nothing newer is known."""
        if value and self.hears(unit, at):
            setattr(self, unit, value)

    def born(self, day: date | None, year: int, at: datetime) -> None:
        """A year alone never takes away the day of a date in that year."""
        if self.hears("birth", at):
            if day or year != self.birth_year:
                self.birth_date = day
            self.birth_year = year
        elif year == self.birth_year:
            self.birth_date = self.birth_date or day


@dataclass(slots=True)
class Product:
    d: int
    external_id: str
    name: str
    kind: str
    venue: str
    starts_at: datetime | None
    ends_at: datetime | None
    tag_key: str | None
    tag_name: str | None


@dataclass(slots=True)
class Order:
    """`alone`: no row of the chunk names a line of it."""

    o: int
    external_id: str
    p: int | None
    status: str
    ordered_at: datetime | None
    currency: str
    total: Decimal | None
    channel: str
    payment_type: str
    complete: bool
    alone: bool


@dataclass(slots=True)
class Line:
    number: int
    o: int
    key: str
    d: int
    status: str
    starts_at: datetime | None
    venue: str
    category: str
    price_type: str
    quantity: int
    price: Decimal | None
    fee: Decimal | None
    section: str
    row: str
    seat: str
    barcode: str
    campaign: str


@dataclass(slots=True)
class Numbered:
    """A row with its key within the source and the digest of what it says.

    `nth` counts rows without an own id that look alike in one order.
    """

    row: CanonicalRow
    key: str
    digest: str
    nth: int = 1


@dataclass(slots=True)
class Claim:
    """A claim with the addresses its own row names: permission hangs on the address."""

    number: int
    p: int
    claim: ConsentClaim
    email: str
    phone: str


@dataclass(slots=True)
class Held:
    """A row that will wait for a person. `failed` when nothing of it went in."""

    row: CanonicalRow
    key: str
    reasons: list[Hold]
    failed: bool


@dataclass(slots=True)
class Chunk:
    """Everything of one chunk that goes to the database."""

    rows: list[tuple[int, str, str, int | None, int | None]] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    lines: dict[tuple[int, str], Line] = field(default_factory=dict)
    events: list[tuple[int, int, EventRow]] = field(default_factory=list)
    claims: dict[Hashable, Claim] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    erased: int = 0
    naming_erased: list[int] = field(default_factory=list)
    """Numbers of the rows that name somebody who was erased, whether or not the row was dropped."""
