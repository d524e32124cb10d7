"""Stopping a run, and taking one back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations import runs
from integrations.models import Connection, RunState, StepState, Trigger
from integrations.runs import pulling, taking_in, undoing
from integrations.runs.account import equation
from integrations.runs.verbs import NotPossible
from organisations.audit.models import AuditEntry
from organisations.models import User
from profiles.models import Intake, Order, Profile
from tests.fakes.till import Till
from tests.integrations.conftest import run_now, work


@pytest.fixture
def small_parcels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "PARCEL_ROWS", 10)
    monkeypatch.setattr(taking_in, "PARCEL_ROWS", 10)


@pytest.mark.usefixtures("small_parcels")
def test_a_cancelled_run_stops_at_the_next_unit_and_says_what_was_done(
    tills: Connection, box_office: Till, alice: User
) -> None:
    box_office.sell(30)
    run = runs.start(connection=tills, trigger=Trigger.MANUAL)
    runs.advance(run.pk)
    runs.advance(run.pk)
    runs.cancel(run=run, actor=alice)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert run.reason == "Cancelled. 10 of 30 rows fetched had been taken in."
    assert Profile.objects.count() == 10
    assert run.intake is not None
    assert run.intake.state == Intake.State.CLOSED
    assert not run.parcels.unopened().exclude(content=b"").exists()
    tills.refresh_from_db()
    assert tills.cursor == {}
    assert equation(run_now(tills)) | {"erased": 0} == {
        "read": 30, "created": 20, "updated": 0, "unchanged": 10, "held": 0, "failed": 0, "erased": 0,
    }  # fmt: skip


def test_a_run_that_has_not_begun_is_cancelled_at_once(tills: Connection, alice: User) -> None:
    run = runs.start(connection=tills, trigger=Trigger.MANUAL)
    runs.cancel(run=run, actor=alice)
    run.refresh_from_db()
    assert (run.state, run.started_at) == (RunState.CANCELLED, None)
    assert {step.state for step in run.steps.all()} == {StepState.CANCELLED}


def test_a_run_that_waits_can_be_given_up(tills: Connection, box_office: Till, alice: User) -> None:
    box_office.key = "changed"
    run = run_now(tills)
    runs.cancel(run=run, actor=alice)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


def test_a_run_that_is_over_cannot_be_cancelled(tills: Connection, alice: User) -> None:
    with pytest.raises(NotPossible):
        runs.cancel(run=run_now(tills), actor=alice)


def test_a_run_at_work_is_only_asked_to_stop(tills: Connection, box_office: Till, alice: User) -> None:
    """Cancel while a worker is between two pages: the worker notices before the next."""
    box_office.sell(30)
    run = runs.start(connection=tills, trigger=Trigger.MANUAL)

    def cancel_after_a_page(*args: object) -> None:
        pulling_save(*args)  # type: ignore[arg-type]
        runs.cancel(run=run, actor=alice)

    pulling_save = pulling._save
    pulling._save = cancel_after_a_page  # type: ignore[assignment]
    try:
        runs.advance(run.pk)
    finally:
        pulling._save = pulling_save
    assert len(box_office.asked) == 1
    assert work(run).state == RunState.CANCELLED
    assert run.reason == "Cancelled. 0 of 10 rows fetched had been taken in."


def test_undo_takes_back_what_the_run_brought(tills: Connection, box_office: Till, alice: User) -> None:
    box_office.sell(3)
    run_now(tills)
    box_office.sell(4)
    box_office.sales[0].update(name="Kari Gift")
    run = run_now(tills, options={"all": True})
    assert (Profile.objects.count(), equation(run)["updated"]) == (7, 1)
    undoing.undo(run=run, actor=alice)
    run.refresh_from_db()
    assert run.state == RunState.UNDONE
    assert Order.objects.count() == 3
    assert set(Profile.objects.filter(state="active").values_list("name", flat=True)) == {
        "Kari Nordmann 1", "Kari Nordmann 2", "Kari Nordmann 3",
    }  # fmt: skip
    assert run.aftermath["report"]["orders_removed"] == 4
    assert AuditEntry.objects.get(verb="run.undone").actor_label == str(alice)


def test_undo_waits_for_its_turn_before_it_holds_the_run(tills: Connection, box_office: Till) -> None:
    """As taking in does: the other way round, the two could wait for each other."""
    box_office.sell(1)
    run = run_now(tills)
    with CaptureQueriesContext(connection) as queries:
        undoing.undo(run=run, actor=None)
    asked = [each["sql"] for each in queries]
    turn = next(n for n, text in enumerate(asked) if "pg_advisory_xact_lock" in text)
    held = next(n for n, text in enumerate(asked) if text.startswith('UPDATE "integrations_run"'))
    assert turn < held


def test_undone_rows_come_again_only_when_asked_for(tills: Connection, box_office: Till) -> None:
    box_office.sell(3)
    run = run_now(tills)
    undoing.undo(run=run, actor=None)
    assert equation(run_now(tills))["read"] == 0

    box_office.sell(2)
    run = run_now(tills)
    undoing.undo(run=run, actor=None, fetch_again=True)
    assert equation(run_now(tills))["created"] == 2


def test_a_run_is_undone_once(tills: Connection, box_office: Till) -> None:
    box_office.sell(3)
    run = run_now(tills)
    undoing.undo(run=run, actor=None)
    with pytest.raises(NotPossible):
        undoing.undo(run=run, actor=None)


def test_a_run_at_work_or_without_rows_is_not_undone(tills: Connection, box_office: Till) -> None:
    assert not undoing.can_be_undone(run_now(tills))
    box_office.sell(3)
    running = runs.start(connection=tills, trigger=Trigger.MANUAL)
    runs.advance(running.pk)
    running.refresh_from_db()
    with pytest.raises(NotPossible):
        undoing.undo(run=running, actor=None)
