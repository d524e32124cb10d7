"""Faults for real: a worker killed in the middle of a parcel, the database gone in the middle of a run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django_tenants.utils import tenant_context

from integrations import runs
from integrations.models import Run, RunState, Trigger
from integrations.runs import pulling, taking_in
from integrations.runs.account import equation
from organisations.models import Organisation
from profiles.models import Order, Profile
from tests.fakes.till import Till
from tests.integrations.conftest import connect, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROWS = 40


@pytest.fixture
def waiting_run(aurora: Organisation, box_office: Till, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setattr(pulling, "PARCEL_ROWS", 10)
    monkeypatch.setattr(taking_in, "PARCEL_ROWS", 10)
    box_office.sell(ROWS)
    with tenant_context(aurora):
        tills = connect(box_office)
        yield runs.start(connection=tills, trigger=Trigger.MANUAL)


@contextmanager
def worker(run: Run) -> Iterator[subprocess.Popen[str]]:
    place = connection.settings_dict
    address = f"postgresql:///{place['NAME']}?host={place['HOST']}&user={place['USER']}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integrations.worker_process", connection.schema_name, str(run.pk)],  # type: ignore[attr-defined]
        env={**os.environ, "DATABASE_URL": address, "FOYER_ALLOW_PRIVATE_HOSTS": "1"},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(line: str, out: IO[str], times: int = 1) -> None:
    for said in out:
        times -= said.strip() == line
        if times <= 0:
            return
    raise AssertionError(f"the worker never said {line!r}")


def is_whole(run: Run) -> None:
    assert (run.state, equation(run)["read"], equation(run)["created"]) == (RunState.DONE, ROWS, ROWS)
    assert (Profile.objects.count(), Order.objects.count()) == (ROWS, ROWS)


def test_a_worker_killed_in_a_parcel_loses_nothing_and_doubles_nothing(
    waiting_run: Run, box_office: Till
) -> None:
    with worker(waiting_run) as process:
        assert process.stdout is not None
        wait_for("in a parcel", process.stdout, times=2)
        process.kill()
        process.wait()
    waiting_run.refresh_from_db()
    assert waiting_run.state == RunState.RUNNING
    assert Profile.objects.count() == 10  # the first parcel; nothing of the second
    _until_the_dead_workers_lock_is_gone(waiting_run)
    is_whole(work(waiting_run))
    assert box_office.asked.count("/sales?after=0&limit=10") == 1


def test_two_workers_at_the_same_run_do_it_once(waiting_run: Run) -> None:
    with worker(waiting_run) as first, worker(waiting_run) as second:
        assert first.wait(60) == second.wait(60) == 0
    while work(waiting_run).is_live:
        time.sleep(0.2)
        Run.objects.update(retry_at=None)  # whoever was turned away need not wait for its next try
    is_whole(waiting_run)


def test_a_database_that_restarts_in_the_middle_of_a_run(
    waiting_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every connection is cut off while a parcel is being written, as a fast shutdown does."""
    runs.advance(waiting_run.pk)
    counted = taking_in._count

    def cut_off(*args: object) -> None:
        counted(*args)  # type: ignore[arg-type]
        cutter = threading.Thread(target=_cut_all_connections)
        cutter.start()
        cutter.join()

    with monkeypatch.context() as patch:
        patch.setattr(taking_in, "_count", cut_off)
        outcome = runs.advance(waiting_run.pk)
    assert outcome.more
    assert outcome.after > 0
    waiting_run.refresh_from_db()
    assert (waiting_run.state, waiting_run.attempts) == (RunState.RUNNING, 1)
    assert "database" in waiting_run.reason
    assert not Profile.objects.exists()
    Run.objects.update(retry_at=None)
    is_whole(work(waiting_run))


def _cut_all_connections() -> None:
    place = connection.settings_dict
    with psycopg.connect(dbname="postgres", host=place["HOST"], user=place["USER"], autocommit=True) as admin:
        admin.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [place["NAME"]]
        )


def _until_the_dead_workers_lock_is_gone(run: Run) -> None:
    """The server notices a dead client when it next reads from it, which is at once on a socket."""
    deadline = time.monotonic() + 15
    while not runs.advance(run.pk).more:
        assert time.monotonic() < deadline
        time.sleep(0.1)
