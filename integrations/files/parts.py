"""The pieces a row is put together from: buyer, attendee, order, show and ticket line.

Each function compiles the columns of one piece into a `Part`: the places it reads and a
function from cells to the finished piece. A value that cannot be read becomes a `Hold`
and its field stays empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple, cast
from zoneinfo import ZoneInfo

from integrations.files import meanings, values
from integrations.files.spec import Column, Spec
from integrations.files.targets import BY_KEY
from integrations.files.values import BadValue, DateOrder, Decimal_, clean
from integrations.files.words import fold
from profiles.rows import Hold, LineRow, OrderRow, OrderStatus, PersonRow

Cells = Sequence[str]
Holds = list[Hold]
Reader = Callable[[Cells, Holds], Any]

REMEMBERED = 20_000
_ONE_OF_A_KIND = frozenset({"ticket.id", "ticket.barcode", "order.number"})


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the source and the organisation say where the file says nothing."""

    zone: ZoneInfo
    country: str = "NO"
    currency: str = "NOK"


@dataclass(frozen=True, slots=True)
class Part:
    places: tuple[int, ...]
    build: Callable[[Cells, Holds], Any]


class Sale(NamedTuple):
    """What a row says of its order. `moments`: the earlier and the later reading of its time."""

    number: str
    at: datetime | None
    moments: tuple[datetime | None, datetime | None]
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


def parser_for(column: Column, defaults: Defaults) -> Callable[[str], Any]:
    """How the cells of a column are read. Date order and decimal sign are the column's own."""
    order = cast(DateOrder, column.dates or "dmy")
    decimal = cast(Decimal_, column.decimal or ",")
    zone = defaults.zone
    parsers: dict[str, Callable[[str], Any]] = {
        "money": lambda text: values.money(text, decimal),
        "count": values.count,
        "moment": lambda text: values.moment(text, order, zone),
        "date": lambda text: values.day(text, order),
        "time": values.clock,
        "year": values.year,
        "phone": meanings.phone,
        "country": meanings.country,
        "status": meanings.status,
    }
    return parsers.get(BY_KEY[column.target].kind, str)


def reader(at: int, label: str, parse: Callable[[str], Any], *, remember: bool = True) -> Reader:
    """One cell → its value, or None and a Hold. Remembers what a text gave last time."""
    known: dict[str, Any] = {}

    def read(cells: Cells, holds: Holds) -> Any:
        text = cells[at]
        if text in known:
            return known[text]
        try:
            value = parse(clean(text))
        except BadValue as error:
            holds.append(Hold(label, text[:200], error.code, str(error.message)))
            return None
        if remember:
            if len(known) >= REMEMBERED:
                known.clear()
            known[text] = value
        return value

    return read


def readers(spec: Spec, defaults: Defaults, prefix: str) -> dict[str, Reader]:
    """{target: reader} of the single-valued columns that go to one group."""
    return {
        column.target: reader(
            at, column.title, parser_for(column, defaults), remember=column.target not in _ONE_OF_A_KIND
        )
        for at, column in spec.pairs
        if column.target.startswith(prefix) and not BY_KEY[column.target].many
    }


def places(spec: Spec, *prefixes: str) -> tuple[int, ...]:
    return tuple(at for at, column in spec.pairs if column.target.startswith(prefixes))


def _blank(_cells: Cells, _holds: Holds) -> str:
    return ""


def _none(_cells: Cells, _holds: Holds) -> None:
    return None


# --- order ---------------------------------------------------------------------------


def order_part(spec: Spec, defaults: Defaults) -> Part:
    read = readers(spec, defaults, "order.")
    status = _status_reader(read.get("order.status"), spec, "order.status")
    when = _moments_reader(spec, defaults, read)
    usual = spec.options.currency or defaults.currency

    def build(cells: Cells, holds: Holds) -> Sale:
        earlier, later = when(cells, holds)
        return Sale(
            number=read.get("order.number", _blank)(cells, holds) or "",
            at=earlier,
            moments=(earlier, later),
            status=status(cells, holds),
            currency=(read.get("order.currency", _blank)(cells, holds) or usual).upper()[:3],
            total=read.get("order.total", _none)(cells, holds),
            channel=read.get("order.channel", _blank)(cells, holds) or "",
            payment=read.get("order.payment", _blank)(cells, holds) or "",
        )

    return Part(places(spec, "order."), build)


def _moments_reader(spec: Spec, defaults: Defaults, read: dict[str, Reader]) -> Reader:
    """The order's time, read both ways where the autumn clock leaves it open."""
    date = read.get("order.date")
    if date is None:
        return lambda _cells, _holds: (None, None)
    clock = read.get("order.time", _none)

    def when(cells: Cells, holds: Holds) -> tuple[datetime | None, datetime | None]:
        found = date(cells, holds)
        if found is None:
            return None, None
        return _at_clock(found, clock(cells, holds), defaults.zone)

    return when


def _at_clock(found: tuple[datetime, bool], at: time | None, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """(earlier, later) reading. A separate time of day overrides the date's own."""
    local = found[0].astimezone(zone).replace(tzinfo=None)
    if at is not None:
        local = datetime.combine(local.date(), at)
    elif found[1] and found[0].astimezone(zone).fold:
        return found[0], found[0]
    return values.to_utc(local, zone), values.to_utc(local, zone, later=True)


def _status_reader(read: Reader | None, spec: Spec, target: str) -> Reader:
    """Own words of the organisation first, then the dictionary; unknown ones are held."""
    own = {fold(word): meaning for word, meaning in spec.options.statuses.items() if meaning}
    if read is None or not own:
        return read or _none
    at, column = next(pair for pair in spec.pairs if pair[1].target == target)

    def status(text: str) -> Any:
        return own.get(fold(text)) or meanings.status(text)

    return reader(at, column.title, status)


# --- show ----------------------------------------------------------------------------


def show_part(spec: Spec, defaults: Defaults) -> Part:
    read = readers(spec, defaults, "ticket.")
    wanted = ("ticket.event_", "ticket.venue", "ticket.hall", "ticket.kind")

    def build(cells: Cells, holds: Holds) -> Show:
        found = read.get("ticket.event_date", _none)(cells, holds)
        clock = read.get("ticket.event_time", _none)(cells, holds)
        venue = read.get("ticket.venue", _blank)(cells, holds) or ""
        hall = read.get("ticket.hall", _blank)(cells, holds) or ""
        return Show(
            id=read.get("ticket.event_id", _blank)(cells, holds) or "",
            name=read.get("ticket.event_name", _blank)(cells, holds) or "",
            starts_at=_at_clock(found, clock, defaults.zone)[0] if found else None,
            venue=", ".join(filter(None, (venue, hall))),
            kind=fold(read.get("ticket.kind", _blank)(cells, holds) or ""),
        )

    return Part(places(spec, *wanted), build)


# --- ticket --------------------------------------------------------------------------

_TEXTS = ("id", "barcode", "category", "price_type", "section", "row", "seat", "campaign")
_NUMBERS = ("quantity", "price", "fee")
LineReader = Callable[[Cells, Sale, Show, Holds], tuple[str, OrderRow | None]]


def line_reader(spec: Spec, defaults: Defaults) -> LineReader:
    """(cells, order, show) → the row's key and its order with the one line."""
    read = readers(spec, defaults, "ticket.")
    status = _status_reader(read.get("ticket.status"), spec, "ticket.status")
    texts = [read.get(f"ticket.{name}", _blank) for name in _TEXTS]
    numbers = [read.get(f"ticket.{name}", _none) for name in _NUMBERS]
    usual = cast(OrderStatus, spec.options.blank_status or "paid")
    tickets = spec.options.rows == "tickets"
    kind = spec.options.product_kind
    has_line = tickets or any(target.startswith("ticket.") for target in spec.targets())

    def line(cells: Cells, sale: Sale, show: Show, holds: Holds) -> tuple[str, OrderRow | None]:
        ticket, barcode, category, price_type, section, row, seat, campaign = [
            one(cells, holds) or "" for one in texts
        ]
        number = sale.number or ticket or barcode
        if not number:
            return "", None
        quantity, price, fee = [one(cells, holds) for one in numbers]
        state: OrderStatus | Literal[""] = status(cells, holds) or ""
        if (quantity or 0) < 0 or ((price or 0) < 0 and (ticket or barcode or seat)):
            state = state if state in ("cancelled", "refunded") else "refunded"
            quantity, price, fee = abs(quantity or 1), _size(price), _size(fee)
        total, order_state = _order_side(sale, state, usual)
        lines: tuple[LineRow, ...] = ()
        if has_line:
            tickets_bought = 1 if quantity is None else quantity
            lines = (
                LineRow(
                    ticket, show.id, show.name, show.kind or kind, show.starts_at, show.venue, category,
                    price_type, tickets_bought, price, fee, section, row, seat, barcode,
                    state or order_state, campaign,
                ),
            )  # fmt: skip
        own = ticket or barcode
        key = number if not tickets else f"{number}/{own}" if own else ""
        order = OrderRow(
            number, sale.at, order_state, sale.currency, total, sale.channel, sale.payment, lines, not tickets
        )
        return key, order

    return line


def _size(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else abs(amount)


def _order_side(sale: Sale, ticket_state: str, usual: OrderStatus) -> tuple[Decimal | None, OrderStatus]:
    """The order's total and status, where a ticket's own status may be all there is.

    A ticket given back leaves its order a sale that took place; one not paid yet does not.
    """
    status = sale.status
    if status is None:
        status = cast(OrderStatus, ticket_state) if ticket_state in ("pending", "expired") else usual
    if sale.total is not None and sale.total < 0:
        return abs(sale.total), "refunded"
    return sale.total, status


# --- people --------------------------------------------------------------------------


def buyer_part(spec: Spec, defaults: Defaults) -> Part:
    read = readers(spec, defaults, "buyer.")
    more = _many(spec, "buyer.attribute")
    keys = _many(spec, "buyer.identifier")
    sale = order_part(spec, defaults)
    land_of = spec.options.country or defaults.country
    blind: Holds = []

    def text(name: str, cells: Cells, holds: Holds) -> str:
        return read.get(f"buyer.{name}", _blank)(cells, holds) or ""

    def build(cells: Cells, holds: Holds) -> PersonRow | None:
        land = text("country", cells, holds)
        mobile, phone = text("mobile", cells, holds), text("phone", cells, holds)
        born = read.get("buyer.birth_date", _none)(cells, holds)
        updated = read.get("buyer.updated_at", _none)(cells, holds)
        attributes = {name: found for name, at in more if (found := clean(cells[at]))}
        if mobile and phone and mobile != phone:
            attributes.setdefault("other_phone", phone)
        blind.clear()
        person = PersonRow(
            external_id=_customer_id(text("customer_id", cells, holds)),
            observed_at=updated[0] if updated else sale.build(cells, blind).at,
            given_name=text("given_name", cells, holds),
            family_name=text("family_name", cells, holds),
            full_name=text("full_name", cells, holds),
            company=text("company", cells, holds),
            email=text("email", cells, holds),
            phone=mobile or phone,
            street=" ".join(filter(None, (text("street", cells, holds), text("house_number", cells, holds)))),
            postal_code=meanings.postal(
                text("postal_code", cells, holds), land if len(land) == 2 else land_of
            ),
            city=text("city", cells, holds),
            country=land,
            birth_date=born,
            birth_year=read.get("buyer.birth_year", _none)(cells, holds),
            gender=meanings.gender(text("gender", cells, holds)),
            language=text("language", cells, holds),
            identifiers=tuple((name, found) for name, at in keys if (found := clean(cells[at]))),
            attributes=attributes,
        )
        return person if _says_anything(person) else None

    return Part(places(spec, "buyer.", "order.date", "order.time"), build)


def _customer_id(text: str) -> str:
    """Zero and minus one are what systems write for "no customer yet"."""
    return "" if text.strip("0-") == "" or text == "-1" else text


def _says_anything(person: PersonRow) -> bool:
    return any(
        (
            person.external_id, person.email, person.phone, person.given_name, person.family_name,
            person.full_name, person.company, person.identifiers, person.street,
        )
    )  # fmt: skip


def attendee_part(spec: Spec) -> Part:
    """An attendee: whose address the buyer typed, so no customer and no permission (C26)."""
    read = readers(spec, Defaults(ZoneInfo("UTC")), "attendee.")

    def build(cells: Cells, holds: Holds) -> PersonRow | None:
        found: dict[str, Any] = {
            target.removeprefix("attendee."): one(cells, holds) or "" for target, one in read.items()
        }
        return PersonRow(is_customer=False, **found) if any(found.values()) else None

    return Part(places(spec, "attendee."), build)


def _many(spec: Spec, target: str) -> list[tuple[str, int]]:
    """(name, place) of the columns kept under their own name; equal names are told apart."""
    found: list[tuple[str, int]] = []
    for at, column in spec.pairs:
        if column.target == target:
            name = column.name or column.header
            taken = sum(other.split(" (")[0] == name for other, _at in found)
            found.append((name if not taken else f"{name} ({taken + 1})", at))
    return found


def end_of_day(moment: datetime) -> datetime:
    """The last second of the day that starts at `moment`."""
    return moment + timedelta(days=1, seconds=-1)
