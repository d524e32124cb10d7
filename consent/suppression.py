"""Addresses of people who were erased: a file's yes is no yes there (CONSENT.md 2.10, C131, C140)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from profiles.erasure import digest, tombstones
from profiles.models import Identifier, SourceRecord, Tombstone
from profiles.rows import ResolvedClaim

Told = tuple[int | None, int]
"""A contact point as one record shows it."""


def erased(claims: Sequence[ResolvedClaim]) -> dict[Told, datetime]:
    """Of the contact points that say yes here those of somebody who was erased, and when.

    By canonical form; a shared one only with the name of whoever was erased.
    """
    yes = [claim for claim in claims if claim.answer == "yes"]
    if not yes or not Tombstone.objects.exists():
        return {}
    told = {(pk, claim.record_id) for claim in yes for pk in (claim.email_id, claim.phone_id) if pk}
    shown = Identifier.objects.filter(pk__in={pk for pk, _record in told})
    values = {pk: (kind, space, value) for pk, kind, space, value in shown.values_list("pk", *_VALUE)}
    records = SourceRecord.objects.filter(pk__in={record for _pk, record in told})
    names = dict(records.values_list("pk", "name_key"))
    digests = {
        (pk, record): (digest(values[pk]), digest(values[pk], names.get(record, ""))) for pk, record in told
    }
    stones = tombstones.found(key for both in digests.values() for key in both)
    found: dict[Told, datetime] = {}
    for each, both in digests.items():
        if times := [stones[key] for key in both if key in stones]:
            found[each] = max(times)
    return found


_VALUE = ("kind_id", "namespace", "value")
