"""The exact rules over the whole table: copied out, clustered, written back."""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection
from psycopg import sql as compose

from benchmarks import place
from benchmarks.identity import dataset
from benchmarks.identity.dataset import Clean
from benchmarks.place import Measured, measure
from profiles import normalise
from profiles.identity import acting, batch
from profiles.models import IdentityAct, Source


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--records", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    data = dataset.nordic(options.records, options.seed)
    with place.server() as server, place.organisation(server):
        print(f"{len(data):,} records, {fill(data):,} identifiers shown, everybody alone")
        del data  # the collector would walk it, and its memory would count
        act = IdentityAct.objects.create(kind=IdentityAct.Kind.RULES)
        with measure() as copied, acting.turn():
            whole = batch.look()
        _line("copied out and sorted", copied)
        with measure() as written, acting.turn():
            moved = batch.write(batch.look(), act)
        _line(f"rebuilt, {moved:,} records moved", written)
        with measure() as checked:
            drift = batch.check()
        _line(f"checked again, {drift.records} astray", checked)
        print(f"{int(whole.sorted.many.sum()):,} neighbourhoods of more than one record, "
              f"{int((whole.sorted.many & whole.sorted.plain).sum()):,} of them plain")  # fmt: skip


def _line(what: str, took: Measured) -> None:
    print(f"  {what:<45} {took.wall:7.1f} s  cpu {took.cpu:6.1f} s  {took.memory_mb:6.0f} MB")


def fill(data: Clean) -> int:
    """Every record a profile of its own, as if nobody had ever been resolved. Returns who shows what."""
    for number in range(int(data.sources.max()) + 1):
        Source.objects.create(pk=number + 1, name=f"Source {number}", slug=f"s{number}")
    size = len(data)
    numbers: dict[tuple[str, str], int] = {}
    shows = [
        (n + 1, numbers.setdefault((kind, value), len(numbers) + 1), *_SEEN)
        for kind, column in data.identifiers.items()
        for n, value in enumerate(column)
        if value
    ]
    identifiers = ((n, kind, *_named(value), "normal", False, "") for (kind, value), n in numbers.items())
    _copy("profiles_profile", _PROFILE, _profiles(size))
    _copy("profiles_sourcerecord", _RECORD, _records(data))
    _copy("profiles_identifier", "id kind_id namespace value state invalid state_reason", identifiers)
    _copy("profiles_recordidentifier", "record_id identifier_id first_seen last_seen intake_id", shows)
    with connection.cursor() as cursor:
        cursor.execute("select setval(pg_get_serial_sequence('profiles_profile', 'id'), %s)", [size + 1])
        cursor.execute("analyze")
    return len(shows)


_PROFILE = (
    "id public_id state name given_name family_name company email phone street postal_code city country "
    "gender language provenance is_customer orders_count tickets_count value currency"
)
_RECORD = (
    "id source_id external_id profile_id first_profile_id is_customer given_name family_name company email "
    "phone street postal_code city country birth_date gender language attributes name_key given_key "
    "observed_at first_intake_id intake_id"
)
_SEEN = ("2026-11-01", "2026-11-01", 1)


def _named(value: str) -> tuple[str, str]:
    namespace, _, bare = value.rpartition("\t")
    return namespace, bare


def _profiles(size: int) -> Iterator[Sequence[Any]]:
    for n in range(1, size + 1):
        yield n, uuid.UUID(int=n), "active", *[""] * 12, "{}", False, 0, 0, 0, ""


def _records(data: Clean) -> Iterator[Sequence[Any]]:
    given, family, births = (data.features[name] for name in ("given", "family", "birth"))
    for n, (first, last, digits) in enumerate(zip(given, family, births, strict=True), 1):
        born = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}" if dataset.birth(digits, "dmy")[0] else None
        key = normalise.fold(f"{first} {last}")
        yield (
            n, int(data.sources[n - 1]) + 1, f"{n}", n, n, True, first, last, *[""] * 7, born, "", "", "{}",
            key, normalise.fold(first), "2026-11-01", 1, 1,
        )  # fmt: skip


def _copy(table: str, names: str, rows: Iterable[Sequence[Any]]) -> None:
    statement = compose.SQL("copy {} ({}) from stdin").format(
        compose.Identifier(table), compose.SQL(", ").join(map(compose.Identifier, names.split()))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
