"""Rows of table 1.4 that no case of the file reaches, and the flags. Pure: no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from consent.decide import decide
from consent.facts import Decision, EventType, LedgerEvent, Message, MessageClass, Recipient, Relation
from consent.rules import Rules

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday, 13:00 in Oslo
ANNA = Recipient("anna", "NO", persons=frozenset({"P1"}))
NEWS = Message("aurora", "marketing.newsletter", "email")
OWN = Message("aurora", "marketing.own_similar", "email", category="performing_arts")
CALL = replace(OWN, channel="phone", lia=True)
SEASON = Relation(
    "subscription",
    NOW - timedelta(days=90),
    NOW + timedelta(days=200),
    category="performing_arts",
    optout_offered="yes",
)


def said(kind: EventType = EventType.GRANT, **given: Any) -> LedgerEvent:
    defaults: dict[str, Any] = {
        "id": 1,
        "occurred_at": NOW - timedelta(days=30),
        "recorded_at": NOW - timedelta(days=30),
        "purpose": "marketing.newsletter",
        "channel": "email",
        "address": "anna",
        "proof": "A",
    }
    return LedgerEvent(type=kind, **defaults | given)


def ask(
    message: Message = NEWS,
    *events: LedgerEvent,
    to: Recipient = ANNA,
    relations: tuple[Relation, ...] = (),
    now: datetime = NOW,
    home: str = "NO",
) -> Decision:
    return decide(message, to, events, relations, now, Rules(home=home))


def test_r06_service_without_an_order() -> None:
    assert ask(replace(NEWS, kind=MessageClass.SERVICE)).reason == "SERVICE_WITHOUT_ORDER"


def test_r05_a_template_nobody_approved_is_no_service_message() -> None:
    letter = Message("aurora", "service.event_info", "email", kind=MessageClass.SERVICE, order="O1")

    assert ask(letter).reason == "SERVICE"
    assert ask(replace(letter, approved=False)).reason == "SERVICE_WITHOUT_ORDER"


def test_r05_a_membership_in_force_is_something_to_write_about() -> None:
    letter = Message("aurora", "service.event_info", "email", kind=MessageClass.SERVICE)

    assert ask(letter, relations=(SEASON,)).reason == "SERVICE"


def test_r02_a_number_that_belongs_to_somebody_else_now() -> None:
    assert ask(NEWS, said(), to=replace(ANNA, reassigned=True)).reason == "ADDRESS_INVALID"


@pytest.mark.parametrize(
    ("kind", "flag"),
    [
        (MessageClass.SURVEY, "SURVEY_IS_MARKETING"),
        (MessageClass.MIXED, "MIXED_CONTENT"),
        (MessageClass.CONSENT_REQUEST, "CONSENT_REQUEST_IS_MARKETING"),
    ],
)
def test_r07_dressed_up_marketing_is_marketing(kind: MessageClass, flag: str) -> None:
    decision = ask(replace(NEWS, kind=kind))

    assert (decision.reason, flag in decision.flags) == ("NO_BASIS", True)


def test_r08_a_message_without_a_way_to_say_no() -> None:
    assert ask(replace(NEWS, has_optout=False), said()).reason == "CONTENT_NO_OPTOUT"


@pytest.mark.parametrize(("proof", "reason"), [("A", "CONSENT"), ("B", "SUPPRESSED_AFTER_ERASURE")])
def test_r09_only_an_own_yes_since_speaks_again_for_somebody_erased(proof: str, reason: str) -> None:
    erased = replace(ANNA, erased_at=NOW - timedelta(days=60))

    assert ask(NEWS, said(proof=proof), to=erased).reason == reason


@pytest.mark.parametrize(
    ("country", "reason"),
    [("NO", "LEGAL_PERSON"), ("SE", "LEGAL_PERSON"), ("DK", "NO_BASIS"), ("DE", "NO_BASIS")],
)
def test_r12_company_mailboxes_by_country(country: str, reason: str) -> None:
    firm = replace(ANNA, country=country, legal_person=True)

    assert ask(NEWS, to=firm, home=country).reason == reason


def test_r13_somebody_too_young_when_they_said_yes_stays_too_young_for_it() -> None:
    child = replace(ANNA, birth_date=date(2011, 11, 10))  # fifteen since last week

    assert ask(NEWS, said(), to=child).reason == "MINOR_NO_VALID_CONSENT"
    since = NOW - timedelta(days=3)
    assert ask(NEWS, said(occurred_at=since, recorded_at=since), to=child).reason == "CONSENT"


def test_r15_any_no_in_the_channel_closes_the_customer_exception() -> None:
    survey = said(EventType.WITHDRAW, purpose="survey")

    assert ask(OWN, survey, relations=(SEASON,)).reason == "WITHDRAWN"
    assert ask(OWN, replace(survey, channel="sms"), relations=(SEASON,)).reason == "SOFT_OPT_IN"


def test_r15_a_no_that_the_person_lifted_closes_nothing() -> None:
    no = said(
        EventType.WITHDRAW, id=2, occurred_at=NOW - timedelta(days=60), recorded_at=NOW - timedelta(days=60)
    )

    assert ask(OWN, no, said(), relations=(SEASON,)).reason == "SOFT_OPT_IN"


def test_r16_to_r22_pass_together_on_one_sale() -> None:
    """A sale that could be declined elsewhere does not vouch for a season ticket that could not."""
    elsewhere = replace(SEASON, contract_party="somebody else")
    silent = replace(SEASON, optout_offered="unknown")

    assert ask(OWN, relations=(elsewhere, silent)).reason == "NO_OPTOUT_OFFERED"


def test_r17_comes_before_the_sale_is_looked_at() -> None:
    assert ask(OWN, to=replace(ANNA, birth_date=date(2010, 1, 1))).reason == "MINOR_NO_SOFT_OPTIN"


@pytest.mark.parametrize("own", [True, False])
def test_r22_somebody_elses_goods_are_not_similar(own: bool) -> None:
    assert ask(replace(OWN, own=own), relations=(SEASON,)).reason == ("SOFT_OPT_IN" if own else "NOT_SIMILAR")


def test_r28_what_can_be_mended_is_told_first() -> None:
    claimed = said(purpose="marketing.own_similar", proof="C")

    assert ask(OWN, claimed).reason == "UNPROVEN_CONSENT"
    assert ask(OWN).reason == "NO_SALE"


def test_r28_a_request_for_confirmation_waits_for_its_click() -> None:
    asked = said(EventType.DOI_REQUESTED)
    clicked = said(EventType.DOI_CONFIRMED, id=2, occurred_at=NOW, recorded_at=NOW)

    assert ask(NEWS, asked).reason == "DOI_PENDING"
    assert ask(NEWS, asked, clicked).reason == "CONSENT"


def test_r28_germany_asks_for_the_click_at_web_forms_only() -> None:
    german = replace(ANNA, country="DE")

    assert ask(NEWS, said(via="web_form"), to=german, home="DE").reason == "DOI_PENDING"
    assert ask(NEWS, said(via="checkout"), to=german, home="DE").reason == "CONSENT"


def test_r28_a_lapse_that_was_written_down_counts() -> None:
    lapsed = said(EventType.LAPSED, id=2, occurred_at=NOW, recorded_at=NOW)

    assert ask(NEWS, said(), lapsed).reason == "CONSENT_LAPSED"


def test_a_yes_carried_to_a_new_address_is_a_yes() -> None:
    assert ask(NEWS, said(EventType.CARRIED)).reason == "CONSENT"


def test_what_was_taken_back_was_never_said() -> None:
    undone = said(EventType.INVALIDATED, id=2, target=1)

    assert ask(NEWS, said(), undone).reason == "NO_BASIS"
    assert ask(NEWS, said(EventType.WITHDRAW), said(id=3), replace(undone, target=1)).reason == "CONSENT"


def test_a_no_said_to_a_partner_of_a_shared_text_counts_here_too() -> None:
    ours = said(shared_group="season 2026", controller="aurora", names=frozenset({"aurora", "borealis"}))
    theirs = said(
        EventType.WITHDRAW, id=2, controller="borealis", occurred_at=NOW, shared_group="season 2026"
    )

    assert ask(NEWS, ours, theirs).reason == "WITHDRAWN"
    assert ask(NEWS, ours, replace(theirs, shared_group="")).reason == "CONSENT"
    assert ask(NEWS, replace(theirs, type=EventType.GRANT)).reason == "NO_BASIS"


def test_equal_times_the_no_wins() -> None:
    assert ask(NEWS, said(), said(EventType.WITHDRAW, id=2)).reason == "WITHDRAWN"


def test_r30_a_sensitive_segment_waits_for_a_person() -> None:
    decision = ask(replace(NEWS, sensitive_segment=True), said())

    assert (decision.decision, decision.reason) == ("REVIEW", "SENSITIVE_SEGMENT")


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ("2026-11-18T12:00", "LEGITIMATE_INTEREST"),
        ("2026-11-18T07:30", "QUIET_HOURS_LAW"),
        ("2026-11-18T20:00", "QUIET_HOURS_LAW"),
        ("2026-11-18T19:30", "QUIET_HOURS"),
        ("2026-11-21T12:00", "QUIET_HOURS_LAW"),
        ("2026-11-22T12:00", "QUIET_HOURS_LAW"),
        ("2026-05-14T12:00", "QUIET_HOURS_LAW"),
    ],
)
def test_r31_hours_in_which_norwegians_may_be_called(now: str, reason: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    season = replace(SEASON, started_at=moment - timedelta(days=30), ended_at=None)

    assert ask(CALL, relations=(season,), now=moment).reason == reason


def test_r32_the_pace_that_the_text_promised() -> None:
    yes = said(promised_per_month=2)

    assert ask(NEWS, yes, to=replace(ANNA, sent_last_30d=1)).reason == "CONSENT"
    assert ask(NEWS, yes, to=replace(ANNA, sent_last_30d=2)).reason == "PROMISED_FREQUENCY"


def test_r33_one_sms_a_week() -> None:
    sms = replace(NEWS, channel="sms")

    assert ask(sms, said(channel="sms"), to=replace(ANNA, sms_last_7d=1)).reason == "FREQUENCY_CAP"


@pytest.mark.parametrize(
    ("now", "reason"), [("2026-11-20T12:00", "CONSENT"), ("2026-11-22T12:00", "QUIET_HOURS")]
)
def test_r34_no_sms_on_a_sunday(now: str, reason: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert ask(replace(NEWS, channel="sms"), said(channel="sms"), now=moment).reason == reason


def test_without_pace_hours_and_caps_are_left_out() -> None:
    busy = replace(ANNA, sent_last_7d=9)

    assert decide(NEWS, busy, [said()], [], NOW, Rules(home="NO"), pace=False).reason == "CONSENT"


@pytest.mark.parametrize("channel", ["ads", "carrier pigeon"])
def test_r24_a_channel_of_its_own_needs_a_yes_of_its_own(channel: str) -> None:
    assert ask(replace(NEWS, channel=channel), said()).reason == "CONSENT_NEEDED_FOR_CHANNEL"


def test_r26_a_call_in_sweden_needs_a_balancing_test() -> None:
    swede = replace(ANNA, country="SE")

    assert ask(replace(CALL, lia=False), to=swede, home="SE").reason == "LIA_MISSING"
    assert ask(CALL, to=swede, home="SE").reason == "LEGITIMATE_INTEREST"


def test_open_tracking_needs_its_own_yes() -> None:
    pixel = said(id=2, purpose="tracking.email_open")

    assert "NO_OPEN_TRACKING" in ask(NEWS, said()).flags
    assert "NO_OPEN_TRACKING" not in ask(NEWS, said(), pixel).flags


@pytest.mark.parametrize("kind", [EventType.OBJECT, EventType.WITHDRAW])
def test_who_refuses_profiling_gets_the_same_letter_as_everybody(kind: EventType) -> None:
    assert "NO_PROFILING" in ask(NEWS, said(), said(kind, id=2, purpose="profiling")).flags
    assert "NO_PROFILING" not in ask(NEWS, said()).flags
