"""pretix: the order-position export (orderlist, positions, semicolon), as seen in a real one.

A question answered at the sale is one column per event, all of the same name. pretix writes
"No" for a box that was left unticked: that is no refusal unless the organisation says so.
The ticket's secret and the links that contain it are left out: they open the door.
"""

from django.utils.translation import gettext_lazy as _

from integrations.files.presets.base import Cell, Col, PresetMapping, Sample
from integrations.files.samples.cells import guarded, spoken
from integrations.files.samples.people import Ticket
from integrations.files.spec import Options

STATUS = {"paid": "paid", "pending": "pending", "cancelled": "canceled", "refunded": "canceled"}
QUESTION = "Ja takk til nyhetsbrev på e-post og SMS"


def _answer(event: int) -> Cell:
    def cell(t: Ticket) -> str:
        mine = int(t.show.code[1:]) % 3 == event
        return spoken(t.buyer.newsletter, "Yes", "No") if t.first and mine else ""

    return cell


def _nothing(_t: Ticket) -> str:
    return ""


def _name(t: Ticket) -> str:
    return f"{t.buyer.given} {t.buyer.family}"


def _external_id(t: Ticket) -> str:
    return f"x-{t.buyer.number}" if t.buyer.number % 3 else ""


PRESET = PresetMapping(
    slug="pretix",
    name="pretix export",
    help=_("Order positions, one row per ticket (CSV). For a live shop use the pretix connector."),
    pattern="*.csv",
    options=Options(rows="tickets"),
    closed=True,
    moment="order",
    sample=Sample("pretix.csv", "utf-8"),
    columns=(
        Col("Event slug", "ticket.event_id", lambda t: t.show.code.lower()),
        Col("Event name", "ticket.event_name", lambda t: t.show.title),
        Col("Order code", "order.number", lambda t: t.order),
        Col("Position ID", "ticket.id", lambda t: t.number),
        Col("Status", "order.status", lambda t: STATUS[t.status]),
        Col("Email", "buyer.email", lambda t: t.buyer.email.strip()),
        Col("Phone number", "buyer.phone", lambda t: guarded(t.buyer.phone)),
        Col("Order date", "order.date", lambda t: t.sold.strftime("%Y-%m-%d")),
        Col("Order time", "order.time", lambda t: t.sold.strftime("%H:%M:%S")),
        Col("Product", "ticket.price_type", lambda t: t.price_type),
        Col("Price", "ticket.price", lambda t: f"{t.price:.2f}"),
        Col("Attendee name", "attendee.full_name", lambda t: _name(t) if t.first else ""),
        Col("Attendee email", "attendee.email", lambda t: t.buyer.email.strip() if t.first else ""),
        Col("Attendee company", "attendee.company", _nothing),
        Col("Voucher", "ticket.campaign", _nothing),
        Col("Pseudonymization ID", "ticket.barcode", lambda t: t.barcode),
        Col("Ticket secret", "", lambda t: f"s{t.barcode}"),
        Col("Seat zone", "ticket.section", lambda t: t.category),
        Col("Seat row", "ticket.row", lambda t: t.row),
        Col("Seat number", "ticket.seat", lambda t: t.seat),
        Col(QUESTION, "consent.answer", _answer(0)),
        Col(QUESTION, "consent.answer", _answer(1)),
        Col(QUESTION, "consent.answer", _answer(2)),
        Col("Invoice address company", "buyer.company", lambda t: t.buyer.company),
        Col("Invoice address name", "buyer.full_name", _name),
        Col("Invoice address street", "buyer.street", lambda t: t.buyer.street),
        Col("Invoice address ZIP code", "buyer.postal_code", lambda t: t.buyer.postal_code),
        Col("Invoice address city", "buyer.city", lambda t: t.buyer.city),
        Col("Invoice address country", "buyer.country", lambda t: t.buyer.country),
        Col("Sales channel", "order.channel", lambda t: t.channel),
        Col("Order locale", "buyer.language", lambda t: "nb"),
        Col("External customer ID", "buyer.customer_id", _external_id),
        Col("Payment providers", "order.payment", lambda t: t.payment),
    ),
)  # fmt: skip
