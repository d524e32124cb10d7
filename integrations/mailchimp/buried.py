"""Members whose address belongs to somebody who was erased: nothing of them is kept again.

Between an erasure here and Mailchimp's own deletion a pull may still show them. Whoever signs up
anew at Mailchimp after the erasure is somebody new and comes in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.dateparse import parse_datetime

from integrations.mailchimp.client import Json
from profiles.erasure import digest
from profiles.models import Tombstone


def kept(rows: dict[str, Json]) -> dict[str, Json]:
    """Rows of a page by address, without those of the erased."""
    erased = erased_at(rows)
    return {
        address: row
        for address, row in rows.items()
        if address not in erased or _signed_up_after(row, erased[address])
    }


def erased_at(addresses: Iterable[str]) -> dict[str, dt.datetime]:
    """When somebody with the address was erased, of those addresses where somebody was."""
    if not Tombstone.objects.exists():
        return {}
    digests = {address: digest(("email", "", address)) for address in addresses}
    stones = Tombstone.objects.filter(digest__in=digests.values()).values_list("digest", "erased_at")
    when = {bytes(key): at for key, at in stones}
    return {address: when[key] for address, key in digests.items() if key in when}


def _signed_up_after(row: Json, erased: dt.datetime) -> bool:
    at = parse_datetime(str(row["opted_in_at"] or ""))
    if at is None:
        return False
    return (at if at.tzinfo else at.replace(tzinfo=dt.UTC)) > erased
