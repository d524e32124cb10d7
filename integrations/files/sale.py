"""The order, the show, the ticket: what a row says was sold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple, cast
from zoneinfo import ZoneInfo

from integrations.files import values
from integrations.files.cellwise import Cells, Columns, Defaults, Grouped, Holds
from integrations.files.spec import Spec
from integrations.files.words import fold
from profiles.rows import Hold, LineRow, OrderRow, OrderStatus

Moments = tuple[datetime | None, datetime | None]
"""The earliest and the latest instant that a time in a file can mean."""

NEVER: Moments = (None, None)
DOUBLED_BY = 5
"""No clock on earth shows an hour twice after five in the morning."""


class Sale(NamedTuple):
    """What a row says of its order. `status` is None where no column tells it."""

    number: str
    at: datetime | None
    moments: Moments
    status: OrderStatus | None
    currency: str
    total: Decimal | None
    channel: str
    payment: str


class Show(NamedTuple):
    id: str
    name: str
    starts_at: datetime | None
    venue: str
    kind: str


class Terms(NamedTuple):
    """For what and how much. `implies` is what the ticket's state says of its order."""

    category: str
    price_type: str
    quantity: int
    price: Decimal | None
    fee: Decimal | None
    campaign: str
    state: OrderStatus | Literal[""]
    implies: OrderStatus


class Place(NamedTuple):
    section: str
    row: str
    seat: str


def orders(spec: Spec, defaults: Defaults) -> Grouped[Sale]:
    columns = Columns(spec, defaults, "order")
    number, currency = columns.plain("number"), columns.text("currency")
    channel, payment = columns.text("channel"), columns.text("payment")
    status, total = columns.value("status"), columns.value("total")
    date, clock = columns.value("date"), columns.value("time")
    usual = spec.options.currency or defaults.currency

    def build(cells: Cells, holds: Holds) -> Sale:
        moments = at_clock(date(cells, holds), clock(cells, holds), defaults.zone)
        amount, state = total(cells, holds), status(cells, holds)
        if amount is not None and amount < 0:
            amount, state = abs(amount), "refunded"
        return Sale(
            number=number(cells),
            at=moments[0],
            moments=moments,
            status=state,
            currency=(currency(cells, holds) or usual).upper()[:3],
            total=amount,
            channel=channel(cells, holds),
            payment=payment(cells, holds),
        )

    return Grouped(columns.places(*columns.at), build)


def at_clock(found: tuple[datetime, bool] | None, at: time | None, zone: ZoneInfo) -> Moments:
    """Both readings of a date and a time of day, which overrides the date's own.

    They differ in the hour that autumn shows twice, and where no time of day is told at all.
    """
    if found is None:
        return NEVER
    early, timed = found
    if at is not None:
        local = datetime.combine(early.astimezone(zone).date(), at)
        return values.to_utc(local, zone), values.to_utc(local, zone, later=True)
    if not timed:
        return early, early + timedelta(days=1, seconds=-1)
    wall = early.astimezone(zone)
    if wall.hour >= DOUBLED_BY or wall.fold:
        return early, early
    return early, values.to_utc(wall.replace(tzinfo=None), zone, later=True)


def shows(spec: Spec, defaults: Defaults) -> Grouped[Show]:
    columns = Columns(spec, defaults, "ticket")
    code, name, kind = columns.text("event_id"), columns.text("event_name"), columns.text("kind")
    venue, hall = columns.text("venue"), columns.text("hall")
    date, clock = columns.value("event_date"), columns.value("event_time")

    def build(cells: Cells, holds: Holds) -> Show:
        return Show(
            id=code(cells, holds),
            name=name(cells, holds),
            starts_at=at_clock(date(cells, holds), clock(cells, holds), defaults.zone)[0],
            venue=", ".join(filter(None, (venue(cells, holds), hall(cells, holds)))),
            kind=fold(kind(cells, holds)) or spec.options.product_kind,
        )

    named = ("event_id", "event_name", "event_date", "event_time", "venue", "hall", "kind")
    return Grouped(columns.places(*named), build)


def terms(spec: Spec, columns: Columns) -> Grouped[Terms]:
    category, price_type = columns.text("category"), columns.text("price_type")
    campaign, status = columns.text("campaign"), columns.value("status")
    quantity, price, fee = columns.value("quantity"), columns.value("price"), columns.value("fee")
    usual = cast(OrderStatus, spec.options.blank_status or "paid")

    def build(cells: Cells, holds: Holds) -> Terms:
        many = quantity(cells, holds)
        state: OrderStatus | Literal[""] = status(cells, holds) or ""
        return Terms(
            category=category(cells, holds),
            price_type=price_type(cells, holds),
            quantity=1 if many is None else many,
            price=price(cells, holds),
            fee=fee(cells, holds),
            campaign=campaign(cells, holds),
            state=state,
            implies=state if state in ("pending", "expired") else usual,
        )

    named = ("category", "price_type", "quantity", "price", "fee", "campaign", "status")
    return Grouped(columns.places(*named), build)


def seats(columns: Columns) -> Grouped[Place]:
    section, row, seat = columns.text("section"), columns.text("row"), columns.text("seat")
    return Grouped(
        columns.places("section", "row", "seat"),
        lambda cells, holds: Place(section(cells, holds), row(cells, holds), seat(cells, holds)),
    )


Sold = tuple[str, OrderRow | None, Moments, tuple[Hold, ...]]
"""The row's key, its order with the one line, when it was bought, and what is wrong."""


def sale_reader(spec: Spec, defaults: Defaults) -> Callable[[Cells], Sold]:
    """Compiles everything a row says about what was sold."""
    columns = Columns(spec, defaults, "ticket")
    order_of, show_of = orders(spec, defaults), shows(spec, defaults)
    terms_of, place_of = terms(spec, columns), seats(columns)
    ticket_of, barcode_of = columns.plain("id"), columns.plain("barcode")
    tickets = spec.options.rows == "tickets"
    has_line = tickets or bool(columns.pairs)

    def read(cells: Cells) -> Sold:
        sale, holds = order_of(cells)
        ticket, barcode = ticket_of(cells), barcode_of(cells)
        number = sale.number or ticket or barcode
        if not number:
            return "", None, sale.moments, holds
        (code, title, starts_at, venue, kind), more = show_of(cells)
        (section, row, seat), wrong = place_of(cells)
        what, odd = terms_of(cells)
        if what.quantity < 0 or (what.price is not None and what.price < 0):
            what = _given_back(what, certain=bool(ticket or barcode or seat))
        category, price_type, quantity, price, fee, campaign, state, implied = what
        status = sale.status or implied
        lines: tuple[LineRow, ...] = ()
        if has_line:
            lines = (
                LineRow(
                    ticket, code, title, kind, starts_at, venue, category, price_type, quantity, price, fee,
                    section, row, seat, barcode, state or status, campaign,
                ),
            )  # fmt: skip
        order = OrderRow(
            number, sale.at, status, sale.currency, sale.total, sale.channel, sale.payment, lines, not tickets
        )
        own = ticket or barcode
        key = number if not tickets else f"{number}/{own}" if own else ""
        if more or odd or wrong:
            holds = holds + more + odd + wrong
        return key, order, sale.moments, holds

    return read


def _given_back(what: Terms, *, certain: bool) -> Terms:
    """A ticket sold backwards is the same ticket, refunded. A price below zero without a ticket
    is a discount and stays one."""
    if what.quantity >= 0 and not certain:
        return what
    return what._replace(
        quantity=abs(what.quantity or 1),
        price=abs(what.price) if what.price is not None else None,
        fee=abs(what.fee) if what.fee is not None else None,
        state=what.state if what.state in ("cancelled", "refunded") else "refunded",
    )
