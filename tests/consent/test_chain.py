"""The ledger's seal: what was rewritten shows, what was erased by right does not."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from cdp.lib import clock
from consent import chain, comparing, projection
from consent.models import ChainHead, Comparison, ConsentEvent, ErasedEvent
from tests.consent.world import Person, person

pytestmark = pytest.mark.usefixtures("in_aurora", "heads")

FIRST = datetime(2026, 11, 20, 12, tzinfo=UTC)
AFTERWARDS = FIRST + timedelta(days=5)


@pytest.fixture
def heads(settings: Any, tmp_path: Path) -> Path:
    """The folder outside the database, empty."""
    settings.FOYER_DATA = tmp_path
    return tmp_path / "ledger-heads"


@pytest.fixture
def anna() -> Person:
    """Somebody with two ledger rows a day, on three days."""
    found = person("anna@example.org")
    for number in range(6):
        said(found, FIRST + timedelta(days=number // 2, hours=number % 2))
    return found


def said(who: Person, at: datetime) -> ConsentEvent:
    return ConsentEvent.objects.create(
        identifier=who.email,
        type="GRANT",
        purpose="marketing.newsletter",
        channel="email",
        recorded_at=at,
        source_event_id=str(at),
    )


def tamper(statement: str, *params: int) -> None:
    """As somebody may who owns the table: the guard is switched off and on again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE consent_consentevent DISABLE TRIGGER consent_consentevent_append_only")
        cursor.execute(statement, params)
        cursor.execute("ALTER TABLE consent_consentevent ENABLE TRIGGER consent_consentevent_append_only")


def faults() -> list[str]:
    return [str(fault) for fault in chain.check()]


def test_every_day_that_is_over_is_sealed_once(anna: Person) -> None:
    assert chain.write_heads(now=FIRST + timedelta(days=2)) == 2
    assert chain.write_heads(now=AFTERWARDS) == 1
    assert chain.write_heads(now=AFTERWARDS) == 0

    assert list(ChainHead.objects.values_list("day", "rows")) == [
        (date(2026, 11, 20), 2),
        (date(2026, 11, 21), 2),
        (date(2026, 11, 22), 2),
    ]
    assert faults() == []


def test_the_heads_are_kept_outside_the_database_for_the_owner_alone(anna: Person, heads: Path) -> None:
    chain.write_heads(now=AFTERWARDS)

    [file] = heads.iterdir()
    lines = file.read_text().splitlines()
    assert [line.split()[-1] for line in lines] == list(ChainHead.objects.values_list("head", flat=True))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(heads.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_consentevent SET proof = 'A' WHERE position = %s",
        "UPDATE consent_consentevent SET note = 'x' WHERE position = %s",
        "DELETE FROM consent_consentevent WHERE position = %s",
    ],
)
def test_a_row_that_was_rewritten_shows_on_its_day(anna: Person, statement: str) -> None:
    """C143: a trigger binds the table's owner only until the owner switches it off."""
    chain.write_heads(now=AFTERWARDS)

    tamper(statement, anna.events()[2].pk)

    assert faults() == ["2026-11-21: the rows do not add up to the head"]


def test_a_row_slipped_into_the_past_shows(anna: Person) -> None:
    chain.write_heads(now=AFTERWARDS)

    said(anna, FIRST + timedelta(minutes=5))

    assert faults() == ["2026-11-20: the rows do not add up to the head"]


def test_a_day_that_vanished_shows(anna: Person) -> None:
    chain.write_heads(now=AFTERWARDS)

    tamper("DELETE FROM consent_consentevent WHERE recorded_at::date = '2026-11-21'")
    ChainHead.objects.filter(day=date(2026, 11, 21)).delete()

    assert faults() == [
        "2026-11-21: the head is in the file outside the database alone",
        "2026-11-22: the rows do not add up to the head",
    ]


def test_heads_made_to_fit_a_rewritten_ledger_differ_from_those_outside(anna: Person) -> None:
    chain.write_heads(now=AFTERWARDS)

    tamper("UPDATE consent_consentevent SET proof = 'A' WHERE position = %s", anna.events()[5].pk)
    ChainHead.objects.all().delete()
    chain.write_heads(now=AFTERWARDS)

    assert faults() == ["2026-11-22: the head differs from the file outside the database"]


def test_a_lost_file_is_a_fault_of_every_day(anna: Person, heads: Path) -> None:
    chain.write_heads(now=AFTERWARDS)
    for file in heads.iterdir():
        file.unlink()

    assert [fault.split(": ")[1] for fault in faults()] == [
        "the head is not in the file outside the database"
    ] * 3


def test_a_night_that_was_cut_short_is_no_fault(anna: Person) -> None:
    """The file was written, the transaction was not."""
    chain.write_heads(now=AFTERWARDS)
    ChainHead.objects.all().delete()

    chain.write_heads(now=AFTERWARDS)

    assert faults() == []


def test_an_erasure_changes_no_head(anna: Person) -> None:
    chain.write_heads(now=AFTERWARDS)
    doomed = [event.pk for event in anna.events()]

    with connection.cursor() as cursor:
        cursor.execute("SELECT consent_erase_events(%s, %s)", [uuid4(), doomed])

    assert not ConsentEvent.objects.exists()
    assert ErasedEvent.objects.count() == 6
    assert faults() == []


def test_the_way_of_an_erasure_is_closed_again_after_it(anna: Person) -> None:
    """C143."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT consent_erase_events(%s, %s)", [uuid4(), [anna.events()[0].pk]])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in ("DELETE FROM consent_consentevent", "TRUNCATE consent_consentevent CASCADE"):
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                cursor.execute(statement)

    assert ConsentEvent.objects.count() == 5


def test_an_empty_ledger_has_nothing_to_seal() -> None:
    assert chain.write_heads(now=clock.now()) == 0
    assert faults() == []


def test_the_ledger_command_tells_of_a_broken_seal(anna: Person) -> None:
    chain.write_heads(now=AFTERWARDS)
    projection.rebuild()
    tamper("UPDATE consent_consentevent SET note = 'x' WHERE position = %s", anna.events()[0].pk)
    out = StringIO()

    with pytest.raises(CommandError, match="does not add up"):
        call_command("ledger", "check", "--organisation", "aurora", stdout=out)

    assert "aurora: 3 days sealed, 1 at fault" in out.getvalue()
    assert "2026-11-20: the rows do not add up to the head" in out.getvalue()


def test_the_night_notes_a_broken_seal(anna: Person) -> None:
    chain.write_heads(now=AFTERWARDS)
    tamper("DELETE FROM consent_consentevent WHERE position = %s", anna.events()[0].pk)

    comparing.seal()

    assert Comparison.objects.get(kind="chain").differing == 1
