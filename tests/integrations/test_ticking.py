"""The minute's round: due runs exactly once, lost messages found, old rows emptied."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import tenant_context
from kombu.exceptions import OperationalError

from cdp.lib.tenancy import current_schema
from integrations import retention, runs, tasks, ticking
from integrations.errors import TryLater
from integrations.models import Connection, Parcel, Run, RunState, RunStep, Trigger
from integrations.runs import pulling
from organisations.models import Organisation
from tests.fakes.till import Till
from tests.integrations.conftest import connect, run_now, work

LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.fixture
def since_long(tills: Connection) -> Connection:
    Connection.objects.update(enabled_at=LONG_AGO)
    return tills


def test_a_due_run_is_made_once_and_runs(
    since_long: Connection, aurora: Organisation, box_office: Till
) -> None:
    run_of_yesterday = Run.objects.create(
        connection=since_long, local_date=dt.date(2026, 11, 23), trigger="schedule", state="done"
    )
    assert ticking.make_due_runs(aurora, utc("2026-11-24T06:29")) == []
    [run] = ticking.make_due_runs(aurora, utc("2026-11-24T06:30"))
    assert (run.local_date, run.trigger) == (dt.date(2026, 11, 24), Trigger.SCHEDULE)
    assert ticking.make_due_runs(aurora, utc("2026-11-24T06:31")) == []
    box_office.sell(2)
    assert work(run).state == RunState.DONE
    assert run.pk != run_of_yesterday.pk


def test_after_days_away_one_run_covers_them(since_long: Connection, aurora: Organisation) -> None:
    Run.objects.create(
        connection=since_long, local_date=dt.date(2026, 11, 19), trigger="schedule", state="done"
    )
    [run] = ticking.make_due_runs(aurora, utc("2026-11-24T12:00"))
    assert (run.trigger, run.window_from, run.local_date) == (
        Trigger.CATCH_UP,
        dt.date(2026, 11, 20),
        dt.date(2026, 11, 24),
    )


def test_what_is_switched_off_does_not_run(since_long: Connection, aurora: Organisation) -> None:
    Connection.objects.update(enabled=False)
    assert ticking.make_due_runs(aurora, utc("2026-11-24T12:00")) == []


@pytest.mark.parametrize(("date", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_on_which_the_clock_is_changed_has_one_run(
    since_long: Connection, aurora: Organisation, date: str, hours: int
) -> None:
    """Asked every quarter of an hour from midnight to midnight, at a time that the clock skips or repeats."""
    day = dt.date.fromisoformat(date)
    Connection.objects.update(schedule_time=dt.time(2, 30))
    Run.objects.create(
        connection=since_long, local_date=day - dt.timedelta(days=1), trigger="schedule", state="done"
    )
    midnight = dt.datetime.combine(day, dt.time(), tzinfo=aurora.zone).astimezone(dt.UTC)
    for quarter in range(hours * 4):
        ticking.make_due_runs(aurora, midnight + dt.timedelta(minutes=15 * quarter))
    assert Run.objects.filter(local_date=day).count() == 1
    assert not Run.objects.filter(local_date__gt=day).exists()


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_make_one_run(aurora: Organisation, box_office: Till) -> None:
    with tenant_context(aurora):
        connections = [connect(box_office, slug=f"till-{number}") for number in range(4)]
        Connection.objects.update(enabled_at=LONG_AGO)

    def scheduler(_: int) -> int:
        try:
            with tenant_context(aurora):
                return len(ticking.make_due_runs(aurora, utc("2026-11-24T12:00")))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        made = sum(pool.map(scheduler, range(8)))
    with tenant_context(aurora):
        assert made == Run.objects.count() == len(connections)


def test_a_run_whose_message_is_lost_is_woken(tills: Connection, box_office: Till) -> None:
    run = runs.start(connection=tills, trigger=Trigger.MANUAL)
    assert runs.wake_all() == 1
    assert runs.wake_all() == 0  # just woken
    Run.objects.update(woken_at=timezone.now() - dt.timedelta(minutes=2))
    assert runs.wake_all() == 1
    Run.objects.update(woken_at=None, retry_at=timezone.now() + dt.timedelta(minutes=5))
    assert runs.wake_all() == 0  # it rests
    Run.objects.update(retry_at=None)
    work(run)
    assert runs.wake_all() == 0  # over


def test_rows_as_they_came_are_emptied_after_thirty_days(tills: Connection, box_office: Till) -> None:
    box_office.sell(5)
    run_now(tills)
    assert retention.empty_old_parcels() == 0
    Parcel.objects.update(created_at=timezone.now() - dt.timedelta(days=31))
    assert retention.empty_old_parcels() == 1
    parcel = Parcel.objects.get()
    assert (bytes(parcel.content), parcel.row_count) == (b"", 5)
    assert retention.empty_old_parcels() == 0


def test_the_round_visits_every_organisation_and_one_trouble_is_not_the_others(
    aurora: Organisation, borealis: Organisation, box_office: Till
) -> None:
    for organisation in (aurora, borealis):
        with tenant_context(organisation):
            connect(box_office)
            Connection.objects.update(enabled_at=LONG_AGO)
    with tenant_context(aurora):
        Connection.objects.update(weekdays=[1, 2, 3, 4, 5, 6, 7, None])
    tasks.tick()
    with tenant_context(borealis):
        assert Run.objects.count() == 1


def test_a_connector_that_is_gone_makes_a_run_that_says_so(
    since_long: Connection, aurora: Organisation
) -> None:
    Connection.objects.update(connector="gone")
    [run] = ticking.make_due_runs(aurora, utc("2026-11-24T12:00"))
    assert work(run).state == RunState.WAITING
    assert "gone" in run.reason
    runs.cancel(run=run, actor=None)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


def test_a_quiet_round_asks_the_same_however_many_connections_there_are(
    tills: Connection, aurora: Organisation, box_office: Till
) -> None:
    def questions() -> int:
        ticking.tick(aurora, timezone.now())
        with CaptureQueriesContext(connection) as asked:
            ticking.tick(aurora, timezone.now())
        return len([query for query in asked if "search_path" not in query["sql"]])

    few = questions()
    for number in range(10):
        connect(box_office, slug=f"more-{number}")
    assert questions() == few <= 20


def test_a_queue_that_is_away_costs_a_minute_and_not_the_run(
    tills: Connection,
    box_office: Till,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("amqp://user:secret@queue")

    monkeypatch.setattr(tasks.advance_run, "apply_async", away)
    with django_capture_on_commit_callbacks(execute=True):
        run = runs.start(connection=tills, trigger=Trigger.MANUAL)
    assert "No message for run" in caplog.text
    assert "secret" not in caplog.text
    assert runs.wake_all() == 1
    assert work(run).state == RunState.DONE


def test_the_message_is_for_the_organisation_that_asked(
    tills: Connection,
    borealis: Organisation,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Another organisation may be current by the time the transaction is committed."""
    sent: list[str] = []
    monkeypatch.setattr(tasks.advance_run, "apply_async", lambda *_, **__: sent.append(current_schema()))
    with django_capture_on_commit_callbacks(execute=True):
        runs.start(connection=tills, trigger=Trigger.MANUAL)
        connection.set_tenant(borealis)  # type: ignore[attr-defined]
    assert sent == ["aurora"]


def test_a_task_asks_for_the_next_unit(
    tills: Connection, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[Any] = []
    run = runs.start(connection=tills, trigger=Trigger.MANUAL)
    monkeypatch.setattr(
        tasks.advance_run, "apply_async", lambda args, **options: sent.append((args, options))
    )
    with django_capture_on_commit_callbacks(execute=True):
        tasks.advance_run(run.pk)
    assert sent == [((run.pk,), {})]
    monkeypatch.setattr(
        pulling, "connector_for", lambda *_: (_ for _ in ()).throw(TryLater("busy", after=90))
    )
    RunStep.objects.filter(run=run).update(state="pending")
    with django_capture_on_commit_callbacks(execute=True):
        tasks.advance_run(run.pk)
    assert sent[1] == ((run.pk,), {"DelaySeconds": 90})
