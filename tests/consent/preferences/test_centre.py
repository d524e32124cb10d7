"""The preference centre: what it shows, what it takes back, and what it may be told yes to."""

import json
import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from consent import ledger, verbs
from consent.facts import EventType
from consent.models import ConsentEvent, ConsentEvidence, ConsentText, ContactAnswer, RightsRequest
from consent.preferences import mailing, tokens
from organisations.models import Organisation, User
from profiles.models import Identifier
from tests.conftest import ClientFor, OrganisationClient
from tests.consent import world

NEWS = "marketing.newsletter"
WORDS = "Ja, send meg nyheter og tilbud på e-post."


@pytest.fixture
def kari(in_aurora: Organisation) -> world.Person:
    """Yes to news by e-mail and to surveys, at the checkout."""
    return said_yes(world.person("kari@example.no", "+4790000001", given_name="Kari"))


def said_yes(who: world.Person, *purposes: str) -> world.Person:
    at = world.point(f"checkout {next(world.NUMBERS)}", name="Checkout of the theatre")
    text = world.text(purposes=list(purposes or (NEWS, "survey")))
    assert who.email
    act = next(world.NUMBERS)
    for purpose in text.purposes:
        ledger.record(
            ledger.Entry(
                type=EventType.GRANT,
                purpose=purpose,
                channel="email",
                identifier_id=who.email.pk,
                source_system="checkout",
                source_event_id=f"order {act}",
                occurred_at=world.at("2026-03-01T12:00:00"),
                proof="A",
                point_id=at.pk,
                text_id=text.pk,
            )
        )
    return who


def url(who: world.Person, path: str = "", **more: Any) -> str:
    assert who.email
    return f"/p/aurora/u/{tokens.make(who.email.pk, **more)}/{path}"


def visit(address: str, data: dict[str, Any] | None = None) -> str:
    visitor: Client = OrganisationClient(headers={"accept-language": "en"})
    answer = visitor.get(address) if data is None else visitor.post(address, data)
    assert answer.status_code == 200
    assert not answer.cookies
    return answer.content.decode()


def may(identifier: Identifier | None, channel: str = "email") -> str:
    return ContactAnswer.objects.get(identifier=identifier, channel=channel).newsletter_reason


def offered(page: str, purpose: str = NEWS) -> str:
    found = re.search(rf'name="yes" value="({re.escape(purpose)}/[^"]+)"', page)
    assert found, "not offered"
    return found[1]


def test_it_shows_what_since_when_from_which_form_and_in_which_words(kari: world.Person) -> None:
    page = visit(url(kari))
    assert "News and offers from us, by e-mail" in page
    assert "Questions about your visit, by e-mail" in page
    assert "You said yes on 1 March 2026." in page
    assert "Where: Checkout of the theatre." in page
    assert WORDS in page
    assert "checked" not in page  # whatever is new is empty until ticked
    assert "required" not in page


def test_it_shows_no_name_and_the_address_only_so_far_that_its_owner_knows_it(kari: world.Person) -> None:
    page = visit(url(kari))
    assert "k•••@example.no" in page
    assert "kari@example.no" not in page
    assert "Kari" not in page
    assert "+4790000001" not in page


@pytest.mark.parametrize(
    ("key", "kind", "purpose", "channel"),
    [
        (f"{NEWS}/email", "WITHDRAW", NEWS, "email"),
        ("*/email", "OBJECT", "*", "email"),
        ("*/*", "OBJECT", "*", "*"),
    ],
)
def test_one_press_says_no_and_the_page_tells_of_the_no_list(
    kari: world.Person, key: str, kind: str, purpose: str, channel: str
) -> None:
    page = visit(url(kari, "choices/", message="autumn"), {"stop": key})
    no = ConsentEvent.objects.get(identifier=kari.email, type=kind)
    assert (no.purpose, no.channel, no.campaign_ref) == (purpose, channel, "autumn")
    assert "on a list of people we must not write to" in page
    assert may(kari.email) in ("WITHDRAWN", "OBJECTED")


@pytest.mark.parametrize("key", ["", "*/sms", "*", "nonsense/email", "service.event_info/email"])
def test_a_key_that_means_nothing_writes_nothing(kari: world.Person, key: str) -> None:
    visit(url(kari, "choices/"), {"stop": key})
    assert not ConsentEvent.objects.exclude(type="GRANT").exists()


def test_all_marketing_is_meant_for_every_address_of_the_person(kari: world.Person) -> None:
    other = said_yes(world.person("kari@work.example", profile=kari.profile))
    visit(url(kari, "choices/"), {"stop": "*/*"})
    assert may(other.email) == "OBJECTED"
    assert may(kari.phone, "sms") == "OBJECTED"


def test_in_a_shared_mailbox_one_no_closes_it_for_all_and_nobodys_own_address(
    kari: world.Person,
) -> None:
    """C76. Nobody can tell who pressed, so what each has elsewhere stays as it is."""
    family = said_yes(world.person("familien@example.no", profile=kari.profile))
    per = said_yes(world.person("familien@example.no"))
    own = said_yes(world.person("per@example.no", profile=per.profile))
    page = visit(url(family))
    assert "Several people use this address" in page
    visit(url(family, "choices/"), {"stop": "*/*"})
    assert may(family.email) == "OBJECTED"
    assert may(kari.email) == may(own.email) == "CONSENT"


def test_a_yes_is_an_act_with_its_words_in_the_language_they_were_read_in(in_aurora: Organisation) -> None:
    who = world.person("kari@example.no")
    page = visit(url(who) + "?lang=nb")
    assert 'lang="nb"' in page
    visit(url(who, "choices/") + "?lang=nb", {"yes": [offered(page)]})
    event = ConsentEvent.objects.select_related("text", "point").get(identifier=who.email)
    assert (event.type, event.proof, event.kind, event.via) == ("GRANT", "A", "act", "preferences")
    assert event.text
    assert event.point
    assert (event.text.locale, event.text.purposes, event.text.channels) == ("nb", [NEWS], ["email"])
    assert event.text.body in page.replace("&#x27;", "'")
    assert event.point.key == "preference-centre"
    traces = ConsentEvidence.objects.get(event=event)
    assert traces.page_url.endswith("/p/aurora/u/")
    assert traces.ip_sealed
    assert may(who.email) == "CONSENT"


def test_a_new_yes_lifts_an_objection_for_that_purpose_and_channel_alone(kari: world.Person) -> None:
    """C40, C41."""
    visit(url(kari, "choices/"), {"stop": "*/*"})
    assert may(kari.email) == "OBJECTED"
    visit(url(kari, "choices/"), {"yes": [offered(visit(url(kari)))]})
    assert may(kari.email) == "CONSENT"
    assert may(kari.phone, "sms") == "OBJECTED"


def test_the_houses_own_words_come_before_ours(in_aurora: Organisation, alice: User) -> None:
    verbs.add_text(
        actor=alice,
        name="preferences-marketing-newsletter-email",
        body="Aurora's own words",
        purposes=[NEWS],
        channels=["email"],
        locale="en",
    )
    who = world.person("kari@example.no")
    page = visit(url(who))
    assert "own words" in page
    visit(url(who, "choices/"), {"yes": [offered(page)]})
    assert ConsentEvent.objects.get(identifier=who.email).text == ConsentText.objects.get(locale="en")


def test_nobody_says_yes_to_other_words_than_they_saw(in_aurora: Organisation, alice: User) -> None:
    who = world.person("kari@example.no")
    before = offered(visit(url(who)))
    verbs.add_text(
        actor=alice,
        name="preferences-marketing-newsletter-email",
        body="Changed",
        purposes=[NEWS],
        channels=["email"],
        locale="en",
    )
    page = visit(url(who, "choices/"), {"yes": [before]})
    assert "The words have changed" in page
    assert not ConsentEvent.objects.exists()


def test_a_link_that_staff_opened_takes_a_no_and_gives_nothing(kari: world.Person) -> None:
    assert 'name="yes"' not in visit(url(kari, mailed=False))
    visit(url(kari, "choices/", mailed=False), {"stop": f"{NEWS}/email"})
    assert may(kari.email) == "WITHDRAWN"
    again = offered(visit(url(kari)))
    visit(url(kari, "choices/", mailed=False), {"yes": [again]})
    assert may(kari.email) == "WITHDRAWN"
    visit(url(kari, "rights/", mailed=False), {"kind": "access"})
    assert not RightsRequest.objects.exists()


def test_it_speaks_every_language(kari: world.Person) -> None:
    for language, _name in django_settings.LANGUAGES:
        page = visit(url(kari) + f"?lang={language}")
        assert f'<html lang="{language}">' in page
        assert f'lang="{language}" hreflang="{language}" aria-current="true"' in page


def test_receipts_are_kantaras_and_say_what_was_taken_back(kari: world.Person) -> None:
    visit(url(kari, "choices/"), {"stop": "*/email"})
    assert "Taken back on" in visit(url(kari, "receipts/"))
    (receipt,) = json.loads(visit(url(kari, "receipt.json")))
    assert receipt["version"] == "KI-CR-v1.1.0"
    assert receipt["jurisdiction"] == "NO"
    assert receipt["consentTimestamp"] == 1772366400
    assert receipt["collectionMethod"] == "Checkout of the theatre"
    assert receipt["piiPrincipalId"] == "kari@example.no"
    assert receipt["piiControllers"][0]["piiController"] == "Aurora Scene"
    purposes = receipt["services"][0]["purposes"]
    assert [each["purposeCategory"] for each in purposes] == [[NEWS], ["survey"]]
    assert {each["consentType"] for each in purposes} == {"EXPLICIT"}
    assert receipt["words"] == WORDS
    assert receipt["state"] == "withdrawn"


def test_a_request_from_here_proves_this_address_and_no_more(kari: world.Person) -> None:
    page = visit(url(kari, "rights/"), {"kind": "access", "letter": "Everything, please"})
    assert "We have your request" in page
    asked = RightsRequest.objects.get()
    assert (asked.kind, asked.came_by, asked.identity) == ("access", "preferences", "link")
    assert asked.proven == kari.email
    assert "Everything" not in asked.letter  # sealed


def test_a_request_without_a_kind_is_asked_again(kari: world.Person) -> None:
    assert "Choose what you want." in visit(url(kari, "rights/"), {"letter": "?"})
    assert not RightsRequest.objects.exists()


# --- asking for the link ---------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What is handed to the worker, done at once."""
    asked: list[int] = []

    def now(identifier_id: int, locale: str) -> None:
        asked.append(identifier_id)
        mailing.send_link(identifier_id, locale)

    monkeypatch.setattr("consent.tasks.send_link.delay", now)
    return asked


def test_the_answer_is_the_same_for_a_stranger_and_only_a_customer_is_mailed(
    kari: world.Person, sent: list[int], mailoutbox: list[Any]
) -> None:
    known = visit("/p/aurora/preferences/", {"email": " KARI@example.no"})
    assert visit("/p/aurora/preferences/", {"email": "stranger@example.no"}) == known
    assert len(sent) == 2
    (mail,) = mailoutbox
    assert mail.to == ["kari@example.no"]
    link = re.search(r"https?://[^/]+(/p/aurora/u/\S+)", mail.body)
    assert link
    assert "News and offers from us" in visit(link[1])


def test_nobody_is_mailed_more_than_a_few_times_an_hour_and_nobody_is_kept_from_saying_no(
    kari: world.Person, sent: list[int], mailoutbox: list[Any]
) -> None:
    answers = {visit("/p/aurora/preferences/", {"email": "kari@example.no"}) for _ in range(6)}
    assert len(answers) == 1
    assert len(mailoutbox) == 3
    for _ in range(40):
        visit(url(kari, purpose=NEWS), {"List-Unsubscribe": "One-Click"})
    assert may(kari.email) == "WITHDRAWN"


def test_what_is_no_address_is_asked_for_again(in_aurora: Organisation, sent: list[int]) -> None:
    assert "This is not an e-mail address." in visit("/p/aurora/preferences/", {"email": "kari"})
    assert sent == []


# --- in the console --------------------------------------------------------------------------------


def test_staff_enter_a_mail_that_unsubscribes(
    kari: world.Person, aurora: Organisation, bob: User, client_for: ClientFor
) -> None:
    assert kari.email
    browser, page = client_for(bob, aurora), reverse("preferences:by_mail")
    subject = f"Re: unsubscribe {tokens.make(kari.email.pk, NEWS)}"
    assert browser.post(page, {"pasted": subject}).status_code == 302
    assert may(kari.email) == "WITHDRAWN"
    assert ConsentEvent.objects.get(type="WITHDRAW").via == "mail"


def test_the_words_for_the_mails_are_there_in_every_language(
    in_aurora: Organisation, aurora: Organisation, alice: User, client_for: ClientFor
) -> None:
    text = client_for(alice, aurora).get(reverse("preferences:setting")).content.decode()
    for code, _name in django_settings.LANGUAGES:
        assert f'lang="{code}"' in text
    assert connection.tenant == aurora  # type: ignore[attr-defined]
    assert "/p/aurora/preferences/" in text
