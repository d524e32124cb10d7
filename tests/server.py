"""The PostgreSQL server under the tests: one per checkout, for every test run at the same time.

The first run starts it, the last one to end stops it; a run that is killed leaves it to the next.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from cdp.env import socket_folder
from cdp.up.postgres import Postgres, memory, tuning

HOME = Path(__file__).resolve().parent.parent / "var" / "test"
SOCKET = socket_folder(HOME)
# What a crash would lose, the tests can make again.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def server() -> Postgres:
    return Postgres(HOME, SOCKET, tuning(memory() // 4) | HASTY)


@contextmanager
def locked(name: str, how: int = fcntl.LOCK_EX) -> Iterator[IO[str]]:
    """Holds a lock that the kernel gives up for us if we die."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / f"{name}.lock").open("a") as file:
        fcntl.flock(file, how)
        yield file


class Visit:
    """One test run's use of the server."""

    def __init__(self) -> None:
        with locked("door"):
            self._presence = (HOME / "present.lock").open("a")
            fcntl.flock(self._presence, fcntl.LOCK_SH)
            self._server = server()
            if not self._server.answers():
                self._server.start(dies_with_us=False)
            drop_abandoned(self._server)

    def end(self) -> None:
        """Drops this run's databases; stops the server if nobody else is there."""
        with locked("door"):
            drop_databases(self._server, f"test_{os.getpid()}_")
            if self._is_last():
                self._server.control("stop", "-m", "fast")
            self._presence.close()

    def _is_last(self) -> bool:
        try:
            fcntl.flock(self._presence, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def databases(connection: psycopg.Connection[Any], prefix: str) -> list[str]:
    found = connection.execute(
        "select datname from pg_database where starts_with(datname, %s)", [prefix]
    ).fetchall()
    return [name for (name,) in found]


def drop_databases(place: Postgres, prefix: str) -> None:
    with place.connect() as connection:
        for name in databases(connection, prefix):
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def drop_abandoned(place: Postgres) -> None:
    """Databases of test runs that were killed: the name says whose they are."""
    with place.connect() as connection:
        runs = {name.split("_")[1] for name in databases(connection, "test_")}
    for run in runs:
        if run.isdecimal() and not Path(f"/proc/{run}").exists():
            drop_databases(place, f"test_{run}_")
