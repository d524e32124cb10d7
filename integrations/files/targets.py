"""Where a column of a file can go: the fields of the canonical rows, as people call them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Kind = Literal[
    "text",
    "money",
    "count",
    "date",
    "moment",
    "time",
    "status",
    "postal",
    "phone",
    "country",
    "answer",
    "year",
]
Group = Literal["order", "ticket", "buyer", "attendee", "consent"]
Label = str | Promise

GROUPS: dict[Group, Label] = {
    "order": _("Order"),
    "ticket": _("Ticket and show"),
    "buyer": _("Buyer"),
    "attendee": _("Attendee"),
    "consent": _("Permission"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """One place a column can go. `many` tells whether several columns may go there."""

    key: str
    group: Group
    label: Label
    kind: Kind = "text"
    many: bool = False


TARGETS: tuple[Target, ...] = (
    Target("order.number", "order", _("Order number")),
    Target("order.date", "order", _("Purchase date, with or without time"), "moment"),
    Target("order.time", "order", _("Purchase time"), "time"),
    Target("order.status", "order", _("Order status"), "status"),
    Target("order.currency", "order", _("Currency")),
    Target("order.total", "order", _("Order total"), "money"),
    Target("order.channel", "order", _("Sales channel")),
    Target("order.payment", "order", _("Payment type")),
    Target("ticket.id", "ticket", _("Ticket number")),
    Target("ticket.event_id", "ticket", _("Show number or code")),
    Target("ticket.event_name", "ticket", _("Show name")),
    Target("ticket.event_date", "ticket", _("Show date, with or without time"), "moment"),
    Target("ticket.event_time", "ticket", _("Show time"), "time"),
    Target("ticket.venue", "ticket", _("Venue")),
    Target("ticket.hall", "ticket", _("Hall or stage")),
    Target("ticket.category", "ticket", _("Price category")),
    Target("ticket.price_type", "ticket", _("Price type (adult, student …)")),
    Target("ticket.quantity", "ticket", _("Number of tickets"), "count"),
    Target("ticket.price", "ticket", _("Price"), "money"),
    Target("ticket.fee", "ticket", _("Fee"), "money"),
    Target("ticket.campaign", "ticket", _("Discount or campaign code")),
    Target("ticket.section", "ticket", _("Section")),
    Target("ticket.row", "ticket", _("Row")),
    Target("ticket.seat", "ticket", _("Seat")),
    Target("ticket.barcode", "ticket", _("Barcode")),
    Target("ticket.status", "ticket", _("Ticket status"), "status"),
    Target("ticket.kind", "ticket", _("Kind of product")),
    Target("buyer.customer_id", "buyer", _("Customer number")),
    Target("buyer.given_name", "buyer", _("First name")),
    Target("buyer.family_name", "buyer", _("Last name")),
    Target("buyer.full_name", "buyer", _("Full name")),
    Target("buyer.company", "buyer", _("Company")),
    Target("buyer.email", "buyer", _("E-mail")),
    Target("buyer.mobile", "buyer", _("Mobile phone"), "phone"),
    Target("buyer.phone", "buyer", _("Phone"), "phone"),
    Target("buyer.street", "buyer", _("Street, with or without number")),
    Target("buyer.house_number", "buyer", _("House number")),
    Target("buyer.postal_code", "buyer", _("Postal code"), "postal"),
    Target("buyer.city", "buyer", _("City")),
    Target("buyer.country", "buyer", _("Country"), "country"),
    Target("buyer.birth_date", "buyer", _("Birth date"), "date"),
    Target("buyer.birth_year", "buyer", _("Birth year"), "year"),
    Target("buyer.gender", "buyer", _("Gender")),
    Target("buyer.language", "buyer", _("Language")),
    Target("buyer.updated_at", "buyer", _("Customer last changed"), "moment"),
    Target("buyer.identifier", "buyer", _("Another account number"), many=True),
    Target("buyer.attribute", "buyer", _("Own field, named as the column"), many=True),
    Target("attendee.given_name", "attendee", _("Attendee's first name")),
    Target("attendee.family_name", "attendee", _("Attendee's last name")),
    Target("attendee.full_name", "attendee", _("Attendee's full name")),
    Target("attendee.company", "attendee", _("Attendee's company")),
    Target("attendee.email", "attendee", _("Attendee's e-mail")),
    Target("attendee.phone", "attendee", _("Attendee's phone"), "phone"),
    Target("consent.answer", "consent", _("Yes or no to being contacted"), "answer", many=True),
    Target("consent.date", "consent", _("Date of the answers"), "moment"),
)

BY_KEY: dict[str, Target] = {target.key: target for target in TARGETS}


def grouped() -> list[tuple[Label, list[Target]]]:
    """The targets under their headings, in the order of the editor's menu."""
    return [(label, [t for t in TARGETS if t.group == group]) for group, label in GROUPS.items()]


def doubled(keys: Iterable[str]) -> set[str]:
    """Single-valued targets that appear more than once among `keys`."""
    seen: set[str] = set()
    twice: set[str] = set()
    for key in keys:
        if key in seen and key in BY_KEY and not BY_KEY[key].many:
            twice.add(key)
        seen.add(key)
    return twice
