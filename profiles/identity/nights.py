"""When people are matched: every night in every organisation, and when somebody asks for it.

The matcher itself is imported when it is used: its libraries are not for every process.
"""

from __future__ import annotations

import logging

from django_tenants.utils import tenant_context

from organisations.models import Organisation, User

log = logging.getLogger(__name__)


def wake_everybody() -> int:
    """Asks a worker to match every organisation's people; answers how many organisations there are."""
    from profiles.tasks import match_people

    organisations = list(Organisation.objects.order_by("pk"))
    for organisation in organisations:
        with tenant_context(organisation):
            match_people.delay()
    return len(organisations)


def match_people(user_id: int | None = None) -> bool:
    """Matches the current organisation's people; False where somebody is at it already.

    `user_id` is who asked for it: messages to workers hold ids alone.
    """
    from profiles.identity import nightly

    user = User.objects.filter(pk=user_id).first() if user_id else None
    try:
        nightly.match_people(actor=user.email if user else "")
    except nightly.Busy:
        log.info("People are being matched already.")
        return False
    return True


def freshen(intake_id: int) -> int:
    """Brings what is compared up to date with a delivery. Returns how many records."""
    from profiles.identity import features

    return features.freshen(intake_id=intake_id)
