"""pretix: orders and customers over its REST API, and webhooks that say when to look.

The reference for connectors that talk to an API; docs/how-to/add-a-connector.md is written from it.
`asking` knows pretix's addresses, `following` what changed since last time, `telling` what an order
means in Foyer's words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection as database
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connectors import Connector, Field, Page, Raw
from integrations.errors import ConfigurationError, Rejected, TryLater
from integrations.http import Http, Limits
from integrations.models import Trigger, WebhookDelivery
from integrations.pretix import telling
from integrations.pretix.asking import PAGE_SIZE, Shop, results
from integrations.pretix.following import Round, Trail, follow, walk
from integrations.runs import start
from profiles.rows import CanonicalRow

Json = dict[str, Any]


class PretixConnector(Connector):
    slug = "pretix"
    name = "pretix"
    about = gettext_lazy("Orders and customers over its API, and a webhook that says when to look.")
    docs = "docs/how-to/pretix.md"
    reads = frozenset({"people", "orders", "claims"})
    rate_limit = gettext_lazy("pretix.eu: 360 questions a minute per organizer. Your own pretix: none.")
    icon = "ticket"
    source_kind = "ticketing"
    receives_webhooks = True
    limits = Limits()
    fields = (
        Field(
            key="base_url",
            label=gettext_lazy("Address of pretix"),
            kind="url",
            default="https://pretix.eu",
            help=gettext_lazy("Without anything after the server's name, unless pretix lives in a folder."),
        ),
        Field(
            key="organizer",
            label=gettext_lazy("Organizer"),
            help=gettext_lazy("The short name in the shop's address: https://pretix.eu/SHORT-NAME/"),
        ),
        Field(
            key="token",
            label=gettext_lazy("API token"),
            kind="secret",
            secret=True,
            help=gettext_lazy(
                "In pretix: Organizer, Teams, a team that may see orders and customers, API tokens."
            ),
        ),
        Field(
            key="events",
            label=gettext_lazy("Only these events"),
            required=False,
            default="",
            help=gettext_lazy("Short names of events with commas between them. Empty means all of them."),
        ),
        Field(
            key="consent_questions",
            label=gettext_lazy("Questions that ask for permission"),
            kind="json",
            required=False,
            default={},
            help=gettext_lazy(
                'Which question asks for which permission: {"MARKETING": "newsletter-checkout"}. Left is the '
                "question's identifier in pretix, right the key of a collection point in Foyer."
            ),
        ),
        Field(
            key="customers",
            label=gettext_lazy("Fetch customer accounts"),
            kind="boolean",
            required=False,
            default=True,
            help=gettext_lazy("Also people who have an account and have bought nothing yet."),
        ),
    )

    # --- settings ----------------------------------------------------------------------------------

    @property
    def wanted_events(self) -> frozenset[str]:
        return frozenset(slug.strip() for slug in str(self.setting("events")).split(",") if slug.strip())

    @property
    def organizer(self) -> str:
        return str(self.setting("organizer") or "").strip(" /")

    @property
    def points(self) -> dict[str, str]:
        """The collection point of each question that asks for permission."""
        value = self.setting("consent_questions") or {}
        if not isinstance(value, dict) or not all(isinstance(point, str) for point in value.values()):
            raise ConfigurationError(_("The questions must each name one collection point."))
        return value

    def http(self) -> Http:
        token = self.setting("token") or ""
        headers = {"Authorization": f"Token {token}", "Accept": "application/json"}
        return Http(self.setting("base_url") or "", headers=headers, limits=self.limits)

    def shop(self, http: Http) -> Shop:
        return Shop(http, self.organizer, _language())

    # --- trying the settings -----------------------------------------------------------------------

    def check(self) -> None:
        """Reads one row of each kind. A key that may see no orders gets an empty list of all orders
        and not a refusal, so one event's orders are asked for as well."""
        self.points  # noqa: B018  # refuses a wrong mapping
        with self.http() as http:
            shop = self.shop(http)
            events = self._look(shop, "events", refused=_("The key is not for this organizer."))
            for slug in sorted(self.wanted_events) or [
                str(row.get("slug")) for row in telling.objects(events)[:1]
            ]:
                refused = _("The key may not see the orders of the event {event}, or there is no such event.")
                self._look(shop, "events", slug, "orders", refused=refused.format(event=slug))
            if self.setting("customers"):
                refused = _("The key may not see customer accounts. Allow it in pretix, or switch them off.")
                self._look(shop, "customers", refused=refused)

    def _look(self, shop: Shop, *path: str, refused: str) -> list[Json]:
        answer = shop.http.get(shop.path(*path), {"page_size": 1}, what="check", accept={403, 404})
        if answer.status == 403:
            raise ConfigurationError(refused)
        try:
            return results(answer)[0]
        except (Rejected, TryLater) as error:
            raise ConfigurationError(_("There is no pretix at this address.")) from error

    # --- reading -----------------------------------------------------------------------------------

    def pull(self, cursor: Json) -> Iterator[Page]:
        """First the orders, then the customers; the cursor knows how far each of them is.

        It also names the run that has read everything: the engine may stop right after the last page
        and call once more.
        """
        if self.run and cursor.get("finished") == self.run.pk:
            return
        trail, walked = Trail.load(cursor.get("orders", {})), Round.load(cursor.get("customers", {}))
        with self.http() as http:
            shop = self.shop(http)
            if not walked.page:
                yield from self._orders(shop, trail, walked)
            if walked.page:
                yield from self._customers(shop, trail, walked)
            elif self.setting("customers"):
                yield from self._named_customers(shop, trail, walked)

    def _orders(self, shop: Shop, trail: Trail, walked: Round) -> Iterator[Page]:
        """A run that a webhook woke walks through no customers: it fetches those it was told about."""
        woken = self.run is not None and self.run.trigger == Trigger.WEBHOOK
        with_customers = bool(self.setting("customers"))
        for orders, over in follow(shop, trail):
            rows = [self._raw_order(shop, order) for order in orders if self._is_wanted(order)]
            if over and with_customers and not woken:
                walked.begin(trail, heard=self._newest_delivery())
            finished = over and not with_customers
            yield Page(rows, self._cursor(trail, walked, finished), total=trail.total or None)

    def _customers(self, shop: Shop, trail: Trail, walked: Round) -> Iterator[Page]:
        for customers, count in walk(shop, walked):
            rows = [_raw_customer(each) for each in customers]
            total = trail.total + count if count else None
            yield Page(rows, self._cursor(trail, walked, finished=not walked.page), total=total)

    def _named_customers(self, shop: Shop, trail: Trail, walked: Round) -> Iterator[Page]:
        """Those that webhooks since the last look have named."""
        finished = False
        while not finished:
            names, walked.heard = self._named_since(walked.heard)
            answers = (shop.customer(name) for name in names)
            rows = [_raw_customer(answer.data) for answer in answers if answer.ok]
            finished = len(names) < PAGE_SIZE
            yield Page(rows, self._cursor(trail, walked, finished))

    def _cursor(self, trail: Trail, walked: Round, finished: bool) -> Json:
        run = self.run.pk if self.run and finished else 0
        return {"orders": trail.dump(), "customers": walked.dump(), "finished": run}

    def _named_since(self, heard: int) -> tuple[list[str], int]:
        """A page of names, and the delivery that named the last of them."""
        newer = WebhookDelivery.objects.filter(connection=self.connection, pk__gt=heard).order_by("pk")
        names: dict[str, None] = {}
        for pk, body in newer.values_list("pk", "body").iterator():
            heard = pk
            name = _told(bytes(body)).get("customer")
            if name:
                names[str(name)] = None
            if len(names) == PAGE_SIZE:
                break
        return list(names), heard

    def _newest_delivery(self) -> int:
        """What has been announced so far is covered by a walk; without a run nobody keeps the cursor."""
        if self.run is None:
            return 0
        newest = WebhookDelivery.objects.filter(connection=self.connection).order_by("-pk")
        return newest.values_list("pk", flat=True).first() or 0

    def _is_wanted(self, order: Any) -> bool:
        """Neither test orders nor events left out. What cannot be read goes on, to be shown as failed."""
        if not isinstance(order, dict):
            return True
        wanted = self.wanted_events
        return order.get("testmode") is not True and (not wanted or order.get("event") in wanted)

    def _raw_order(self, shop: Shop, order: Any) -> Raw:
        """The order with the names it refers to, so that it can be told without asking again."""
        raw: Json = {"type": "order", "order": order}
        if not isinstance(order, dict) or not order.get("event"):
            return raw
        slug = str(order["event"])
        raw |= {"event": shop.event(slug), "products": {}, "subevents": {}}
        for position in telling.objects(order.get("positions")):
            item, date = telling.text(position.get("item")), telling.text(position.get("subevent"))
            raw["products"][item] = shop.product(slug, item)
            if date:
                raw["subevents"][date] = shop.subevent(slug, date)
            answers = telling.objects(position.get("answers"))
            position["answers"] = [each for each in answers if each.get("question_identifier") in self.points]
        return raw

    def to_row(self, raw: Raw, number: int) -> CanonicalRow:
        if not isinstance(raw, dict):
            raise Rejected(_("The row is not an object."))
        if raw.get("type") == "customer":
            return telling.customer_row(raw, number)
        return telling.order_row(raw, number, self.points)

    # --- webhooks ----------------------------------------------------------------------------------

    def webhook_key(self, request: HttpRequest) -> str:
        """pretix signs nothing: the secret in the address is the proof, the number tells a repeat."""
        number = _told(request.body).get("notification_id")
        if isinstance(number, bool) or not isinstance(number, int | str) or number == "":
            raise Rejected("no notification_id")
        return str(number)

    def handle_webhook(self, delivery: WebhookDelivery) -> str:
        """A wake-up call. The body is thin and may be old; the run asks for what changed."""
        told = _told(bytes(delivery.body))
        if told.get("organizer") != self.organizer:
            return _("Another organizer's.")
        if self.wanted_events and told.get("event") and told["event"] not in self.wanted_events:
            return _("An event that is left out.")
        if not str(told.get("action")).startswith(("pretix.event.order.", "pretix.customer.")):
            return _("Nothing to fetch.")
        if self._somebody_is_needed():
            return _("The last run waits for a person; it will fetch this too.")
        run = start(connection=self.connection, trigger=Trigger.WEBHOOK)
        return _("Woke run {number}.").format(number=run.pk)

    def _somebody_is_needed(self) -> bool:
        """Else a withdrawn key would leave one waiting run for every sale of the day."""
        newest = self.connection.runs.newest_first().first()
        return newest is not None and newest.trigger == Trigger.WEBHOOK and newest.needs_a_person


CUSTOMER_FIELDS = (
    "identifier", "external_identifier", "email", "phone", "name", "name_parts", "locale", "last_modified",
)  # fmt: skip


def _raw_customer(customer: Any) -> Raw:
    if isinstance(customer, dict):
        customer = {name: customer.get(name) for name in CUSTOMER_FIELDS}
    return {"type": "customer", "customer": customer}


def _told(body: bytes) -> Json:
    """A webhook's body; {} when it is not an object."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _language() -> str:
    """The current organisation's, for texts that pretix keeps in several."""
    return getattr(database.tenant, "language", "") or "en"  # type: ignore[attr-defined]
