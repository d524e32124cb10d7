"""The way in: all six steps, beside a raw COPY, a hand-written script and django-import-export."""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

from django.db import connection

from benchmarks import generate, handwritten, place
from benchmarks.place import Measured, measure
from profiles.ingest import close_intake, ingest, open_intake
from profiles.models import Source
from profiles.rows import CanonicalRow, LineRow, OrderRow, PersonRow, PermitReport, ResolvedClaim

CHUNK = 20_000


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", default="10000,100000,1000000", help="sizes, separated by commas")
    parser.add_argument("--only", default="", help="copy, sql, foyer, again, library")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    with place.server() as server, tempfile.TemporaryDirectory() as folder:
        for size in map(int, options.rows.split(",")):
            path = Path(folder) / f"{size}.csv"
            generate.write_tickets(path, size)
            with place.organisation(server):
                _foyer(path)


def _foyer(path: Path) -> None:
    source = Source.objects.create(name="Tickets", slug="tickets")
    for label in ("first", "again"):
        with measure() as took:
            intake = open_intake(source=source, label=label)
            rows = canonical(path)
            while chunk := list(islice(rows, CHUNK)):
                ingest(intake=intake, rows=chunk, permit=nothing)
            close_intake(intake=intake)
        print(label, took, intake.equation(), flush=True)


def nothing(claims: Sequence[ResolvedClaim], *, intake_id: int, source_id: int) -> PermitReport:
    return PermitReport()


def canonical(path: Path) -> Iterator[CanonicalRow]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=";")
        next(reader)
        for number, cells in enumerate(reader, 1):
            yield row(number, cells)


def row(number: int, c: list[str]) -> CanonicalRow:
    at = datetime.fromisoformat(c[1])
    line = LineRow(
        external_id=c[12], product_id=c[3], product_name=c[4], starts_at=datetime.fromisoformat(c[5]),
        venue=c[6], category=c[7], price=Decimal(c[8]), section=c[9], row=c[10], seat=c[11], status=c[2],
    )
    buyer = PersonRow(
        external_id=c[13], given_name=c[14], family_name=c[15], email=c[16], phone=c[17], street=c[18],
        postal_code=c[19], city=c[20], country=c[21], observed_at=at,
    )
    order = OrderRow(c[0], ordered_at=at, status=c[2], currency="NOK", lines=(line,))
    return CanonicalRow(number, c, key=f"{c[0]}/{c[12]}", buyer=buyer, order=order)
