"""When people are matched: every night in every organisation, and when somebody asks for it.

The matcher itself is imported when it is used: its libraries are not for every process.
"""

from __future__ import annotations

import logging

from django_tenants.utils import tenant_context

from organisations.models import Organisation

log = logging.getLogger(__name__)


def wake_everybody() -> int:
    """Asks a worker to match every organisation's people; answers how many organisations there are."""
    from profiles.tasks import match_people

    organisations = list(Organisation.objects.order_by("pk"))
    for organisation in organisations:
        with tenant_context(organisation):
            match_people.delay()
    return len(organisations)


def match_people(actor: str = "") -> bool:
    """Matches the current organisation's people; False where somebody is at it already."""
    from profiles.identity import nightly

    try:
        nightly.match_people(actor=actor)
    except nightly.Busy:
        log.info("People are being matched already.")
        return False
    return True


def freshen(intake_id: int) -> int:
    """Brings what is compared up to date with a delivery. Returns how many records."""
    from profiles.identity import features

    return features.freshen(intake_id=intake_id)
