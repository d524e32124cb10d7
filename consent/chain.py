"""The ledger's seal: one hash a day over that day's rows and the day before, kept in two places.

A day is a UTC day of `recorded_at`; within it rows are in the order of their position. A
row that went with an erasure counts by the hash it left behind, so an erasure changes no
head. Heads are stored as `ChainHead` and appended to a file outside the database
(`heads_file`): whoever rewrites the ledger would have to rewrite both. What this does not
see: a row changed on the day it was written, before the night's head.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from cdp.lib import clock, sql
from cdp.lib.tenancy import current_schema
from consent.models import ChainHead

BATCH = 20_000
START = "0" * 64
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Head(NamedTuple):
    """A day's seal, as a line of the file has it."""

    day: date
    rows: int
    last_position: int
    head: str

    def line(self) -> str:
        return f"{self.day} {self.rows} {self.last_position} {self.head}\n"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not add up, in words for whoever runs the machine."""

    day: date
    what: str

    def __str__(self) -> str:
        return f"{self.day}: {self.what}"


def heads_file() -> Path:
    """Where the current organisation's heads are kept outside the database."""
    folder: Path = settings.FOYER_DATA / "ledger-heads"
    return folder / f"{current_schema()}.txt"


def write_heads(*, now: datetime | None = None) -> int:
    """Seals every day that is over and has no head yet; answers how many.

    The file is written before the transaction ends, so that no head is in the database alone.
    """
    today = _midnight((now or clock.now()).astimezone(UTC).date())
    with transaction.atomic():
        last = ChainHead.objects.order_by("-day").first()
        since = _midnight(last.day + timedelta(days=1)) if last else BEGINNING
        heads = list(_seal(_rows(since, today), last.head if last else START))
        ChainHead.objects.bulk_create(
            ChainHead(day=each.day, rows=each.rows, last_position=each.last_position, head=each.head)
            for each in heads
        )
        _append(heads)
    return len(heads)


def check() -> list[Fault]:
    """Every day, up to the last that was sealed, that does not add up, the earliest first.

    Each day is held against the stored head of the day before, so one fault does not make
    the days after it look wrong.
    """
    with transaction.atomic():
        stored = {each.day: _as_head(each) for each in ChainHead.objects.order_by("day")}
        faults = [*_against_rows(stored), *_against_file(stored)]
    return sorted(faults, key=lambda fault: (fault.day, fault.what))


def sealed_days() -> int:
    return ChainHead.objects.count()


def _against_rows(stored: dict[date, Head]) -> Iterator[Fault]:
    if not stored:
        return
    until = _midnight(max(stored) + timedelta(days=1))
    seen, before = set(), START
    for day, rows in groupby(_rows(BEGINNING, until), key=lambda row: row[0]):
        found = _head(day, rows, before)
        seen.add(day)
        if day not in stored:
            yield Fault(day, "rows of a day that has no head")
            continue
        if found != stored[day]:
            yield Fault(day, "the rows do not add up to the head")
        before = stored[day].head
    for day in stored.keys() - seen:
        yield Fault(day, "a head, but no rows")


def _against_file(stored: dict[date, Head]) -> Iterator[Fault]:
    written = _read_file()
    for day in stored.keys() - written.keys():
        yield Fault(day, "the head is not in the file outside the database")
    for day, lines in written.items():
        if day not in stored:
            yield Fault(day, "the head is in the file outside the database alone")
        elif lines != {stored[day]}:
            yield Fault(day, "the head differs from the file outside the database")


def _seal(rows: Iterator[tuple[date, int, bytes]], before: str) -> Iterator[Head]:
    for day, of_day in groupby(rows, key=lambda row: row[0]):
        found = _head(day, of_day, before)
        yield found
        before = found.head


def _head(day: date, rows: Iterator[tuple[date, int, bytes]], before: str) -> Head:
    digest, number, last = hashlib.sha256(bytes.fromhex(before)), 0, 0
    for _day, position, row_sha256 in rows:
        digest.update(row_sha256)
        number, last = number + 1, position
    return Head(day, number, last, digest.hexdigest())


def _rows(since: datetime, until: datetime) -> Iterator[tuple[date, int, bytes]]:
    """Streamed: memory stays flat however long the ledger is."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql.statement("consent/chain_rows"), {"since": since, "until": until})
        while batch := cursor.fetchmany(BATCH):
            yield from batch


def _append(heads: list[Head]) -> None:
    """Lines that the file does not have yet: a night that was cut short wrote them before."""
    written = _read_file()
    lines = [each.line() for each in heads if each not in written.get(each.day, set())]
    if not lines:
        return
    file = heads_file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as out:
        out.writelines(lines)
        out.flush()
        os.fsync(out.fileno())


def _read_file() -> dict[date, set[Head]]:
    """By day, the different heads that the file has of it; one, unless something is wrong."""
    found: dict[date, set[Head]] = {}
    if not heads_file().exists():
        return found
    for line in heads_file().read_text(encoding="ascii").splitlines():
        day, rows, last_position, head = line.split(" ")
        each = Head(date.fromisoformat(day), int(rows), int(last_position), head)
        found.setdefault(each.day, set()).add(each)
    return found


def _as_head(row: ChainHead) -> Head:
    return Head(row.day, row.rows, row.last_position, row.head)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
