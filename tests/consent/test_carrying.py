"""What becomes of permissions when a source shows another address (CONSENT.md 2.8)."""

from datetime import timedelta
from typing import Any

import pytest

from cdp.lib import clock
from consent import carrying, ledger
from consent.facts import EventType
from consent.models import ConsentEvent
from organisations.models import Organisation
from profiles.models import Identifier, RecordIdentifier
from tests.consent import world

NEWS = "marketing.newsletter"


@pytest.fixture
def anna(in_aurora: Organisation) -> world.Person:
    who = world.person("anna@example.org")
    said(who.email, EventType.GRANT, "2026-03-01")
    return who


def said(identifier: Identifier | None, what: EventType, day: str, **more: Any) -> None:
    assert identifier
    entry: dict[str, Any] = {"purpose": NEWS, "channel": "email", "proof": "A"}
    entry |= {"source_system": "checkout", "source_event_id": f"{next(world.NUMBERS)}"} | more
    ledger.record(
        ledger.Entry(type=what, identifier_id=identifier.pk, occurred_at=world.at(f"{day}T12:00:00"), **entry)
    )


def moves(who: world.Person, address: str) -> Identifier:
    """The next delivery shows another address in the same record."""
    new = world.identifier("email", address)
    later = clock.now() + timedelta(days=1)
    RecordIdentifier.objects.create(
        record=who.record, identifier=new, first_seen=later, last_seen=later, intake=world.intake()
    )
    who.record.email = address
    who.record.save()
    return new


def at_new(who: world.Person, new: Identifier) -> str:
    return world.answer(world.Person(who.profile, who.record, new, None)).newsletter_reason


def test_a_yes_does_not_follow_to_an_address_that_an_import_brings(anna: world.Person) -> None:
    """C79."""
    new = moves(anna, "a.new@example.org")
    assert carrying.carry_nos([new.pk]) == 0
    assert at_new(anna, new) == "NO_BASIS"


def test_a_no_follows_once_with_its_own_date(anna: world.Person) -> None:
    """C80."""
    said(anna.email, EventType.WITHDRAW, "2026-06-01")
    new = moves(anna, "a.new@example.org")
    assert carrying.carry_nos([new.pk]) == 1
    assert carrying.carry_nos([new.pk]) == 0
    no = ConsentEvent.objects.get(identifier=new)
    assert no.occurred_at == world.at("2026-06-01T12:00:00")
    assert no.carried_from == ConsentEvent.objects.get(identifier=anna.email, type="WITHDRAW")
    assert at_new(anna, new) == "WITHDRAWN"


def test_a_no_that_was_lifted_since_does_not_follow(anna: world.Person) -> None:
    said(anna.email, EventType.WITHDRAW, "2026-06-01")
    said(anna.email, EventType.GRANT, "2026-09-01")
    assert carrying.carry_nos([moves(anna, "a.new@example.org").pk]) == 0


def test_an_own_yes_at_the_new_address_stands_against_an_older_no(anna: world.Person) -> None:
    said(anna.email, EventType.WITHDRAW, "2026-06-01")
    new = moves(anna, "a.new@example.org")
    said(new, EventType.GRANT, "2026-10-01")
    carrying.carry_nos([new.pk])
    assert at_new(anna, new) == "CONSENT"


def test_a_second_address_beside_the_first_is_no_change(anna: world.Person) -> None:
    said(anna.email, EventType.WITHDRAW, "2026-06-01")
    other = world.person("anna@work.example", profile=anna.profile)
    assert other.email
    assert carrying.carry_nos([other.email.pk]) == 0
