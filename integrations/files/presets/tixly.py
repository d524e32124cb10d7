"""Tixly: sales with customers, semicolons, and permissions of two kinds (general, event related)."""

from django.utils.translation import gettext_lazy as _

from integrations.files.presets.base import Col, PresetMapping, Sample
from integrations.files.samples.cells import STATUS_EN, spoken
from integrations.files.samples.people import Ticket
from integrations.files.spec import Options


def _customer_id(t: Ticket) -> int:
    return 0 if t.buyer.number % 9 == 4 else 5000 + t.buyer.number


PRESET = PresetMapping(
    slug="tixly",
    name="Tixly",
    help=_("Sales export with customers, one row per ticket (CSV). Customer ID 0 means a new customer."),
    pattern="*.csv",
    options=Options(rows="tickets"),
    sample=Sample("tixly.csv", "utf-8", quote_all=True),
    columns=(
        Col("Order ID", "order.number", lambda t: t.order),
        Col("Order date", "order.date", lambda t: t.sold.strftime("%Y-%m-%d %H:%M:%S")),
        Col("Ticket ID", "ticket.id", lambda t: t.number),
        Col("Event ID", "ticket.event_id", lambda t: t.show.code),
        Col("Event name", "ticket.event_name", lambda t: t.show.title),
        Col("Event date", "ticket.event_date", lambda t: t.show.starts.isoformat(" ")),
        Col("Venue", "ticket.venue", lambda t: t.show.venue),
        Col("Hall", "ticket.hall", lambda t: t.show.hall),
        Col("Price zone", "ticket.category", lambda t: t.category),
        Col("Price type", "ticket.price_type", lambda t: t.price_type),
        Col("Quantity", "ticket.quantity", lambda t: -1 if t.status == "refunded" else 1),
        Col("Price", "ticket.price", lambda t: -t.price if t.status == "refunded" else t.price),
        Col("Row", "ticket.row", lambda t: t.row),
        Col("Seat", "ticket.seat", lambda t: t.seat),
        Col("Ticket status", "ticket.status", lambda t: STATUS_EN[t.status]),
        Col("Sales channel", "order.channel", lambda t: t.channel),
        Col("Customer ID", "buyer.customer_id", _customer_id),
        Col("First name", "buyer.given_name", lambda t: t.buyer.given),
        Col("Last name", "buyer.family_name", lambda t: t.buyer.family),
        Col("Email", "buyer.email", lambda t: t.buyer.email),
        Col("Phone", "buyer.phone", lambda t: t.buyer.phone),
        Col("Address", "buyer.street", lambda t: t.buyer.street),
        Col("Postal code", "buyer.postal_code", lambda t: t.buyer.postal_code),
        Col("City", "buyer.city", lambda t: t.buyer.city),
        Col("Country", "buyer.country", lambda t: t.buyer.country),
        Col("General permission email", "consent.answer", lambda t: spoken(t.buyer.newsletter, "1", "0")),
        Col("General permission SMS", "consent.answer", lambda t: spoken(t.buyer.sms, "True", "False")),
    ),
)  # fmt: skip
