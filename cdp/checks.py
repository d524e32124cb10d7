"""System checks on the installation's settings."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

MAKE_ONE = "Make one with: openssl rand -base64 48"


@register(Tags.security)
def keys_are_given(**_: Any) -> list[CheckMessage]:
    """cdp.E001: on a database of its own choosing an installation must name its own keys."""
    return [
        Error(f"{name} is not set.", hint=MAKE_ONE, id="cdp.E001") for name in settings.FOYER_KEYS_MISSING
    ]


@register(Tags.security)
def keys_differ(**_: Any) -> list[CheckMessage]:
    """cdp.E002: one leaked key must not open what the others guard."""
    keys = [settings.SECRET_KEY, settings.FOYER_HASH_KEY, *settings.FOYER_ENCRYPTION_KEYS]
    given = [key for key in keys if key and key != "missing"]
    if len(set(given)) == len(given):
        return []
    return [Error("FOYER_SECRET_KEY, FOYER_ENCRYPTION_KEY and FOYER_HASH_KEY must differ.", id="cdp.E002")]


@register(Tags.security)
def debug_is_off(**_: Any) -> list[CheckMessage]:
    """cdp.E003: Django's debug page shows settings and personal data to anyone who causes an error."""
    if not settings.DEBUG or settings.EMBEDDED:
        return []
    return [Error("FOYER_DEBUG must be off when DATABASE_URL is set.", id="cdp.E003")]


@register(Tags.security)
def mail_is_sent(**_: Any) -> list[CheckMessage]:
    """cdp.W001: alarms and invitations go to files until a mail server is named."""
    if settings.EMBEDDED or settings.EMAIL_URL or settings.ANYMAIL_ESP:
        return []
    hint = "Set FOYER_EMAIL_URL or FOYER_ANYMAIL_ESP."
    return [
        checks.Warning(
            "No mail server: invitations and alarms are written to files.", hint=hint, id="cdp.W001"
        )
    ]
