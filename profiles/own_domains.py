"""The organisation's own mail domains: what stands in for a customer's at the box office, and is nobody's.

They are found by the members' e-mail addresses: a domain that is no public mail provider's is
the house's own. Each becomes a blocked value that can be read, and switched off, like any other.
"""

from __future__ import annotations

import re

from django.db import connection

from organisations.models import Membership
from profiles.models import IdentifierBlock

PROVIDERS = frozenset(
    """
    aol fastmail freenet gmail gmx googlemail hey hotmail hushmail icloud inbox live mac mail me msn
    outlook pm posteo proton protonmail t-online tuta tutanota web yahoo yandex ymail zoho

    altibox broadpark combitel epost frisurf getmail hafslund haugnett loqal lyse neasonline online
    start tele2 telenor

    bbsyd city dbmail dlgmail fibermail get2net ishoejby jubii ofir privat profibermail sol stofanet
    tdcadsl tiscali webspeed youmail youseepost

    bahnhof bredband bredband2 comhem glocalnet home passagen spray swipnet telia

    caiway casema chello delta hetnet kpnmail kpnplanet planet quicknet solcon telfort upcmail versatel
    xs4all ziggo zeelandnet zonnet

    elisanet kolumbus luukku saunalahti suomi24
    """.split()
)
"""The first label of the domains under which the public has its mail, at home and abroad."""


def note() -> list[str]:
    """Blocks the house's own domains that are not on the list yet; answers which those are.

    One that somebody switched off stays off. Asked before every delivery and every night;
    nearly always there is nothing to do.
    """
    own = IdentifierBlock.objects.filter(origin=IdentifierBlock.Origin.OWN)
    known = set(own.values_list("pattern", flat=True))
    fresh = sorted(domain for domain in domains() if pattern(domain) not in known)
    IdentifierBlock.objects.bulk_create(
        [
            IdentifierBlock(
                kind_id="email",
                pattern=pattern(domain),
                reason="the organisation's own address",
                origin=IdentifierBlock.Origin.OWN,
            )
            for domain in fresh
        ]
    )
    return fresh


def domains() -> set[str]:
    """The domains of this organisation's members that are no public mail provider's."""
    addresses = Membership.objects.filter(organisation=connection.tenant)  # type: ignore[attr-defined]
    found = {email.rpartition("@")[2].lower() for email in addresses.values_list("user__email", flat=True)}
    return {domain for domain in found if "." in domain and domain.split(".", 1)[0] not in PROVIDERS}


def pattern(domain: str) -> str:
    """What is blocked: every mailbox of exactly this domain."""
    return f".*@{re.escape(domain)}"
