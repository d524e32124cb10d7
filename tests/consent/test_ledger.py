"""The ledger only grows, everything is written once, and the projection is no truth of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from cdp.lib import clock
from consent import ledger, projection
from consent.facts import EventType
from consent.models import ConsentEvent, ConsentState, ContactAnswer
from organisations.models import Organisation
from tests.consent.test_claims import said_no
from tests.consent.world import answer, claim, morning, person, point

pytestmark = pytest.mark.usefixtures("in_aurora")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_consentevent SET proof = 'A'",
        "DELETE FROM consent_consentevent",
        "TRUNCATE consent_consentevent CASCADE",
    ],
)
def test_nobody_changes_the_ledger(statement: str) -> None:
    """C143: the table's owner neither."""
    morning(claim(person("anna@example.org"), "yes", point()))

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(statement)

    assert ConsentEvent.objects.get().proof == "B"


def test_the_ledger_of_every_organisation_is_guarded(borealis: Organisation) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT n.nspname) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgname = 'consent_consentevent_append_only' AND p.pronamespace = n.oid"
            " AND n.nspname IN (current_schema(), %s)",
            [borealis.schema_name],
        )
        assert cursor.fetchone() == (2,)


def test_ids_sort_by_time() -> None:
    news = point()
    for number in range(5):
        morning(claim(person(f"guest{number}@example.org"), "yes", news))

    by_id = list(ConsentEvent.objects.order_by("uid").values_list("uid", "recorded_at"))

    assert all(uid.version == 7 for uid, _ in by_id)
    assert [moment for _, moment in by_id] == sorted(moment for _, moment in by_id)


def test_a_webhook_delivered_three_times_is_one_withdrawal() -> None:
    """C124."""
    anna = person("anna@example.org")
    morning(claim(anna, "yes", point()))
    assert anna.email is not None
    entry = ledger.Entry(
        type=EventType.WITHDRAW,
        purpose="marketing.newsletter",
        channel="email",
        source_system="mailchimp",
        source_event_id="unsubscribe:list1:2026-11-24",
        identifier_id=anna.email.pk,
        occurred_at=clock.now(),
    )

    positions = [ledger.record(entry) for _ in range(3)]

    assert [position is not None for position in positions] == [True, False, False]
    assert ConsentEvent.objects.filter(type="WITHDRAW", source_system="mailchimp").count() == 1
    assert ContactAnswer.objects.get().newsletter_reason == "WITHDRAWN"


def test_a_cleaned_address_is_bounced_and_still_has_its_yes() -> None:
    """C125."""
    anna = person("anna@example.org")
    morning(claim(anna, "yes", point()))
    assert anna.email is not None

    ledger.mark_status([anna.email.pk], "bounced", source_system="mailchimp")

    assert ConsentState.objects.get().state == "given"
    assert ContactAnswer.objects.get().newsletter_reason == "ADDRESS_INVALID"
    assert len(anna.events()) == 1


def test_a_mailbox_that_works_again_is_reachable_again() -> None:
    anna = person("anna@example.org")
    morning(claim(anna, "yes", point()))
    assert anna.email is not None
    ledger.mark_status([anna.email.pk], "bounced", source_system="mailchimp")

    ledger.mark_status([anna.email.pk], "ok", source_system="service-desk")

    assert answer(anna).basket == "marketing"


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": EventType.GRANT, "purpose": "*"},
        {"type": EventType.GRANT, "channel": "*"},
        {"scope": "person"},
        {"identifier_id": None},
    ],
)
def test_entries_that_the_ledger_never_takes(wrong: dict[str, object]) -> None:
    entry = said_no(person("anna@example.org"), **wrong)

    with pytest.raises(ledger.NotAllowed):
        ledger.record(entry)

    assert not ConsentEvent.objects.exists()


def test_the_database_refuses_a_yes_to_everything() -> None:
    anna = person("anna@example.org")

    with pytest.raises(IntegrityError, match="star_only_in_a_no"), transaction.atomic():
        ConsentEvent.objects.create(
            type="GRANT", identifier=anna.email, purpose="*", channel="email", source_event_id="1"
        )


def test_a_dropped_projection_is_rebuilt_to_the_same_rows() -> None:
    """C144."""
    news = point(channels=["email", "sms"], no_is_explicit=True)
    people = [person(f"guest{number}@example.org", f"+479000{number:04}") for number in range(50)]
    for shift in range(3):
        morning(*[claim(who, "yes" if (n + shift) % 3 else "no", news) for n, who in enumerate(people)])
    for who in people[::7]:
        ledger.record(said_no(who))
    before = list(ConsentState.objects.order_by("identifier", "purpose", "channel").values())
    ConsentState.objects.all().delete()

    rows = projection.rebuild()

    assert rows == len(before) > 100
    assert list(ConsentState.objects.order_by("identifier", "purpose", "channel").values()) == before


def test_drift_is_found_and_named() -> None:
    anna = person("anna@example.org")
    morning(claim(anna, "yes", point()))
    ConsentState.objects.update(state="withdrawn")

    [drift] = projection.drift()

    assert (drift.identifier_id, drift.projected, drift.ledger) == (
        anna.email and anna.email.pk,
        "withdrawn",
        "given",
    )


def test_addresses_written_differently_are_one_contact_point() -> None:
    """C139: ingest normalises, so that both speak about one identifier."""
    from profiles.normalise import email

    assert email("Anna@Example.org ") == email("anna@example.org")


def test_a_yes_holds_for_the_exact_address_only() -> None:
    """C141."""
    anna = person("anna@gmail.com")
    tagged = person("anna+x@gmail.com", profile=anna.profile)
    morning(claim(anna, "yes", point()))

    assert answer(anna).basket == "marketing"
    assert answer(tagged).newsletter_reason == "NO_BASIS"


def test_a_merge_and_its_undoing_leave_every_answer_as_it_was() -> None:
    """C145, C71, C74."""
    anna, other = person("anna@example.org"), person("a.new@example.org")
    morning(claim(anna, "yes", point()))
    ledger.record(
        said_no(other, scope="person", record_id=other.record.pk, channel="*", occurred_at=clock.now())
    )
    before = [(answer(who).newsletter, answer(who).newsletter_reason) for who in (anna, other)]

    other.record.profile = anna.profile
    other.record.save()
    merged = [answer(who).newsletter_reason for who in (anna, other)]
    other.record.profile = other.profile
    other.record.save()

    assert before == [("ALLOW", "CONSENT"), ("BLOCK", "OBJECTED")]
    assert merged == ["OBJECTED", "OBJECTED"]
    assert [(answer(who).newsletter, answer(who).newsletter_reason) for who in (anna, other)] == before


def test_a_no_of_one_reader_closes_a_shared_mailbox() -> None:
    """C76."""
    his, hers = person("familien@example.org"), person("familien@example.org")
    morning(claim(his, "yes", point()))

    ledger.record(said_no(hers, occurred_at=clock.now() + timedelta(seconds=1)))

    assert answer(his).newsletter_reason == "OBJECTED"
