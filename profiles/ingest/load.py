"""Copies a cleaned chunk into the staging tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql as compose
from psycopg.types.json import Jsonb

from cdp.lib import sql
from profiles.identity import networks
from profiles.ingest.staged import Chunk, Line, Numbered, Order, Person, Product

_COLUMNS = {
    "stage_row": "number key digest p o",
    "stage_person": (
        "p external_id is_customer observed_at given_name family_name company email phone street postal_code "
        "city country birth_date birth_year gender language attributes observed name_key given_key "
        "first_observed_at"
    ),
    "stage_identifier": "p kind namespace value blocked",
    "stage_product": "d external_id name kind venue starts_at ends_at tag_key tag_name",
    "stage_order": "o external_id p status ordered_at currency total channel payment_type complete alone",
    "stage_line": (
        "number o key d status starts_at venue category price_type quantity price fee section seat_row seat "
        "barcode campaign"
    ),
    "stage_event": "number p message_id type occurred_at properties network",
}


def empty_stage() -> None:
    """Makes the staging tables where this connection has none, and empties them."""
    sql.run("profiles/stage_tables").close()
    empty_touched()


def empty_touched() -> None:
    """The tables of whoever is touched alone: for acts, which take nothing in."""
    sql.run("profiles/stage_touched").close()


def load_keys(numbered: Sequence[Numbered]) -> None:
    """Only keys and digests: enough to set aside what is known already."""
    with connection.cursor() as cursor:
        _copy(cursor, "stage_row", [(n.row.number, n.key, n.digest, None, None) for n in numbered])


def load(chunk: Chunk, blocked: Callable[[str, str], bool]) -> None:
    """Everything of the chunk, and the planner told how much there is of it."""
    with connection.cursor() as cursor:
        cursor.execute("truncate stage_row")
        _copy(cursor, "stage_row", chunk.rows)
        _copy(cursor, "stage_person", map(_person, chunk.people.values()))
        _copy(cursor, "stage_identifier", _identifiers(chunk, blocked))
        _copy(cursor, "stage_product", map(_product_values, chunk.products.values()))
        _copy(cursor, "stage_order", map(_order_values, chunk.orders.values()))
        _copy(cursor, "stage_line", map(_line_values, chunk.lines.values()))
        _copy(cursor, "stage_event", _events(chunk))
        cursor.execute("analyze " + ", ".join(_COLUMNS))


_PERSON = _COLUMNS["stage_person"].split()
_OBJECTS = (_PERSON.index("attributes"), _PERSON.index("observed"))
_NONE = Jsonb({})
_person_values = attrgetter(*_PERSON)
_product_values = attrgetter(*Product.__slots__)
_order_values = attrgetter(*Order.__slots__)
_line_values = attrgetter(*Line.__slots__)


def _person(person: Person) -> list[Any]:
    values = list(_person_values(person))
    for each in _OBJECTS:
        values[each] = Jsonb(values[each]) if values[each] else _NONE
    return values


def _identifiers(chunk: Chunk, blocked: Callable[[str, str], bool]) -> Iterable[Sequence[Any]]:
    for person in chunk.people.values():
        for kind, namespace, value in person.identifiers:
            yield person.p, kind, namespace, value, blocked(kind, value)


def _events(chunk: Chunk) -> Iterable[Sequence[Any]]:
    for number, p, event in chunk.events:
        network = networks.digest(event.network)
        yield (
            number,
            p,
            event.message_id,
            event.type,
            event.occurred_at,
            Jsonb(dict(event.properties)),
            network,
        )


def _copy(cursor: CursorWrapper, table: str, rows: Iterable[Sequence[Any]]) -> None:
    columns = compose.SQL(", ").join(map(compose.Identifier, _COLUMNS[table].split()))
    statement = compose.SQL("copy {} ({}) from stdin").format(compose.Identifier(table), columns)
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
