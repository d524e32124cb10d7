"""What holds for every history, whatever was said and in whatever order it arrived."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.answers import Desk
from consent.decide import decide
from consent.facts import EventType, LedgerEvent, Message, Outcome, Recipient
from consent.gather import House, Row
from consent.rules import COUNTRIES, Rules
from tests.consent.answers_oracle import answer_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PURPOSES = ("marketing.newsletter", "marketing.own_similar", "survey")
NEWSLETTER = Message("aurora", "marketing.newsletter", "email")

moments = st.integers(0, 60 * 24 * 1100).map(lambda minutes: NOW - timedelta(minutes=minutes))


@st.composite
def events(draw: st.DrawFn) -> LedgerEvent:
    kind_of_event = draw(st.sampled_from(list(EventType)[:5]))
    no = kind_of_event is not EventType.GRANT
    recorded = draw(moments)
    return LedgerEvent(
        id=draw(st.integers(1, 10**9)),
        type=kind_of_event,
        occurred_at=draw(st.one_of(st.none(), st.just(recorded), moments)),
        recorded_at=recorded,
        purpose=draw(st.sampled_from((*PURPOSES, "*") if no else PURPOSES)),
        channel=draw(st.sampled_from(("email", "sms", "*") if no else ("email", "sms"))),
        address="here",
        kind=draw(st.sampled_from(["act", "snapshot", "import"])),
        proof=draw(st.sampled_from("ABC")),
        preticked=draw(st.sampled_from([False, False, False, True])),
    )


histories = st.lists(events(), max_size=8, unique_by=lambda event: event.id)


def decided(history: list[LedgerEvent], message: Message = NEWSLETTER) -> tuple[Outcome, str]:
    found = decide(message, Recipient("here", "NO"), history, [], NOW, Rules(home="NO"), pace=False)
    return found.decision, found.reason


@given(histories, st.data())
def test_the_order_of_arrival_does_not_matter(history: list[LedgerEvent], data: st.DataObject) -> None:
    assert decided(history) == decided(data.draw(st.permutations(history)))


@given(histories, events())
def test_an_import_never_lifts_a_no(history: list[LedgerEvent], imported: LedgerEvent) -> None:
    """Whatever an import says, who could not be written to because of a no still cannot."""
    weak = replace(
        imported, type=EventType.GRANT, purpose="marketing.newsletter", channel="email", kind="import"
    )
    outcome, reason = decided(history)

    if reason in ("OBJECTED", "WITHDRAWN"):
        assert decided([*history, weak]) == (outcome, reason)


@given(histories, events())
def test_a_new_no_always_closes(history: list[LedgerEvent], said: LedgerEvent) -> None:
    news = replace(said, purpose="marketing.newsletter", channel="email")
    no = replace(news, type=EventType.WITHDRAW, occurred_at=NOW, recorded_at=NOW)

    assert decided([*history, no])[0] is Outcome.BLOCK


@given(histories)
def test_nothing_is_sent_without_a_yes_that_counts(history: list[LedgerEvent]) -> None:
    outcome, reason = decided(history)

    if outcome is Outcome.ALLOW:
        assert reason == "CONSENT"
        assert any(
            event.type is EventType.GRANT and event.proof in "AB" and event.occurred_at for event in history
        )


@given(histories)
def test_the_same_event_told_twice_changes_nothing(history: list[LedgerEvent]) -> None:
    again = [replace(event, id=event.id + 10**9) for event in history]

    assert decided(history) == decided(history + again)


# --- equal shapes, equal answers ----------------------------------------------------------


def line(event: LedgerEvent) -> str:
    def micro(moment: datetime | None) -> int:
        return round(moment.timestamp() * 1_000_000) if moment else 0

    return "|".join(
        str(part)
        for part in (
            event.type,
            micro(event.occurred_at),
            micro(event.recorded_at),
            event.purpose,
            event.channel,
            event.kind,
            event.proof,
            0,
            0,
            int(event.guardian),
            event.via,
            event.controller,
            event.shared_group,
        )
    )


days = st.integers(-400, 1100).map(lambda ago: (NOW - timedelta(days=ago)).date())


@st.composite
def rows(draw: st.DrawFn) -> Row:
    said = draw(st.lists(events(), max_size=2))
    sales = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["sale", "subscription", "membership"]),
                days.filter(lambda day: day <= NOW.date()),
                st.one_of(st.just("-"), days),
                st.sampled_from(["own", "other"]),
                st.sampled_from(["performing_arts", "goods"]),
                st.sampled_from(["yes", "no", "unknown"]),
            ),
            max_size=2,
        )
    )
    return Row(
        identifier_id=draw(st.integers(1, 10**6)),
        kind=draw(st.sampled_from(["email", "phone"])),
        shared=draw(st.booleans()),
        status=draw(st.sampled_from(["ok", "ok", "bounced"])),
        country=draw(st.sampled_from(sorted(COUNTRIES))),
        birth_date=draw(st.sampled_from([None, None, (NOW - timedelta(days=365 * 16)).date()])),
        company=draw(st.sampled_from([False, False, True])),
        last_day=draw(st.one_of(st.none(), days)),
        events="\n".join(map(line, said)) or None,
        relations="\n".join("|".join(map(str, sale)) for sale in sales) or None,
        uses=draw(st.sampled_from([None, "email|2026-01-01"])),
        positions=[event.id for event in said] or None,
        value=draw(st.sampled_from(["anna@example.org", "ben@example.org"])),
    )


@pytest.mark.parametrize("home", ["NO", "DK", "SE"])
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)
@given(batch=st.lists(rows(), max_size=30))
def test_cases_of_one_shape_get_the_answer_each_would_get_alone(home: str, batch: list[Row]) -> None:
    house = House("aurora", Rules(home=home), {}, {})
    desk = Desk(house, NOW)

    together = desk.answer(batch + batch)

    for row, found in zip(batch + batch, together, strict=True):
        expected = answer_of(row, house, NOW)
        assert found[2:9] == expected[:7]
        assert found[9] == expected.since
