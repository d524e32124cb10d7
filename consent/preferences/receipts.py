"""What somebody said yes to, to keep: Kantara Consent Receipt 1.1, one for each act.

Shows what was said for one address alone. A yes that was taken back since keeps its receipt, which then
says so (`state` and `withdrawnAt` are ours; the specification lets readers ignore them).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from consent import house
from consent.facts import ANY, NEGATIVE
from consent.models import ConsentEvent
from consent.preferences import words
from organisations.models import Organisation
from profiles.models import Identifier

VERSION = "KI-CR-v1.1.0"
KEPT_YES = ("GRANT", "CARRIED")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One act: everything that was ticked at once, in the same words."""

    events: list[ConsentEvent]
    withdrawn_at: datetime | None

    @property
    def first(self) -> ConsentEvent:
        return self.events[0]

    @property
    def at(self) -> datetime:
        return self.first.occurred_at or self.first.recorded_at

    @property
    def purposes(self) -> list[str]:
        return [f"{words.purpose(each.purpose)} {words.channel(each.channel)}" for each in self.events]

    @property
    def body(self) -> str:
        if self.first.text:
            return self.first.text.body
        return self.first.point.wording if self.first.point else ""


def receipts(identifier: Identifier) -> list[Receipt]:
    """The newest first, without bare claims and what the house took back as a mistake."""
    said = list(
        ConsentEvent.objects.filter(identifier=identifier, target=None)
        .exclude(
            pk__in=ConsentEvent.objects.filter(identifier=identifier).exclude(target=None).values("target")
        )
        .exclude(type__in=KEPT_YES, proof="C")
        .select_related("point", "text")
        .order_by("-position")
    )
    nos = [event for event in said if event.type in {kind.value for kind in NEGATIVE}]
    yeses = [event for event in said if event.type in KEPT_YES]
    yeses.sort(key=lambda event: (event.source_system, event.source_event_id, event.position))
    acts = [
        list(act) for _key, act in groupby(yeses, lambda each: (each.source_system, each.source_event_id))
    ]
    found = [Receipt(act, _ended(act, nos)) for act in acts]
    return sorted(found, key=lambda receipt: receipt.at, reverse=True)


def _ended(act: list[ConsentEvent], nos: list[ConsentEvent]) -> datetime | None:
    """When the last of an act's permissions was taken back; None while one of them stands."""
    ends = [min(_later_nos(event, nos), default=None) for event in act]
    known = [end for end in ends if end is not None]
    return max(known) if len(known) == len(act) else None


def _later_nos(event: ConsentEvent, nos: list[ConsentEvent]) -> Iterator[datetime]:
    for no in nos:
        covers = no.purpose in (event.purpose, ANY) and no.channel in (event.channel, ANY)
        if covers and no.position > event.position:
            yield no.recorded_at


def as_json(identifier: Identifier, organisation: Organisation) -> list[dict[str, Any]]:
    return [_kantara(receipt, identifier, organisation) for receipt in receipts(identifier)]


def _kantara(receipt: Receipt, identifier: Identifier, organisation: Organisation) -> dict[str, Any]:
    settings, first = house.settings(), receipt.first
    return {
        "version": VERSION,
        "jurisdiction": organisation.country,
        "consentTimestamp": int(receipt.at.timestamp()),
        "collectionMethod": first.point.name if first.point else first.source_system,
        "consentReceiptID": str(first.uid),
        "language": first.text.locale if first.text else organisation.language,
        "piiPrincipalId": identifier.value,
        "piiControllers": [
            {
                "piiController": settings.legal_name or organisation.name,
                "onBehalf": False,
                "contact": settings.officer or settings.legal_name or organisation.name,
                "address": {"streetAddress": settings.address, "addressCountry": organisation.country},
                "email": settings.contact_email,
                "phone": settings.contact_phone,
            }
        ],
        "policyUrl": settings.privacy_url,
        "services": [{"service": organisation.name, "purposes": [_purpose(each) for each in receipt.events]}],
        "sensitive": False,
        "spiCat": [],
        "words": receipt.body,
        "state": "withdrawn" if receipt.withdrawn_at else "given",
        "withdrawnAt": receipt.withdrawn_at.isoformat() if receipt.withdrawn_at else None,
    }


def _purpose(event: ConsentEvent) -> dict[str, Any]:
    names = event.text.controllers if event.text else []
    return {
        "purpose": f"{words.purpose(event.purpose)} {words.channel(event.channel)}",
        "purposeCategory": [event.purpose],
        "consentType": "EXPLICIT",
        "piiCategory": ["contact"],
        "primaryPurpose": False,
        "termination": "https://w3id.org/dpv#UntilConsentWithdrawn",
        "thirdPartyDisclosure": bool(names),
        "thirdPartyName": ", ".join(names),
    }
