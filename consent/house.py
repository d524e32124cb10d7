"""What this organisation says of itself as controller (GDPR Art. 13(1)(a)-(b), 30(1)(a)).

For public pages, mails and the record of processing.
"""

from __future__ import annotations

from django.db import transaction

from consent.models import PrivacySettings
from organisations.audit.verbs import record
from organisations.models import User


def settings() -> PrivacySettings:
    """The current organisation's; empty, and not stored, until somebody has filled it in."""
    return PrivacySettings.objects.filter(pk=1).first() or PrivacySettings(pk=1)


def change(*, actor: User, **given: object) -> list[str]:
    """Writes the fields given; answers the names of those that changed."""
    with transaction.atomic():
        found = PrivacySettings.objects.select_for_update().filter(pk=1).first() or PrivacySettings(pk=1)
        changed = sorted(name for name, value in given.items() if getattr(found, name) != value)
        for name in changed:
            setattr(found, name, given[name])
        if changed:
            found.save()
            record(
                actor=actor,
                verb="privacy_settings.changed",
                target="privacy settings",
                summary={"changed": changed},
            )
    return changed
