"""What undoing a run does to the permissions of people it never spoke of."""

from __future__ import annotations

import pytest

from consent import answers, ledger
from consent.facts import EventType
from consent.models import ContactAnswer
from integrations.models import Connection, Run, RunState, Trigger
from integrations.runs import undoing
from profiles.models import Identifier, IdentifierKind
from tests.consent import world
from tests.profiles.acts import a_record, person_of
from tests.profiles.sample import START, a_source, deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]

FAMILY = "family@example.no"


def said() -> set[tuple[object, ...]]:
    fields = ("identifier__value", "channel", "basket", "newsletter_reason", "own_similar_reason")
    return set(ContactAnswer.objects.values_list(*fields))


def test_a_no_reaches_whoever_becomes_the_same_person_because_a_run_was_undone() -> None:
    """Two strangers' delivery held the address; undone, it joins two whom it never spoke of."""
    IdentifierKind.objects.filter(key="email").update(max_profiles=2)
    refused = a_record("a", email=FAMILY, name="Kari Li")
    wrong, _ = deliver(
        [
            ticket(n, email=FAMILY, name=name, external_id=f"{n}")
            for n, name in ((1, "Ola Vik"), (2, "Per Nes"))
        ]
    )
    assert Identifier.objects.get(value=FAMILY).state == "held"
    deliver([ticket(9, email=FAMILY, name="Kari Li", phone="41229017", external_id="b")], a_source("shop"))
    ledger.record(
        ledger.Entry(
            type=EventType.OBJECT, purpose="*", channel="*", scope="person", record_id=refused.pk,
            source_system="test", source_event_id="1", occurred_at=world.at("2026-11-20"),
        )
    )  # fmt: skip
    answers.refresh()
    assert person_of("a") != person_of("b")
    connection = Connection.objects.create(connector="upload", name="Shop", slug="shop", source=wrong.source)
    run = Run.objects.create(
        connection=connection, trigger=Trigger.MANUAL, state=RunState.DONE, intake=wrong, started_at=START
    )
    undoing.undo(run=run, actor=None)
    assert person_of("a") == person_of("b")
    stored = said()
    answers.refresh()
    assert said() == stored
