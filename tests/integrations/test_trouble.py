"""When the other side, or our own, has trouble: a clear state, nothing lost, nothing doubled."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from integrations import runs
from integrations.models import Connection, Parcel, Run, RunState, StepState, Trigger
from integrations.runs import failing, taking_in
from integrations.runs.account import equation
from profiles.models import Order, Profile
from tests.fakes.till import Till
from tests.integrations.conftest import run_now, work

LEAK = "Failing row contains (kari1@example.no)"


def _faulty(*_: object) -> None:
    raise KeyError("fault")


def rested(run: Run) -> Run:
    """As if the pause were over."""
    Run.objects.filter(pk=run.pk).update(retry_at=None)
    return run


def start(connection: Connection) -> Run:
    return runs.start(connection=connection, trigger=Trigger.MANUAL)


@pytest.mark.parametrize("trouble", [429, 500, 503, "half", "hang"])
def test_a_source_with_a_bad_moment_is_asked_again(
    tills: Connection, box_office: Till, trouble: int | str
) -> None:
    box_office.sell(25)
    box_office.trouble = ["", trouble]
    run = start(tills)
    outcome = runs.advance(run.pk)
    assert outcome.more
    assert outcome.after >= 10
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.RUNNING, 1)
    assert run.reason
    assert run.retry_at is not None
    assert Parcel.objects.count() == 1  # the first page is safe
    assert runs.advance(run.pk) == runs.Outcome(more=False)  # too early
    assert equation(work(rested(run)))["created"] == 25
    assert (run.attempts, Order.objects.count()) == (0, 25)
    assert box_office.asked.count("/sales?after=0&limit=10") == 1


def test_a_source_that_stays_away_waits_for_a_person_with_the_reason(
    tills: Connection, box_office: Till
) -> None:
    box_office.sell(5)
    box_office.trouble = [503] * failing.TRIES
    run = start(tills)
    for _ in range(failing.TRIES):
        runs.advance(rested(run).pk)
    run.refresh_from_db()
    assert run.state == RunState.WAITING
    assert "503" in run.reason
    assert run.steps.get(name="pull").state == StepState.WAITING
    assert runs.advance(run.pk) == runs.Outcome(more=False)
    runs.retry(run=run, actor=None)
    assert work(run).state == RunState.DONE
    assert run.reason == ""


def test_a_wrong_key_waits_at_once(tills: Connection, box_office: Till) -> None:
    box_office.key = "changed"
    run = run_now(tills)
    assert (run.state, run.attempts) == (RunState.WAITING, 0)
    assert "key" in run.reason
    assert len(box_office.asked) == 1


def test_the_cursor_stays_until_every_row_is_in(
    tills: Connection, box_office: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    box_office.sell(5)
    with monkeypatch.context() as patch:
        patch.setattr(taking_in, "_count", _faulty)
        run = start(tills)
        for _ in range(failing.TRIES_OF_OURS + 1):
            runs.advance(rested(run).pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert run.reason.startswith("A fault in Foyer: KeyError in tests/integrations/test_trouble.py:")
    tills.refresh_from_db()
    assert tills.cursor == {}
    assert not Profile.objects.exists()
    runs.retry(run=run, actor=None)
    assert equation(work(run))["created"] == 5
    tills.refresh_from_db()
    assert tills.cursor == {"after": 5}


def test_what_a_fault_says_about_people_is_not_logged(
    tills: Connection,
    box_office: Till,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def spill(*_: object) -> None:
        raise RuntimeError(LEAK)

    box_office.sell(1)
    monkeypatch.setattr(taking_in, "_count", spill)
    run = start(tills)
    work(run)
    work(rested(run))
    assert "RuntimeError" in caplog.text
    assert "kari1" not in caplog.text + run.reason


def test_a_database_that_was_away_is_tried_again(
    tills: Connection, box_office: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("server closed the connection")

    box_office.sell(2)
    run = start(tills)
    with monkeypatch.context() as patch:
        patch.setattr(taking_in, "_count", gone)
        runs.advance(run.pk)
        assert runs.advance(run.pk).after > 0
    assert equation(work(rested(run)))["created"] == 2


def test_a_unit_that_kills_its_worker_every_time_stops_killing_workers(tills: Connection) -> None:
    run = start(tills)
    Run.objects.filter(pk=run.pk).update(attempts=failing.TRIES)
    runs.advance(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.WAITING
    assert "without a word" in run.reason


def test_pauses_double_jitter_and_respect_the_other_sides_wish() -> None:
    for attempt, middle in enumerate((20, 40, 80, 160)):
        pauses = [failing.pause(attempt) for _ in range(50)]
        assert middle * 0.5 <= min(pauses) <= max(pauses) <= middle * 1.5
        assert len(set(pauses)) > 1
    assert failing.pause(0, 600) == 600
    assert failing.pause(50) <= failing.LONGEST_WAIT * 1.5


def test_a_run_that_waits_does_not_hold_up_the_next(tills: Connection, box_office: Till) -> None:
    box_office.sell(5)
    box_office.key = "changed"
    stuck = run_now(tills)
    box_office.key = "right"
    assert equation(run_now(tills))["created"] == 5
    runs.retry(run=stuck, actor=None)
    assert equation(work(stuck))["unchanged"] == 5
    tills.refresh_from_db()
    assert tills.cursor == {"after": 5}
