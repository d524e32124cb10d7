"""What is asked of pretix: addresses, the fields that are wanted, names of what was sold.

Facts come from a pretix 2026.8 that was run for the purpose (tests/data/pretix).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from integrations.errors import Rejected
from integrations.http import Answer, Http

PAGE_SIZE = 50
"""pretix cuts larger values to this without a word."""

# Data minimisation (GDPR Art. 5(1)(c)): nothing but this leaves pretix. Not on the list, on
# purpose: the secrets that open an order or a door, comments, check-ins, payment details.
WANTED = (
    "code", "event", "status", "testmode", "email", "phone", "locale", "datetime", "last_modified",
    "total", "payment_provider", "sales_channel", "customer",
    "fees.value", "fees.canceled", "refunds.state",
    "invoice_address.last_modified", "invoice_address.company", "invoice_address.name",
    "invoice_address.name_parts", "invoice_address.street", "invoice_address.zipcode",
    "invoice_address.city", "invoice_address.country",
    "positions.positionid", "positions.item", "positions.variation", "positions.subevent",
    "positions.price", "positions.canceled", "positions.seat", "positions.answers",
    "positions.attendee_name", "positions.attendee_name_parts", "positions.attendee_email",
    "positions.company", "positions.street", "positions.zipcode", "positions.city", "positions.country",
)  # fmt: skip


class Shop:
    """One organizer's pretix. Remembers names for as long as one pull lasts."""

    def __init__(self, http: Http, organizer: str, language: str) -> None:
        self.http = http
        self.organizer = organizer
        self.language = language
        self._events: dict[str, dict[str, Any]] = {}
        self._products: dict[str, dict[str, dict[str, Any]]] = {}
        self._subevents: dict[str, dict[str, dict[str, Any]]] = {}

    def path(self, *parts: str) -> str:
        """Each part is quoted: event names come from outside."""
        return "/".join(
            ("api/v1/organizers", *(quote(part, safe="") for part in (self.organizer, *parts)), "")
        )

    def orders(self, since: str, page: int) -> Answer:
        """One page of orders changed at or after `since`, oldest change first.

        Cancelled positions are asked for: pretix leaves them out otherwise, and a
        cancelled order would come without a single ticket.
        """
        params: dict[str, Any] = {
            "ordering": "last_modified",
            "include_canceled_positions": "true",
            "page_size": PAGE_SIZE,
            "include": WANTED,
        }
        if since:
            params["modified_since"] = since
        if page > 1:
            params["page"] = page
        return self.http.get(self.path("orders"), params, what="orders", accept=_beyond(page))

    def customers(self, page: int) -> Answer:
        """One page of all customers: pretix cannot be asked for the changed ones only."""
        params = {"page": page, "page_size": PAGE_SIZE}
        return self.http.get(self.path("customers"), params, what="customers", accept=_beyond(page))

    def customer(self, identifier: str) -> Answer:
        return self.http.get(self.path("customers", identifier), what="customer", accept={404})

    def event(self, slug: str) -> dict[str, Any]:
        """Name, currency, start, venue; only the slug where the event is gone or closed to us."""
        if slug not in self._events:
            self._events[slug] = self._event(slug)
        return self._events[slug]

    def product(self, event: str, item: str) -> dict[str, Any]:
        if event not in self._products:
            self._products[event] = {str(row["id"]): self._item(row) for row in self._all(event, "items")}
        return self._products[event].get(item, {})

    def subevent(self, event: str, subevent: str) -> dict[str, Any]:
        if event not in self._subevents:
            rows = self._all(event, "subevents")
            self._subevents[event] = {str(row["id"]): self._show(row) for row in rows}
        return self._subevents[event].get(subevent, {})

    def _event(self, slug: str) -> dict[str, Any]:
        answer = self.http.get(self.path("events", slug), what="event", accept={403, 404})
        if not answer.ok:
            return {"slug": slug, "name": slug}
        row = answer.data
        return {"slug": slug, "currency": row.get("currency") or "", **self._show(row)}

    def _show(self, row: dict[str, Any]) -> dict[str, Any]:
        venue = plain(row.get("location"), self.language)
        return {
            "name": plain(row.get("name"), self.language),
            "starts_at": row.get("date_from"),
            "venue": ", ".join(line.strip() for line in venue.splitlines() if line.strip()),
        }

    def _item(self, row: dict[str, Any]) -> dict[str, Any]:
        variations = row.get("variations") or []
        return {
            "name": plain(row.get("name"), self.language),
            "admission": bool(row.get("admission")),
            "membership": row.get("grant_membership_type") is not None,
            "variations": {str(each["id"]): plain(each.get("value"), self.language) for each in variations},
        }

    def _all(self, event: str, kind: str) -> Iterator[dict[str, Any]]:
        """Every row of a list that belongs to an event; none where the event is gone or closed to us."""
        path, size = self.path("events", event, kind), {"page_size": PAGE_SIZE}
        for answer in self.http.pages(path, size, what=kind, accept={403, 404}):
            if answer.ok:
                yield from results(answer)[0]


def _beyond(page: int) -> set[int]:
    """A page beyond the end is 404: the list may have become shorter while we read."""
    return {404} if page > 1 else set()


def plain(value: Any, language: str) -> str:
    """A text that pretix may keep in several languages: ours, else English, else any."""
    if not isinstance(value, dict):
        return str(value or "")
    spoken = [value.get(language), value.get("en"), *value.values()]
    return str(next((text for text in spoken if text), ""))


def results(answer: Answer) -> tuple[list[Any], dict[str, Any]]:
    """The rows of a list answer, and the whole of it."""
    page = answer.data
    rows = page.get("results") if isinstance(page, dict) else None
    if not isinstance(rows, list):
        raise Rejected(_("This is not pretix: the answer has no list of results."))
    return rows, page
