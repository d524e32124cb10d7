"""PostgreSQL advisory locks: they save work; what must hold is a unique constraint elsewhere."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from cdp.lib.tenancy import current_schema

LOCKS = {
    "installation": 1,
    "organisation": 2,
    "tick": 3,
    "run": 4,
    "ingest": 5,
    "answers": 6,
    "resolve": 7,
    "claim_files": 8,
    "apply_plan": 9,
    "mailchimp_slot": 10,
    "match": 11,
    "features": 12,
}
"""Every lock number of the project. Keys are per database, not per schema: whoever locks something in
an organisation locks the organisation's primary key, or `key_of` the thing."""


def key_of(number: int) -> int:
    """The key of something that has this number in the current organisation.

    32 bits wide, so two things that share one now and then take turns; numbers alone always would.
    """
    return zlib.crc32(f"{current_schema()}:{number}".encode()) - 2**31


@contextmanager
def held(kind: str, key: int) -> Iterator[bool]:
    """Tries to hold a lock across transactions; yields whether it did. Never waits.

    On a connection of its own, so that the lock goes with it, whatever happens to Django's.
    """
    keeper = psycopg.connect(_place(), autocommit=True)
    try:
        row = keeper.execute("select pg_try_advisory_lock(%s, %s)", (LOCKS[kind], key)).fetchone()
        yield bool(row and row[0])
    finally:
        keeper.close()


def open_keeper() -> psycopg.Connection:
    """A connection that holds locks across transactions, for as long as it is open."""
    return psycopg.connect(_place(), autocommit=True)


def try_in_transaction(kind: str, key: int) -> bool:
    """Takes the lock until the transaction ends, or answers False at once."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", (LOCKS[kind], key))
        return bool(cursor.fetchone()[0])


def wait_in_transaction(kind: str, key: int) -> None:
    """Takes the lock until the transaction ends, waiting for whoever has it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", (LOCKS[kind], key))


def _place() -> str:
    place = connection.settings_dict
    names = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    words: dict[str, Any] = {key: place[name] for key, name in names.items() if place[name]}
    words.update(place["OPTIONS"])
    return make_conninfo("", **words)
