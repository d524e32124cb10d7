"""What Mailchimp calls to tell, three times over and in any order."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from consent.facts import EventType
from consent.models import ConsentEvent, ContactAnswer
from integrations import hooks
from integrations.mailchimp.hearing import handle_webhook
from integrations.mailchimp.setup import webhook_address
from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience
from integrations.models import Connection, Run, Trigger, WebhookDelivery
from tests.fakes.mailchimp import status
from tests.mailchimp.conftest import known, morning, person, says, sell

KARI = "kari@example.no"
FIRED_AT = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


@pytest.fixture
def subscribed(newsletter: Connection, audience: Audience) -> Connection:
    sell(person(KARI))
    says(KARI, EventType.GRANT, ago=dt.timedelta(hours=1))
    morning(newsletter)
    return newsletter


def form(audience: Audience, kind: str, **data: str) -> dict[str, str]:
    base = {"type": kind, "fired_at": FIRED_AT, "data[list_id]": audience.id}
    return base | {f"data[{name}]": value for name, value in ({"email": KARI} | data).items()}


def post(connection: Connection, body: str, **headers: str) -> int:
    address = webhook_address(connection).removeprefix(settings.FOYER_BASE_URL)
    kind = "application/x-www-form-urlencoded"
    from django.db import connection as database

    tenant = database.tenant  # type: ignore[attr-defined]
    answer = Client().post(address, body, content_type=kind, headers=headers)
    database.set_tenant(tenant)  # type: ignore[attr-defined]
    return answer.status_code


def test_an_unsubscribe_told_three_times_is_one_no(subscribed: Connection, audience: Audience) -> None:
    for _ in range(3):
        handle_webhook(subscribed, form(audience, "unsubscribe", action="unsub", reason="manual"))
    event = ConsentEvent.objects.get(type="WITHDRAW")
    assert (event.source_system, event.identifier) == ("mailchimp", known(KARI))
    assert ContactAnswer.objects.get().newsletter == "BLOCK"


def test_a_spam_report_is_a_complaint(subscribed: Connection, audience: Audience) -> None:
    handle_webhook(subscribed, form(audience, "unsubscribe", action="unsub", reason="abuse"))
    assert ConsentEvent.objects.filter(type="COMPLAINT").count() == 1
    assert ContactAnswer.objects.get().newsletter_reason == "OBJECTED"


def test_cleaned_is_a_bounce_and_no_withdrawal(subscribed: Connection, audience: Audience) -> None:
    handle_webhook(subscribed, form(audience, "cleaned", reason="hard"))
    assert not ConsentEvent.objects.exclude(type="GRANT").exists()
    assert ContactAnswer.objects.get().newsletter_reason == "ADDRESS_INVALID"


@pytest.mark.parametrize("kind", ["subscribe", "profile", "upemail"])
def test_other_news_wake_one_pull(subscribed: Connection, audience: Audience, kind: str) -> None:
    for _ in range(3):
        handle_webhook(subscribed, form(audience, kind, new_email="k@example.no", old_email=KARI))
    assert Run.objects.filter(trigger=Trigger.WEBHOOK).count() == 1


def test_a_deletion_by_an_administrator_is_no_withdrawal(subscribed: Connection, audience: Audience) -> None:
    handle_webhook(subscribed, form(audience, "unsubscribe", action="delete", reason="manual"))
    assert not ConsentEvent.objects.exclude(type="GRANT").exists()


def test_the_address_of_a_stranger_wakes_a_pull(subscribed: Connection, audience: Audience) -> None:
    handle_webhook(subscribed, form(audience, "unsubscribe", action="unsub", email="new@example.no"))
    assert Run.objects.filter(trigger=Trigger.WEBHOOK).count() == 1


def test_the_receiver_keeps_a_repeat_once(subscribed: Connection, audience: Audience) -> None:
    body = urlencode(form(audience, "unsubscribe", action="unsub", reason="manual"))
    assert [post(subscribed, body) for _ in range(3)] == [200, 200, 200]
    assert WebhookDelivery.objects.count() == 1
    hooks.process(connection_id=subscribed.pk)
    assert ConsentEvent.objects.filter(type="WITHDRAW").count() == 1


def test_a_wrong_or_old_signature_is_refused(subscribed: Connection, audience: Audience) -> None:
    subscribed.secrets = subscribed.secrets | {"webhook_signing": "shared"}
    subscribed.save()
    body = urlencode(form(audience, "unsubscribe", action="unsub"))

    def signed(secret: str, at: float) -> str:
        stamp = str(int(at))
        text = f"{stamp}.{body}".encode()
        return f"t={stamp},v1={hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()}"

    now = time.time()
    tries = [signed("shared", now), signed("other", now), signed("shared", now - 400), ""]
    answers = [post(subscribed, body, **{"X-Mailchimp-Signature": one}) for one in tries]
    assert answers == [200, 400, 400, 400]


def test_another_audiences_call_is_refused(subscribed: Connection, audience: Audience) -> None:
    body = urlencode(form(audience, "unsubscribe") | {"data[list_id]": "another"})
    assert post(subscribed, body) == 400


def test_a_no_by_webhook_reaches_mailchimps_other_side(
    subscribed: Connection, audience: Audience, standin: Standin
) -> None:
    """The whole way round: unsubscribed there, told here, and never subscribed again."""
    standin.do("unsubscribe", KARI)
    handle_webhook(subscribed, form(audience, "unsubscribe", action="unsub", reason="manual"))
    morning(subscribed)
    assert status(audience, KARI) == "unsubscribed"
    assert morning(subscribed).plan.contacts == 0


@pytest.mark.django_db(transaction=True)
def test_mailchimp_calls_and_is_heard(
    newsletter: Connection, standin: Standin, audience: Audience, live_server: LiveServer, settings: Any
) -> None:
    """Over the wire: registered by the first run, signed, delivered, and written down."""
    settings.FOYER_BASE_URL = live_server.url
    sell(person(KARI))
    says(KARI, EventType.GRANT, ago=dt.timedelta(hours=1))
    morning(newsletter)
    (hook,) = audience.webhooks.values()
    assert hook["sources"]["api"] is False
    standin.do("unsubscribe", KARI)
    standin.postman.drain()
    hooks.process(connection_id=newsletter.pk)
    assert ConsentEvent.objects.filter(type="WITHDRAW", source_system="mailchimp").count() == 1


def test_a_renewed_secret_replaces_the_webhook(
    newsletter: Connection, standin: Standin, audience: Audience
) -> None:
    old = webhook_address(newsletter)
    audience.webhooks["old"] = {"id": "old", "url": old, "events": {}, "sources": {}}
    audience.webhooks["other"] = {
        "id": "other",
        "url": "https://other.example.org/",
        "events": {},
        "sources": {},
    }
    newsletter.webhook_secret = "renewed"
    newsletter.save()
    morning(newsletter)
    assert set(audience.webhooks) == {"other"}, "the new one cannot be reached from here"
