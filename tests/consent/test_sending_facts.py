"""What the last question knows: who is locked or on a register, what was sent, where people are from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from consent import answers, content_check, ledger, sending
from consent.content_check import BackToReview
from consent.facts import Message, MessageClass
from consent.models import BalancingTest, ContactUse, RegisterMark, SendDecision
from profiles.models import Identifier, RecordMark
from tests.consent import world
from tests.consent.test_claims import said_no
from tests.consent.world import answer, bought, claim, morning, person, point

pytestmark = pytest.mark.usefixtures("in_aurora")

NOON = world.at("2026-11-18T12:00")  # a Wednesday, 13:00 in Oslo
NEWS = Message("aurora", "marketing.newsletter", "email")
SMS = replace(NEWS, channel="sms")
CALL = Message("aurora", "marketing.own_similar", "phone", category="performing_arts")
LETTER = replace(CALL, channel="post")
SERVICE = Message("aurora", "service.event_info", "email", kind=MessageClass.SERVICE)


def reason(message: Message, who: world.Person, **given: Any) -> str:
    """What is decided about the message now, at noon."""
    found = who.email if message.channel in ("email", "post") else who.phone
    assert found is not None
    given = dict[str, Any](label="letter", now=NOON) | given
    return sending.ask(message, identifier_ids=[found.pk], **given).decisions[found.pk].reason


def subscriber(email: str = "anna@example.org", phone: str = "") -> world.Person:
    """Said yes by every channel they have, a while ago."""
    who = person(email, phone)
    morning(claim(who, "yes", point(f"news {email}", channels=["email", "sms"]), occurred_at=NOON))
    return who


# --- locked, registered -------------------------------------------------------------------


def test_a_locked_person_gets_no_marketing_and_service_only_by_hand() -> None:
    """C91, C92: a mark on any record of the person."""
    anna = subscriber()
    other = person("other@example.org", profile=anna.profile)
    RecordMark.objects.create(record=other.record, kind="restricted")

    assert reason(NEWS, anna) == "RESTRICTED"
    assert reason(SERVICE, anna) == "RESTRICTED"
    assert list(SendDecision.objects.values_list("decision", flat=True)) == ["BLOCK", "REVIEW"]
    assert answer(anna).newsletter_reason == "RESTRICTED"


def test_a_guarded_person_is_written_to_like_everybody() -> None:
    anna = subscriber()
    RecordMark.objects.create(record=anna.record, kind="guarded")

    assert reason(NEWS, anna) == "CONSENT"


def on_register(contact: Identifier | None, register: str, channel: str) -> None:
    assert contact is not None
    RegisterMark.objects.create(identifier=contact, register=register, channel=channel)


def approved(channel: str) -> None:
    BalancingTest.objects.create(
        name=channel, purpose_id="marketing.own_similar", channel=channel, author="a", approved_at=NOON
    )


def test_a_register_stops_calls_but_not_to_a_subscriber() -> None:
    """C103, C104."""
    approved("phone")
    anna, ben = person(phone="+4790000001"), person(phone="+4790000002")
    bought(ben, kind="season_ticket", ordered_at=NOON - timedelta(days=9), ends_at=NOON + timedelta(days=99))
    for who in (anna, ben):
        assert reason(CALL, who) == "LEGITIMATE_INTEREST"
        on_register(who.phone, "reservasjon_phone", "phone")

    assert reason(CALL, anna) == "OPTOUT_REGISTER"
    assert reason(CALL, ben) == "LEGITIMATE_INTEREST"


def test_a_call_without_a_balancing_test_that_stands() -> None:
    """C116."""
    anna = person(phone="+4790000001")
    approved("post")

    assert reason(CALL, anna) == "LIA_MISSING"


def test_a_letter_is_asked_about_where_its_permissions_are_kept() -> None:
    """It reaches who has moved mailboxes; a register and a no reach it."""
    approved("post")
    anna, ben = person("anna@example.org"), person("ben@example.org")
    assert anna.email is not None
    ledger.mark_status([anna.email.pk], "bounced", source_system="test")
    assert reason(LETTER, anna) == "LEGITIMATE_INTEREST"
    on_register(anna.email, "reservasjon_post", "post")
    ledger.record(said_no(ben, channel="post", purpose="*"))

    assert reason(LETTER, anna) == "OPTOUT_REGISTER"
    assert reason(LETTER, ben) == "OBJECTED"


# --- what was sent lately -------------------------------------------------------------------


def sent(message: Message, who: world.Person, times: int, *, days_ago: float = 1) -> None:
    found = who.email if message.channel == "email" else who.phone
    assert found is not None
    for number in range(times):
        label = f"{message.channel} {number} {days_ago}"
        sending.ask(message, label=label, identifier_ids=[found.pk], now=NOON)
        sending.went_out(label=label, identifier_ids=[found.pk], at=NOON - timedelta(days=days_ago))


def test_the_fourth_message_of_a_week_waits() -> None:
    """C112."""
    anna = subscriber()
    sent(NEWS, anna, 2)
    assert reason(NEWS, anna) == "CONSENT"
    sent(NEWS, anna, 1)

    assert reason(NEWS, anna) == "FREQUENCY_CAP"


def test_a_no_is_told_before_the_cap() -> None:
    """C115."""
    anna = subscriber()
    sent(NEWS, anna, 3)
    ledger.record(said_no(anna))

    assert reason(NEWS, anna) == "OBJECTED"


def test_only_what_went_out_in_the_last_week_counts() -> None:
    anna = subscriber()
    sent(NEWS, anna, 3, days_ago=7.1)
    for number in range(3):
        reason(NEWS, anna, label=f"planned {number}")

    assert reason(NEWS, anna) == "CONSENT"


def test_the_cap_is_the_persons_over_all_channels() -> None:
    """One SMS a week, three messages whatever the channel."""
    anna = subscriber("anna@example.org", "+4790000001")
    sent(SMS, anna, 1)
    assert reason(SMS, anna) == "FREQUENCY_CAP"
    assert reason(NEWS, anna) == "CONSENT"
    sent(NEWS, anna, 2)

    assert reason(NEWS, anna) == "FREQUENCY_CAP"


def test_service_messages_fill_no_cap() -> None:
    anna = subscriber()
    bought(anna, starts_at=NOON + timedelta(days=3))
    sent(SERVICE, anna, 3)

    assert reason(NEWS, anna) == "CONSENT"
    assert not ContactUse.objects.exists()


def test_the_pace_that_was_promised() -> None:
    anna, words = person("anna@example.org"), world.text(promised_per_month=2)
    checkout = point("checkout", kind="act", text=words)
    morning(claim(anna, "yes", checkout, order_ref="1", occurred_at=NOON - timedelta(days=90)))
    sent(NEWS, anna, 2, days_ago=20)

    assert reason(NEWS, anna) == "PROMISED_FREQUENCY"


def test_a_message_that_went_out_keeps_a_yes_alive() -> None:
    anna = subscriber()
    sent(NEWS, anna, 1)

    assert ContactUse.objects.get(identifier=anna.email).last_used_at == NOON - timedelta(days=1)


def test_what_nobody_allowed_did_not_go_out() -> None:
    ben = person("ben@example.org")

    sent(NEWS, ben, 1)

    assert SendDecision.objects.get().acted_at is None


def test_a_decision_can_be_read_with_its_facts_years_later() -> None:
    anna = subscriber()
    bought(anna, ordered_at=NOON - timedelta(days=30))
    sent(NEWS, anna, 1)

    reason(NEWS, anna, label="next")

    facts = SendDecision.objects.get(message="next").facts
    assert facts["events"] == [event.pk for event in anna.events()]
    assert facts["relations"] == ["sale|2026-10-19|-|own|performing_arts|unknown"]
    assert (facts["class"], facts["country"], facts["sent_last_7d"]) == ("marketing", "NO", 1)


# --- what the message says --------------------------------------------------------------------


def from_a_partner() -> world.Person:
    """Known from a partner's file alone."""
    theirs = world.source("festival-partner")
    column = point("partner:news", source=theirs, contract_party="other")
    who = person("anna@example.org", of=theirs)
    morning(claim(who, "yes", column, occurred_at=NOON))
    return who


def test_the_first_message_to_somebody_from_a_partner_waits_for_the_notice() -> None:
    """C171: Art. 14(3)(b)."""
    anna = from_a_partner()

    assert reason(NEWS, anna, content="<p>News</p>") == "NOTICE_MISSING"
    assert reason(NEWS, anna, content=f"<p>News</p> {content_check.NOTICE}") == "CONSENT"


def test_who_was_told_once_is_not_told_again() -> None:
    """C171."""
    anna = from_a_partner()
    assert anna.email is not None
    reason(NEWS, anna, label="first", content=content_check.NOTICE)
    assert reason(NEWS, anna, content="<p>News</p>") == "NOTICE_MISSING"  # nothing went out yet

    sending.went_out(label="first", identifier_ids=[anna.email.pk], at=NOON)

    assert reason(NEWS, anna, content="<p>News</p>") == "CONSENT"


def test_who_bought_here_too_knows_where_we_have_it_from() -> None:
    anna = from_a_partner()
    person("anna@example.org", profile=anna.profile)

    assert reason(NEWS, anna, content="<p>News</p>") == "CONSENT"


@pytest.mark.parametrize(
    "link",
    [
        "https://tickets.theatre.example/peer-gynt",
        "https://theatre.example/billetter/",
        "https://theatre.example/webshop?show=4",
        "https://theatre.example/no/kjop/gavekort",
    ],
)
def test_a_service_template_that_gained_a_shop_link_goes_back_to_review(link: str) -> None:
    """C172."""
    anna = person("anna@example.org")
    bought(anna, starts_at=NOON + timedelta(days=3))

    with pytest.raises(BackToReview) as refused:
        reason(SERVICE, anna, content=f'<a href="{link}">More shows</a>')

    assert refused.value.links == (link,)
    assert not SendDecision.objects.exists()


@pytest.mark.parametrize(
    "link",
    [
        "https://theatre.example/your-evening",
        "https://theatre.example/ticket/AB12CD34",
        "https://theatre.example/tickets/A1B2C3D4E5.pdf",
        "https://buyers-guide.example/parking",
    ],
)
def test_a_service_message_may_link_to_the_ticket_and_to_what_is_no_shop(link: str) -> None:
    """C172."""
    anna = person("anna@example.org")
    bought(anna, starts_at=NOON + timedelta(days=3))

    assert reason(SERVICE, anna, content=f"See {link}") == "SERVICE"


def test_a_newsletter_may_sell() -> None:
    assert reason(NEWS, subscriber(), content="https://theatre.example/tickets/") == "CONSENT"


def test_a_host_that_only_sells_is_known_by_name() -> None:
    found = content_check.selling_links("https://eventim.example/x", shop_hosts=["eventim.example"])

    assert found == ["https://eventim.example/x"]


def test_marking_somebody_locked_changes_the_stored_answer_when_decided_anew() -> None:
    anna = subscriber()
    bens = [person(f"ben{number}@example.org") for number in range(3)]
    answers.refresh()
    RecordMark.objects.create(record=bens[1].record, kind="restricted")
    on_register(bens[2].email, "robinson_post", "post")

    counts = answers.refresh()

    assert counts.changed == 1
    assert answer(anna).newsletter == "ALLOW"
    assert answer(bens[1]).newsletter_reason == "RESTRICTED"
