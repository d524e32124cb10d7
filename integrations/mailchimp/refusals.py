"""A contact that Mailchimp refuses for a reason of the person's own (CONSENT.md 2.11)."""

from __future__ import annotations

from consent.facts import EventType
from integrations.mailchimp import pulling, said
from integrations.mailchimp.client import Mailchimp
from integrations.mailchimp.settings import AudienceSettings
from profiles.models import Identifier


def person_said_no(settings: AudienceSettings, client: Mailchimp, identifier_id: int, address: str) -> None:
    """Mailchimp knows of a no that we missed: look the member up, and write the no.

    A bounced member is not a no; whether it was one or the other, the member's status tells.
    """
    member = client.member(settings.audience, address)
    if member is not None:
        pulling.remember(settings, [member])
    if member is not None and member["status"] == "cleaned":
        return
    said.no(
        settings,
        Identifier.objects.get(pk=identifier_id),
        what=EventType.WITHDRAW,
        occurred_at=None,
        event=said.event_id(settings, "compliance", str((member or {}).get("last_changed", "")), address),
    )
