"""Whatever a source and the people say in whatever order: the ledger and its projection agree."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp.lib import clock
from consent import answers, gather, ledger, projection
from consent.facts import EventType
from consent.models import CollectionPoint, ConsentEvent, ConsentState, ContactAnswer
from tests.consent import world
from tests.consent.answers_oracle import answer_of
from tests.consent.world import Person, claim, morning, person, point

pytestmark = pytest.mark.usefixtures("in_aurora")


class TakenBack(Exception):
    """Ends an example without keeping anything of it."""


REFUSED = ("*", "marketing.newsletter")
steps = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["flag", "tick", "list"]),
            st.integers(0, 2),
            st.sampled_from(["yes", "no", "blank"]),
            st.integers(0, 400),
        ),
        st.tuples(
            st.just("refuse"), st.integers(0, 2), st.sampled_from(["*", "marketing.newsletter"]), st.just(0)
        ),
        st.tuples(st.just("undo"), st.just(0), st.just(""), st.just(0)),
    ),
    min_size=1,
    max_size=10,
)


class Play:
    """Three people, three collection points, and the deliveries that tell about them."""

    def __init__(self) -> None:
        self.people: list[Person] = [person(f"{name}@example.org") for name in ("anna", "ben", "cleo")]
        self.points: dict[str, CollectionPoint] = {
            "flag": point("flag", no_is_explicit=True),
            "tick": point("tick", kind="act", text=world.text(), no_is_explicit=True),
            "list": point("list", kind="import", verified=False),
        }
        self.deliveries: list[int] = []

    def step(self, number: int, what: str, who: int, said: str, days_ago: int) -> None:
        if what == "undo":
            for latest in self.deliveries[-1:]:
                ledger.invalidate_intake(latest)
            return
        if what == "refuse":
            self._refuse(number, self.people[who], said)
            return
        delivery = world.intake()
        self.deliveries.append(delivery.pk)
        at = clock.now() - timedelta(days=days_ago) if days_ago else None
        told = claim(self.people[who], said, self.points[what], order_ref=str(number), occurred_at=at)
        morning(told, delivery=delivery)

    def _refuse(self, number: int, who: Person, purpose: str) -> None:
        assert who.email is not None
        entry = ledger.Entry(
            type=EventType.OBJECT,
            purpose=purpose,
            channel="email",
            source_system="test",
            source_event_id=str(number),
            identifier_id=who.email.pk,
            occurred_at=clock.now(),
        )
        ledger.record(entry)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps)
def test_ledger_projection_and_answers_agree(played: list[tuple[str, int, str, int]]) -> None:
    try:
        with transaction.atomic():
            play = Play()
            for number, step in enumerate(played):
                play.step(number, *step)
            answers.refresh()
            check(play)
            raise TakenBack
    except TakenBack:
        pass


def check(play: Play) -> None:
    assert projection.drift() == []
    before = sorted(ConsentState.objects.values_list("identifier_id", "purpose", "channel", "state", "since"))
    projection.rebuild()
    after = sorted(ConsentState.objects.values_list("identifier_id", "purpose", "channel", "state", "since"))
    assert before == after
    house, now = gather.house(), clock.now()
    for row in next(gather.stream()):
        alone = answer_of(row, house, now)
        stored = ContactAnswer.objects.get(identifier=row.identifier_id)
        assert (stored.basket, stored.newsletter_reason) == (alone.basket, alone.newsletter_reason)
        assert may_only_with_proof(row.identifier_id, stored)


def may_only_with_proof(identifier_id: int, stored: ContactAnswer) -> bool:
    """Nobody in the marketing basket has a no that is not older than an own, proven yes."""
    if stored.basket != "marketing":
        return True
    events = ConsentEvent.objects.filter(identifier=identifier_id, target=None)
    nos = [event for event in events if event.type in ("OBJECT", "DENY", "WITHDRAW")]
    acts = [e.occurred_at for e in events if e.type == "GRANT" and e.proof == "A" and e.occurred_at]
    return all(any(at > min(no.occurred_at or no.recorded_at, no.recorded_at) for at in acts) for no in nos)
