"""The organisation's comparable records as the matcher reads them, and whether they have changed since."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from cdp.lib import collector, sql
from profiles.identity import features
from profiles.identity.matching.table import Table

Numbers = npt.NDArray[np.int64]
AT_ONCE = 20_000
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows of the table in the order of their record ids; `profiles` and `digests` one a row."""

    table: Table
    profiles: Numbers
    digests: Numbers

    @property
    def people(self) -> int:
        """How many people the records are of."""
        return len(np.unique(self.profiles))

    def rows(self, records: Sequence[int]) -> Numbers:
        """The rows of these records, -1 for one that is not compared."""
        ids, wanted = self.table.ids, np.asarray(records, np.int64)
        if not len(ids):
            return np.full(len(wanted), -1, np.int64)
        place = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        return np.where(ids[place] == wanted, place, -1)

    def only(self, rows: Numbers) -> tuple[Table, Numbers]:
        """A table of these rows alone, and where each is in it, for what is worked out per table."""
        few, place = np.unique(rows, return_inverse=True)
        t = self.table
        told = ((int(t.ids[row]), int(t.sources[row]), "", t.row(row)) for row in few.tolist())
        return Table.of(told), place.astype(np.int64)

    def changed(self, rows: Collection[int]) -> set[int]:
        """Those of the rows whose records are not what they were; they are locked from now on.

        The caller holds the organisation's turn.
        """
        if not rows:
            return set()
        mine = np.array(sorted(set(rows)), np.int64)
        records = self.table.ids[mine].tolist()
        params = {
            "records": records,
            "profiles": self.profiles[mine].tolist(),
            "digests": self.digests[mine].tolist(),
        }
        with sql.run("profiles/match_changed", params) as cursor:
            found = {record for (record,) in cursor.fetchall()}
        found |= {one.id for one in features.stale(records[0], records[-1], records)}
        return {row for row in self.rows(sorted(found)).tolist() if row >= 0}


def read() -> Snapshot:
    """Everything comparable, as one statement sees it, streamed."""
    profiles, digests = array("q"), array("q")

    def rows() -> Iterator[tuple[int, int, str, list[str]]]:
        with connection.chunked_cursor() as cursor:
            sql.run("profiles/match_snapshot", cursor=cursor)
            while batch := cursor.fetchmany(AT_ONCE):
                for record, source, profile, digest, texts in batch:
                    profiles.append(profile)
                    digests.append(digest)
                    yield record, source, "", texts.split(_SEPARATOR)

    with collector.rests(), transaction.atomic():
        table = Table.of(rows())
    return Snapshot(table, np.array(profiles, np.int64), np.array(digests, np.int64))
