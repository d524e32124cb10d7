"""What an audience needs once: Foyer's merge fields, a webhook, and its collection point in the ledger."""

from __future__ import annotations

import datetime as dt

from django.conf import settings as django_settings
from django.urls import reverse
from django.utils.translation import gettext as _

from cdp.lib.tenancy import current_schema
from consent.models import CollectionPoint
from integrations.errors import ConnectorError
from integrations.mailchimp.client import Mailchimp
from integrations.mailchimp.fields import CREATED
from integrations.mailchimp.said import PURPOSES
from integrations.mailchimp.settings import AudienceSettings, point_key
from integrations.models import Connection
from organisations.models import Organisation

EVENTS = ("subscribe", "unsubscribe", "profile", "upemail", "cleaned")


def collection_point(connection: Connection) -> CollectionPoint:
    """A flag that Mailchimp keeps repeating: grade B, and only once somebody verified the audience.

    Its "no" is a refusal: nobody is unsubscribed by leaving a box empty.
    """
    point, _made = CollectionPoint.objects.get_or_create(
        key=point_key(connection),
        defaults={
            "name": _("Mailchimp audience of %(connection)s") % {"connection": connection.name},
            "source": connection.source,
            "kind": CollectionPoint.Kind.SNAPSHOT,
            "purposes": list(PURPOSES),
            "channels": ["email"],
            "no_is_explicit": True,
        },
    )
    return point


def note_last_campaign(client: Mailchimp, settings: AudienceSettings, point: CollectionPoint) -> None:
    """A newsletter that goes out keeps its readers' yes in use; an unused one lapses (CONSENT.md U10)."""
    sent = (client.audience(settings.audience).get("stats") or {}).get("campaign_last_sent")
    if sent:
        at = dt.datetime.fromisoformat(str(sent))
        CollectionPoint.objects.filter(pk=point.pk).exclude(last_written_at__gte=at).update(
            last_written_at=at
        )


def merge_fields(client: Mailchimp, settings: AudienceSettings) -> int:
    """Makes those of Foyer's merge fields that the audience lacks; returns how many."""
    there = {str(field["tag"]).upper() for field in client.merge_fields(settings.audience)}
    missing = [field for field in CREATED if field["tag"] not in there]
    for field in missing:
        client.add_merge_field(settings.audience, dict(field))
    return len(missing)


def webhook(client: Mailchimp, settings: AudienceSettings, connection: Connection) -> bool:
    """Registers our address, so that a no arrives within seconds; the nightly pull finds it too.

    Mailchimp tries the address before it saves it, so an installation that cannot be reached from
    outside has none. Our own writes must not come back: sources.api is off.
    """
    address = webhook_address(connection)
    try:
        if address in _ours(client, settings, connection, address):
            return True
        sources = {"user": True, "admin": True, "api": False}
        given = {"url": address, "events": dict.fromkeys(EVENTS, True), "sources": sources}
        made = client.add_webhook(settings.audience, given)
    except ConnectorError:
        return False
    if made.get("signing_secret"):
        connection.secrets = connection.secrets | {"webhook_signing": str(made["signing_secret"])}
        connection.save(update_fields=["sealed"])
    return True


def _ours(client: Mailchimp, settings: AudienceSettings, connection: Connection, address: str) -> set[str]:
    """Webhooks of this connection at Mailchimp; those with a secret that was renewed since are removed."""
    found = {str(hook["url"]): str(hook["id"]) for hook in client.webhooks(settings.audience)}
    ours = {url for url in found if f"/{connection.public_id}/" in url}
    for url in ours - {address}:
        client.drop_webhook(settings.audience, found[url])
    return ours


def webhook_address(connection: Connection) -> str:
    organisation = Organisation.objects.get(schema_name=current_schema())
    path = reverse("hook", args=[f"{organisation.slug}/{connection.public_id}/{connection.webhook_secret}/"])
    return django_settings.FOYER_BASE_URL.rstrip("/") + path
