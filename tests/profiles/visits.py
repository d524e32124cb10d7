"""Rows of a website: somebody with a cookie, who may or may not have logged in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from profiles.models import Event, Profile, Source, SourceRecord
from profiles.rows import CanonicalRow, EventRow, PersonRow
from tests.profiles.sample import START, a_source


def website() -> Source:
    return a_source("website", kind=Source.Kind.WEBSITE)


def visit(
    number: int,
    *shown: tuple[str, str],
    at: datetime | None = None,
    day: float = 0,
    properties: dict[str, Any] | None = None,
    network: str = "",
    **person: Any,
) -> CanonicalRow:
    """One page view. `shown` are (kind, value) pairs such as ("cookie", "c1")."""
    at = at or START - timedelta(days=20 - day)
    event = EventRow(f"m{number}", "page_viewed", at, properties or {"path": f"/{number}"}, network)
    raw = {"n": number, "who": [list(each) for each in shown], "at": str(at), **person}
    return CanonicalRow(number, raw, buyer=PersonRow(identifiers=shown, **person), events=(event,))


def together() -> set[frozenset[str]]:
    """Which records are one person, by their external ids."""
    groups: dict[int, set[str]] = {}
    for profile, external_id in SourceRecord.objects.values_list("profile", "external_id"):
        groups.setdefault(profile, set()).add(external_id)
    return {frozenset(group) for group in groups.values()}


def profile_of(external_id: str) -> Profile:
    return SourceRecord.objects.get(external_id=external_id).profile


def pages_of(profile: Profile) -> list[str]:
    """The message ids of a person's events, oldest first."""
    events = Event.objects.filter(record__profile=profile)
    return list(events.order_by("occurred_at", "pk").values_list("message_id", flat=True))
