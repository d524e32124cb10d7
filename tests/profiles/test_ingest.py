"""What happens to rows on their way in."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from profiles import erasure
from profiles.ingest import close_intake, correct, ingest, open_intake
from profiles.models import (
    Event,
    HeldRow,
    Identifier,
    Intake,
    Order,
    OrderLine,
    Profile,
    ProfileTag,
    SourceRecord,
    Tag,
)
from profiles.rows import CanonicalRow, ConsentClaim, EventRow, LineRow, OrderRow, PersonRow
from tests.profiles.sample import START, a_source, deliver, no_permit, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def people() -> int:
    return Profile.objects.filter(state="active").count()


def test_a_ticket_without_a_show_name_tags_nobody() -> None:
    deliver([ticket(1, email="kari@example.no", show="")])
    assert OrderLine.objects.count() == 1
    assert ProfileTag.objects.count() == 0


def test_two_tickets_of_one_order_become_one_person_one_order_two_lines_and_a_tag() -> None:
    intake, _ = deliver(
        [ticket(1, order="A1", email="kari@example.no"), ticket(2, order="A1", email="Kari@Example.no ")]
    )
    assert intake.equation() == {
        "read": 2, "created": 2, "updated": 0, "unchanged": 0, "held": 0, "failed": 0, "erased": 0,
    }  # fmt: skip
    person = Profile.objects.get()
    assert (person.name, person.email, person.orders_count, person.tickets_count, person.value) == (
        "Kari Nordmann", "kari@example.no", 1, 2, Decimal(900),
    )  # fmt: skip
    assert Order.objects.get().status == "paid"
    assert OrderLine.objects.count() == 2
    assert ProfileTag.objects.get().tag.name == "Hamlet 2026"


def test_the_same_delivery_again_changes_nothing_and_says_so() -> None:
    rows = [
        ticket(n, order=f"A{n // 2}", email=f"p{n % 5}@example.no", name=f"Kari{n % 5} Li")
        for n in range(1, 40)
    ]
    deliver(rows)
    before = list(SourceRecord.objects.values())
    intake, _ = deliver(rows)
    assert intake.equation()["unchanged"] == 39
    assert list(SourceRecord.objects.values()) == before


def test_a_row_that_comes_twice_in_one_delivery_counts_once() -> None:
    row = ticket(1, email="kari@example.no")
    intake, _ = deliver([row, dataclasses.replace(row, number=2)])
    assert (intake.rows_created, intake.rows_unchanged) == (1, 1)
    assert OrderLine.objects.count() == 1


def test_tickets_without_an_own_number_are_told_apart_by_counting() -> None:
    rows = [ticket(n, order="A1", email="kari@example.no", barcode="") for n in (1, 2, 3)]
    same = [dataclasses.replace(row, raw=["same"]) for row in rows]
    intake = open_intake(source=a_source())
    ingest(intake=intake, rows=same[:2], permit=no_permit)
    ingest(intake=intake, rows=same[2:], permit=no_permit)
    close_intake(intake=intake)
    assert OrderLine.objects.count() == 3
    again, _ = deliver(same)
    assert again.rows_unchanged == 3
    assert OrderLine.objects.count() == 3


def test_records_of_two_sources_with_one_address_and_name_are_one_person() -> None:
    deliver([ticket(1, email="kari@example.no")])
    deliver([ticket(1, email="KARI@example.no", external_id="77")], source=a_source("shop"))
    assert SourceRecord.objects.count() == 2
    assert people() == 1


def test_two_people_with_one_family_address_stay_two() -> None:
    deliver(
        [
            ticket(1, email="familien@example.no"),
            ticket(2, email="familien@example.no", name="Ola Nordmann"),
        ]
    )
    assert people() == 2
    assert Identifier.objects.filter(kind="email").count() == 1


def test_a_placeholder_address_joins_nobody_and_is_nobodys() -> None:
    deliver(
        [
            ticket(1, email="noreply@example.no", phone="90000001"),
            ticket(2, email="noreply@example.no", phone="90000002"),
        ]
    )
    assert people() == 2
    assert set(Profile.objects.values_list("email", flat=True)) == {""}
    assert Identifier.objects.get(kind="email").state == "blocked"


def test_an_address_on_too_many_people_is_held_and_no_longer_joins() -> None:
    names = [
        "Kari",
        "Ola",
        "Anne",
        "Per",
        "Ingrid",
        "Lars",
        "Solveig",
        "Bjørn",
        "Marit",
        "Nils",
        "Astrid",
        "Knut",
    ]
    deliver([ticket(n, email="post@teater.example.no", name=f"{name} Li") for n, name in enumerate(names, 1)])
    assert Identifier.objects.get(kind="email").state == "held"
    deliver([ticket(50, email="post@teater.example.no", name="Kari Li", external_id="9")], a_source("shop"))
    assert people() == 13


def test_a_bad_phone_is_held_and_the_rest_of_the_row_goes_in() -> None:
    intake, _ = deliver([ticket(1, email="kari@example.no", phone="12")])
    assert (intake.rows_held, intake.rows_created) == (1, 0)
    held = HeldRow.objects.get()
    assert held.state == "held"
    assert held.reasons[0] == {
        "column": "phone", "value": "12", "code": "phone_invalid",
        "message": "No such phone number in NO.",
    }  # fmt: skip
    assert Profile.objects.get().orders_count == 1


def test_a_held_row_waits_once_however_often_the_file_repeats_it() -> None:
    rows = [ticket(1, email="kari@example.no", phone="12")]
    deliver(rows)
    again, _ = deliver(rows)
    assert again.rows_unchanged == 1
    assert HeldRow.objects.count() == 1


def test_a_held_row_waits_no_more_when_the_row_comes_again() -> None:
    deliver([ticket(1, email="kari@example.no", phone="12")])
    deliver([ticket(1, email="kari@example.no", phone="90000001")])
    assert HeldRow.objects.get().state == "overtaken"
    deliver([ticket(1, email="kari@example.no", phone="13")])
    assert sorted(HeldRow.objects.values_list("state", flat=True)) == ["held", "overtaken"]


def test_a_corrected_row_leaves_the_queue_and_the_equation_follows() -> None:
    intake, _ = deliver([ticket(1, email="kari@example.no", phone="12")])
    row = ticket(1, email="kari@example.no", phone="90000001")
    outcome = correct(held=HeldRow.objects.get(), row=row, permit=no_permit, actor="alice@example.org")
    intake.refresh_from_db()
    assert outcome == "updated"
    assert (intake.rows_held, intake.rows_updated) == (0, 1)
    assert Profile.objects.get().phone == "+4790000001"
    assert HeldRow.objects.get().state == "corrected"
    morning, _ = deliver([ticket(1, email="kari@example.no", phone="12")])
    assert morning.rows_unchanged == 1
    assert Profile.objects.get().phone == "+4790000001"


def test_a_row_without_anybody_in_it_fails_and_says_why() -> None:
    intake, _ = deliver([CanonicalRow(1, ["x"], buyer=PersonRow(full_name="Kari Nordmann"))])
    assert intake.rows_failed == 1
    assert HeldRow.objects.get().reasons[0]["code"] == "no_identity"
    assert people() == 0


def test_a_row_the_database_cannot_store_fails_alone() -> None:
    rows = [ticket(n, email=f"p{n}@example.no", name=f"P{n} Li") for n in range(1, 8)]
    rows[3] = dataclasses.replace(rows[3], order=dataclasses.replace(rows[3].order, channel="a\x00b"))  # type: ignore[type-var]
    intake, _ = deliver(rows)
    assert (intake.rows_created, intake.rows_failed) == (6, 1)
    assert HeldRow.objects.get().number == 4


def test_an_equation_that_does_not_add_up_is_refused_by_the_database() -> None:
    intake, _ = deliver([ticket(1, email="kari@example.no")])
    with pytest.raises(IntegrityError), transaction.atomic():
        Intake.objects.filter(pk=intake.pk).update(rows_read=5)


def test_an_attendee_with_an_own_address_is_a_record_without_customer_relation() -> None:
    row = ticket(1, email="kari@example.no")
    friend = PersonRow(email="ola@example.no", full_name="Ola Hansen", is_customer=False)
    deliver([dataclasses.replace(row, attendees=(friend,))])
    ola = Profile.objects.get(email="ola@example.no")
    assert (ola.is_customer, ola.orders_count) == (False, 0)
    assert Profile.objects.get(email="kari@example.no").is_customer


def test_a_cancelled_ticket_takes_the_tag_and_the_counters_back() -> None:
    deliver([ticket(1, order="A1", email="kari@example.no"), ticket(2, order="A1", email="kari@example.no")])
    deliver([ticket(1, order="A1", email="kari@example.no", status="refunded")])
    person = Profile.objects.get()
    assert (person.orders_count, person.tickets_count, person.value) == (1, 1, Decimal(450))
    deliver([ticket(2, order="A1", email="kari@example.no", status="cancelled")])
    person.refresh_from_db()
    assert (person.orders_count, person.value, ProfileTag.objects.count()) == (0, Decimal(0), 0)
    assert Order.objects.get().status == "refunded"


def test_an_order_that_turns_out_to_be_somebody_elses_leaves_the_first_buyer() -> None:
    deliver([ticket(1, order="A1", email="kari@example.no")])
    deliver([ticket(1, order="A1", email="ola@example.no", name="Ola Li")])
    assert Profile.objects.get(email="kari@example.no").orders_count == 0
    assert Profile.objects.get(email="ola@example.no").orders_count == 1
    assert ProfileTag.objects.get().profile.email == "ola@example.no"


def test_a_pending_order_is_kept_and_gives_no_tag() -> None:
    deliver([ticket(1, email="kari@example.no", status="pending")])
    assert Order.objects.get().status == "pending"
    assert (ProfileTag.objects.count(), Profile.objects.get().orders_count) == (0, 0)


def test_an_order_told_whole_has_the_status_its_source_says() -> None:
    line = LineRow(external_id="1", product_name="Hamlet", price=Decimal(450))
    whole = OrderRow("A1", ordered_at=START, status="paid", currency="NOK", lines=(line,), complete=True)
    row = CanonicalRow(1, {"v": 1}, buyer=PersonRow(email="kari@example.no"), order=whole)
    deliver([row])
    deliver([dataclasses.replace(row, raw={"v": 2}, order=dataclasses.replace(whole, status="cancelled"))])
    assert Order.objects.get().status == "cancelled"
    assert ProfileTag.objects.count() == 0


def test_a_blank_never_wipes_a_value_and_an_older_observation_never_replaces_a_newer_one() -> None:
    deliver([ticket(1, email="kari@example.no", external_id="7", phone="90000001", city="Oslo", day=5)])
    deliver([ticket(2, external_id="7", city="Bergen", day=3)])
    record = SourceRecord.objects.get()
    assert (record.phone, record.city, record.email) == ("+4790000001", "Oslo", "kari@example.no")


def test_an_event_is_taken_once() -> None:
    event = EventRow("m1", "ticket_scanned", START, {"gate": 3})
    row = CanonicalRow(1, {"a": 1}, buyer=PersonRow(email="kari@example.no"), events=(event,))
    deliver([row])
    intake, _ = deliver([dataclasses.replace(row, raw={"a": 2})])
    assert Event.objects.count() == 1
    assert intake.rows_unchanged == 1


def test_rows_about_an_erased_person_are_dropped_and_counted_until_they_come_back() -> None:
    erasure.bury([("email", "", "kari@example.no")], at=START + timedelta(days=1))
    intake, _ = deliver([ticket(1, email="Kari+hamlet@example.no"), ticket(2, email="ola@example.no")])
    assert (intake.rows_erased, intake.rows_created) == (1, 1)
    assert not Identifier.objects.filter(value__startswith="kari").exists()
    later, _ = deliver([ticket(3, email="kari@example.no", day=2)])
    assert later.rows_created == 1


def test_claims_hang_on_the_address_their_own_row_names() -> None:
    seen = []

    def permit(claims, *, intake_id, source_id):  # type: ignore[no-untyped-def]
        seen.extend(claims)
        return no_permit(claims, intake_id=intake_id, source_id=source_id)

    rows = [
        dataclasses.replace(
            ticket(n, email=email, external_id="7", day=n), claims=(ConsentClaim("box", "yes"),)
        )
        for n, email in ((1, "old@example.no"), (2, "new@example.no"))
    ]
    deliver(rows, permit=permit)
    values = dict(Identifier.objects.filter(kind="email").values_list("pk", "value"))
    assert [values[c.email_id] for c in seen] == ["old@example.no", "new@example.no"]


def test_changing_how_a_file_is_read_judges_equal_rows_again() -> None:
    source, rows = a_source(), [ticket(1, email="kari@example.no")]
    for reading, unchanged in (("v1", 0), ("v1", 1), ("v2", 1)):
        intake = open_intake(source=source)
        result = ingest(intake=intake, rows=rows, permit=no_permit, reading=reading)
        assert result.counts["unchanged"] == unchanged
    intake.refresh_from_db()
    assert Tag.objects.count() == 1


def test_another_organisation_sees_nothing_of_it(borealis: object) -> None:
    from django_tenants.utils import tenant_context

    deliver([ticket(1, email="kari@example.no")])
    with tenant_context(borealis):
        assert not Profile.objects.exists()
        assert not Identifier.objects.exists()


def test_a_delivery_opened_later_than_now_is_not_possible() -> None:
    future = ticket(1, email="kari@example.no", day=3650)
    deliver([future])
    assert SourceRecord.objects.get().observed_at <= timezone.now()
