"""Unsubscribing by the mail program's own button (RFC 8058; CONSENT.md C118 to C123)."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django_tenants.utils import tenant_context

from cdp.lib import clock
from consent import ledger
from consent.facts import EventType
from consent.models import ConsentEvent, ContactAnswer, PrivacySettings
from consent.preferences import oneclick, tokens
from organisations.models import Organisation
from profiles.models import Identifier
from tests.conftest import OrganisationClient
from tests.consent import world

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
NEWS = "marketing.newsletter"


@pytest.fixture
def kari(in_aurora: Organisation) -> world.Person:
    """Said yes to the newsletter, by e-mail and by SMS."""
    who = world.person("kari@example.no", "+4790000001")
    for identifier, channel in ((who.email, "email"), (who.phone, "sms")):
        assert identifier
        yes(identifier, channel)
    return who


def yes(identifier: Identifier, channel: str = "email", **more: Any) -> None:
    ledger.record(
        ledger.Entry(
            type=EventType.GRANT,
            purpose=NEWS,
            channel=channel,
            identifier_id=identifier.pk,
            source_system="checkout",
            source_event_id=f"{channel} {next(world.NUMBERS)}",
            occurred_at=clock.now(),
            proof="A",
            **more,
        )
    )


def address(who: world.Person, purpose: str = NEWS, message: str = "autumn") -> str:
    assert who.email
    return f"/p/aurora/u/{tokens.make(who.email.pk, purpose, message)}/"


def mail_program() -> OrganisationClient:
    """No cookies, and nothing that guards against forgery would let it in."""
    return OrganisationClient(enforce_csrf_checks=True, headers={"accept-language": "en"})


def post(url: str, data: Any = ONE_CLICK, **more: Any) -> None:
    answer = mail_program().post(url, data, **more)
    assert answer.status_code == 200
    assert not answer.cookies


def nos(who: world.Person) -> list[ConsentEvent]:
    return list(ConsentEvent.objects.filter(identifier=who.email, type="WITHDRAW"))


def may(who: world.Person, channel: str = "email") -> str:
    identifier = who.email if channel == "email" else who.phone
    return ContactAnswer.objects.get(identifier=identifier, channel=channel).newsletter


@pytest.mark.parametrize(
    "sent",
    [
        {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"},
        {"data": ONE_CLICK},  # multipart/form-data
        {"data": b"not at all a form", "content_type": "multipart/form-data"},
        {"data": b"", "content_type": "application/octet-stream"},
    ],
    ids=["form", "multipart", "broken multipart", "empty"],
)
def test_a_post_takes_back_that_mails_purpose_for_email_at_once(
    kari: world.Person, sent: dict[str, Any]
) -> None:
    assert may(kari) == "ALLOW"
    post(address(kari), **sent)
    (no,) = nos(kari)
    assert (no.purpose, no.channel, no.actor, no.via) == (NEWS, "email", "person", "one_click")
    assert no.campaign_ref == "autumn"
    assert may(kari) == "BLOCK"
    assert may(kari, "sms") == "ALLOW"


def test_it_switches_off_the_customer_exception_for_email(in_aurora: Organisation) -> None:
    who = world.person("ola@example.no")
    world.point(optout_offered="yes")
    world.bought(who, kind="season_ticket", ends_at=clock.now() + dt.timedelta(days=200))
    assert world.answer(who).own_similar == "ALLOW"
    post(address(who))
    assert ContactAnswer.objects.get(identifier=who.email).own_similar_reason == "WITHDRAWN"


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_follows_the_link_changes_nothing(kari: world.Person, method: str) -> None:
    answer = getattr(mail_program(), method)(address(kari))
    assert answer.status_code == 200
    assert not answer.cookies
    assert (b"Your choices" in answer.content) is (method == "get")
    assert nos(kari) == []


def test_twice_is_once(kari: world.Person) -> None:
    post(address(kari))
    post(address(kari))
    assert len(nos(kari)) == 1


def test_an_old_link_says_no_again_to_who_has_said_yes_since(kari: world.Person) -> None:
    post(address(kari))
    assert kari.email
    yes(kari.email)
    assert may(kari) == "ALLOW"
    post(address(kari))
    assert may(kari) == "BLOCK"
    assert len(nos(kari)) == 2


def test_a_link_is_good_for_ever(kari: world.Person) -> None:
    url = address(kari)
    with time_machine.travel(clock.now() + dt.timedelta(days=430), tick=False):
        post(url)
        assert len(nos(kari)) == 1


def test_a_mail_without_a_purpose_of_marketing_ends_all_marketing_by_email(kari: world.Person) -> None:
    post(address(kari, "service.event_info"))
    event = ConsentEvent.objects.get(identifier=kari.email, type="OBJECT")
    assert (event.purpose, event.channel) == ("*", "email")
    assert may(kari, "sms") == "ALLOW"


def test_a_link_to_a_number_stops_sms(kari: world.Person) -> None:
    assert kari.phone
    post(f"/p/aurora/u/{tokens.make(kari.phone.pk, NEWS)}/")
    assert may(kari, "sms") == "BLOCK"
    assert may(kari) == "ALLOW"


def test_the_link_of_somebody_who_was_erased_still_answers(in_aurora: Organisation) -> None:
    gone = tokens.make(10**9, NEWS)
    for method in ("get", "post"):
        assert getattr(mail_program(), method)(f"/p/aurora/u/{gone}/").status_code == 200
    assert not ConsentEvent.objects.exists()


def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(
    kari: world.Person, borealis: Organisation
) -> None:
    assert kari.email
    with tenant_context(borealis):
        foreign = tokens.make(kari.email.pk, NEWS)
    own = tokens.make(kari.email.pk, NEWS)
    wrong = [
        f"/p/aurora/u/{foreign}/",
        f"/p/borealis/u/{own}/",
        f"/p/nowhere/u/{own}/",
        f"/p/aurora/u/{own[:-1]}{'A' if own[-1] != 'A' else 'B'}/",
        f"/p/aurora/u/{own}A/",
        "/p/aurora/u/x/",
        f"/p/aurora/u/{'æ' * 40}/",
    ]
    bodies = set()
    for url in wrong:
        for method in ("get", "post"):
            answer = getattr(mail_program(), method)(url)
            assert answer.status_code == 404, url
            bodies.add(answer.content)
    assert len(bodies) == 1
    assert nos(kari) == []


@pytest.mark.parametrize("path", ["choices/", "rights/", "receipts/", "receipt.json"])
def test_every_page_behind_a_link_refuses_another_organisations(
    kari: world.Person, borealis: Organisation, path: str
) -> None:
    assert kari.email
    with tenant_context(borealis):
        foreign = tokens.make(kari.email.pk, NEWS)
    for method in ("get", "post"):
        assert getattr(mail_program(), method)(f"/p/aurora/u/{foreign}/{path}").status_code == 404


def test_the_headers_announce_it_and_name_a_mail_address_where_there_is_one(
    kari: world.Person, settings: Any
) -> None:
    settings.FOYER_BASE_URL = "https://foyer.example"
    assert kari.email
    found = oneclick.headers(kari.email.pk, NEWS, "autumn")
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["List-Unsubscribe"] == f"<https://foyer.example{address(kari)}>"
    PrivacySettings.objects.create(pk=1, contact_email="personvern@aurora.example")
    both = oneclick.headers(kari.email.pk, NEWS, "autumn")["List-Unsubscribe"]
    link, mail = both.split(", ")
    assert link == found["List-Unsubscribe"]
    assert mail.startswith("<mailto:personvern@aurora.example?subject=unsubscribe%20")
    read = oneclick.mail_entry(f"Re: unsubscribe {mail.rpartition('%20')[2]}")
    assert read == tokens.Read(kari.email.pk, NEWS, "autumn")


def test_it_is_not_announced_where_the_link_is_not_safe(kari: world.Person, settings: Any) -> None:
    settings.FOYER_BASE_URL = "http://foyer.example"
    assert kari.email
    assert "List-Unsubscribe-Post" not in oneclick.headers(kari.email.pk, NEWS, "autumn")
