"""Reads an audience: every member once, then those who changed; the whole again once a week.

Pages go by the time of change and not by a plain offset: a member that changes while we read moves to
the end and would shift another one past us. Within one second, where only an offset can tell members
apart, pages overlap.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson

from cdp.lib import sql
from integrations.connectors import Page
from integrations.mailchimp import buried
from integrations.mailchimp.client import PAGE, Json
from integrations.mailchimp.fields import fields_hash
from integrations.mailchimp.settings import AudienceSettings
from profiles import normalise

OVERLAP = dt.timedelta(minutes=15)
SAME_SECOND_OVERLAP = 100
WHOLE_EVERY = dt.timedelta(days=7)
KEPT = ("address", "contact_id", "given_name", "family_name", "language", "opted_in_at")
PASSES = ("", "archived")
"""Archived members show only when asked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pull is. ISO times: it `began`, asks for changes `since`, and its next page comes `after`."""

    run: int | None
    whole: bool
    began: str
    whole_at: str
    since: str
    status: str = ""
    after: str = ""
    offset: int = 0
    finished: bool = False

    @classmethod
    def start(cls, cursor: dict[str, Any], run: int | None, now: dt.datetime) -> Place:
        """A new pull after an earlier one's last cursor, or of everything."""
        whole_at = cursor.get("whole_at", "")
        whole = not whole_at or now - dt.datetime.fromisoformat(whole_at) > WHOLE_EVERY
        began = now.isoformat()
        since = "" if whole else shortly_before(cursor["began"])
        return cls(run, whole, began, began if whole else whole_at, since, after=since)

    def next(self, members: Sequence[Json]) -> Place:
        if len(members) < PAGE:
            return self._next_pass()
        last = str(members[-1]["last_changed"])
        same = sum(str(m["last_changed"]) == last for m in members)
        if last == self.after:
            same += self.offset
        return replace(self, after=last, offset=max(0, same - SAME_SECOND_OVERLAP))

    def _next_pass(self) -> Place:
        if self.status == PASSES[-1]:
            return replace(self, finished=True)
        return replace(self, status=PASSES[1], after=self.since, offset=0)


def pull(settings: AudienceSettings, cursor: dict[str, Any], run: int | None) -> Iterator[Page]:
    place = _place(cursor, run)
    with settings.client() as client:
        while not place.finished:
            page = client.members(
                settings.audience, status=place.status, since=place.after, offset=place.offset
            )
            place = place.next(page.members)
            yield Page(remember(settings, page.members), asdict(place), page.total)


def _place(cursor: dict[str, Any], run: int | None) -> Place:
    """Go on where this run was (its own last cursor means: nothing left), or start a new pull."""
    if cursor and (not cursor["finished"] or (run is not None and cursor["run"] == run)):
        return Place(**cursor)
    return Place.start(cursor, run, sql.value("integrations/mailchimp/moment"))


def shortly_before(began: str) -> str:
    """Mailchimp's times are whole seconds of its own clock."""
    return (dt.datetime.fromisoformat(began) - OVERLAP).isoformat()


def remember(settings: AudienceSettings, members: Sequence[Json]) -> list[Json]:
    """Keep what these members were seen to be; returns them as rows with what they say about permission."""
    rows = buried.kept({row["address"]: row for row in map(_row, members)})
    if not rows:
        return []
    answers = sql.rows(
        "integrations/mailchimp/seen",
        {"connection": settings.connection_id, "rows": orjson.dumps(list(rows.values())).decode()},
    )
    return [_handed_over(rows[answer["address"]], answer["answer"]) for answer in answers]


def _handed_over(row: Json, answer: str) -> Json:
    """What goes on to become a record: nothing that only our own writing changes, or every member we
    touched yesterday would be taken in again today. When a no was noted, but not when we last wrote."""
    kept = {name: row[name] for name in KEPT}
    return kept | {"answer": answer, "changed_at": row["changed_at"] if answer == "no" else None}


def _row(member: Json) -> Json:
    merge = member.get("merge_fields") or {}
    return {
        "address": normalised(str(member["email_address"])),
        "contact_id": str(member.get("contact_id") or member["id"]),
        "status": str(member["status"]),
        "hash": fields_hash(merge),
        "tags": [str(tag["name"]) for tag in member.get("tags") or ()],
        "given_name": str(merge.get("FNAME") or ""),
        "family_name": str(merge.get("LNAME") or ""),
        "language": str(member.get("language") or ""),
        "opted_in_at": member.get("timestamp_opt") or member.get("timestamp_signup") or None,
        "changed_at": member.get("last_changed") or None,
    }


def normalised(address: str) -> str:
    """As Foyer writes addresses, so that members and people meet; a strange one stays as it is."""
    try:
        return normalise.email(address)
    except normalise.Unusable:
        return address.strip().lower()
