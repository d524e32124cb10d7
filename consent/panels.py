"""This room's menu entry, and its parts of the people pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby, islice

from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Least
from django.utils.translation import gettext_lazy as _

from cdp.lib import sql
from consent import explain, names, permissions_tab, staff
from consent.models import Basket, CollectionPoint, ConsentEvent, ContactAnswer
from consent.models.asking import Channel
from organisations import navigation
from organisations.access import Can
from organisations.audit import labels
from profiles import panels
from profiles.models import Profile, RecordIdentifier
from profiles.panels import Column, Filter, Moment, Panel, Stream

HEADS = {
    "newsletter": _("Newsletter"),
    "own_similar": _("Own similar offers"),
    "service": _("About what was bought"),
    "calls": _("Newsletter"),
    "letters": _("Newsletter"),
}
ICONS = {"email": "mail", "sms": "smartphone"}
MAY_BE_MAILED = _("May be e-mailed")
NOS = ("DENY", "WITHDRAW", "OBJECT", "COMPLAINT")


def said(person: Profile, before: datetime | None, limit: int) -> list[Moment]:
    """What the person answered, for the timeline, at the time of the act where it is known.

    Bare claims are left to the evidence.
    """
    identifiers = RecordIdentifier.objects.filter(record__profile=person).values("identifier_id")
    events = ConsentEvent.objects.filter(identifier__in=identifiers, target=None)
    events = events.exclude(proof="C", type="GRANT").annotate(
        at=Least(Coalesce("occurred_at", "recorded_at"), "recorded_at")
    )
    if before:
        events = events.filter(at__lt=before)
    newest = events.select_related("point").order_by("-at", "type", "purpose", "point", "channel")
    # One tick on one form is one line, however many channels it is for; each act has at most one per channel.
    acts = groupby(
        newest[: limit * len(Channel)],
        key=lambda event: (event.at, event.type, event.purpose, event.point_id),
    )
    return [_moment(list(act), at) for (at, *_same), act in islice(acts, limit)]


def _moment(act: Sequence[ConsentEvent], at: datetime) -> Moment:
    event = act[0]
    no = event.type in NOS
    channels = ", ".join(dict.fromkeys(str(names.channel(each.channel)) for each in act))
    return Moment(
        at=at,
        icon="ban" if no else "badge-check",
        title=event.get_type_display(),
        detail=f"{names.purpose(event.purpose)} · {channels} · {explain.where(event)}",
        tone="bad" if no else "good",
    )


def _with_answer(profiles: QuerySet[Profile], **wanted: str) -> QuerySet[Profile]:
    """Those with an e-mail address that is answered like this; one join the planner may turn around."""
    addresses = ContactAnswer.objects.filter(channel="email", **wanted).values("identifier_id")
    shown = RecordIdentifier.objects.filter(identifier__in=addresses)
    return profiles.filter(pk__in=shown.values("record__profile_id"))


def _may_be_mailed(profiles: QuerySet[Profile], _yes: str) -> QuerySet[Profile]:
    return _with_answer(profiles, newsletter="ALLOW")


def _in_basket(profiles: QuerySet[Profile], basket: str) -> QuerySet[Profile]:
    return _with_answer(profiles, basket=basket)


def _baskets(profile_ids: Sequence[int]) -> dict[int, str]:
    """The best basket among each person's e-mail addresses."""
    rows = sql.rows("consent/profile_baskets", {"profile_ids": list(profile_ids)})
    return {row["profile_id"]: row["basket"] for row in rows}


PARTS = (
    Panel("may_we", _("May we contact?"), "consent/_may_we.html", permissions_tab.card, "left", position=10),
    Panel(
        "permissions",
        _("Permissions"),
        "consent/_evidence.html",
        lambda _person: {},
        "tab",
        position=30,
        reads=permissions_tab.read,
    ),
    Stream("permissions", _("Permissions"), said, position=30),
    Filter("mail", MAY_BE_MAILED, _may_be_mailed, lambda: [("yes", MAY_BE_MAILED)], position=30),
    Filter("basket", _("Basket"), _in_basket, lambda: Basket.choices, position=40),
    Column("basket", _("E-mail"), _baskets, position=30),
)


VERBS = {
    "collection_point.set_up": _("Collection point set up"),
    "collection_point.verified": _("Collection point verified"),
    "consent_text.added": _("Consent text registered"),
    "rule.tightened": _("Rule made stricter"),
}


def register_parts() -> None:
    labels.register(VERBS | staff.VERBS)
    for part in PARTS:
        panels.register(part)
    navigation.register(
        navigation.Entry(
            key="settings_permissions",
            label=_("Permissions"),
            url_name="consent:permissions",
            icon="shield-check",
            position=40,
            capability=Can.MANAGE_PERMISSIONS,
            place="settings",
            count=lambda: CollectionPoint.objects.unverified().count(),
            help=_("Where people are asked, in which words, and who vouches for what a yes means."),
        )
    )
