"""The database restarts in the middle of a run, again and again: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from cdp.up.postgres import Postgres, tuning
from tests.fakes.pretix import Pretix, pretix, ticket
from tests.server import HOME, SOCKET, server

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ORDERS = 500
MOST_RESTARTS = 12


@pytest.fixture
def scratch() -> Iterator[Postgres]:
    """A database server of this test's own, with a copy of the test database in it."""
    socket = Path(tempfile.mkdtemp(prefix="foyer"))
    home = HOME / f"scratch_{os.getpid()}"
    place = Postgres(home, socket, tuning(2**30) | {"max_connections": "20"})
    try:
        place.start()
        place.ensure_database("foyer")
        _copy_into(place)
        yield place
    finally:
        place.stop()
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(socket, ignore_errors=True)


def _copy_into(place: Postgres) -> None:
    name = connection.settings_dict["NAME"]
    connection.close()
    programs = server().wheel.bin_path
    dump = subprocess.run(
        [programs / "pg_dump", "-h", SOCKET, "-U", "postgres", name], check=True, capture_output=True
    )
    subprocess.run(
        [programs / "psql", "-q", "-h", place.socket, "-U", "postgres", "-d", "foyer"],
        input=dump.stdout, check=True, capture_output=True,
    )  # fmt: skip


PROGRAM = "import django; django.setup(); from tests.faults import walker; walker.main()"


def walker(place: Postgres, *told: str) -> subprocess.Popen[str]:
    own = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"postgresql://postgres@/foyer?host={place.socket}",
        "FOYER_ALLOW_PRIVATE_HOSTS": "yes",
        "FOYER_LOG_LEVEL": "ERROR",
    }
    program = [sys.executable, "-c", PROGRAM, *told]
    return subprocess.Popen(program, env=os.environ | own, stdout=subprocess.PIPE, text=True)


def said(place: Postgres, *told: str) -> str:
    out, _ = walker(place, *told).communicate(timeout=120)
    return out.strip()


def parcels(place: Postgres) -> tuple[int, int]:
    """How many there are, and how many of them are taken in."""
    with place.connect("foyer") as asked:
        found = asked.execute("select count(*), count(done_at) from aurora.integrations_parcel").fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


def restart(place: Postgres, how: str) -> None:
    if how == "crash":
        assert place.process is not None
        place.process.send_signal(signal.SIGKILL)
        place.process.wait()
        _wait_for_orphans(place)
    else:
        place.stop()
    place.start()


def _wait_for_orphans(place: Postgres) -> None:
    """The killed server's children notice, and only then may a new one begin."""
    end = time.monotonic() + 20
    while place.answers() and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.3)


@pytest.fixture
def shop() -> Iterator[Pretix]:
    with pretix() as served:
        for number in range(ORDERS):
            code = f"A{number:04d}"
            served.sell(code, ticket(), ticket(), email=f"kunde{number}@example.no")
        served.between = lambda: time.sleep(0.2)
        yield served


@pytest.mark.parametrize("how", ["restart", "crash"])
def test_the_database_goes_away_under_a_run(how: str, scratch: Postgres, shop: Pretix) -> None:
    run = said(scratch, "start", shop.url)
    worker = walker(scratch, "work", run)
    assert worker.stdout is not None
    worker.stdout.read(1)  # it has begun
    restarts, seen = 0, set()
    while worker.poll() is None and restarts < MOST_RESTARTS:
        time.sleep(0.7)
        seen.add(parcels(scratch))
        restart(scratch, how)
        restarts += 1
    worker.communicate(timeout=150)

    told: dict[str, Any] = json.loads(said(scratch, "tell", run))
    assert (told["state"], told["reason"]) == ("done", "")
    assert told["equation"]["read"] == told["equation"]["created"] == ORDERS
    assert told["counts"] == {
        "Order": ORDERS, "OrderLine": 2 * ORDERS, "Profile": ORDERS, "SourceRecord": ORDERS,
    }  # fmt: skip
    assert told["cursor"]
    # It did fall into the middle of both fetching and taking in, more than once.
    assert restarts >= 2
    assert any(there > 0 and taken == 0 for there, taken in seen)
    assert any(0 < taken < there for there, taken in seen)
