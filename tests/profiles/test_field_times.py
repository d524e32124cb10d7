"""Every field keeps the time at which its source told it last."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.ingest import undo_intake
from profiles.models import Intake, RecordVersion, SourceRecord
from profiles.rows import CanonicalRow, PersonRow
from tests.profiles.sample import START, a_source, deliver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def says(number: int, day: int, **person: Any) -> CanonicalRow:
    """A row about customer 7 that says this of them on that day."""
    at = START + timedelta(days=day)
    buyer = PersonRow(external_id="7", observed_at=at, **person)
    return CanonicalRow(number, [str(number), str(day), repr(sorted(person.items()))], f"k{number}", buyer)


def told(unit: str) -> int:
    """The day on which customer 7's unit was told last."""
    record = SourceRecord.objects.get()
    own = record.observed.get(unit)
    return ((datetime.fromisoformat(own) if own else record.observed_at) - START).days


def undo(intake: Intake) -> None:
    undo_intake(intake=intake, revoke=lambda _: 0, actor="alice@example.org")


def test_a_field_left_out_later_keeps_its_own_time() -> None:
    deliver([says(1, 1, city="Oslo", full_name="Kari Li", email="kari@example.no")])
    deliver([says(2, 3, full_name="Kari Berg")])
    record = SourceRecord.objects.get()
    assert (record.family_name, record.city) == ("Berg", "Oslo")
    assert (told("name"), told("address"), told("email")) == (3, 1, 1)
    assert set(record.observed) == {"address", "email"}


def test_within_one_chunk_too() -> None:
    deliver([says(1, 1, city="Oslo", full_name="Kari Li"), says(2, 3, full_name="Kari Berg")])
    assert (told("name"), told("address")) == (3, 1)


def test_a_record_told_whole_keeps_no_time_of_its_fields() -> None:
    deliver([says(1, 1, city="Oslo", full_name="Kari Li")])
    deliver([says(2, 3, city="Bergen", full_name="Kari Berg")])
    assert SourceRecord.objects.get().observed == {}


def test_a_late_row_overrules_only_what_was_told_before_it() -> None:
    deliver([says(1, 1, city="Oslo", full_name="Kari Li"), says(2, 3, full_name="Kari Berg")])
    deliver([says(3, 2, city="Bergen", full_name="Kari Dal")])
    record = SourceRecord.objects.get()
    assert (record.family_name, record.city, told("address"), told("name")) == ("Berg", "Bergen", 2, 3)


def test_what_was_left_out_and_is_told_again_counts_from_then_on() -> None:
    deliver([says(1, 1, city="Oslo", phone="90000001")])
    deliver([says(2, 3, phone="90000002")])
    deliver([says(3, 5, city="Oslo", phone="90000002")])
    deliver([says(4, 4, city="Bergen")])
    assert (SourceRecord.objects.get().city, told("address")) == ("Oslo", 5)


def test_a_year_alone_leaves_the_day_of_birth() -> None:
    deliver([says(1, 1, birth_date=date(1980, 5, 17))])
    deliver([says(2, 2, birth_year=1980)])
    assert SourceRecord.objects.get().birth_date == date(1980, 5, 17)
    deliver([says(3, 3, birth_year=1981)])
    record = SourceRecord.objects.get()
    assert (record.birth_date, record.birth_year) == (None, 1981)


def test_an_address_of_which_nothing_can_be_used_wipes_nothing() -> None:
    deliver([says(1, 1, street="Storgata 1", city="Oslo"), says(2, 2, city="null")])
    assert SourceRecord.objects.get().street == "Storgata 1"


def test_undo_brings_the_times_back() -> None:
    deliver([says(1, 1, city="Oslo", full_name="Kari Li"), says(2, 3, full_name="Kari Berg")])
    last, _ = deliver([says(3, 5, city="Bergen")])
    assert RecordVersion.objects.get().values["observed"] == {"address": "2026-11-02T12:00:00+00:00"}
    assert (told("name"), told("address")) == (3, 5)
    undo(last)
    assert (told("name"), told("address")) == (3, 1)


def test_a_version_written_before_fields_had_times_still_comes_back() -> None:
    deliver([says(1, 1, city="Oslo")])
    last, _ = deliver([says(3, 5, city="Bergen")])
    version = RecordVersion.objects.get()
    del version.values["observed"]
    version.save()
    undo(last)
    assert (SourceRecord.objects.get().city, SourceRecord.objects.get().observed) == ("Oslo", {})


UNITS: dict[str, tuple[str, Any]] = {
    "name": ("full_name", lambda day: f"Kari {'ABCDEFGHIJ'[day]}li"),
    "email": ("email", lambda day: f"kari{day}@example.no"),
    "phone": ("phone", lambda day: f"+474123456{day}"),
    "address": ("city", lambda day: f"City {day}"),
    "country": ("country", lambda day: ("NO", "SE", "DK", "NL", "DE", "FI", "FR", "GB", "US", "IS")[day]),
    "company": ("company", lambda day: f"House {day}"),
    "birth": ("birth_year", lambda day: 1980 + day),
    "language": ("language", lambda day: ("nb", "sv", "da", "nl", "de", "fi", "fr", "en", "es", "is")[day]),
}
STORED = {"name": "family_name", "address": "city", "birth": "birth_year"}
Telling = list[tuple[int, frozenset[str]]]


@st.composite
def tellings(draw: st.DrawFn) -> Telling:
    """Days, each once and in any order, and which units were told on each."""
    days = draw(st.permutations(range(draw(st.integers(1, 6)))))
    some = st.frozensets(st.sampled_from(sorted(UNITS)), min_size=1, max_size=4)
    return [(day, draw(some)) for day in days]


def rows_of(telling: Telling) -> list[CanonicalRow]:
    return [
        says(number, day, **{UNITS[unit][0]: UNITS[unit][1](day) for unit in units})
        for number, (day, units) in enumerate(telling)
    ]


def stored(unit: str, day: int) -> Any:
    """How the record keeps what was told on that day."""
    value = UNITS[unit][1](day)
    return value.split()[1] if unit == "name" else value


def seen() -> dict[str, Any]:
    record = SourceRecord.objects.get()
    return {
        unit: (value, told(unit)) for unit in UNITS if (value := getattr(record, STORED.get(unit, unit)))
    } | {"at": (record.observed_at - START).days}


@settings(max_examples=20, deadline=None)
@given(tellings(), st.integers(0, 6))
def test_whatever_the_order_and_the_chunks_every_unit_is_the_last_that_was_told(
    telling: Telling, cut: int
) -> None:
    with transaction.atomic():
        for part in (rows_of(telling)[:cut], rows_of(telling)[cut:]):
            if part:
                deliver(part)
        found = seen()
        transaction.set_rollback(True)
    last = {unit: day for day, units in sorted(telling) for unit in units}
    assert found == {unit: (stored(unit, day), day) for unit, day in last.items()} | {
        "at": max(last.values())
    }


@settings(max_examples=20, deadline=None)
@given(tellings(), st.integers(1, 5))
def test_undoing_a_delivery_of_the_same_source_is_as_if_it_had_never_come(telling: Telling, cut: int) -> None:
    rows = rows_of(telling)
    with transaction.atomic():
        deliver(rows[:cut])
        before = seen()
        last, _ = deliver(rows[cut:])
        undo(last)
        after = seen()
        transaction.set_rollback(True)
    assert after == before


def test_two_sources_keep_their_own_times() -> None:
    deliver([says(1, 1, city="Oslo", email="kari@example.no")])
    deliver([dataclasses.replace(says(1, 2, city="Bergen"), key="other")], a_source("shop"))
    times = dict(SourceRecord.objects.values_list("source__slug", "observed_at"))
    assert times == {
        "tickets": datetime(2026, 11, 2, 12, tzinfo=UTC),
        "shop": datetime(2026, 11, 3, 12, tzinfo=UTC),
    }
