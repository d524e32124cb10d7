"""The third kind of marker: who was seen behind one network address, at different times.

Never a key (IDENTITY.md section 2). An address is kept as a keyed hash of the
organisation's and for 30 days at most; that two visitors were behind the same one is shown as
weak evidence, and only a log-in settles it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Address, ip_network

from django.db import transaction
from django_tenants.utils import tenant_context

from cdp.lib import sql
from cdp.lib.crypto import keyed_hash
from cdp.lib.tenancy import current_schema
from organisations.models import Organisation
from profiles.models import Profile
from profiles.network_addresses import Address, read

log = logging.getLogger(__name__)

DAYS = 29
"""How long an address is kept: a day less than the 30 of the rule, for what is due is deleted at night."""
MOST_RECORDS = 20
"""More records than this behind one address: a café or an office, and no evidence."""
TOGETHER_MINUTES = 30
"""Seen within so many minutes of each other they were there at the same time: two people, not one."""
SHOWN = 5

_LOCAL = [IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")]
_LOCAL6 = ip_network("fc00::/7")


@dataclass(frozen=True, slots=True)
class Maybe:
    """Somebody who may be the same visitor. `here` and `there` are when each was last seen behind the
    address they have in common (UTC)."""

    profile: Profile
    here: datetime
    there: datetime


def digest(text: str) -> bytes | None:
    """The keyed hash of an address as written; None where it is none or means nothing outside a house.

    Of IPv6 only the first 64 bits count: the rest changes every day on one line.
    """
    found = read(text) if text else None
    if found is None or _is_local(found):
        return None
    if isinstance(found, IPv6Address):
        found = IPv6Address(int(found) >> 64 << 64)
    return keyed_hash(current_schema(), f"network\x1f{found}")


def _is_local(found: Address) -> bool:
    if found.is_loopback or found.is_link_local or found.is_multicast or found.is_unspecified:
        return True
    return found in _LOCAL6 if isinstance(found, IPv6Address) else any(found in each for each in _LOCAL)


def weak_evidence(profile: Profile) -> list[Maybe]:
    """Known people for a visitor, visitors for a known person, who were seen last first."""
    rows = sql.rows(
        "profiles/networks_alike",
        {
            "profile": profile.pk,
            "is_visitor": profile.is_visitor,
            "days": DAYS,
            "most": MOST_RECORDS,
            "minutes": TOGETHER_MINUTES,
            "shown": SHOWN,
        },
    )
    people = Profile.objects.in_bulk([row["profile_id"] for row in rows])
    return [Maybe(people[row["profile_id"]], row["here"], row["there"]) for row in rows]


def forget_old() -> int:
    """Deletes what is due, and the memory of earlier days in what is not. Returns how many are gone."""
    with transaction.atomic():
        gone = sql.count("profiles/networks_forget", {"days": DAYS})
        sql.run("profiles/networks_clip", {"days": DAYS}).close()
    return gone


def forget_everywhere() -> None:
    """Every night. One organisation's trouble is not the others'."""
    for organisation in Organisation.objects.order_by("pk"):
        try:
            with tenant_context(organisation):
                forget_old()
        except Exception as error:
            log.error("Old network sightings stay in %s: %s", organisation.slug, type(error).__name__)
