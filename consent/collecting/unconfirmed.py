"""Addresses that nobody confirmed go after 30 days, and whoever they alone brought in (CONSENT.md 2.13)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from cdp.lib import clock, sql
from consent.models import Confirmation, ConsentEvidence
from consent.rights import erasing_ledger
from organisations import personal_data
from organisations.personal_data import Subject
from profiles.erasure import verbs as people
from profiles.identity import acting

DELETED_AFTER = timedelta(days=30)
MOST_A_NIGHT = 500


def forget(now: datetime | None = None) -> int:
    """Removes requests that nobody answered; answers how many people were removed with them.

    Whoever is known otherwise, or has said anything else, stays; only the request goes. No
    tombstone is laid: they may come again. Each in a transaction of its own.
    """
    before = (now or clock.now()) - DELETED_AFTER
    waiting = Confirmation.objects.filter(confirmed_at=None, asked_at__lte=before).order_by("asked_at")
    listed = list(waiting.values_list("identifier_id", flat=True).distinct()[:MOST_A_NIGHT])
    return sum(_forget(identifier_id, before) for identifier_id in dict.fromkeys(listed))


def _forget(identifier_id: int, before: datetime) -> bool:
    with transaction.atomic(), acting.turn():
        subject = _brought_in_alone(identifier_id, before)
        if subject is None:
            _forget_request(identifier_id, before)
            return False
        left = people.neighbours(subject)
        with erasing_ledger.on_behalf_of(uuid.uuid4()):
            for store in personal_data.stores():
                if store.erase:
                    store.erase(subject)
        people.settle(left)
    return True


def _brought_in_alone(identifier_id: int, before: datetime) -> Subject | None:
    """Everybody behind the address, where forms alone know them and no request of theirs is younger."""
    found = sql.one("consent/unconfirmed", {"identifier_id": identifier_id, "before": before})
    if found is None:
        return None
    params = {"profile_id": found["profile_id"], "record_ids": [], "proven_id": None}
    who = sql.one("consent/subject", params)
    if who is None or not who["records"]:
        return None
    names = ("profiles", "records", "identifiers", "shared")
    return Subject(**{name: tuple(who[name]) for name in names})


def _forget_request(identifier_id: int, before: datetime) -> None:
    old = Confirmation.objects.filter(identifier=identifier_id, confirmed_at=None, asked_at__lte=before)
    ConsentEvidence.objects.filter(
        event__identifier=identifier_id, event__type="DOI_REQUESTED", event__recorded_at__lte=before
    ).delete()
    old.delete()
