"""The rival that a good engineer would write for one night: whole-file SQL into the same final tables.

It knows this one file: no chunks, no resuming, no held rows, no undo, no merge journal. Constraints
hold, addresses and phones are normalised once per distinct value by the same functions, and row
digests are kept, so that it does the same work as far as the result goes.
"""

from __future__ import annotations

from pathlib import Path

from django.db import connection, transaction

from cdp.lib import sql
from consent.models import CollectionPoint
from profiles import normalise
from profiles.models import Intake, Source

_STEPS = (
    "person", "records", "profiles", "identifiers", "links", "products", "orders", "lines", "rowstates",
    "golden", "counters", "tags", "search", "permissions",
)  # fmt: skip
# What the planner must know before the next step.
_FILLED = {
    "person": "hand_person",
    "records": "profiles_sourcerecord",
    "identifiers": "profiles_identifier",
    "products": "profiles_product",
    "orders": "profiles_order",
    "lines": "profiles_orderline, profiles_identifier",
}


def copy(path: Path) -> None:
    """The floor: the file into one table of text."""
    with connection.cursor() as cursor:
        sql.run("benchmarks/raw_table", cursor=cursor)
        with (
            path.open("rb") as file,
            cursor.copy("copy bench_raw from stdin (format csv, delimiter ';', header)") as copy,
        ):
            while block := file.read(1 << 20):
                copy.write(block)


def load(source: Source, intake: Intake, point: CollectionPoint) -> None:
    """From the raw table into the final ones, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        _normalise(cursor)
        params = {"source": source.pk, "intake": intake.pk, "point": point.pk}
        for step in _STEPS:
            sql.run(f"benchmarks/hand_{step}", params, cursor=cursor)
            if step in _FILLED:
                cursor.execute(f"analyze {_FILLED[step]}")


def _normalise(cursor: object) -> None:
    with connection.cursor() as read, connection.cursor() as write:
        read.execute("select distinct email, phone, first_name, last_name from bench_raw")
        write.execute(
            "create temp table hand_clean (raw_email text, raw_phone text, first_name text, last_name text,"
            " email text, phone text, name_key text, given_key text)"
        )
        rows = read.fetchall()
        with write.copy("copy hand_clean from stdin") as copy:
            for email, phone, given, family in rows:
                cleaned = normalise.email(email or ""), normalise.phone(phone or "", "NO")
                keys = normalise.fold(f"{given} {family}"), normalise.fold(given or "")
                copy.write_row((email, phone, given, family, *cleaned, *keys))
        write.execute("analyze hand_clean")
