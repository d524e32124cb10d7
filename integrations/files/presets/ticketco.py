"""TicketCo: the .xlsx report per event or period. Excel has turned phones and postal codes into numbers."""

from django.utils.translation import gettext_lazy as _

from integrations.files.presets.base import Col, PresetMapping, Sample
from integrations.files.samples.cells import STATUS_EN, spoken
from integrations.files.spec import Options


def _number(text: str) -> object:
    bare = text.removeprefix("+")
    return int(bare) if bare.isdigit() else text


PRESET = PresetMapping(
    slug="ticketco",
    name="TicketCo",
    help=_("Report per event or period, one row per ticket (.xlsx)."),
    pattern="*.xlsx",
    options=Options(rows="tickets"),
    sample=Sample(
        "ticketco.xlsx",
        titles=("TicketCo sales report", "Period: 15.10.2026 – 24.11.2026"),
        footer=("Total|||||||||{sum}",),
    ),
    columns=(
        Col("Transaction ID", "order.number", lambda t: t.order),
        Col("Purchased at", "order.date", lambda t: t.sold),
        Col("Ticket ID", "ticket.id", lambda t: t.number),
        Col("Event", "ticket.event_name", lambda t: t.show.title),
        Col("Event start", "ticket.event_date", lambda t: t.show.starts),
        Col("Location", "ticket.venue", lambda t: t.show.venue),
        Col("Item type", "ticket.price_type", lambda t: t.price_type, ("Ticket type",)),
        Col("Section", "ticket.section", lambda t: t.category),
        Col("Seat", "ticket.seat", lambda t: f"{t.row}-{t.seat}"),
        Col("Price", "ticket.price", lambda t: t.price),
        Col("Fee", "ticket.fee", lambda t: t.fee),
        Col("Status", "ticket.status", lambda t: STATUS_EN[t.status]),
        Col("Name", "buyer.full_name", lambda t: f"{t.buyer.given} {t.buyer.family}"),
        Col("E-mail", "buyer.email", lambda t: t.buyer.email, ("Email",)),
        Col("Phone", "buyer.phone", lambda t: _number(t.buyer.phone)),
        Col("Zip code", "buyer.postal_code", lambda t: _number(t.buyer.postal_code)),
        Col("Country", "buyer.country", lambda t: t.buyer.country),
        Col("Marketing consent", "consent.answer", lambda t: spoken(t.buyer.newsletter, "Accept", "Decline")),
    ),
)  # fmt: skip
