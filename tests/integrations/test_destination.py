"""A destination's run: in, sorted, planned, and sent batch by batch."""

from __future__ import annotations

import datetime as dt

from integrations import runs
from integrations.models import ApplyMode, Connection, Run, RunState, Trigger
from integrations.runs import mornings
from integrations.runs.mornings import held_back
from integrations.runs.verbs import start_scheduled
from organisations.models import User
from tests.fakes.till import Till
from tests.integrations.conftest import connect, run_now, work

TODAY = dt.date(2026, 11, 24)


def test_it_sends_in_batches_and_counts(letter_box: Connection, box_office: Till) -> None:
    box_office.sell(10)
    run = run_now(letter_box)
    assert run.state == RunState.DONE
    assert [len(batch) for batch in box_office.letters.values()] == [4, 4, 2]
    push = run.steps.get(name="push")
    assert (push.done, push.total, push.counts) == (10, 10, {"sent": 10})


def test_a_batch_that_fails_is_sent_again_and_no_other(letter_box: Connection, box_office: Till) -> None:
    box_office.sell(10)
    run = runs.start(connection=letter_box, trigger=Trigger.MANUAL)
    while run.steps.get(name="plan").state != "done":
        runs.advance(run.pk)
    box_office.trouble = ["", 500]
    work(run)
    assert (run.state, box_office.posts) == (RunState.RUNNING, 1)
    Run.objects.filter(pk=run.pk).update(retry_at=None)
    assert work(run).state == RunState.DONE
    assert (box_office.posts, sum(map(len, box_office.letters.values()))) == (3, 10)


def test_a_connection_that_asks_sends_only_when_somebody_has_looked(
    letter_box: Connection, box_office: Till, bob: User
) -> None:
    Connection.objects.update(apply_mode=ApplyMode.ASK)
    box_office.sell(3)
    run = run_now(letter_box)
    assert (run.state, box_office.posts) == (RunState.WAITING, 0)
    assert "plan is ready" in run.reason
    runs.retry(run=run, actor=bob)
    assert (work(run).state, box_office.posts) == (RunState.WAITING, 0)
    runs.approve(run=run, actor=bob)
    assert (work(run).state, box_office.posts) == (RunState.DONE, 1)


def test_an_empty_plan_asks_nobody(letter_box: Connection) -> None:
    Connection.objects.update(apply_mode=ApplyMode.ASK)
    assert run_now(letter_box).state == RunState.DONE


def scheduled(connection: Connection) -> Run:
    run = start_scheduled(connection=connection, local_date=TODAY, window_from=TODAY)
    assert run is not None
    return run


def test_it_waits_for_the_mornings_sources(
    tills: Connection, letter_box: Connection, box_office: Till
) -> None:
    Connection.objects.filter(pk=letter_box.pk).update(after_sources=True)
    run = scheduled(letter_box)
    assert held_back(run.pk)
    assert runs.advance(run.pk) == runs.Outcome(more=False)
    work(scheduled(tills))
    assert not held_back(run.pk)
    assert work(run).state == RunState.DONE


def test_it_waits_an_hour_and_no_longer(tills: Connection, letter_box: Connection) -> None:
    Connection.objects.filter(pk=letter_box.pk).update(after_sources=True)
    run = scheduled(letter_box)
    Run.objects.update(created_at=run.created_at - mornings.PATIENCE)
    assert not held_back(run.pk)


def test_sources_that_come_later_or_are_off_are_not_waited_for(
    tills: Connection, letter_box: Connection, box_office: Till
) -> None:
    Connection.objects.filter(pk=letter_box.pk).update(after_sources=True)
    Connection.objects.filter(pk=tills.pk).update(schedule_time=dt.time(20))
    connect(box_office, slug="off", enabled=False)
    connect(box_office, slug="other-day", weekdays=[TODAY.isoweekday() % 7 + 1])
    assert not held_back(scheduled(letter_box).pk)


def test_one_that_is_held_back_can_be_cancelled(tills: Connection, letter_box: Connection, bob: User) -> None:
    Connection.objects.filter(pk=letter_box.pk).update(after_sources=True)
    run = scheduled(letter_box)
    assert held_back(run.pk)
    runs.cancel(run=run, actor=bob)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


def test_a_run_by_hand_waits_for_nobody(tills: Connection, letter_box: Connection) -> None:
    Connection.objects.filter(pk=letter_box.pk).update(after_sources=True)
    assert not held_back(runs.start(connection=letter_box, trigger=Trigger.MANUAL).pk)
