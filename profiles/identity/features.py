"""What the matcher compares, kept up to date in the database: values and blocking keys.

A record's values are made anew when their digest differs from what it shows now, so that
it does not matter who changed it or whether a message about it was lost.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

import orjson
from django.db import connection, transaction
from django.db.models import Max, Min

from cdp.lib import locks, sql
from cdp.lib.tenancy import current_schema
from profiles import normalise
from profiles.identity.matching import blocking, words
from profiles.identity.matching.table import COLUMNS, Account, Features, Person, Table, features
from profiles.models import SourceRecord

VERSION = 1
"""Raised when the same record would be compared by other values than in the last release."""

WINDOW = 100_000
"""Record ids a transaction: as few as nobody minds waiting for, as many as are quick to compare at once."""
BATCH = 20_000
"""Records in memory at once."""

Progress = Callable[[str, int, int], None]
"""Told a step's name, how much of it is done, and how much there is."""

_SEPARATOR = "\x1f"


def silent(step: str, done: int, total: int) -> None:
    """Shows nothing."""


def freshen(*, intake_id: int | None = None, progress: Progress | None = None) -> int:
    """Makes the values of whatever changed, in one delivery or anywhere. Returns how many records.

    Every window of records is one transaction; being cut off costs only what is left to do.
    """
    told = progress or silent
    changed = 0
    ranges = list(_windows() if intake_id is None else _delivered(intake_id))
    for done, (first, last, records) in enumerate(ranges, 1):
        with transaction.atomic():
            locks.wait_in_transaction("features", zlib.crc32(current_schema().encode()) - 2**31)
            changed += _freshen(first, last, records)
        told("features", done, len(ranges))
    if changed > BATCH:
        _let_go()
    return changed


def _let_go() -> None:
    """Spellings of a whole table fill the caches with a quarter of a gigabyte that nothing asks for again."""
    for module in (normalise, words):
        for function in vars(module).values():
            if hasattr(function, "cache_clear"):
                function.cache_clear()


_Range = tuple[int, int, list[int] | None]
"""First and last record id, and which of those between; None for all."""


def _windows() -> Iterator[_Range]:
    ends = SourceRecord.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is not None:
        for first in range(ends["first"], ends["last"] + 1, WINDOW):
            yield first, first + WINDOW - 1, None


def _delivered(intake_id: int) -> Iterator[_Range]:
    found = [row["id"] for row in sql.rows("profiles/match_delivered", {"intake": intake_id})]
    for start in range(0, len(found), WINDOW):
        records = found[start : start + WINDOW]
        yield records[0], records[-1], records


class Stale(NamedTuple):
    """A record whose values must be made anew, with what it shows now."""

    id: int
    digest: int
    comparable: bool
    source: int
    given_name: str
    family_name: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    country: str
    birth_date: date | None
    birth_year: int | None
    accounts: str

    def person(self) -> Person:
        """As the matcher reads it."""
        return Person(
            id=self.id, source=self.source, given_name=self.given_name, family_name=self.family_name,
            email=self.email, phone=self.phone, street=self.street, postal_code=self.postal_code,
            city=self.city, country=self.country, birth_date=self.birth_date, birth_year=self.birth_year,
            accounts=accounts(self.accounts),
        )  # fmt: skip


def accounts(lines: str) -> tuple[Account, ...]:
    """Account keys back from the lines in which the database tells them."""
    parts = (line.split("\t") for line in lines.split("\n") if line)
    return tuple((kind, namespace, value) for kind, namespace, value in parts)


def stale(first: int, last: int, records: Collection[int] | None = None) -> Iterator[Stale]:
    """Records of a range whose values are out of date; locked against being erased until the commit."""
    params = {"first": first, "last": last, "records": records and list(records), "version": version()}
    with connection.chunked_cursor() as cursor:
        sql.run("profiles/match_stale", params, cursor=cursor)
        while found := cursor.fetchmany(BATCH):
            yield from (Stale(*row) for row in found)


def version() -> int:
    """Changes with the release's idea of what is compared: all values are then made anew."""
    return zlib.crc32(repr((VERSION, COLUMNS, blocking.KEYS)).encode())


def _freshen(first: int, last: int, records: Collection[int] | None) -> int:
    found, changed = stale(first, last, records), 0
    while batch := list(islice(found, BATCH)):
        changed += len(batch)
        gone = [one.id for one in batch if not one.comparable]
        if gone:
            sql.run("profiles/match_features_forget", {"records": gone}).close()
        if fresh := [one for one in batch if one.comparable]:
            _write(fresh)
    return changed


def _write(fresh: Sequence[Stale]) -> None:
    made = [features(one.person()) for one in fresh]
    keyed = _keys(fresh, made)
    lines = [
        f"{one.id}\t{one.digest}\t{_escaped(_SEPARATOR.join(values.texts()))}\t{keys}\n"
        for one, values, keys in zip(fresh, made, keyed, strict=True)
    ]
    with connection.cursor() as cursor:
        sql.run("profiles/match_features_stage", cursor=cursor)
        with cursor.copy("copy stage_features (record_id, digest, texts, keys) from stdin") as copy:
            copy.write("".join(lines))
        cursor.execute("analyze stage_features")
        sql.run("profiles/match_features_write", cursor=cursor)
        sql.run("profiles/match_keys_write", cursor=cursor)
        cursor.execute("truncate stage_features")


def _escaped(text: str) -> str:
    """As COPY's text format wants it; a row at a time costs as much as making the values."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _keys(fresh: Sequence[Stale], made: Sequence[Features]) -> Iterator[str]:
    """Every record's distinct blocking keys as PostgreSQL writes an array."""
    rows = [(one.id, one.source, "", values) for one, values in zip(fresh, made, strict=True)]
    for keys in blocking.keys_of(Table.of(rows)).tolist():
        yield "{" + ",".join(map(str, {key for key in keys if key})) + "}"


# --- fingerprints ---------------------------------------------------------------


def fingerprint(profile_a: int, profile_b: int) -> str:
    """SHA-256 over what two people's records say of name, birth, contact points and address.

    It changes when any of that does, so that a pair told apart may be asked about again;
    which of the two comes first, and how many records say the same, does not matter.
    """
    return fingerprints([(profile_a, profile_b)])[profile_a, profile_b]


def fingerprints(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """`fingerprint` of many pairs of profile ids."""
    said = _said({profile for pair in pairs for profile in pair})
    return {(a, b): _digest(said.get(a, ()), said.get(b, ())) for a, b in pairs}


def _digest(one: Iterable[str], two: Iterable[str]) -> str:
    return hashlib.sha256(orjson.dumps(sorted([sorted(one), sorted(two)]))).hexdigest()


def _said(profiles: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    with sql.run("profiles/match_said", {"profiles": list(profiles)}) as cursor:
        for profile, given, family, born, year, street, postal, city, contacts in cursor.fetchall():
            values = features(
                Person(
                    given_name=given,
                    family_name=family,
                    birth_date=born,
                    birth_year=year,
                    street=street,
                    postal_code=postal,
                    city=city,
                )
            )
            units = {
                "name": (values.given, values.family),
                "birth": (values.birth, values.year),
                "address": (values.street, values.number, values.postal, values.city),
            }
            found[profile] |= {_SEPARATOR.join((unit, *told)) for unit, told in units.items() if any(told)}
            found[profile] |= set(contacts)
    return found
