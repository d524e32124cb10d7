"""The background worker as its own process, on the queue in PostgreSQL."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection
from django_tenants.utils import schema_context

from cdp import env
from cdp.up import queue
from organisations.models import Organisation
from tests.cdp import kill_app
from tests.server import SOCKET

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
STEPS = 12


class Worker:
    def __init__(self, log: Path) -> None:
        self.log = log
        url = f"postgresql://postgres@/{settings.DATABASES['default']['NAME']}?host={SOCKET}"
        command = "-A tests.cdp.kill_app worker --concurrency 2 -l INFO"
        quiet = "--without-gossip --without-mingle --without-heartbeat"
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", *command.split(), *quiet.split()],
                env=os.environ | {"DATABASE_URL": url, "CELERY_BROKER_URL": "pgmq://"},
                start_new_session=True,
                stdout=out,
                stderr=out,
            )

    def kill(self) -> None:
        """As the machine would when it runs out of memory: the worker and all its children, at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Callable[[], Worker]]:
    started: list[Worker] = []

    def start() -> Worker:
        started.append(Worker(tmp_path / "worker.log"))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.kill()


@pytest.fixture
def broker() -> Iterator[Celery]:
    """Sends as the web server does, into the queue of this test's database."""
    options = env.broker_options("pgmq://", connection.settings_dict)
    app = Celery("sender", broker="pgmq://", set_as_current=False)
    app.conf.update(broker_transport_options=options, task_ignore_result=True)
    yield app
    app.close()


@pytest.fixture
def tables(aurora: Organisation) -> Iterator[None]:
    with schema_context("aurora"), connection.cursor() as cursor:
        cursor.execute(kill_app.TABLES)
    yield
    with schema_context("aurora"), connection.cursor() as cursor:
        cursor.execute("drop table walk, done")


def ask_to_walk(broker: Celery, number: int, schema: str = "aurora") -> None:
    broker.send_task(kill_app.walk.name, args=[number], headers={"_schema_name": schema})


def new_walk(number: int) -> None:
    with schema_context("aurora"), connection.cursor() as cursor:
        cursor.execute("insert into walk (id, steps) values (%s, %s)", [number, STEPS])


def steps_done(number: int) -> list[int]:
    with schema_context("aurora"), connection.cursor() as cursor:
        cursor.execute("select step from done where walk = %s order by step", [number])
        return [step for (step,) in cursor.fetchall()]


def wait_for(worker: Worker, what: Callable[[], Any], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert worker.process.poll() is None, worker.log.read_text()
        assert time.monotonic() < end, worker.log.read_text()
        time.sleep(0.1)


def raw() -> queue.Connection:
    connection.ensure_connection()
    found: queue.Connection = connection.connection
    return found


def test_a_worker_killed_in_mid_task_loses_nothing_and_does_nothing_twice(
    tables: None, broker: Celery, worker: Callable[[], Worker]
) -> None:
    new_walk(1)
    ask_to_walk(broker, 1)
    first = worker()
    wait_for(first, lambda: len(steps_done(1)) >= 3)
    first.kill()
    assert 3 <= len(steps_done(1)) < STEPS

    time.sleep(2.1)  # the lease of the dead runs out
    assert queue.sweep(raw()) == 1
    wait_for(worker(), lambda: len(steps_done(1)) >= STEPS)
    time.sleep(0.5)  # time for a step too many
    assert steps_done(1) == list(range(1, STEPS + 1))


def test_a_message_delivered_twice_is_done_once(
    tables: None, broker: Celery, worker: Callable[[], Worker]
) -> None:
    new_walk(2)
    ask_to_walk(broker, 2)
    ask_to_walk(broker, 2)
    wait_for(worker(), lambda: len(steps_done(2)) >= STEPS)
    time.sleep(0.5)
    assert steps_done(2) == list(range(1, STEPS + 1))


def test_a_message_for_an_organisation_that_is_gone_does_nothing(
    tables: None, broker: Celery, worker: Callable[[], Worker]
) -> None:
    new_walk(3)
    with connection.cursor() as cursor:  # what the task would find if it ran in the public schema
        cursor.execute(kill_app.TABLES)
        cursor.execute("insert into walk (id, steps) values (3, 1)")
    try:
        ask_to_walk(broker, 3, schema="gone")
        ask_to_walk(broker, 3)
        wait_for(worker(), lambda: len(steps_done(3)) >= STEPS)
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from done")
            assert cursor.fetchone() == (0,)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop table walk, done")
