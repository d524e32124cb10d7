"""A form as customers meet it: what is written of an answer, what is not, and what a page gives away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from cdp.lib import clock
from consent.collecting import confirming, evidence, verbs
from consent.models import (
    Confirmation,
    ConsentEvent,
    ConsentEvidence,
    ConsentForm,
    FormServed,
    PrivacySettings,
)
from organisations.models import Organisation, User
from profiles.models import HeldRow, Identifier, Profile, SourceRecord
from tests.conftest import OrganisationClient
from tests.consent import world
from tests.consent.collecting import made
from tests.consent.collecting.made import CHOICE, stored_text

pytestmark = pytest.mark.usefixtures("in_aurora")
URL = "/p/aurora/f/news/"
Live = Callable[..., ConsentForm]


@pytest.fixture
def live(alice: User, monkeypatch: pytest.MonkeyPatch) -> Live:
    """A form that is live, by Alice's word; mails go out at once."""
    from consent import tasks

    monkeypatch.setattr(tasks.mail_confirmation, "delay_on_commit", confirming.mail)

    def publish(
        *texts: Any, layout: dict[str, Any] | None = None, reason: str = "", **facts: Any
    ) -> ConsentForm:
        language = facts.pop("language", {})
        form = verbs.make(actor=alice, key="news", name="Newsletter", locale="nb")
        for name, value in facts.items():
            setattr(form, name, value)
        form.save()
        form.versions.all().delete()
        version = made.version(form, *texts, layout=layout, **language)
        verbs.publish(version, actor=alice, override_reason=reason)
        form.refresh_from_db()
        return form

    return publish


def visit(client: Client, query: str = "", url: str = URL) -> dict[str, str]:
    """Opens the page; answers what its hidden fields hold."""
    shown = client.get(url + query)
    assert shown.status_code == 200, shown.content
    return {"ticket": shown.context["ticket"]}


def say(client: Client, query: str = "", **answers: str) -> Any:
    return client.post(URL, visit(client, query) | answers)


@pytest.fixture
def visitor() -> Client:
    return OrganisationClient(HTTP_ACCEPT_LANGUAGE="nb", HTTP_USER_AGENT="Test/1.0")


def the_events() -> list[tuple[str, str, str]]:
    return list(ConsentEvent.objects.order_by("position").values_list("type", "purpose", "channel"))


def test_a_yes_is_an_act_of_the_highest_grade_with_all_that_proves_it(live: Live, visitor: Client) -> None:
    form = live()

    answer = say(
        visitor,
        "?unit=8841&page=https://aurora.example/checkout?mail=x",
        ask0="yes",
        email="Kari@Example.NO ",
    )

    assert answer.status_code == 200
    event = ConsentEvent.objects.get()
    assert (event.type, event.proof, event.kind, event.via) == ("GRANT", "A", "act", "web_form")
    assert (event.point, event.order_ref) == (form.point, "8841")
    assert event.text is not None
    assert event.identifier == Identifier.objects.get(kind="email", value="kari@example.no")
    proof = ConsentEvidence.objects.get(event=event)
    assert (proof.user_agent, proof.page_url) == ("Test/1.0", "https://aurora.example/checkout")
    assert proof.ip_sealed
    assert "127.0.0.1" not in proof.ip_sealed
    assert not answer.cookies


def test_whoever_says_yes_is_somebody_the_house_knows_by_this_form(live: Live, visitor: Client) -> None:
    form = live(layout={"name": True})

    say(visitor, ask0="yes", email="kari@example.no", name="Kari Nordmann")

    record = SourceRecord.objects.get()
    assert record.source == form.point.source
    assert (record.given_name, record.email, record.is_customer) == ("Kari", "kari@example.no", False)
    assert (
        world.answer(world.Person(record.profile, record, Identifier.objects.get(), None)).basket
        == "marketing"
    )


def test_an_empty_box_is_silence_and_leaves_nothing_behind(live: Live, visitor: Client) -> None:
    live()

    answer = say(visitor, email="kari@example.no")

    assert answer.status_code == 200
    assert not ConsentEvent.objects.exists()
    assert not Identifier.objects.filter(value="kari@example.no").exists()
    assert FormServed.objects.get().said_yes is None


def test_a_pressed_no_is_a_refusal_without_traces(live: Live, visitor: Client) -> None:
    live(stored_text(**CHOICE))

    say(visitor, ask0="no", email="kari@example.no")

    assert the_events() == [("DENY", "marketing.newsletter", "email")]
    assert not ConsentEvidence.objects.exists()


def test_the_same_answer_sent_twice_is_written_once(live: Live, visitor: Client) -> None:
    live()
    sent = visit(visitor, "?unit=8841") | {"ask0": "yes", "email": "kari@example.no"}

    answers = [visitor.post(URL, sent).status_code for _ in range(2)]
    answers.append(say(visitor, "?unit=8841", ask0="yes", email="kari@example.no").status_code)

    assert answers == [200, 200, 200]
    assert len(the_events()) == 1


RIGHT = {"email": "k@example.no", "phone": "+4790000001", "birth_date": "1990-01-01"}


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, {"email", "phone", "birth_date"}),
        (RIGHT | {"email": "kari"}, {"email"}),
        (RIGHT | {"phone": "12"}, {"phone"}),
        (RIGHT | {"birth_date": "2150-01-01"}, {"birth_date"}),
        (RIGHT | {"birth_date": "yesterday"}, {"birth_date"}),
        (RIGHT | {"guardian": "x"}, {"guardian"}),
        (RIGHT | {"guardian": "k@example.no"}, {"guardian"}),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    live: Live, visitor: Client, sent: dict[str, str], wrong: set[str]
) -> None:
    live(layout={"phone": "required", "birth_date": True, "guardian": True})

    answer = say(visitor, ask0="yes", **sent)

    assert answer.status_code == 422
    assert wrong == set(answer.context["sent"].errors)
    assert not SourceRecord.objects.exists()
    assert not HeldRow.objects.exists()


def test_two_channels_are_two_answers(live: Live, visitor: Client) -> None:
    live(stored_text(channels=["email", "sms"]), layout={"split": True})

    say(visitor, **{"ask0-marketing.newsletter-sms": "yes", "phone": "900 00 001"})

    assert the_events() == [("GRANT", "marketing.newsletter", "sms")]
    assert Identifier.objects.get(kind="phone").value == "+4790000001"


def test_a_customers_no_to_similar_offers_is_heard(live: Live, visitor: Client) -> None:
    form = live(layout={"optout": "control"}, language={"optout": "Nei takk til lignende tilbud"})

    say(visitor, optout="no", email="kari@example.no")

    assert the_events() == [("DENY", "marketing.own_similar", "email")]
    assert form.point.optout_offered == "yes"


def test_known_and_unknown_addresses_get_the_same_answer(live: Live, visitor: Client) -> None:
    live(double_optin="always")
    known = world.person("known@example.no")
    world.morning(world.claim(known, "no", world.point(no_is_explicit=True)))

    pages = [
        say(visitor, ask0="yes", email=address).content for address in ("known@example.no", "new@example.no")
    ]

    assert pages[0] == pages[1]
    assert not any(b"example.no" in page for page in pages)


def test_a_proven_yes_lifts_an_earlier_no(live: Live, visitor: Client) -> None:
    live()
    known = world.person("known@example.no")
    world.morning(world.claim(known, "no", world.point(no_is_explicit=True)))

    say(visitor, ask0="yes", email="known@example.no")

    assert world.answer(known).newsletter == "ALLOW"


def test_an_override_goes_with_every_answer_it_collects(live: Live, visitor: Client) -> None:
    live(stored_text(channels=["email", "phone"]), reason="Agreed with counsel")

    say(visitor, ask0="yes", email="kari@example.no", phone="90000001")

    notes = set(ConsentEvent.objects.values_list("note", flat=True))
    assert notes == {"published over L05 by Alice: Agreed with counsel"}


def test_a_childs_yes_waits_for_the_guardian(live: Live, visitor: Client) -> None:
    live(layout={"birth_date": True, "guardian": True})
    born = clock.now().date().replace(month=1, day=1)
    child = {"ask0": "yes", "email": "ola@example.no", "birth_date": str(born.replace(year=born.year - 12))}

    alone = say(visitor, **child)
    say(visitor, **child, guardian="far@example.no")

    assert set(alone.context["sent"].errors) == {"guardian"}
    event = ConsentEvent.objects.get()
    assert (event.type, event.guardian) == ("DOI_REQUESTED", True)
    assert [each.to for each in mail.outbox] == [["far@example.no"]]
    link = mail.outbox[0].body.split("/p/aurora/c/")[1].split("?")[0]
    visitor.post(f"/p/aurora/c/{link}")
    assert event.record is not None
    ola = world.Person(event.record.profile, event.record, event.identifier, None)
    assert world.answer(ola).newsletter == "ALLOW"
    assert "far@example.no" not in str(Confirmation.objects.values())


def test_a_child_without_a_guardian_is_told_and_not_stored(live: Live, visitor: Client) -> None:
    live(layout={"birth_date": True})
    born = str(date(clock.now().year - 12, 1, 1))

    answer = say(visitor, ask0="yes", email="ola@example.no", birth_date=born)

    assert "birth_date" in answer.context["sent"].errors
    assert not Profile.objects.exists()


def test_a_machine_that_fills_every_field_leaves_nothing(live: Live, visitor: Client) -> None:
    live()

    answer = say(visitor, ask0="yes", email="bot@example.no", website="https://spam.example")

    assert answer.status_code == 200
    assert not ConsentEvent.objects.exists()


def test_many_answers_from_one_place_have_to_wait(
    live: Live, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    live()
    monkeypatch.setattr("consent.collecting.public_views.MOST_ANSWERS", 1)

    statuses = [say(visitor).status_code for _ in range(2)]

    assert statuses == [200, 429]


@pytest.mark.parametrize("ticket", ["", "forged", "eyJmIjoxfQ:1x:abc"])
def test_a_page_that_was_not_shown_here_is_shown_again(live: Live, visitor: Client, ticket: str) -> None:
    live()

    answer = visitor.post(URL, {"ticket": ticket, "ask0": "yes", "email": "kari@example.no"})

    assert answer.status_code == 409
    assert not ConsentEvent.objects.exists()
    assert b"kari@example.no" in answer.content


def test_an_answer_is_to_the_words_that_stood_there(live: Live, visitor: Client, alice: User) -> None:
    form = live()
    open_page = visit(visitor)
    former = form.versions.get()
    verbs.publish(made.version(form, stored_text(body=made.BODY + " Igjen.")), actor=alice)

    visitor.post(URL, open_page | {"ask0": "yes", "email": "kari@example.no"})

    text = ConsentEvent.objects.get().text
    assert text is not None
    assert text.pk == former.spec["locales"]["nb"]["controls"][0]["text"]


def test_the_page_speaks_the_forms_language_whatever_is_asked(live: Live, visitor: Client) -> None:
    live()

    assert 'lang="nb"' in visitor.get(URL + "?lang=de").content.decode()


@pytest.mark.parametrize("url", ["/p/aurora/f/other/", "/p/borealis/f/news/", "/p/nobody/f/news/"])
def test_a_form_is_nowhere_but_at_its_own_address(
    live: Live, visitor: Client, borealis: Organisation, url: str
) -> None:
    live()

    assert visitor.get(url).status_code == 404


def test_a_draft_has_no_page_and_a_closed_form_says_so(live: Live, visitor: Client, alice: User) -> None:
    form = live()
    verbs.close(actor=alice, form=form)
    draft = made.form("draft")
    made.version(draft)

    assert visitor.get(URL).status_code == 410
    assert visitor.get("/p/aurora/f/draft/").status_code == 404


def test_only_the_named_sites_may_frame_it(live: Live, visitor: Client) -> None:
    live(origins=["https://aurora.example"])

    framed, alone = visitor.get(URL + "embed/"), visitor.get(URL)

    assert "frame-ancestors https://aurora.example;" in framed["Content-Security-Policy"] + ";"
    assert "default-src 'none'" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert alone["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in alone["Content-Security-Policy"]


def test_a_form_without_sites_is_framed_nowhere(live: Live, visitor: Client) -> None:
    live()

    assert "frame-ancestors 'none'" in visitor.get(URL + "embed/")["Content-Security-Policy"]


def test_a_withdrawal_takes_the_traces_along(live: Live, visitor: Client) -> None:
    live()
    for name in ("kari", "ola"):
        say(visitor, ask0="yes", email=f"{name}@example.no")
    kari = Identifier.objects.get(value="kari@example.no")

    made.withdraw(kari)

    assert {each.event.identifier_id for each in ConsentEvidence.objects.all()} == {
        Identifier.objects.get(value="ola@example.no").pk
    }


def test_traces_expire_after_six_months(live: Live, visitor: Client) -> None:
    live()
    say(visitor, ask0="yes", email="kari@example.no")
    ConsentEvidence.objects.update(expires_at=clock.now())

    assert evidence.forget_old() == 1
    assert not ConsentEvidence.objects.exists()


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a.example:8443/x?mail=kari@example.no#y", "https://a.example:8443/x"),
        ("https://kari:secret@a.example/", "https://a.example/"),
        ("javascript:alert(1)", ""),
        ("https://[", ""),
    ],
)
def test_of_a_pages_address_only_the_place_is_kept(address: str, kept: str) -> None:
    assert evidence.page(address) == kept


def test_settings_decide_who_must_confirm(live: Live, visitor: Client) -> None:
    form = live()
    PrivacySettings.objects.create(pk=1, confirm_always=True)
    say(visitor, ask0="yes", email="a@example.no")
    ConsentForm.objects.filter(pk=form.pk).update(double_optin="paid")
    say(visitor, ask0="yes", email="b@example.no")

    assert [event for event, *_ in the_events()] == ["DOI_REQUESTED", "GRANT"]
