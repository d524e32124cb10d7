"""At most so many calls to one Mailchimp account at once, whichever worker or organisation makes them.

Mailchimp allows 10 simultaneous connections per account over all apps and cannot be asked for more.
Each slot is a PostgreSQL advisory lock, keyed by the account and not by the organisation, on a
connection of its own, so that a slot goes with the worker that held it.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from django.utils.translation import gettext as _

from cdp.lib.locks import LOCKS, open_keeper
from integrations.addresses import deadline
from integrations.errors import TryLater

SLOTS = 7
PATIENCE = 120.0  # seconds to wait for a free slot before the run is asked to come back
LOCK = "select pg_try_advisory_lock(%s, %s)"
UNLOCK = "select pg_advisory_unlock(%s, %s)"
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5


class Slots:
    """The slots of one account, as one worker uses them: one at a time. Not for several threads."""

    def __init__(self, account: str, *, size: int = SLOTS, patience: float = PATIENCE) -> None:
        self.keys = [_key(account, number) for number in range(size)]
        self.patience = patience
        self._keeper: psycopg.Connection | None = None

    def close(self) -> None:
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None

    @contextmanager
    def one(self) -> Iterator[None]:
        """Holds a slot for the length of one call; waits for it, then raises TryLater."""
        key = self._wait()
        try:
            yield
        finally:
            self._execute(UNLOCK, key)

    def _wait(self) -> int:
        until, pause = time.monotonic() + deadline.at_most(self.patience), FIRST_PAUSE
        while True:
            for key in random.sample(self.keys, len(self.keys)):
                if self._execute(LOCK, key):
                    return key
            if time.monotonic() > until:
                raise TryLater(_("All connections of this Mailchimp account are in use."))
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 # spreads load, guards nothing
            pause = min(pause * 2, LONGEST_PAUSE)

    def _execute(self, query: LiteralString, key: int) -> bool:
        if self._keeper is None or self._keeper.closed:
            self._keeper = open_keeper()
        row = self._keeper.execute(query, (LOCKS["mailchimp_slot"], key)).fetchone()
        return bool(row and row[0])


def _key(account: str, number: int) -> int:
    """A signed 32-bit lock key that follows from the account and the slot's number."""
    digest = hashlib.sha256(f"{account}/{number}".encode()).digest()
    return int.from_bytes(digest[:4], "big", signed=True)
