"""One person's permissions: line by line with proof, why not, what is told to staff, and its undoing."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from cdp.lib import clock, crypto
from cdp.lib.tenancy import current_schema
from consent import balancing, explain, permissions_tab, staff
from consent.facts import PROFILING, EventType
from consent.models import ConsentEvent, ConsentEvidence
from consent.preferences import tokens
from organisations.audit.models import AccessEntry, AuditEntry
from organisations.models import Membership, Organisation, User
from tests.conftest import ClientFor
from tests.consent import world
from tests.consent.world import Person, bought, person, said

pytestmark = pytest.mark.usefixtures("in_aurora")
NEWS = "marketing.newsletter"


@pytest.fixture
def alices(client_for: ClientFor, alice: User, aurora: Organisation) -> Client:
    return client_for(alice, aurora)


@pytest.fixture
def anna() -> Person:
    return person("anna@example.org", "+4790000001", name="Anna Berg", street="Storgata 1", country="NO")


def tab(browser: Client, who: Person, **query: str) -> str:
    page = browser.get(f"/people/{who.profile.public_id}/", {"tab": "permissions", **query})
    content: str = page.content.decode()
    return content


def ask(browser: Client, who: Person, purpose: str = NEWS, channel: str = "email") -> str:
    assert who.email is not None
    assert who.phone is not None or channel in ("email", "post")
    point = who.email if channel in ("email", "post") else who.phone
    assert point is not None
    page = tab(browser, who, **{"why": f"{point.pk}:{channel}", "for": purpose})
    return page[page.index('id="why"') : page.index('id="history"')]


def post(browser: Client, who: Person, what: str, **data: object) -> int:
    assert who.email is not None
    url = reverse(f"consent:{what}", args=[who.profile.public_id])
    status: int = browser.post(url, {"identifier": who.email.pk, **data}).status_code
    return status


# --- why not (C173) ------------------------------------------------------------------------


def test_c173_a_no_says_reason_day_place_line_rules_and_what_would_open_it(
    alices: Client, anna: Person
) -> None:
    checkout = world.point(name="Checkout")
    said(anna, occurred_at=world.at("2026-03-01T10:00"), point_id=checkout.pk)
    no = said(anna, type=EventType.WITHDRAW, occurred_at=world.at("2026-06-01T10:00"), point_id=checkout.pk)

    answer = ask(alices, anna)

    assert "Withdrew on" in answer
    assert "via Checkout" in answer
    assert f'<dd class="mono">{no.position}</dd>' in answer
    assert "rules" in answer
    assert "2026-11" in answer  # the version of the rules
    assert "Only the person&#x27;s own act" in answer


def test_c173_a_shared_mailbox_shows_nothing_of_the_other_person(alices: Client, anna: Person) -> None:
    assert anna.email is not None
    other = person(anna.email.value, name="Bjarne Vik")
    bought(other)
    said(
        other, type=EventType.WITHDRAW, order_ref="SECRET-77", note="told us at the bar",
    )  # fmt: skip

    answer, page = ask(alices, anna), tab(alices, anna)

    assert "another person who uses this address" in answer
    for hidden in ("Bjarne", "SECRET-77", "told us at the bar", "Purchase"):
        assert hidden not in answer
        assert hidden not in page[page.index('class="permissions"') :]


@pytest.mark.parametrize(
    ("purpose", "channel", "text"),
    [
        ("marketing.partner", "email", "We know of no permission"),
        ("survey", "email", "A survey counts as marketing"),
        ("ads.audience_match", "sms", "We know of no permission"),
        ("tracking.email_open", "email", "We know of no permission"),
        ("service.event_info", "email", "No purchase to write about"),
        ("profiling", "email", "Allowed in this channel after your balancing test"),
        (NEWS, "phone", "No approved balancing test"),
        (NEWS, "post", "No approved balancing test"),
    ],
)
def test_every_purpose_and_channel_can_be_asked(
    alices: Client, anna: Person, purpose: str, channel: str, text: str
) -> None:
    assert text in ask(alices, anna, purpose, channel)


def test_a_balancing_test_opens_calls_and_its_day_is_told(
    alices: Client, anna: Person, alice: User, bob: User
) -> None:
    words = dict.fromkeys(
        ("name", "interest", "necessity", "expectation", "data", "children", "safeguards", "result"), "x"
    )
    test = balancing.write(actor=bob, purpose_id=NEWS, channel="phone", **words)
    balancing.approve(test, actor=alice)
    assert "after your balancing test of" in ask(alices, anna, NEWS, "phone")
    assert "No approved balancing test" in ask(alices, anna, NEWS, "post")


def test_tailored_content_stops_at_an_objection_and_for_children(anna: Person, alice: User) -> None:
    assert anna.email is not None
    child = person("ung@example.org", birth_date=clock.now().date() - timedelta(days=14 * 365))
    assert child.email is not None
    assert_reason(child, "NO_PROFILING")
    staff.withdraw(actor=alice, person=anna.profile, identifier=anna.email, scope=staff.TAILORED)
    assert_reason(anna, "NO_PROFILING")


def assert_reason(who: Person, reason: str) -> None:
    assert who.email is not None
    told = explain.why(who.email, PROFILING, "email")
    assert told is not None
    assert told.decision.reason == reason


@pytest.mark.parametrize("query", [{"why": "0:email"}, {"why": "x"}, {"why": "1:carrier-pigeon"}])
def test_what_does_not_exist_is_not_answered(alices: Client, anna: Person, query: dict[str, str]) -> None:
    assert "why-answer" not in tab(alices, anna, **query)


def test_the_card_answers_for_mail_sms_calls_and_letters(anna: Person) -> None:
    told = permissions_tab.card(anna.profile)
    asked = {each.channel for point in told["points"] for each in point["lines"]}
    assert asked == {"email", "sms", "phone"}
    assert told["letters"].channel == "post"


def test_a_no_to_letters_at_any_address_closes_letters(anna: Person, alice: User) -> None:
    assert anna.phone is not None
    staff.withdraw(actor=alice, person=anna.profile, identifier=anna.phone, scope=staff.THIS, channel="post")
    assert permissions_tab.card(anna.profile)["letters"].decision.reason == "WITHDRAWN"


# --- line by line ---------------------------------------------------------------------------


def test_the_tab_shows_state_since_where_words_grade_order_and_confirmation(
    alices: Client, anna: Person
) -> None:
    checkout = world.point(name="Checkout", text=world.text(body="Ja, gjerne nyheter"))
    said(
        anna, occurred_at=world.at("2026-03-01T10:00"), order_ref="4711", point_id=checkout.pk,
        text_id=checkout.text_id, experiment_variant="B",
    )  # fmt: skip
    said(anna, type=EventType.DOI_REQUESTED)
    said(anna, type=EventType.DOI_CONFIRMED)

    page = tab(alices, anna)

    for shown in ("Ja, gjerne nyheter", "4711", "Proven: words, time and act on record", "Confirmed by link"):
        assert shown in page
    assert "Not known: " in page


def test_a_claim_is_not_a_yes(alices: Client, anna: Person) -> None:
    world.morning(world.claim(anna, "yes", world.point(verified=False, channels=["email"])))
    assert "Claimed, not proven" in tab(alices, anna)


def test_the_history_narrows_by_address_channel_purpose_and_answer(alices: Client, anna: Person) -> None:
    said(anna)
    said(anna, type=EventType.WITHDRAW, purpose="survey")

    def lines(**query: str) -> int:
        page = tab(alices, anna, **query)
        return page[page.index('id="history"') :].count('class="timeline-mark')

    assert lines() == 2
    assert lines(answer="no") == lines(purpose="survey") == lines(purpose=NEWS) == 1
    assert lines(channel="sms") == 0
    assert lines(point=str(anna.phone.pk if anna.phone else 0)) == 0


def test_the_tab_costs_the_same_for_two_lines_and_for_sixty(
    anna: Person, django_assert_num_queries: object, django_assert_max_num_queries: object
) -> None:
    said(anna)
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        permissions_tab.read(anna.profile, {})
    for number in range(30):
        said(anna, type=EventType.WITHDRAW if number % 2 else EventType.GRANT, purpose="survey")
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        permissions_tab.read(anna.profile, {})


# --- traces ---------------------------------------------------------------------------------


def with_traces(who: Person) -> ConsentEvent:
    event = said(who)
    ConsentEvidence.objects.create(
        event=event,
        ip_sealed=crypto.seal(current_schema(), "192.0.2.7"),
        user_agent="Firefox",
        expires_at=clock.now(),
    )
    return event


def test_the_privacy_lead_sees_the_traces_and_the_log_knows(alices: Client, anna: Person) -> None:
    event = with_traces(anna)
    page = alices.get(reverse("consent:evidence", args=[anna.profile.public_id, event.position]))
    assert "192.0.2.7" in page.content.decode()
    assert AccessEntry.objects.latest("pk").fields == "network address, browser, page"
    assert AuditEntry.objects.filter(verb="permission.evidence_shown").count() == 1


def test_nobody_else_is_even_offered_the_traces(
    client_for: ClientFor, bob: User, aurora: Organisation, anna: Person
) -> None:
    event = with_traces(anna)
    bobs = client_for(bob, aurora)
    assert "Show browser" not in tab(bobs, anna)
    page = bobs.get(reverse("consent:evidence", args=[anna.profile.public_id, event.position]))
    assert page.status_code == 403


def test_traces_of_another_person_at_a_shared_mailbox_are_theirs(alices: Client, anna: Person) -> None:
    assert anna.email is not None
    event = with_traces(person(anna.email.value))
    page = alices.get(reverse("consent:evidence", args=[anna.profile.public_id, event.position]))
    assert page.status_code == 404


# --- told to staff --------------------------------------------------------------------------


def test_a_yes_to_words_read_aloud_opens_what_they_ask_for(alices: Client, anna: Person) -> None:
    aloud = world.text(control="oral", purposes=[NEWS, "survey"], channels=["email", "sms"], locale="nb")

    assert post(alices, anna, "give", text=aloud.pk, note="on the phone") == 302

    lines = list(ConsentEvent.objects.values_list("type", "purpose", "channel", "proof", "text", "note"))
    assert lines == [
        ("GRANT", NEWS, "email", "B", aloud.pk, "on the phone"),
        ("GRANT", "survey", "email", "B", aloud.pk, "on the phone"),
    ]
    assert world.answer(anna).newsletter_reason == "CONSENT"


def test_the_words_to_read_are_in_the_persons_language(alices: Client, anna: Person) -> None:
    world.text(name="aloud", control="oral", locale="nb", body="Vil du ha nyheter?")
    world.text(name="aloud", control="oral", locale="da", body="Vil du have nyheder?")
    assert "Vil du ha nyheter?" in tab(alices, anna)
    anna.profile.language = "da"
    anna.profile.save()
    page = tab(alices, anna)
    assert "Vil du have nyheder?" in page
    assert "Vil du ha nyheter?" not in page


def test_a_yes_by_phone_lifts_no_earlier_no_and_says_so(alices: Client, anna: Person) -> None:
    said(anna, type=EventType.WITHDRAW)
    page = alices.post(
        reverse("consent:give", args=[anna.profile.public_id]),
        {"identifier": anna.email.pk if anna.email else 0, "purpose": NEWS},
        follow=True,
    )
    assert "opens nothing: an earlier no stands" in page.content.decode()
    assert world.answer(anna).newsletter_reason == "WITHDRAWN"


@pytest.mark.parametrize(
    ("scope", "line", "reason"),
    [
        ("this", ("WITHDRAW", NEWS, "email", "address"), "WITHDRAWN"),
        ("channel", ("WITHDRAW", "*", "email", "address"), "WITHDRAWN"),
        ("tailored", ("OBJECT", "profiling", "*", "person"), "CONSENT"),
        ("everything", ("OBJECT", "*", "*", "person"), "OBJECTED"),
    ],
)
def test_a_no_is_as_wide_as_the_person_means_it(
    alices: Client, anna: Person, scope: str, line: tuple[str, ...], reason: str
) -> None:
    said(anna)
    assert post(alices, anna, "withdraw", scope=scope, purpose=NEWS) == 302
    written = ConsentEvent.objects.filter(via="staff").order_by("position").first()
    assert written is not None
    assert (written.type, written.purpose, written.channel, written.scope) == line
    assert world.answer(anna).newsletter_reason == reason


@pytest.mark.parametrize("scope", ["this", "channel", "tailored", "everything"])
def test_a_slip_of_the_hand_is_undone_and_stays_in_the_history(
    alices: Client, anna: Person, scope: str
) -> None:
    said(anna)
    post(alices, anna, "withdraw", scope=scope, purpose=NEWS)
    act = AuditEntry.objects.latest("pk").act_id

    page = alices.post(reverse("consent:undo", args=[anna.profile.public_id, act]), follow=True)

    assert "Undone" in page.content.decode()
    assert world.answer(anna).newsletter_reason == "CONSENT"
    assert_reason(anna, "LEGITIMATE_INTEREST")
    assert "Taken back by the house" in tab(alices, anna)
    assert AuditEntry.objects.filter(verb="permission.undone", act_id=act).count() == 1


def test_a_yes_is_undone_too(alices: Client, anna: Person) -> None:
    post(alices, anna, "give", purpose=NEWS)
    act = AuditEntry.objects.latest("pk").act_id
    alices.post(reverse("consent:undo", args=[anna.profile.public_id, act]))
    assert world.answer(anna).newsletter_reason == "NO_BASIS"


def noted(alice: User, anna: Person) -> uuid.UUID:
    assert anna.email is not None
    act = staff.withdraw(actor=alice, person=anna.profile, identifier=anna.email, scope=staff.THIS)
    return act.number


def test_nobody_undoes_anothers_note_nor_their_own_after_ten_minutes(
    anna: Person, alice: User, bob: User
) -> None:
    number = noted(alice, anna)
    with pytest.raises(staff.TooLate):
        staff.undo(number, actor=bob, person=anna.profile)
    with time_machine.travel(clock.now() + timedelta(minutes=11)), pytest.raises(staff.TooLate):
        staff.undo(number, actor=alice, person=anna.profile)


def test_undoing_twice_writes_once(anna: Person, alice: User) -> None:
    number = noted(alice, anna)
    assert len(staff.undo(number, actor=alice, person=anna.profile)) == 1
    with pytest.raises(staff.TooLate):
        staff.undo(number, actor=alice, person=anna.profile)
    assert EventType.INVALIDATED in ConsentEvent.objects.values_list("type", flat=True)


def test_who_noted_it_is_named(alices: Client, anna: Person, bob: User) -> None:
    assert anna.email is not None
    staff.withdraw(actor=bob, person=anna.profile, identifier=anna.email, scope=staff.THIS)
    assert f"noted by {bob}" in tab(alices, anna)


@pytest.mark.parametrize(
    "data", [{"purpose": ""}, {"purpose": "service.event_info"}, {"text": 999}, {"purpose": "x"}]
)
def test_a_yes_to_nothing_is_refused(alices: Client, anna: Person, data: dict[str, object]) -> None:
    assert post(alices, anna, "give", **data) == 400
    assert not ConsentEvent.objects.exists()


# --- their own page -------------------------------------------------------------------------


def test_the_link_is_shown_to_who_edits_people_and_logged_without_the_token(
    alices: Client, anna: Person
) -> None:
    assert anna.email is not None
    url = reverse("consent:link", args=[anna.profile.public_id])
    shown = alices.post(url, {"identifier": anna.email.pk, "do": "show"}).content.decode()

    token = shown.split("/u/")[1].split("/")[0].split("<")[0]
    read = tokens.read(token)
    assert read is not None
    assert (read.identifier_id, read.mailed) == (anna.email.pk, False)
    entry = AuditEntry.objects.get(verb="permission.link_shown")
    assert token not in f"{entry.target} {entry.summary}"


def test_the_link_is_mailed_to_the_address_itself(alices: Client, anna: Person) -> None:
    assert post(alices, anna, "link", do="mail") == 200
    assert [letter.to for letter in mail.outbox] == [["anna@example.org"]]


def test_only_who_edits_people_gets_the_link(
    client_for: ClientFor, bob: User, anna: Person, charlie: User, borealis: Organisation
) -> None:
    assert post(client_for(charlie, borealis), anna, "link") == 404
    Membership.objects.filter(user=bob).delete()
    assert post(client_for(bob, None), anna, "link") == 404
