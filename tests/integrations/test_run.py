"""A whole run against a real server: every row accounted for, nothing twice, a clear end."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from integrations import runs
from integrations.models import Connection, Parcel, Run, RunState, Trigger
from integrations.models import parcel as parcels
from integrations.runs import engine, lease, pulling, taking_in
from integrations.runs.account import account, equation
from organisations.audit.models import AuditEntry
from profiles.models import HeldRow, Intake, Order, Profile
from tests.fakes.till import Till
from tests.integrations.conftest import run_now, work


def test_a_run_brings_people_in_and_says_what_it_did(tills: Connection, box_office: Till) -> None:
    box_office.sell(25)
    run = run_now(tills)
    assert (run.state, run.reason) == (RunState.DONE, "")
    assert equation(run)["read"] == equation(run)["created"] == 25
    assert Profile.objects.count() == Order.objects.count() == 25
    assert [step.state for step in run.steps.all()] == ["done"] * 3
    assert run.intake is not None
    assert run.intake.state == Intake.State.CLOSED


def test_the_second_run_reads_on_where_the_first_ended(tills: Connection, box_office: Till) -> None:
    box_office.sell(12)
    run_now(tills)
    box_office.sell(3)
    run = run_now(tills)
    assert equation(run)["read"] == 3
    tills.refresh_from_db()
    assert tills.cursor == {"after": 15}


def test_rows_that_say_the_same_again_change_nothing(tills: Connection, box_office: Till) -> None:
    box_office.sell(12)
    run_now(tills)
    run = run_now(tills, options={"all": True})
    assert equation(run)["unchanged"] == 12
    assert Profile.objects.count() == 12


def test_a_one_off_leaves_the_connections_place_alone(tills: Connection, box_office: Till) -> None:
    box_office.sell(12)
    run_now(tills, options={"all": True})
    tills.refresh_from_db()
    assert tills.cursor == {}


def test_nothing_new_is_a_run_with_an_empty_equation(tills: Connection) -> None:
    run = run_now(tills)
    assert run.state == RunState.DONE
    assert set(equation(run).values()) == {0}


def test_a_broken_row_is_set_aside_and_the_rest_goes_in(tills: Connection, box_office: Till) -> None:
    box_office.sell(3)
    box_office.sell(1, bought="yesterday-ish")
    box_office.sell(1, show="refused")
    del box_office.sales[2]["price"]
    run = run_now(tills)
    assert run.state == RunState.DONE
    assert (equation(run)["created"], equation(run)["failed"]) == (2, 3)
    rows = HeldRow.objects.order_by("number")
    assert [row.number for row in rows] == [3, 4, 5]
    assert rows[2].reasons[0]["message"] == "This show is not ours."


def test_pages_are_cut_into_parcels_and_small_ones_taken_in_together(
    tills: Connection, box_office: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "PARCEL_ROWS", 4)
    monkeypatch.setattr(taking_in, "PARCEL_ROWS", 8)
    box_office.sell(20)
    run = run_now(tills)
    found = list(run.parcels.order_by("number"))
    assert [parcel.row_count for parcel in found] == [4, 4, 2, 4, 4, 2]
    assert [parcel.first_row for parcel in found] == [1, 5, 9, 11, 15, 19]
    assert all(parcel.done_at for parcel in found)
    assert equation(run)["created"] == 20


def test_a_worker_that_dies_in_a_parcel_leaves_all_or_nothing(
    tills: Connection, box_office: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SystemExit is not caught by anything of ours, like a kill; test_kill.py does it for real."""
    monkeypatch.setattr(pulling, "PARCEL_ROWS", 10)
    monkeypatch.setattr(taking_in, "PARCEL_ROWS", 10)
    box_office.sell(30)
    run = runs.start(connection=tills, trigger=Trigger.MANUAL)
    runs.advance(run.pk)  # all pages
    runs.advance(run.pk)  # the first parcel
    with monkeypatch.context() as patch:
        patch.setattr(taking_in, "_count", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            runs.advance(run.pk)
    assert Profile.objects.count() == 10
    assert work(run).state == RunState.DONE
    assert (equation(run)["read"], Profile.objects.count(), Order.objects.count()) == (30, 30, 30)
    assert box_office.asked.count("/sales?after=0&limit=10") == 1


def test_only_the_holder_of_the_lease_commits(tills: Connection, box_office: Till) -> None:
    """A worker that was thought dead comes back: what it does is thrown away."""
    box_office.sell(5)
    run = runs.start(connection=tills, trigger=Trigger.MANUAL)
    with lease.taken(run.pk) as slow:
        assert slow is not None
        Run.objects.filter(pk=run.pk).update(lease=None, lease_until=None)  # as if it had run out
        step = slow.steps.get(name="pull")
        with pytest.raises(lease.LeaseLost):
            pulling.pull(slow, step)
    assert not Parcel.objects.exists()
    assert equation(work(run))["created"] == 5


def test_a_second_delivery_of_the_message_finds_the_lease_and_leaves(
    tills: Connection, box_office: Till
) -> None:
    box_office.sell(5)
    run = runs.start(connection=tills, trigger=Trigger.MANUAL)
    with lease.taken(run.pk) as mine:
        assert mine is not None
        assert runs.advance(run.pk) == engine.NOTHING
    assert not Parcel.objects.exists()


def test_a_lease_that_has_run_out_is_taken_from_a_holder_that_seems_alive(tills: Connection) -> None:
    """A machine that vanished without a word: the server believes its connection for hours."""
    run = runs.start(connection=tills, trigger=Trigger.MANUAL)
    with lease.taken(run.pk) as vanished:
        assert vanished is not None
        with lease.taken(run.pk) as early:
            assert early is None
        Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        with lease.taken(run.pk) as mine:
            assert mine is not None
            assert (mine.lease != vanished.lease, mine.attempts) == (True, 1)
            with pytest.raises(lease.LeaseLost):
                lease.keep(vanished)
            lease.keep(mine)


def test_runs_of_one_connection_take_turns(tills: Connection, box_office: Till) -> None:
    box_office.sell(5)
    first = runs.start(connection=tills, trigger=Trigger.MANUAL)
    second = runs.start(connection=tills, trigger=Trigger.MANUAL)
    runs.advance(first.pk)
    assert runs.advance(second.pk) == engine.NOTHING
    work(first)
    assert equation(work(second))["read"] == 0


def test_webhooks_make_one_run_however_many_come(tills: Connection) -> None:
    made = {runs.start(connection=tills, trigger=Trigger.WEBHOOK).pk for _ in range(5)}
    assert len(made) == 1


def test_who_started_it_is_in_the_audit_log(tills: Connection) -> None:
    run = runs.start(connection=tills, trigger=Trigger.COMMAND, options={"file": "/secret/name.csv"})
    entry = AuditEntry.objects.get(verb="run.started")
    assert entry.summary == {"run": run.pk, "trigger": "command", "options": ["file"]}


def test_the_account_is_numbers_and_states(tills: Connection, box_office: Till) -> None:
    box_office.sell(2)
    told = account(run_now(tills))
    assert told["equation"]["read"] == 2
    assert [step["name"] for step in told["steps"]] == ["pull", "ingest", "segments"]
    assert "kari" not in str(told).lower()


def test_a_parcel_holds_twenty_thousand_rows_at_most() -> None:
    assert parcels.PARCEL_ROWS == pulling.PARCEL_ROWS == taking_in.PARCEL_ROWS == 20_000
