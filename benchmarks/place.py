"""A PostgreSQL of the benchmark's own: real durability, the tuning an installation gets."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django_tenants.utils import tenant_context
from psycopg import sql

from cdp.env import socket_folder
from cdp.up.postgres import Postgres, memory, tuning


@contextmanager
def server() -> Iterator[Postgres]:
    """Runs the benchmark's server in var/bench."""
    home = Path(settings.BASE_DIR) / "var" / "bench"
    place = Postgres(home, socket_folder(home), tuning(memory()))
    place.start()
    try:
        yield place
    finally:
        place.stop()


@contextmanager
def organisation(place: Postgres) -> Iterator[None]:
    """A fresh database with one organisation, current while the block runs."""
    from organisations.models import Organisation

    name = f"bench_{os.getpid()}"
    with place.connect() as postgres:
        postgres.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
        postgres.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    connection.close()
    connection.settings_dict.update({"NAME": name, "HOST": str(place.socket), "USER": "postgres"})
    call_command("migrate_schemas", verbosity=0, interactive=False)
    bench = Organisation.objects.create(schema_name="bench", slug="bench", name="Bench")
    try:
        with tenant_context(bench):
            yield
    finally:
        connection.close()
        with place.connect() as postgres:
            postgres.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@dataclass(slots=True)
class Measured:
    """Seconds on the wall, seconds of this process' CPU, most memory it held (MB)."""

    wall: float = 0.0
    cpu: float = 0.0
    memory_mb: float = 0.0

    def __add__(self, other: Measured) -> Measured:
        return Measured(self.wall + other.wall, self.cpu + other.cpu, max(self.memory_mb, other.memory_mb))


@contextmanager
def measure() -> Iterator[Measured]:
    """Times a block and watches this process' memory while it runs."""
    found, stop = Measured(), threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            found.memory_mb = max(found.memory_mb, _resident_mb())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    wall, cpu = time.perf_counter(), _cpu()
    try:
        yield found
    finally:
        found.wall, found.cpu = time.perf_counter() - wall, _cpu() - cpu
        stop.set()
        watcher.join()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
