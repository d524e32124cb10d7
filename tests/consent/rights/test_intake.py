"""What comes in: by whom, from which side, joined, and what takes effect at once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from consent.models import ConsentEvent, RightsRequest
from consent.rights import intake
from organisations.audit.models import AuditEntry
from organisations.models import Organisation, User
from tests.consent import world

pytestmark = pytest.mark.usefixtures("in_aurora")
RECEIVED = datetime(2026, 11, 10, 22, 30, tzinfo=UTC)


def open_request(kind: str = "access", **given: Any) -> RightsRequest:
    return intake.open_request(kind, **{"person": None, "came_by": "email", "received_at": RECEIVED} | given)


@pytest.mark.parametrize("kind", RightsRequest.Kind.values)
def test_each_kind_has_a_date_a_history_and_an_entry_in_the_audit_log(kind: str, alice: User) -> None:
    who = world.person("kari@example.no", given_name="Kari")
    request = open_request(kind, person=who.profile, actor=alice, letter="Dear house, I am Kari.")
    assert request.records == [who.record.pk]
    assert request.due_on == date(2026, 12, 10)
    assert request.state == "identity"
    assert "Kari" not in request.letter
    assert intake.unsealed(request.letter) == "Dear house, I am Kari."
    assert "request.received" in request.notes.values_list("verb", flat=True)
    entry = AuditEntry.objects.get(verb="request.received")
    assert "kari" not in f"{entry.target}{entry.summary}".lower()


def test_a_request_through_a_link_is_proven_for_its_address_and_finds_its_person() -> None:
    who = world.person("kari@example.no")
    request = open_request(came_by="preferences", proven=who.email)
    assert (request.profile, request.proven, request.identity) == (who.profile, who.email, "link")
    assert request.state == "scoped"


def test_a_second_request_of_the_same_kind_joins_the_open_one(alice: User) -> None:
    who = world.person("kari@example.no")
    first = open_request(person=who.profile, letter="One.", actor=alice)
    again = open_request(person=who.profile, letter="Two.", came_by="phone", actor=alice)
    other = open_request("erasure", person=who.profile)
    assert again.pk == first.pk
    assert other.pk != first.pk
    again.refresh_from_db()
    assert intake.unsealed(again.letter) == "One.\n\nTwo."
    assert again.due_on == first.due_on


def test_a_link_proves_the_open_request_that_nobody_had_proven() -> None:
    who = world.person("kari@example.no")
    first = open_request(person=who.profile)
    again = open_request(came_by="preferences", proven=who.email)
    assert (again.pk, again.identity, again.state) == (first.pk, "link", "scoped")


def test_a_link_to_another_address_of_the_same_person_widens_nothing() -> None:
    who = world.person("kari@example.no")
    other = world.person("kari.other@example.no", profile=who.profile)
    first = open_request(came_by="preferences", proven=who.email)
    second = open_request(came_by="preferences", proven=other.email)
    assert first.pk != second.pk
    assert RightsRequest.objects.filter(proven=other.email).count() == 1


def test_somebody_nothing_is_known_of_may_ask_too(alice: User) -> None:
    one, two = open_request(letter="Who am I?", actor=alice), open_request(letter="And me?", actor=alice)
    assert one.pk != two.pk
    assert (one.profile, one.records, one.state) == (None, [], "identity")


# Who asks to be forgotten is locked at once too, which is told first (R04 before R10).
@pytest.mark.parametrize(("kind", "reason"), [("objection", "OBJECTED"), ("erasure", "RESTRICTED")])
def test_an_objection_or_erasure_is_a_no_at_once_for_every_address(
    kind: str, reason: str, aurora: Organisation
) -> None:
    who = world.person("kari@example.no", "+4741234567")
    world.morning(world.claim(who, "yes", world.point()))
    assert world.answer(who).newsletter == "ALLOW"
    request = open_request(kind, person=who.profile)
    event = ConsentEvent.objects.get(type="OBJECT")
    assert (event.scope, event.purpose, event.channel, event.record) == ("person", "*", "*", who.record)
    assert event.source_event_id == f"request:{request.uid}"
    assert world.answer(who).newsletter_reason == reason


def test_asking_twice_objects_once() -> None:
    who = world.person("kari@example.no")
    open_request("objection", person=who.profile)
    open_request("objection", person=who.profile)
    assert ConsentEvent.objects.filter(type="OBJECT").count() == 1


def test_an_objection_to_profiling_leaves_the_newsletter() -> None:
    who = world.person("kari@example.no")
    world.morning(world.claim(who, "yes", world.point()))
    open_request("objection", person=who.profile, purpose="profiling")
    assert world.answer(who).newsletter == "ALLOW"
    assert ConsentEvent.objects.get(type="OBJECT").purpose == "profiling"


def test_a_no_through_a_mailbox_of_two_is_the_mailboxs() -> None:
    one, _two = world.person("familien@example.no"), world.person("familien@example.no")
    request = open_request("objection", came_by="preferences", proven=one.email)
    assert request.profile is None
    event = ConsentEvent.objects.get(type="OBJECT")
    assert (event.identifier, event.scope) == (one.email, "address")


def test_what_is_dated_tomorrow_was_received_now() -> None:
    request = open_request(received_at=datetime(2999, 1, 1, tzinfo=UTC))
    assert request.received_at.year < 2999
