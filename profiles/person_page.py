"""What the person page shows, put together in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from django.db.models import Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organisations.access import Can
from profiles import panels
from profiles.identity import standing, survivorship
from profiles.identity.survivorship import UnitExplained
from profiles.models import Identifier, OrderLine, Profile, ProfileTag, RecordIdentifier, SourceRecord
from profiles.models.sale import OrderStatus
from profiles.panels import Label, Panel
from profiles.timeline import orders_of, timeline

ORDERS = 100
"""Orders on the orders tab; a person with more is a reseller, and the tab says so."""


@dataclass(slots=True)
class Known:
    """One identifier of the person, and every source that showed it."""

    key: str
    kind: Label
    is_phone: bool
    value: str
    state: str
    invalid: bool
    reason: str
    """Why it joins nobody; empty where it does."""
    since: datetime
    sources: list[str] = field(default_factory=list)


def own_number(record: SourceRecord, known: list[Known]) -> str:
    """The customer id in its source; empty where the source has none and ingest made one up
    (`ingest.naming`), which begins with the kind of what the record shows."""
    made_up = record.external_id.partition(":")[0] in {"email", "phone", "order", *(k.key for k in known)}
    return "" if made_up else record.external_id


def resolved(public_id: Any) -> Profile | None:
    """The profile behind an id, and the one it was merged into since, however often."""
    person = Profile.objects.filter(public_id=public_id).first()
    while person and person.state == Profile.State.MERGED and person.merged_into_id:
        person = Profile.objects.filter(pk=person.merged_into_id).first()
    return person


def page(person: Profile, can: frozenset[Can], query: Mapping[str, str]) -> dict[str, Any]:
    """The context of the whole page. `query` holds tab, show and before from the address."""
    records = list(records_of(person))
    known = known_as(person)
    tabs = panels.panels("tab", can)
    tab = next((each for each in tabs if each.key == query.get("tab")), tabs[0])
    return {
        "person": person,
        "records": [(record, own_number(record, known)) for record in records],
        "known_as": known,
        "values": values_of(person, records, known),
        "tags": tags_of(person),
        "since": since(person),
        "next_show": next_show(person),
        "tabs": tabs,
        "tab": shown(tab, person, query),
        "badges": [shown(panel, person, query) for panel in panels.panels("badges", can)],
        "left": cards("left", person, can),
        "right": cards("right", person, can),
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel with what its template needs."""

    panel: Panel
    data: Mapping[str, Any]


def cards(place: Literal["left", "right"], person: Profile, can: frozenset[Can]) -> list[Shown]:
    """Those that have something to show."""
    every = ((panel, panel.context(person)) for panel in panels.panels(place, can))
    return [Shown(panel, data) for panel, data in every if data is not None]


def shown(panel: Panel, person: Profile, query: Mapping[str, str]) -> Shown:
    return Shown(panel, panel.reads(person, query) if panel.reads else panel.context(person) or {})


def beside(context: Mapping[str, Any]) -> list[Profile]:
    """Whom else the parts of the page name: each says so in `others`, for the log of who saw whom."""
    parts = [context["tab"], *context["badges"], *context["left"], *context["right"]]
    return list(dict.fromkeys(other for part in parts for other in part.data.get("others", ())))


def records_of(person: Profile) -> QuerySet[SourceRecord]:
    return (
        SourceRecord.objects.filter(profile=person)
        .select_related("source")
        .order_by("source__trust", "-observed_at", "pk")
    )


def known_as(person: Profile) -> list[Known]:
    """Every identifier once, strongest kind first, with the sources that showed it."""
    rows = (
        RecordIdentifier.objects.filter(record__profile=person)
        .select_related("identifier__kind", "record__source")
        .order_by("identifier__kind__priority", "identifier_id", "first_seen")
    )
    demoted = standing.demotions(person)
    groups = groupby(rows, key=lambda row: row.identifier_id)
    return [_known(list(group), demoted.get(pk)) for pk, group in groups]


def _known(rows: list[RecordIdentifier], demotion: standing.Demotion | None) -> Known:
    identifier = rows[0].identifier
    return Known(
        key=identifier.kind_id,
        kind=identifier.kind.label,
        is_phone=identifier.kind_id == "phone",
        value=identifier.value,
        state=identifier.state,
        invalid=identifier.invalid,
        reason=standing.reason(identifier, demotion),
        since=min(row.first_seen for row in rows),
        sources=list(dict.fromkeys(row.record.source.name for row in rows)),
    )


def values_of(person: Profile, records: list[SourceRecord], known: list[Known]) -> list[UnitExplained]:
    """Every field with where it comes from. A country that nobody disputes stands in the address."""
    states = {(k.key, k.value): k.state for k in known if k.state != Identifier.State.NORMAL}
    found = survivorship.explain(person, records, states)
    if not any(each.unit == "address" and each.winner for each in found):
        return found
    return [each for each in found if each.unit != "country" or each.losers or each.is_pinned]


def tags_of(person: Profile) -> list[ProfileTag]:
    return list(ProfileTag.objects.filter(profile=person).select_related("tag").order_by("-since", "tag_id"))


def since(person: Profile) -> datetime:
    """The first we know of: the first order, or when a source first knew them."""
    return min(at for at in (person.first_order_at, person.known_since, person.created_at) if at)


def next_show(person: Profile) -> dict[str, Any] | None:
    """The next performance the person holds a valid ticket for."""
    lines = OrderLine.objects.filter(
        order__record__profile=person,
        order__status=OrderStatus.PAID,
        status__in=("", OrderStatus.PAID),
        starts_at__gte=timezone.now(),
    )
    found = lines.values("product__name", "venue").annotate(at=Min("starts_at")).order_by("at").first()
    return dict(found) if found else None


def _orders(person: Profile) -> dict[str, Any]:
    orders = list(orders_of(person)[: ORDERS + 1])
    return {"orders": orders[:ORDERS], "more": len(orders) > ORDERS}


def _timeline(person: Profile, query: Mapping[str, str]) -> dict[str, Any]:
    found = timeline(person, show=query.get("show", ""), before=query.get("before", ""))
    return {"timeline": found}


PANELS = (
    Panel(
        "timeline", _("Timeline"), "profiles/_timeline.html", lambda _person: {}, "tab", 10, reads=_timeline
    ),
    Panel("orders", _("Orders"), "profiles/_orders.html", _orders, "tab", position=20),
)
