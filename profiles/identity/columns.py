"""The whole table of records as columns of numbers, copied out of the database in one go.

Names and values travel as 64-bit hashes: whether they are equal is all that the batch asks
of them. Half a million records with a million and a half identifiers are some 100 MB.
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
            if name != "kinds":
                found.update(np.ascontiguousarray(getattr(self, name)).data)
        return found.hexdigest()


def read(kinds: Sequence[str], states: Mapping[int, str] | None = None) -> Columns:
    """Copies everything out. `states` are states supposed instead of the stored ones, by identifier."""
    record, profile, first_profile, given, name, born = _copied("batch_records", 6)
    identifier, kind, namespace, state, by_person = _copied("batch_identifiers", 5, {"kinds": list(kinds)})
    shower, shown = _copied("batch_shows", 2)
    tied_a, tied_b = _copied("batch_tied", 2)
    spoken_of = np.zeros(len(record), np.bool_)
    spoken_of[_places(record, _copied("batch_spoken_of", 1)[0])] = True
    if states:
        places = _places(identifier, np.fromiter(states, np.int64, len(states)))
        state[places] = [STATES.index(each) for each in states.values()]
    return Columns(
        tuple(kinds), record, profile, first_profile, given, name, born,
        identifier, kind, namespace, state, by_person.astype(np.bool_),
        _places(record, shower), _places(identifier, shown),
        _places(record, tied_a), _places(record, tied_b), spoken_of,
    )  # fmt: skip


def _places(of: Ints, ids: Ints) -> Ints:
    return np.searchsorted(of, ids).astype(np.int64)


_HEADER = 19
_TRAILER = 2


def _copied(name: str, width: int, params: Mapping[str, Any] | None = None) -> list[Ints]:
    """The columns of a statement that copies bigints out, none of them null, in binary form.

    Every row then has one length: two bytes for the number of fields, and four for the
    length of each before its eight (PostgreSQL, COPY, binary format).
    """
    with connection.cursor() as cursor, cursor.copy(sql.statement(f"profiles/{name}"), params or {}) as copy:
        raw = b"".join(bytes(block) for block in copy)
    row = np.dtype([("fields", ">i2"), *((f"{part}{n}", of) for n in range(width) for part, of in _FIELD)])
    rows = np.frombuffer(raw, row, offset=_HEADER, count=(len(raw) - _HEADER - _TRAILER) // row.itemsize)
    return [rows[f"value{n}"].astype(np.int64) for n in range(width)]


_FIELD = (("length", ">i4"), ("value", ">i8"))
