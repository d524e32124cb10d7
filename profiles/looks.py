"""Every look at people, written down with its purpose, and told to the privacy lead where it is odd.

The one way in for pages of the console (CONSENT.md 3.6). A look costs one insert and one
select; at odd hours one or two more.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import cast

from django.db import connection
from django.db.models import F, IntegerField, Sum
from django.db.models.expressions import Func
from django.utils.translation import gettext_lazy as _

from cdp.lib import clock, sql
from organisations.access import Request
from organisations.audit import labels
from organisations.audit import verbs as audit
from organisations.audit.models import AccessAlert, AccessEntry
from organisations.models import Organisation, User
from profiles import purposes

Kind = AccessAlert.Kind

BULK = 50
"""More people than this at once, or at an odd hour within an hour, are many (CONSENT.md 3.6)."""
OPENED = 2
"""A screen with so few people shows them; one with more only lists them."""
NIGHT = (22, 6)
"""Odd hours begin and end, on the organisation's own clock."""
ONE_HOUR = timedelta(hours=1)


class ReasonNeeded(ValueError):
    """Many people at once, or an export, without saying why."""


def looked(
    request: Request,
    profile_ids: Iterable[int],
    screen: str,
    *,
    size: int | None = None,
    fields: str = "",
    purpose: purposes.Purpose | None = None,
    opened: Sequence[int] | None = None,
) -> AccessEntry | None:
    """Who saw whom, when and what for. Not written when nobody was shown.

    `size` is that of the whole answer. `purpose` is only given by a screen that has one of
    its own. `opened` are those who were shown in full (by default everybody on a screen with
    one or two). Raises `PurposeNeeded` before anything is shown.
    """
    shown = list(profile_ids)
    meant = purposes.fixed(request, purpose) if purpose else purposes.of(request, screen=screen, about=shown)
    if not shown:
        return None
    entry = audit.looked(
        user=request.user,
        profile_ids=shown,
        screen=screen,
        fields=fields,
        purpose=meant.value,
        request_id=uuid.uuid4().hex,
        result_size=size,
    )
    if opened is None:
        opened = shown if len(shown) <= OPENED else []
    _alert(entry, {*_met(request, entry.profile_ids, opened), *_at_night(entry, len(shown))})
    return entry


def bulk(*, user: User, screen: str, reason: str, size: int, profile_ids: Sequence[int] = ()) -> AccessEntry:
    """An export, or more people than a page: written down with its reason, before the first row."""
    if not reason.strip():
        raise ReasonNeeded(screen)
    entry = audit.looked(
        user=user,
        profile_ids=profile_ids,
        screen=screen,
        purpose=reason,
        request_id=uuid.uuid4().hex,
        result_size=size,
    )
    _alert(entry, _at_night(entry, size))
    return entry


def attempted(request: Request, screen: str, profile_ids: Sequence[int]) -> AccessEntry:
    """Somebody wanted to look and had not said what for: nothing was shown (CONSENT.md C161)."""
    return audit.looked(
        user=request.user,
        profile_ids=profile_ids,
        screen=screen,
        request_id=uuid.uuid4().hex,
        result_size=0,
    )


def _met(request: Request, shown: Sequence[int], opened: Sequence[int]) -> set[str]:
    """Whether among those shown are the looker, a colleague, or somebody guarded."""
    params = {
        "user_id": request.user.pk,
        "organisation_id": request.organisation.pk,
        "opened": list(opened),
        "shown": list(shown),
    }
    found = sql.rows("profiles/looks_met", params)[0]
    return {kind for kind in (Kind.OWN, Kind.COLLEAGUE, Kind.GUARDED) if found[kind]}


def _at_night(entry: AccessEntry, size: int) -> set[str]:
    """Many people at an odd hour: in one answer, or page after page. Told once an hour."""
    now = clock.now()
    if not is_odd(now):
        return set()
    lately = AccessEntry.objects.filter(user_id=entry.user_id, at__gte=now - ONE_HOUR)
    each = Func(F("profile_ids"), function="cardinality", output_field=IntegerField())
    seen = lately.exclude(pk=entry.pk).aggregate(people=Sum(each))["people"] or 0
    if seen + size <= BULK:
        return set()
    told = AccessAlert.objects.filter(kind=Kind.BULK, user_id=entry.user_id, at__gte=now - ONE_HOUR)
    return set() if told.exists() else {Kind.BULK}


def is_odd(moment: datetime) -> bool:
    """At night, on the organisation's own clock: houses like these work in the evening and on Sundays."""
    here = cast(Organisation, connection.tenant)  # type: ignore[attr-defined]
    hour = moment.astimezone(here.zone).hour
    return hour >= NIGHT[0] or hour < NIGHT[1]


def _alert(entry: AccessEntry, kinds: set[str]) -> None:
    at = clock.now()
    AccessAlert.objects.bulk_create(
        AccessAlert(
            entry_id=entry.pk,
            kind=kind,
            user_id=entry.user_id,
            user_label=entry.user_label,
            at=at,
            result_size=entry.result_size,
        )
        for kind in sorted(kinds)
    )


def seen(alert: AccessAlert, *, actor: User, note: str) -> bool:
    """The privacy lead has looked into it. False where somebody else was first."""
    done = AccessAlert.objects.filter(pk=alert.pk, seen_at=None).update(
        seen_by=str(actor)[:254], seen_at=clock.now(), note=note[:240]
    )
    if done:
        audit.record(actor=actor, verb="access_alert.seen", target=f"alert {alert.pk}")
    return bool(done)


def open_alerts() -> int:
    return AccessAlert.objects.filter(seen_at=None).count()


VERBS = {
    "access_alert.seen": _("Alert about a look seen"),
    "look_purpose.set": _("Purpose of looks set for a role"),
    "person.guarded": _("Person guarded"),
    "person.unguarded": _("Person no longer guarded"),
}


def register() -> None:
    labels.register(VERBS)
    labels.register_purposes(dict(purposes.Purpose.choices))
