"""What people told Mailchimp, written into the ledger: the no at once, a yes only by way of the pull."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection

from consent import ledger
from consent.facts import EventType
from consent.models import CollectionPoint, ConsentEvent
from consent.models.answer import ContactStatusKind
from integrations.mailchimp.settings import AudienceSettings
from profiles.models import Identifier

SYSTEM = "mailchimp"
PURPOSES = ("marketing.newsletter",)


def no(
    settings: AudienceSettings,
    identifier: Identifier,
    *,
    what: EventType,
    occurred_at: dt.datetime | None,
    event: str,
    campaign: str = "",
) -> None:
    """WITHDRAW or COMPLAINT for everything this audience is for. The same `event` again writes nothing."""
    for purpose in purposes(settings):
        ledger.record(
            ledger.Entry(
                identifier_id=identifier.pk,
                type=what,
                purpose=purpose,
                channel="email",
                occurred_at=occurred_at,
                source_system=SYSTEM,
                source_event_id=event,
                campaign_ref=campaign,
                actor="person",
            )
        )


def carried(identifier_id: int, no: ConsentEvent) -> None:
    """The same no for the address that has replaced the one it was said for."""
    ledger.record(
        ledger.Entry(
            identifier_id=identifier_id,
            type=EventType(no.type),
            purpose=no.purpose,
            channel=no.channel,
            occurred_at=no.occurred_at,
            source_system=SYSTEM,
            source_event_id=f"carried:{no.pk}",
            carried_from_id=no.pk,
            actor="system",
        )
    )


def bounced(identifier_ids: Collection[int]) -> None:
    """The address no longer reaches anybody. Not a no (CONSENT.md C125)."""
    if identifier_ids:
        bad = ContactStatusKind.BOUNCED
        ledger.mark_status(identifier_ids, bad, source_system=SYSTEM)


def purposes(settings: AudienceSettings) -> list[str]:
    point = CollectionPoint.objects.filter(key=settings.point).first()
    return list(point.purposes) if point and point.purposes else list(PURPOSES)


def event_id(settings: AudienceSettings, kind: str, fired_at: str, address: str) -> str:
    """Mailchimp's webhooks carry no id of their own. The address is in it as a hash only."""
    digest = hashlib.sha256(address.encode()).hexdigest()[:16]
    return f"{kind}:{settings.audience}:{fired_at}:{digest}"


def known(address: str) -> Identifier | None:
    return Identifier.objects.filter(kind_id="email", namespace="", value=address).first()
