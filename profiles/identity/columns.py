"""The whole table of records as columns of numbers, read out of the database in one go.

Names travel as 64-bit hashes: whether they are equal is all that is asked of most of them.
A column comes as one string of bytes, which numpy takes as it is; row by row the driver
alone would need longer than everything else together. Half a million records with a million
and a half identifiers are some 100 MB.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from cdp.lib import sql
from profiles.identity.names import Called
from profiles.models import Identifier

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

STATES = tuple(Identifier.State.values)
NORMAL, SHARED, HELD, BLOCKED = (STATES.index(state) for state in ("normal", "shared", "held", "blocked"))
UNSAID = 0
"""The hash of an empty name, and the day of an unknown birth."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Records, identifiers and who shows what, each in ascending order of id.

    `given`, `name` and `born` are UNSAID where unknown; `kind` is a position in `kinds`,
    `state` one in STATES; `by_person` says that the state is a person's word. `shower` and
    `shown` are positions of records and identifiers, one pair per RecordIdentifier.
    `tied_a`, `tied_b` are positions of records that a link or a `must` ties together;
    `spoken_of` marks records of which people or the matcher have said anything.
    """

    kinds: tuple[str, ...]
    record: Ints
    profile: Ints
    first_profile: Ints
    given: Ints
    name: Ints
    born: Ints
    identifier: Ints
    kind: Ints
    namespace: Ints
    state: Ints
    by_person: Bools
    shower: Ints
    shown: Ints
    tied_a: Ints
    tied_b: Ints
    spoken_of: Bools

    def digest(self) -> str:
        """Changes whenever anything does that who is who may rest on."""
        found = hashlib.blake2b(digest_size=16)
        for name in self.__slots__:
            if name not in ("kinds", "kind"):  # an identifier's kind is for ever, its position is not
                found.update(np.ascontiguousarray(getattr(self, name)).data)
        return found.hexdigest()


def read(kinds: Sequence[str]) -> Columns:
    """Reads everything, in one order whenever nothing has changed."""
    record, profile, first_profile, given, name, born = _column("batch_records")
    identifier, kind, namespace, state, by_person = _column("batch_identifiers", {"kinds": list(kinds)})
    shower, shown = _column("batch_shows")
    tied_a, tied_b = _column("batch_tied")
    spoken_of = np.zeros(len(record), np.bool_)
    spoken_of[_places(record, _column("batch_spoken_of")[0])] = True
    return Columns(
        tuple(kinds), record, profile, first_profile, given, name, born,
        identifier, kind, namespace, state, by_person.astype(np.bool_),
        _places(record, shower), _places(identifier, shown),
        _places(record, tied_a), _places(record, tied_b), spoken_of,
    )  # fmt: skip


def suppose(columns: Columns, states: Mapping[int, str]) -> None:
    """Puts other states, by identifier, in the place of those stored."""
    places = _places(columns.identifier, np.fromiter(states, np.int64, len(states)))
    columns.state[places] = [STATES.index(each) for each in states.values()]


def called(records: Ints) -> dict[int, Called]:
    """What records, by id, are called."""
    with connection.cursor() as cursor:
        sql.run("profiles/batch_called", {"records": records.tolist()}, cursor=cursor)
        return {record: (given, name) for record, given, name in cursor.fetchall()}


def _places(of: Ints, ids: Ints) -> Ints:
    return np.searchsorted(of, ids).astype(np.int64)


def _column(name: str, params: Mapping[str, Any] | None = None) -> list[Ints]:
    """The columns of a statement whose one row holds each of them as one string of 8-byte numbers."""
    row = sql.one(f"profiles/{name}", params) or {}
    return [np.frombuffer(column or b"", ">i8").astype(np.int64) for column in row.values()]
