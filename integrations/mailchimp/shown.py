"""What the pages show of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, QuerySet

from consent.models import CollectionPoint
from consent.models.answer import Basket
from integrations.mailchimp import words
from integrations.mailchimp.models import Action, AudienceMember, Drift, ItemState, Plan, PlanState
from integrations.mailchimp.settings import point_key
from integrations.models import Connection, RunState
from profiles.models import Identifier, Profile, RecordIdentifier

PER_PAGE = 50
WHO = ("customers", "others", "outside", "drift")
FILTERS = ("action", "reason", "state", "basket")


@dataclass(frozen=True, slots=True)
class Line:
    """A number with its words, leading to those behind it."""

    key: str
    label: str
    count: int
    help: str = ""
    icon: str = ""


def actions(plan: Plan) -> list[Line]:
    counts = plan.counts.get("actions", {})
    return [
        Line(key, str(label), counts[key], str(told), icon)
        for key, (label, told, icon) in words.ACTIONS.items()
        if key != Action.SKIP and counts.get(key)
    ]


def left_alone(plan: Plan) -> list[Line]:
    """Why contacts are left alone, the commonest reason first."""
    found = [
        Line(code, words.reason(code), count)
        for key, count in plan.counts.get("reasons", {}).items()
        for action, _colon, code in [key.partition(":")]
        if action == Action.SKIP
    ]
    return sorted(found, key=lambda line: -line.count)


def baskets(plan: Plan) -> list[Line]:
    counts = plan.counts.get("baskets", {})
    return [Line(basket.value, str(basket.label), counts.get(basket.value, 0)) for basket in Basket]


def drift(plan: Plan) -> list[Line]:
    counts = plan.counts.get("drift", {})
    return [Line(d.value, str(d.label), counts[d.value]) for d in Drift if counts.get(d.value)]


def state(plan: Plan) -> dict[str, Any]:
    """How far it is. Read again every two seconds while it is being sent."""
    by_state = dict(
        plan.items.exclude(action=Action.SKIP).values_list("state").annotate(n=Count("pk")).order_by("state")
    )
    waiting = by_state.get(ItemState.PENDING, 0) + by_state.get(ItemState.RETRY, 0)
    return {
        "plan": plan,
        "done": plan.contacts - waiting,
        "failed": by_state.get(ItemState.FAILED, 0),
        "dropped": by_state.get(ItemState.DROPPED, 0),
        "is_live": plan.state in (PlanState.APPROVED, PlanState.APPLYING) and plan.run.is_live,
        "can_be_sent": plan.state == PlanState.DRAFT and plan.run.state == RunState.WAITING,
    }


def page(plan: Plan) -> dict[str, Any]:
    connection = plan.run.connection
    return state(plan) | {
        "connection": connection,
        "actions": actions(plan),
        "left_alone": left_alone(plan),
        "baskets": baskets(plan),
        "compared": plan.counts.get("compared", {}),
        "drift": drift(plan),
        "tags": plan.counts.get("tags", {}),
        "unverified": CollectionPoint.objects.unverified().filter(key=point_key(connection)).first(),
        "other_side": _other_side(connection.config),
    }


def _other_side(config: dict[str, Any]) -> str:
    """Where a stand-in shows what it holds; the real Mailchimp has no address of its own here.

    Only a web address becomes a link, however it came into the settings.
    """
    base = str(config.get("base_url") or "")
    if not base.lower().startswith(("https://", "http://")):
        return ""
    return f"{base}/?{urlencode({'list': config.get('audience') or ''})}"


def contacts(plan: Plan, given: dict[str, str]) -> dict[str, Any]:
    """One page of the plan's contacts, narrowed down. `after` is the last one of the page before."""
    chosen = {name: given[name] for name in FILTERS if given.get(name)}
    found = plan.items.filter(**chosen).select_related("identifier", "profile").order_by("pk")
    if q := given.get("q", "").strip():
        found = found.filter(identifier__in=_addresses(q))
    if given.get("after", "").isdecimal():
        found = found.filter(pk__gt=int(given["after"]))
    rows = list(found[: PER_PAGE + 1])
    return {
        "items": rows[:PER_PAGE],
        "after": rows[PER_PAGE - 1].pk if len(rows) > PER_PAGE else None,
        "chosen": chosen,
        "q": q,
        "narrowed": bool(chosen or q),
    }


def _addresses(q: str) -> QuerySet[Identifier]:
    """By the beginning of the address, which an index answers."""
    return Identifier.objects.filter(kind_id="email", value__startswith=q.lower())


def audience(connection: Connection, who: str, after: str) -> dict[str, Any]:
    """Members of the audience by what they are to us; the members and the profiles behind them."""
    found = _who(connection, who).select_related("identifier").order_by("pk")
    if after.isdecimal():
        found = found.filter(pk__gt=int(after))
    members = list(found[: PER_PAGE + 1])
    shown = members[:PER_PAGE]
    people = _people([m.identifier_id for m in shown if m.identifier_id])
    return {
        "lines": [(member, people.get(member.identifier_id or 0)) for member in shown],
        "after": shown[-1].pk if len(members) > PER_PAGE else None,
    }


def _who(connection: Connection, who: str) -> QuerySet[AudienceMember]:
    members = AudienceMember.objects.filter(connection=connection)
    if who == "drift":
        return members.exclude(drift="")
    bought = RecordIdentifier.objects.filter(
        identifier=OuterRef("identifier"), record__profile__orders_count__gt=0
    )
    if who == "outside":
        return members.exclude(status_remote__in=["subscribed", ""]).filter(Exists(bought))
    subscribed = members.filter(status_remote="subscribed")
    return subscribed.filter(Exists(bought)) if who == "customers" else subscribed.exclude(Exists(bought))


def _people(identifier_ids: list[int]) -> dict[int, Profile]:
    shown = RecordIdentifier.objects.filter(identifier__in=identifier_ids).select_related("record__profile")
    return {seen.identifier_id: seen.record.profile for seen in shown.order_by("record__is_customer")}
