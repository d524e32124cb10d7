"""Balancing tests: why a use rests on legitimate interest (GDPR Art. 6(1)(f), CONSENT.md 2.14).

A test counts from its approval to its review date, twelve months on, unless it is retired
before. Where the house has another person who may, somebody else than the author approves it.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cdp.lib import clock
from consent.history import months_after
from consent.models import BalancingTest
from organisations.audit.verbs import record
from organisations.models import Membership, User
from organisations.roles import CAPABILITIES, Can

REVIEW_MONTHS = 12
BY_INTEREST = ("phone", "post")
"""The channels that a balancing test can open (R26, R27)."""


class NotAllowed(ValueError):
    """What may not be done with a test; the message says why."""


def standing(on: date) -> QuerySet[BalancingTest]:
    """Approved, not retired, and not past their review on that day."""
    approved = BalancingTest.objects.filter(approved_at__isnull=False, retired_at=None)
    return approved.filter(Q(review_on=None) | Q(review_on__gt=on))


def approved(on: date) -> dict[tuple[str, str], datetime]:
    """For each (purpose, channel) that a standing test covers: when the newest was approved.

    A test without a channel covers calls and letters alike. For `Message.lia`.
    """
    found: dict[tuple[str, str], datetime] = {}
    for test in standing(on).order_by("approved_at"):
        assert test.approved_at is not None
        for channel in (test.channel,) if test.channel else BY_INTEREST:
            found[test.purpose_id, channel] = test.approved_at
    return found


def write(*, actor: User, **words: object) -> BalancingTest:
    """A new test; it opens nothing until it is approved."""
    with transaction.atomic():
        test = BalancingTest.objects.create(author=actor.email, **words)
        _noted(actor, "balancing_test.written", test)
    return test


def approve(test: BalancingTest, *, actor: User) -> BalancingTest:
    """Raises `NotAllowed` for the author where somebody else could, and for what is over."""
    with transaction.atomic():
        found = BalancingTest.objects.select_for_update().get(pk=test.pk)
        if found.retired_at or found.approved_at:
            raise NotAllowed(_("This test has been approved or retired already."))
        if found.author == actor.email and somebody_else_may(actor):
            raise NotAllowed(_("Somebody else than the author has to approve it."))
        found.approved_by, found.approved_at = actor.email, clock.now()
        found.review_on = months_after(timezone.localtime(found.approved_at), REVIEW_MONTHS).date()
        found.save()
        _noted(actor, "balancing_test.approved", found)
    return found


def retire(test: BalancingTest, *, actor: User) -> BalancingTest:
    """From now on it opens nothing; it stays on record."""
    with transaction.atomic():
        found = BalancingTest.objects.select_for_update().get(pk=test.pk)
        if found.retired_at is None:
            found.retired_at = clock.now()
            found.save()
            _noted(actor, "balancing_test.retired", found)
    return found


def somebody_else_may(actor: User) -> bool:
    """Whether another member could approve what this one wrote."""
    roles = [role.value for role, can in CAPABILITIES.items() if Can.MANAGE_PERMISSIONS in can]
    here = Membership.objects.filter(
        organisation_id=connection.tenant.pk,  # type: ignore[attr-defined]
        role__in=roles,
        user__is_active=True,
    )
    return here.exclude(user=actor).exists()


def _noted(actor: User, verb: str, test: BalancingTest) -> None:
    summary = {"purpose": test.purpose_id, "channel": test.channel}
    record(actor=actor, verb=verb, target=f"balancing test {test.pk}", summary=summary)
