"""STOP by SMS, through the door that gateways use (CONSENT.md 2.11, C128, C129)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.http import HttpResponse
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from cdp.lib import clock
from consent import ledger, stop_words
from consent.facts import EventType
from consent.models import ConsentEvent, ContactAnswer
from consent.stop_words import Heard, is_stop
from integrations import hooks
from integrations.models import Connection, DeliveryState, WebhookDelivery
from integrations.sms import gateways
from organisations.models import Organisation
from profiles import erasure
from profiles.models import Identifier, Tombstone
from tests.conftest import OrganisationClient
from tests.consent import world
from tests.integrations.far_sides import connect

NUMBER = "+4790000001"


# --- the words -------------------------------------------------------------------------------------


@examples(max_examples=25)
@given(
    st.sampled_from(sorted(stop_words.WORDS)),
    st.text(" \t\n.!?\"'»-", max_size=4),
    st.text(" \t\n.!?\"'»-", max_size=4),
    st.booleans(),
)
def test_a_word_counts_in_any_case_with_anything_but_letters_around_it(
    word: str, before: str, after: str, shout: bool
) -> None:
    assert is_stop(before + (word.upper() if shout else word.title()) + after)


@pytest.mark.parametrize(
    "text", ["", "please stop", "stop it", "nonstop", "stop 1", "START", "ja", "stop\n\nKari", "!!!"]
)
def test_it_counts_as_the_whole_message_only(text: str) -> None:
    assert not is_stop(text)


# --- through the door ------------------------------------------------------------------------------


@pytest.fixture
def kari(in_aurora: Organisation) -> world.Person:
    who = world.person("kari@example.no", NUMBER)
    for identifier, channel in ((who.email, "email"), (who.phone, "sms")):
        assert identifier
        ledger.record(
            ledger.Entry(
                type=EventType.GRANT,
                purpose="marketing.newsletter",
                channel=channel,
                identifier_id=identifier.pk,
                source_system="checkout",
                source_event_id=channel,
                occurred_at=world.at("2026-03-01T12:00:00"),
                proof="A",
            )
        )
    return who


def gateway(name: str, secrets: dict[str, Any] | None = None, **config: Any) -> Connection:
    return connect("sms", {"gateway": name, "country": "NO", **config}, secrets or {})


def call(to: Connection, told: dict[str, Any]) -> HttpResponse:
    """As a gateway does it, and then as a worker does it."""
    path = f"/hooks/aurora/{to.public_id}/{to.webhook_secret}/"
    browser = OrganisationClient(enforce_csrf_checks=True)
    answer: Any = browser.post(path, json.dumps(told), content_type="application/json")
    hooks.process(connection_id=to.pk)
    return answer  # type: ignore[no-any-return]


def link(text: str, number: int = 1, sender: str = NUMBER) -> dict[str, Any]:
    return {
        "messageId": f"m{number}",
        "source": sender,
        "destination": "NO-2333",
        "content": {"userData": text},
        "timestamp": "2026-11-18T12:00:00Z",
    }


def nos() -> list[ConsentEvent]:
    return list(ConsentEvent.objects.exclude(type="GRANT").order_by("position"))


def may(who: world.Person, channel: str) -> tuple[str, str]:
    found = ContactAnswer.objects.get(
        identifier=who.phone if channel == "sms" else who.email, channel=channel
    )
    return found.newsletter, found.newsletter_reason


def test_stopp_is_an_objection_to_all_marketing_by_sms_and_email_stays(kari: world.Person) -> None:
    """C128."""
    assert call(gateway("link"), link("Stopp ")).content == b"ok"
    (no,) = nos()
    assert (no.type, no.purpose, no.channel, no.scope) == ("OBJECT", "*", "sms", "address")
    assert (no.actor, no.source_system, no.source_event_id) == ("person", "sms-link", "m1")
    assert no.occurred_at == world.at("2026-11-18T12:00:00")
    assert may(kari, "sms") == ("BLOCK", "OBJECTED")
    assert may(kari, "email") == ("ALLOW", "CONSENT")


def test_start_gives_nothing_back(kari: world.Person) -> None:
    """C129."""
    to = gateway("link")
    call(to, link("STOP"))
    call(to, link("START", 2))
    assert len(nos()) == 1
    assert ConsentEvent.objects.filter(type="GRANT").count() == 2
    assert may(kari, "sms") == ("BLOCK", "OBJECTED")
    assert WebhookDelivery.objects.filter(state=DeliveryState.DONE).count() == 2


def test_the_same_call_three_times_is_one_no_and_another_stop_is_another(kari: world.Person) -> None:
    to = gateway("link")
    for _ in range(3):
        call(to, link("STOP"))
    assert len(nos()) == 1
    call(to, link("STOP", 2))
    assert len(nos()) == 2


def test_a_number_that_nobody_knows_is_remembered_with_its_no(in_aurora: Organisation) -> None:
    call(gateway("link"), link("AVMELD", sender="90 00 00 02"))
    who = world.person(phone="+4790000002")
    assert who.phone == Identifier.objects.get(value="+4790000002")
    assert nos()[0].identifier == who.phone
    assert world.answer(who, "sms").newsletter_reason == "OBJECTED"


def test_a_number_that_was_erased_is_not_kept_again(in_aurora: Organisation) -> None:
    stone = erasure.digest(("phone", "", NUMBER))
    Tombstone.objects.create(digest=stone, erased_at=clock.now())
    call(gateway("link"), link("STOP"))
    assert not Identifier.objects.filter(value=NUMBER).exists()
    assert WebhookDelivery.objects.get().state == DeliveryState.DONE


def test_a_call_whose_number_cannot_be_read_is_left_for_a_person(in_aurora: Organisation) -> None:
    call(gateway("link"), link("STOP", sender="TEATERET"))
    delivery = WebhookDelivery.objects.get()
    assert delivery.state == DeliveryState.FAILED
    assert "cannot be read" in delivery.note
    assert "TEATERET" not in delivery.note


def signed(to: Connection, told: dict[str, str], token: str = "a-token") -> dict[str, str]:
    url = f"{settings.FOYER_BASE_URL}/hooks/aurora/{to.public_id}/{to.webhook_secret}/"
    return {"x-twilio-signature": gateways.twilio_signs(url, told, token)}


@pytest.mark.parametrize(
    "told",
    [
        {"MessageSid": "SM1", "From": NUMBER, "To": "+4799999999", "Body": "stop."},
        # In Twilio's own list for the number, in a language that Foyer does not know.
        {"MessageSid": "SM1", "From": NUMBER, "Body": "ARRET", "OptOutType": "STOP"},
        {"MessageSid": "SM1", "To": NUMBER, "MessageStatus": "failed", "ErrorCode": "21610"},
    ],
    ids=["word", "its own list", "refused to send"],
)
def test_twilio_is_heard_if_it_signs_and_gets_nothing_to_send_back(
    kari: world.Person, told: dict[str, str]
) -> None:
    to = gateway("twilio", {"auth_token": "a-token"})
    answer = call(to, told)
    assert answer.status_code == 400  # JSON is not what was signed
    path = f"/hooks/aurora/{to.public_id}/{to.webhook_secret}/"
    refused = OrganisationClient().post(path, told, headers=signed(to, told, "another"))
    assert refused.status_code == 400
    assert WebhookDelivery.objects.count() == 0
    answer = post_form(to, told, **signed(to, told))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/xml"
    assert b"ok" not in answer.content
    (no,) = nos()
    assert no.actor == ("provider" if "ErrorCode" in told else "person")
    assert may(kari, "sms") == ("BLOCK", "OBJECTED")


def post_form(to: Connection, told: dict[str, str], **headers: str) -> HttpResponse:
    answer: Any = OrganisationClient().post(
        f"/hooks/aurora/{to.public_id}/{to.webhook_secret}/",
        urlencode(told),
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )
    hooks.process(connection_id=to.pk)
    return answer  # type: ignore[no-any-return]


@pytest.mark.parametrize("method", gateways.VONAGE_METHODS)
def test_vonage_signs_in_one_of_five_ways(method: str) -> None:
    told = {"msisdn": "4790000001", "messageId": "v1", "text": "a&b=c", "nonce": "x"}
    sig = gateways.vonage_signs(told, "secret", method)
    assert sig == gateways.vonage_signs(told | {"sig": sig}, "secret", method)
    assert sig != gateways.vonage_signs(told | {"text": "STOP"}, "secret", method)


def test_vonage_is_heard_with_and_without_signature(kari: world.Person) -> None:
    told = {"msisdn": "4790000001", "to": "4799999999", "messageId": "v1", "text": "Sluta"}
    told |= {"message-timestamp": "2026-11-18 12:00:00", "type": "text"}
    to = gateway("vonage", {"signature_secret": "s"}, signature_method="sha256")
    assert call(to, told).status_code == 400
    assert call(to, told | {"sig": gateways.vonage_signs(told, "s", "sha256").upper()}).status_code == 200
    assert nos()[0].occurred_at == world.at("2026-11-18T12:00:00")
    assert may(kari, "sms") == ("BLOCK", "OBJECTED")


def test_vonages_receipt_of_a_blocked_number_is_the_no_we_missed(kari: world.Person) -> None:
    to = gateway("vonage")
    receipt = {"msisdn": "4790000001", "messageId": "v2", "status": "rejected", "err-code": "9"}
    call(to, receipt | {"messageId": "v1", "status": "delivered", "err-code": "0"})
    assert nos() == []
    call(to, receipt)
    assert nos()[0].actor == "provider"


def test_any_other_gateway_by_the_names_of_its_fields(kari: world.Person) -> None:
    names: dict[str, Any] = {
        "number_field": "sms.from",
        "text_field": "sms.message",
        "id_field": "id",
        "time_field": "at",
    }
    to = gateway("other", **names)
    call(to, {"id": 7, "at": "1763467200", "sms": {"from": "90000001", "message": "stop all"}})
    assert nos()[0].occurred_at == world.at("2025-11-18T12:00:00")
    assert call(to, {"at": "x"}).status_code == 400


def test_a_call_by_get_is_refused_rather_than_lost(kari: world.Person) -> None:
    to = gateway("vonage")
    path = f"/hooks/aurora/{to.public_id}/{to.webhook_secret}/"
    assert OrganisationClient().get(path, {"msisdn": "4790000001", "text": "STOP"}).status_code == 405
    assert OrganisationClient().get(path).status_code == 200


def test_a_part_of_a_long_message_is_no_message(kari: world.Person) -> None:
    part = {"msisdn": "4790000001", "messageId": "v1", "text": "STOP", "concat": "true", "concat-part": "2"}
    call(gateway("vonage"), part)
    assert nos() == []


def test_hearing_says_what_it_did(in_aurora: Organisation) -> None:
    where: dict[str, Any] = {"provider": "sms-x", "message_id": "1", "at": None}
    assert stop_words.hear(NUMBER, "STOP", **where) is Heard.WRITTEN
    assert stop_words.hear(NUMBER, "STOP", **where) is Heard.KNOWN
    assert stop_words.hear(NUMBER, "Hello", **where) is Heard.NO_WORD
    assert stop_words.hear("x", "STOP", **where) is Heard.NO_NUMBER
