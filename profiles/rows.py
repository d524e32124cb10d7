"""Canonical rows: the one shape in which every source hands over what it knows.

A connector turns what it read into `CanonicalRow`s and gives them to
`profiles.ingest`. Values are kept as the source wrote them; `ingest` normalises.
Every field is documented in docs/reference/canonical-rows.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

OrderStatus = Literal["pending", "paid", "cancelled", "refunded", "expired"]
Answer = Literal["yes", "no", "blank", "unreadable"]


@dataclass(frozen=True, slots=True)
class Hold:
    """A value that could not be used. The rest of its row goes on.

    `column` is the source's own name of the column, `code` one of the codes in
    docs/reference/canonical-rows.md, `message` a sentence that says what to do.
    """

    column: str
    value: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One source's view of one person, as written there.

    `external_id` is the source's customer id; empty when it has none (ingest then
    derives one). `identifiers` holds further account keys as (kind, value) pairs.
    `observed_at` (aware) is when the source last knew these values to be true.
    `is_customer` is False for an attendee whose address the buyer typed: such a
    record carries no customer relation and no permission (CONSENT.md C26).
    """

    external_id: str = ""
    is_customer: bool = True
    observed_at: datetime | None = None
    given_name: str = ""
    family_name: str = ""
    full_name: str = ""
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
    identifiers: tuple[tuple[str, str], ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineRow:
    """One ticket or article. `external_id` is its id within the order; when the
    source has none, ingest tells equal lines of one order apart by counting."""

    external_id: str = ""
    product_id: str = ""
    product_name: str = ""
    product_kind: str = "show"
    starts_at: datetime | None = None
    venue: str = ""
    category: str = ""
    price_type: str = ""
    quantity: int = 1
    price: Decimal | None = None
    fee: Decimal | None = None
    section: str = ""
    row: str = ""
    seat: str = ""
    barcode: str = ""
    status: OrderStatus | Literal[""] = ""
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order, or the part of it that this row tells about.

    `ordered_at` is aware. `total` is None where the source only prices its lines.
    `complete` is True when the row tells all of the order (an API's answer), so that
    its status stands by itself; else the status follows from all lines known.
    """

    external_id: str
    ordered_at: datetime | None = None
    status: OrderStatus = "paid"
    currency: str = ""
    total: Decimal | None = None
    channel: str = ""
    payment_type: str = ""
    lines: tuple[LineRow, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something the row's buyer did. Immutable; `message_id` makes it unique.

    `network` is the visitor's network address as the source wrote it. Only a keyed hash of
    it is ever stored, and not for long (`identity.networks`).
    """

    message_id: str
    type: str
    occurred_at: datetime
    properties: Mapping[str, Any] = field(default_factory=dict)
    network: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ConsentClaim:
    """What the source says the row's buyer answered at a collection point.

    `occurred_at` (aware) is the person's own time, None where the source only
    repeats a flag. `channel` narrows the point's channels; empty means all of them.
    """

    point: str
    answer: Answer
    occurred_at: datetime | None = None
    order_ref: str = ""
    source_event_id: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class CanonicalRow:
    """One row as it came. `number` counts from 1 within the delivery.

    `key` names the row within its source across deliveries, so that a changed row
    replaces its former self; empty lets ingest derive it. `raw` is what was read,
    JSON-able, kept only for rows that are held. `fatal` says why nothing of the row
    can be used. `erased`: whoever it was about has been erased while the row waited; it counts as such.
    """

    number: int
    raw: Mapping[str, Any] | list[Any]
    key: str = ""
    buyer: PersonRow | None = None
    attendees: tuple[PersonRow, ...] = ()
    order: OrderRow | None = None
    events: tuple[EventRow, ...] = ()
    claims: tuple[ConsentClaim, ...] = ()
    holds: tuple[Hold, ...] = ()
    fatal: str = ""
    erased: bool = False


@dataclass(frozen=True, slots=True)
class ResolvedClaim:
    """A claim whose person is known: what `permit` receives.

    `email_id` and `phone_id` are Identifier ids, None where the record has none.
    """

    row_number: int
    record_id: int
    profile_id: int
    email_id: int | None
    phone_id: int | None
    point: str
    answer: Answer
    occurred_at: datetime | None
    order_ref: str
    source_event_id: str
    channel: str


@dataclass(frozen=True, slots=True)
class PermitReport:
    """What the ledger made of a chunk's claims. `refused` counts by reason."""

    granted: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
