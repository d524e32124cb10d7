"""What happened to a person, from every stream that registered, newest first."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisations.templatetags.foyer import money
from profiles import panels
from profiles.models import Event, Order, OrderLine, Profile
from profiles.models.sale import OrderStatus
from profiles.panels import Label, Moment, Stream

PAGE = 50

#: type -> (icon, tone, noun); nouns because translators cannot inflect a past participle
EVENTS: Mapping[str, tuple[str, str, Label]] = {
    "email_sent": ("mail", "", _("E-mail sent")),
    "email_opened": ("mail-open", "info", _("E-mail opening")),
    "email_clicked": ("mouse-pointer-click", "info", _("Click in an e-mail")),
    "email_bounced": ("circle-alert", "bad", _("E-mail bounce")),
    "email_unsubscribed": ("ban", "warn", _("Unsubscription")),
    "page_viewed": ("eye", "", _("Page view")),
    "product_viewed": ("eye", "", _("Product view")),
    "cart_abandoned": ("shopping-cart", "warn", _("Abandoned basket")),
    "ticket_scanned": ("ticket", "good", _("Ticket scanned at the door")),
    "signed_in": ("log-in", "", _("Sign-in")),
    "call": ("phone", "", _("Telephone call")),
    "message": ("message-square", "", _("Message")),
}
ORDER_TITLES: Mapping[str, tuple[str, str, Label]] = {
    OrderStatus.PAID: ("ticket", "good", _("Purchase")),
    OrderStatus.PENDING: ("shopping-cart", "", _("Order, not paid yet")),
    OrderStatus.CANCELLED: ("ban", "warn", _("Cancelled order")),
    OrderStatus.REFUNDED: ("undo-2", "warn", _("Refunded order")),
    OrderStatus.EXPIRED: ("clock", "", _("Expired order")),
}


@dataclass(frozen=True, slots=True)
class Timeline:
    days: list[tuple[date, list[Moment]]]
    streams: list[Stream]
    shown: str
    before: str
    """Where older moments begin; empty when there are none."""


def timeline(person: Profile, *, show: str = "", before: str = "") -> Timeline:
    """At most a page of moments of one stream (or of all), older than `before`."""
    streams = panels.streams()
    wanted = [stream for stream in streams if stream.key == show] or streams
    until = _moment(before)
    found = heapq.merge(
        *(stream.moments(person, until, PAGE + 1) for stream in wanted),
        key=lambda moment: moment.at,
        reverse=True,
    )
    moments = list(found)
    more = moments[PAGE - 1].at.isoformat() if len(moments) > PAGE else ""
    days = [(day, list(group)) for day, group in groupby(moments[:PAGE], key=_day)]
    return Timeline(days, streams, show if len(wanted) == 1 else "", more)


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None


def _day(moment: Moment) -> date:
    return timezone.localtime(moment.at).date()


def orders_of(person: Profile) -> QuerySet[Order]:
    """With lines and products, newest first: three queries, whatever the number."""
    lines = OrderLine.objects.select_related("product").order_by("pk")
    return (
        Order.objects.filter(record__profile=person)
        .select_related("source")
        .prefetch_related(Prefetch("orderline_set", lines))
        .order_by("-ordered_at", "-pk")
    )


def _purchases(person: Profile, before: datetime | None, limit: int) -> list[Moment]:
    orders = orders_of(person)
    if before:
        orders = orders.filter(ordered_at__lt=before)
    return [_purchase(order) for order in orders[:limit]]


def _purchase(order: Order) -> Moment:
    icon, tone, title = ORDER_TITLES[order.status]
    return Moment(
        at=order.ordered_at,
        icon=icon,
        title=title,
        amount=money(order.total, order.currency) if order.total is not None else "",
        detail=" · ".join((*_contents(order), order.external_id, order.source.name)),
        tone=tone,
    )


def _contents(order: Order) -> Iterator[str]:
    """ "2 × Hamlet", each product once."""
    counts: dict[str, int] = {}
    for line in order.orderline_set.all():
        counts[line.product.name] = counts.get(line.product.name, 0) + line.quantity
    for name, count in list(counts.items())[:3]:
        yield f"{count} × {name}"
    if len(counts) > 3:
        yield gettext("and %(count)d more") % {"count": len(counts) - 3}


def _events(person: Profile, before: datetime | None, limit: int) -> list[Moment]:
    events = Event.objects.filter(record__profile=person).select_related("source").order_by("-occurred_at")
    if before:
        events = events.filter(occurred_at__lt=before)
    return [_event(event) for event in events[:limit]]


def _event(event: Event) -> Moment:
    named = EVENTS.get(event.type)
    icon, tone, title = named or ("activity", "", event.type.replace("_", " ").capitalize())
    return Moment(event.occurred_at, icon, title, " · ".join(_about(event)), tone=tone)


def _about(event: Event) -> Iterator[str]:
    """The one property that says most, then the source."""
    for key in ("title", "subject", "name", "campaign", "product", "url", "path"):
        value = event.properties.get(key)
        if isinstance(value, str) and value:
            yield value[:120]
            break
    yield event.source.name


STREAMS = (
    Stream("purchases", _("Purchases"), _purchases, position=10),
    Stream("activity", _("Activity"), _events, position=20),
)
