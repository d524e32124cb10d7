"""The way in: all six steps, beside a raw COPY, a hand-written script and django-import-export."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from benchmarks import generate, handwritten, library, place, tickets
from benchmarks.place import Measured, measure
from cdp.lib import clock
from cdp.up.postgres import Postgres
from consent.ledger import record_claims
from consent.models import CollectionPoint
from profiles.ingest import close_intake, ingest, open_intake
from profiles.models import Source

CHUNK = 20_000
LIBRARY_ROWS = 2_000
"""django-import-export is measured on so many rows and its pace carried over: a million would take hours."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", default="10000,100000,1000000", help="sizes, separated by commas")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    print("     rows what                           wall s   cpu s     MB    rows/s  × floor × by hand")
    with place.server() as server, tempfile.TemporaryDirectory() as folder:
        for rows in map(int, options.rows.split(",")):
            path = Path(folder) / "tickets.csv"
            generate.write_tickets(path, rows)
            _size(server, path, rows)


def _size(server: Postgres, path: Path, rows: int) -> None:
    table = Table(rows)
    with place.organisation(server):
        source, point = _source()
        table.add("raw COPY (the floor)", _timed(lambda: handwritten.copy(path)))
        intake = open_intake(source=source)
        table.add("hand-written SQL", table.floor + _timed(lambda: handwritten.load(source, intake, point)))
    with place.organisation(server):
        source, _point = _source()
        intake = open_intake(source=source)
        few = min(rows, LIBRARY_ROWS)
        took = _timed(lambda: library.load(path, source, intake, few))
        table.add(f"django-import-export ({few})", took, rows=few)
    with place.organisation(server):
        source, _point = _source()
        table.add("Foyer, first", _timed(lambda: deliver(path, source)))
        table.add("Foyer, the same file again", _timed(lambda: deliver(path, source)))


class Table:
    """Prints one line per measurement, as ratios to the floor and to the hand-written script."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.floor = Measured()
        self.hand = Measured()

    def add(self, what: str, took: Measured, rows: int | None = None) -> None:
        rows = rows or self.rows
        if not self.floor.wall:
            self.floor = took
        elif not self.hand.wall:
            self.hand = took
        scale = self.rows / rows
        hand = f"{took.wall * scale / self.hand.wall:9.2f}" if self.hand.wall else " " * 9
        print(
            f"{self.rows:>9,} {what:<28} {took.wall:8.2f} {took.cpu:7.2f} {took.memory_mb:6.0f} "
            f"{rows / took.wall:9,.0f} {took.wall * scale / self.floor.wall:8.1f} {hand}",
            flush=True,
        )


def _source() -> tuple[Source, CollectionPoint]:
    """The source, and its newsletter box, whose meaning somebody has put their name to."""
    source = Source.objects.get_or_create(slug="tickets", defaults={"name": "Tickets"})[0]
    point = CollectionPoint.objects.create(
        key=tickets.POINT, name="Newsletter box", source=source, purposes=["marketing.newsletter"],
        channels=["email"], kind=CollectionPoint.Kind.SNAPSHOT,
        verified_by="benchmark", verified_at=clock.now(),
    )  # fmt: skip
    return source, point


def _timed(work: Callable[[], object]) -> Measured:
    with measure() as took:
        work()
    return took


def deliver(path: Path, source: Source) -> None:
    """One delivery of the whole file, chunk by chunk, as a run does it."""
    intake = open_intake(source=source)
    rows = tickets.canonical(path)
    while chunk := list(islice(rows, CHUNK)):
        ingest(intake=intake, rows=chunk, permit=record_claims)
    close_intake(intake=intake)
