"""The first mornings: who is added as what, and that nobody is demoted."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from consent.facts import EventType
from consent.models import CollectionPoint, ContactAnswer
from integrations.connectors import connector_for
from integrations.errors import ConfigurationError
from integrations.mailchimp.models import Plan
from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience
from integrations.models import Connection
from profiles.models import Profile
from tests.fakes.mailchimp import fields, status, statuses, tags
from tests.mailchimp.conftest import NEXT_MONTH, NOW, morning, person, says, sell, verify

LONG_AGO = "2021-05-01T10:00:00+00:00"


def test_a_buyer_is_added_without_a_subscription(newsletter: Connection, audience: Audience) -> None:
    sell(person("kari@example.no"))
    morning(newsletter)
    assert statuses(audience) == {"kari@example.no": "transactional"}
    assert tags(audience, "kari@example.no") == {f"Show: Hamlet {NEXT_MONTH.year}"}
    assert fields(audience, "kari@example.no")["FNAME"] == "Kari"
    assert fields(audience, "kari@example.no")["BASKET"] == "service"


def test_a_valid_yes_subscribes(newsletter: Connection, audience: Audience) -> None:
    sell(person("kari@example.no"))
    says("kari@example.no", EventType.GRANT)
    morning(newsletter)
    assert status(audience, "kari@example.no") == "subscribed"
    assert fields(audience, "kari@example.no")["BASKET"] == "marketing"


def test_a_yes_that_comes_later_raises(newsletter: Connection, audience: Audience) -> None:
    sell(person("kari@example.no"))
    morning(newsletter)
    says("kari@example.no", EventType.GRANT)
    run = morning(newsletter)
    assert status(audience, "kari@example.no") == "subscribed"
    assert run.plan.counts["actions"] == {"raise": 1}


def test_a_no_goes_out_as_unsubscribed(newsletter: Connection, audience: Audience) -> None:
    sell(person("kari@example.no"))
    says("kari@example.no", EventType.GRANT, ago=dt.timedelta(hours=1))
    morning(newsletter)
    says("kari@example.no", EventType.WITHDRAW)
    morning(newsletter)
    assert status(audience, "kari@example.no") == "unsubscribed"


def test_a_buyer_who_said_no_is_added_as_unsubscribed(newsletter: Connection, audience: Audience) -> None:
    sell(person("kari@example.no"))
    says("kari@example.no", EventType.WITHDRAW)
    morning(newsletter)
    assert status(audience, "kari@example.no") == "unsubscribed"


def test_day_one_demotes_nobody(newsletter: Connection, audience: Audience, standin: Standin) -> None:
    members = {"a@example.no": "subscribed", "b@example.no": "transactional", "c@example.no": "unsubscribed"}
    members |= {"d@example.no": "cleaned", "e@example.no": "pending", "f@example.no": "archived"}
    for address, there in members.items():
        standin.do("set", address, status=there, timestamp_opt=LONG_AGO, last_changed=LONG_AGO)
    sell(*(person(address) for address in members))
    morning(newsletter)
    assert statuses(audience) == members


def test_day_one_tells_customers_from_others(newsletter: Connection, standin: Standin) -> None:
    for address in ("buyer@example.no", "reader@example.no"):
        standin.do("set", address, status="subscribed", timestamp_opt=LONG_AGO)
    verify(newsletter)
    sell(person("buyer@example.no"), person("new@example.no"))
    morning(newsletter)
    compared = Plan.objects.get().counts["compared"]
    assert compared == {
        "subscribed_customers": 1,
        "subscribed_others": 1,
        "customers_there": 0,
        "customers_missing": 1,
    }
    assert Plan.objects.get().counts["baskets"] == {"marketing": 2, "service": 1}


def test_a_second_morning_changes_nothing(newsletter: Connection, audience: Audience) -> None:
    sell(person("kari@example.no"), person("ola@example.no", "Ola"))
    says("ola@example.no", EventType.GRANT)
    morning(newsletter)
    batches = audience.batches
    run = morning(newsletter)
    assert run.plan.counts["actions"] == {}
    assert audience.batches == batches


def test_an_old_yes_of_a_newsletter_that_goes_out_has_not_lapsed(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    audience.campaign_last_sent = (NOW - dt.timedelta(days=20)).isoformat()
    standin.do("set", "kari@example.no", status="subscribed", timestamp_opt=LONG_AGO)
    verify(newsletter)
    CollectionPoint.objects.update(last_written_at=None)
    morning(newsletter)
    assert ContactAnswer.objects.get().basket == "marketing"
    assert Profile.objects.get(state="active").known_since == dt.datetime.fromisoformat(LONG_AGO)


def test_an_old_yes_of_a_newsletter_that_never_went_out_has_lapsed(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    standin.do("set", "kari@example.no", status="subscribed", timestamp_opt=LONG_AGO)
    verify(newsletter)
    CollectionPoint.objects.update(last_written_at=None)
    morning(newsletter)
    assert ContactAnswer.objects.get().newsletter_reason == "CONSENT_LAPSED"
    assert status(audience, "kari@example.no") == "subscribed"


def test_a_second_connection_to_the_same_audience_is_refused(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    other = Connection.objects.get(pk=newsletter.pk)
    other.pk, other.slug, other.public_id = None, "second", uuid.uuid4()
    other.save()
    with pytest.raises(ConfigurationError, match="writes to this audience already"):
        connector_for(other).check()
