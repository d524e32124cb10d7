"""How many can be reached, by basket, channel and reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cdp.lib import clock
from consent import answers
from segments import baskets
from tests.consent.world import bought, claim, morning, person, point

pytestmark = pytest.mark.usefixtures("in_aurora")

NOW = clock.now()
DAYS = timedelta(days=1)


def test_baskets_and_reach_are_counted_per_channel() -> None:
    news = point(channels=["email", "sms"])
    anna, ben = person("anna@example.org", "+4790000001"), person("ben@example.org")
    bought(ben, starts_at=NOW + 3 * DAYS)
    morning(claim(anna, "yes", news))
    answers.refresh()

    counts = baskets.counts()
    by_mail, by_sms = baskets.reach()

    assert (
        counts.of("marketing"),
        counts.of("service"),
        counts.of("none"),
        counts.of("marketing", "sms"),
    ) == (
        1,
        1,
        0,
        1,
    )
    assert (by_mail.contacts, by_mail.newsletter, by_mail.service) == (2, 1, 1)
    assert (by_sms.channel, by_sms.newsletter) == ("sms", 1)
    assert [(found.reason, found.may, found.contacts) for found in baskets.reasons()] == [
        ("CONSENT", True, 1),
        ("NO_BASIS", False, 1),
    ]


def test_nobody_decided_yet_is_nobody_to_reach() -> None:
    assert baskets.counts().of("marketing") == 0
    assert baskets.reach() == []
    assert baskets.reasons() == []
