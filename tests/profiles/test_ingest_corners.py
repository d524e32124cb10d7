"""Corners of the way in: what a file can do to a chunk that its neighbours must not feel."""

from __future__ import annotations

import dataclasses
import random
import string
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from profiles import erasure
from profiles.ingest import correct, ingest, open_intake
from profiles.models import (
    DailyCount,
    HeldRow,
    Identifier,
    Order,
    OrderLine,
    Profile,
    ProfileTag,
    RecordIdentifier,
    SourceRecord,
)
from profiles.rows import CanonicalRow, EventRow, OrderRow, PersonRow
from tests.profiles.sample import START, a_source, deliver, no_permit, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def changed(row: CanonicalRow, **values: Any) -> CanonicalRow:
    return dataclasses.replace(row, **values)


def told(row: CanonicalRow, **order: Any) -> CanonicalRow:
    assert row.order is not None
    return changed(row, order=dataclasses.replace(row.order, **order))


# --- one key twice ------------------------------------------------------------


def test_a_file_that_tells_one_ticket_twice_changes_nothing_the_second_time() -> None:
    rows = [
        ticket(1, order="A1", email="kari@example.no", barcode="b"),
        ticket(2, order="A1", email="kari@example.no", barcode="b", status="refunded"),
    ]
    deliver(rows)
    for _ in range(2):
        again, _result = deliver(rows)
        assert again.rows_unchanged == 2
        assert OrderLine.objects.get().status == "refunded"


def test_of_one_ticket_told_three_times_the_last_word_stands() -> None:
    paid = ticket(1, order="A1", email="kari@example.no", barcode="b")
    refunded = ticket(2, order="A1", email="kari@example.no", barcode="b", status="refunded")
    deliver([paid, refunded, changed(paid, number=3)])
    assert OrderLine.objects.get().status == "paid"


# --- rows nobody can store ----------------------------------------------------


def test_a_row_the_database_refuses_waits_once_however_often_the_file_repeats_it() -> None:
    bad = changed(ticket(1, email="kari@example.no"), events=(EventRow("m\x00", "scan", START),))
    deliver([bad])
    again, _ = deliver([bad])
    assert (again.rows_unchanged, HeldRow.objects.count()) == (1, 1)


def test_a_row_whose_own_key_or_text_cannot_be_stored_fails_alone() -> None:
    bad = CanonicalRow(1, {"worth": float("nan"), "a\x00": "\ud800"}, key="k\x00", fatal="No number.")
    intake, _ = deliver([bad, ticket(2, email="ola@example.no")])
    assert (intake.rows_failed, intake.rows_created) == (1, 1)
    assert HeldRow.objects.get().number == 1


def test_a_name_too_long_for_an_index_fails_alone() -> None:
    rng = random.Random(1)
    noise = "".join(rng.choices(string.ascii_letters, k=9000))
    intake, _ = deliver(
        [ticket(1, email="kari@example.no", barcode=noise), ticket(2, email="ola@example.no")]
    )
    assert (intake.rows_failed, intake.rows_created) == (1, 1)


@pytest.mark.parametrize("column", ["external_id", "gender", "language"])
def test_a_cell_of_a_whole_page_is_held_and_its_row_goes_on(column: str) -> None:
    person: dict[str, Any] = {column: "x" * 501}
    intake, _ = deliver([ticket(1, email="kari@example.no", **person)])
    assert intake.rows_held == 1
    reason = HeldRow.objects.get().reasons[0]
    assert (reason["column"], reason["code"]) == (column, "too_long")
    assert Profile.objects.get().orders_count == 1


def test_an_order_number_of_a_whole_page_is_held() -> None:
    intake, _ = deliver([ticket(1, order="x" * 501, email="kari@example.no")])
    assert (intake.rows_held, Order.objects.count()) == (1, 0)


def test_years_and_currencies_that_cannot_be_are_held() -> None:
    row = ticket(1, email="kari@example.no", birth_year=40000)
    assert row.order is not None
    intake, _ = deliver([changed(row, order=dataclasses.replace(row.order, currency="Kroner"))])
    assert intake.rows_held == 1
    assert {reason["column"] for reason in HeldRow.objects.get().reasons} == {"birth_year", "currency"}
    assert Profile.objects.get().orders_count == 1


@pytest.mark.parametrize("year", [1, 9999])
def test_a_time_that_cannot_be_is_held(year: int) -> None:
    row = ticket(1, email="kari@example.no")
    assert row.order is not None
    line = dataclasses.replace(row.order.lines[0], starts_at=START.replace(year=year))
    order = dataclasses.replace(row.order, ordered_at=START.replace(year=year), lines=(line,))
    intake, _ = deliver([changed(row, order=order)])
    assert intake.rows_held == 1
    assert Order.objects.get().ordered_at == intake.opened_at
    assert OrderLine.objects.get().starts_at is None


def test_a_name_in_another_alphabet_is_kept_and_found() -> None:
    deliver([ticket(1, email="olena@example.no", name="Олена Шевченко")])
    assert Profile.objects.get().name == "Олена Шевченко"
    deliver([ticket(2, email="olena@example.no", name="Тарас Шевченко")])
    assert Profile.objects.filter(state="active").count() == 2


def test_a_file_full_of_such_rows_takes_no_more_statements_than_one() -> None:
    counts = []
    for n in (1, 30):
        rows = [told(ticket(i, email=f"p{i}@example.no"), channel="a\x00b") for i in range(100 * n, 101 * n)]
        with CaptureQueriesContext(connection) as queries:
            intake, _ = deliver(rows, a_source(f"s{n}"))
        assert intake.rows_failed == len(rows)
        counts.append(len(queries))
    assert counts[1] <= counts[0]


# --- corrections --------------------------------------------------------------


def test_a_correction_does_not_overrule_what_a_later_delivery_said() -> None:
    deliver([ticket(1, email="kari@example.no", phone="12")])
    deliver([ticket(1, email="kari@example.no", status="refunded", city="Bergen")])
    row = ticket(1, email="kari@example.no", phone="90000001", city="Oslo")
    with pytest.raises(ValueError, match="does not wait"):
        correct(held=HeldRow.objects.get(), row=row, permit=no_permit, actor="alice")
    assert (OrderLine.objects.get().status, Profile.objects.get().city) == ("refunded", "Bergen")


def test_a_correction_does_not_overrule_what_another_ticket_said_of_the_buyer() -> None:
    deliver([ticket(1, order="A1", email="kari@example.no", phone="12")])
    deliver([ticket(2, order="A1", email="kari@example.no", status="refunded", city="Bergen", day=2)])
    row = ticket(1, order="A1", email="kari@example.no", phone="90000001", city="Oslo")
    correct(held=HeldRow.objects.get(), row=row, permit=no_permit, actor="alice")
    person = Profile.objects.get()
    assert (person.phone, person.city, person.orders_count) == ("+4790000001", "Bergen", 1)


def test_a_corrected_look_alike_stays_the_ticket_it_was() -> None:
    rows = [
        changed(ticket(n, order="A1", email="kari@example.no", barcode="", phone="12"), raw=["same"])
        for n in (1, 2)
    ]
    intake = open_intake(source=a_source())
    ingest(intake=intake, rows=rows, permit=no_permit)
    row = changed(
        ticket(2, order="A1", email="kari@example.no", barcode="", phone="90000001"), raw=["better"]
    )
    correct(held=HeldRow.objects.get(number=2), row=row, permit=no_permit, actor="alice")
    assert OrderLine.objects.count() == 2


def test_a_correction_the_database_refuses_fails_again() -> None:
    deliver([ticket(1, email="kari@example.no", phone="12")])
    bad = changed(
        ticket(1, email="kari@example.no"), raw=["\x00"], events=(EventRow("m\x00", "scan", START),)
    )
    outcome = correct(held=HeldRow.objects.get(), row=bad, permit=no_permit, actor="alice")
    held = HeldRow.objects.select_related("intake").get()
    assert (outcome, held.state, held.intake.rows_held) == ("held", "held", 1)
    assert held.reasons[0]["code"] == "unstorable"


def test_a_correction_waits_for_its_turn_before_it_locks_anything() -> None:
    """A delivery at work has the turn and then locks its account: the other way round, both would wait."""
    deliver([ticket(1, email="kari@example.no", phone="12")])
    with CaptureQueriesContext(connection) as queries:
        row = ticket(1, email="kari@example.no", phone="90000001")
        correct(held=HeldRow.objects.get(), row=row, permit=no_permit, actor="alice")
    said = [query["sql"] for query in queries]
    turn = next(n for n, text in enumerate(said) if "pg_advisory_xact_lock" in text)
    assert turn < next(n for n, text in enumerate(said) if "FOR UPDATE" in text)


def test_nothing_goes_into_a_delivery_that_is_closed() -> None:
    intake, _ = deliver([ticket(1, email="kari@example.no")])
    with pytest.raises(ValueError, match="open"):
        ingest(intake=intake, rows=[ticket(2, email="ola@example.no")], permit=no_permit)


# --- erased people ------------------------------------------------------------


def test_an_erased_persons_old_orders_stay_out_though_the_same_chunk_brings_a_new_one() -> None:
    erasure.bury([("email", "", "kari@example.no")], at=START + timedelta(days=2))
    intake, _ = deliver(
        [ticket(n, email="kari@example.no", day=day) for n, day in ((1, 0), (2, 5), (3, 6), (4, 1))]
    )
    assert (intake.rows_erased, intake.rows_created) == (2, 2)
    assert set(Order.objects.values_list("external_id", flat=True)) == {"o2", "o3"}


def test_an_erased_buyers_ticket_takes_nobody_elses_ticket_of_the_order_with_it() -> None:
    erasure.bury([("email", "", "kari@example.no")], at=START + timedelta(days=1))
    intake, _ = deliver(
        [
            ticket(1, order="A1", email="ola@example.no", name="Ola Li"),
            ticket(2, order="A1", email="kari@example.no"),
        ]
    )
    assert (intake.rows_erased, intake.rows_created) == (1, 1)
    assert Order.objects.get().record == SourceRecord.objects.get(email="ola@example.no")
    assert OrderLine.objects.get().key == "b1"


def test_an_erased_attendee_stays_out_and_the_buyers_row_goes_in() -> None:
    erasure.bury([("email", "", "ola@example.no")], at=START + timedelta(days=1))
    friend = PersonRow(email="ola@example.no", full_name="Ola Hansen", is_customer=False)
    intake, _ = deliver([changed(ticket(1, email="kari@example.no"), attendees=(friend,))])
    assert (intake.rows_created, SourceRecord.objects.count()) == (1, 1)


# --- golden values, counters, days --------------------------------------------


def test_a_person_who_loses_an_order_and_moves_in_one_chunk_has_the_new_address() -> None:
    deliver([ticket(1, order="A1", email="kari@example.no", external_id="7", city="Oslo")])
    deliver(
        [
            ticket(1, order="A1", email="ola@example.no", name="Ola Li", external_id="8"),
            ticket(2, email="kari@example.no", external_id="7", city="Bergen", day=1),
        ]
    )
    assert Profile.objects.get(email="kari@example.no").city == "Bergen"


def test_a_refund_is_seen_in_the_counts_of_the_day_of_the_order() -> None:
    deliver([ticket(n, order="A1", email="kari@example.no") for n in (1, 2)])
    deliver([ticket(1, order="A1", email="kari@example.no", status="refunded")])
    counts = dict(DailyCount.objects.values_list("measure", "value"))
    assert (counts["tickets"], counts["orders"]) == (1, 1)


def test_an_order_that_moves_to_another_day_leaves_the_first() -> None:
    deliver([ticket(1, order="A1", email="kari@example.no")])
    deliver([ticket(1, order="A1", email="kari@example.no", day=3)])
    days = list(DailyCount.objects.filter(measure="orders", value__gt=0).values_list("day", flat=True))
    assert days == [(START + timedelta(days=3)).date()]


def test_a_currency_told_later_reaches_the_person() -> None:
    row = ticket(1, email="kari@example.no")
    assert row.order is not None
    deliver([changed(row, raw=[1], order=dataclasses.replace(row.order, currency=""))])
    deliver([row])
    assert Profile.objects.get().currency == "NOK"


def test_an_earlier_order_moves_the_tags_day_back() -> None:
    deliver([ticket(1, email="kari@example.no", day=3)])
    deliver([ticket(2, email="kari@example.no", day=1)])
    assert ProfileTag.objects.get().since == START + timedelta(days=1)


def test_the_same_rows_say_the_same_however_they_are_cut_into_chunks() -> None:
    rows = [
        ticket(1, external_id="7", email="kari@example.no", city="Oslo", country="NO"),
        ticket(2, external_id="7", email="kari@example.no", city="Oslo", day=5),
        ticket(3, external_id="7", email="kari@example.no", city="Bergen", day=3),
    ]
    told = []
    for cut in (0, 1, 2):
        chunks = (rows,) if not cut else ([rows[0]], rows[1:]) if cut == 1 else tuple([r] for r in rows)
        source = a_source(f"cut{cut}")
        intake = open_intake(source=source)
        for chunk in chunks:
            ingest(intake=intake, rows=chunk, permit=no_permit)
        told.append(SourceRecord.objects.filter(source=source).values_list("city", "country").get())
    assert told == [("Oslo", "NO")] * 3


def test_older_attributes_do_not_replace_newer_ones_in_one_chunk() -> None:
    deliver(
        [
            ticket(1, external_id="7", day=3, attributes={"seat": "aisle"}),
            ticket(2, external_id="7", day=1, attributes={"seat": "window", "diet": "fish"}),
        ]
    )
    assert SourceRecord.objects.get().attributes == {"seat": "aisle", "diet": "fish"}


def test_an_order_without_lines_has_the_status_its_rows_say() -> None:
    for n, status in enumerate(("pending", "paid", "refunded")):
        order = OrderRow("A1", ordered_at=START, status=status, total=Decimal(9))  # type: ignore[arg-type]
        deliver([CanonicalRow(1, [n], buyer=PersonRow(email="kari@example.no"), order=order)])
        assert Order.objects.get().status == status
        assert Profile.objects.get().orders_count == (status == "paid")


def test_a_second_telling_fills_in_what_the_first_left_out_within_one_chunk() -> None:
    row = ticket(1, order="A1", email="kari@example.no")
    assert row.order is not None
    blank = changed(row, raw=["x"], number=2, order=dataclasses.replace(row.order, ordered_at=None))
    deliver([blank, row])
    assert Order.objects.get().ordered_at == START


# --- sources ------------------------------------------------------------------


def test_a_newsletters_technical_id_is_no_customer_number() -> None:
    source = a_source("mailchimp", kind="newsletter")
    deliver([CanonicalRow(1, ["x"], buyer=PersonRow(external_id="9f2c", email="kari@example.no"))], source)
    assert SourceRecord.objects.get().external_id == "9f2c"
    assert list(Identifier.objects.values_list("kind", flat=True)) == ["email"]


def test_an_event_of_a_row_without_a_buyer_is_held_and_not_lost_silently() -> None:
    event = EventRow("m1", "ticket_scanned", START)
    row = changed(ticket(1), buyer=None, events=(event,))
    intake, _ = deliver([row])
    assert (intake.rows_held, Order.objects.count()) == (1, 1)
    assert HeldRow.objects.get().reasons[0]["code"] == "nobody"


def test_identifiers_over_a_persons_limit_part_records_whichever_came_last() -> None:
    shop = a_source("shop")
    theirs = CanonicalRow(
        1, ["s"], buyer=PersonRow(external_id="1", full_name="Kari Li", email="e0@example.no")
    )
    rows = [
        CanonicalRow(
            n + 1, [n], key=f"k{n}", buyer=PersonRow("7", full_name="Kari Li", email=f"e{n}@example.no")
        )
        for n in range(6)
    ]
    deliver([theirs], shop)
    for row in rows:
        deliver([row])
    assert RecordIdentifier.objects.filter(record__external_id="7", identifier__kind="email").count() == 6
    assert Profile.objects.filter(state="active").count() == 2
