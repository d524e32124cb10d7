"""Which files are there, which of them stand still, and whose turn it is to read them.

A file is a row the first time it is seen. It is claimed by one statement that changes its
state, only when size and stamp were the same at two looks some time apart, so that a file
still being uploaded is left alone. What is claimed belongs to one run until that run is
done or lets go.
"""

from __future__ import annotations

import time
from collections.abc import Container, Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from integrations.errors import TryLater
from integrations.files.models import FileState, ImportFile, Mapping
from integrations.files.places import Place, Seen
from integrations.models import Connection, Run

PATIENCE = 30.0
"""A worker waits this long for a file to settle; longer than that, the run comes back later."""


def settle_seconds() -> float:
    """How long a file must have stood still: long enough for a slow upload to write something more."""
    return float(settings.FOYER_FILES_SETTLE_SECONDS)


def note(connection: Connection, seen: Iterable[Seen]) -> None:
    """Writes down what a look showed. A file that changed is another row, steady from now."""
    known = set(ImportFile.objects.filter(connection=connection).values_list("path", "size", "stamp"))
    ImportFile.objects.bulk_create(
        [
            ImportFile(connection=connection, path=s.path, size=s.size, stamp=s.stamp)
            for s in seen
            if (s.path, s.size, s.stamp) not in known
        ],
        ignore_conflicts=True,
    )


def take_turn(run: Run, mapping: Mapping, place: Place | None) -> list[ImportFile]:
    """Claims everything that stands still, uploads first. Looks twice where something is new."""
    present = _look(run.connection, place)
    restless = _restless(run.connection, present)
    if restless and settle_seconds() <= PATIENCE:
        time.sleep(settle_seconds())
        present = _look(run.connection, place)
        restless = _restless(run.connection, present)
    claimed = claim(run, mapping, present)
    if not claimed and restless:
        raise TryLater(_("A file is still being written."), after=max(PATIENCE, settle_seconds()))
    return claimed


def _look(connection: Connection, place: Place | None) -> set[tuple[str, int, str]]:
    """Exactly the versions that lie there now: a row whose file has changed since is left alone."""
    seen = place.look() if place else []
    note(connection, seen)
    return {(each.path, each.size, each.stamp) for each in seen}


def claim(run: Run, mapping: Mapping, present: Container[tuple[str, int, str]]) -> list[ImportFile]:
    """Compare-and-set: of two workers that want a file, one changes its state and gets it."""
    steady = Q(steady_since__lte=Now() - timedelta(seconds=settle_seconds()))
    waiting = ImportFile.objects.waiting().filter(Q(is_upload=True) | steady, connection=run.connection)
    for file in waiting.order_by("pk"):
        if file.is_upload or (file.path, file.size, file.stamp) in present:
            ImportFile.objects.waiting().filter(pk=file.pk).update(
                state=FileState.CLAIMED, run=run, mapping=mapping
            )
    return claimed_by(run)


def claim_one(run: Run, mapping: Mapping, pk: int) -> list[ImportFile]:
    """One file by a person's wish, also one that was read before."""
    ImportFile.objects.filter(pk=pk, connection=run.connection).exclude(state=FileState.CLAIMED).update(
        state=FileState.CLAIMED, run=run, mapping=mapping
    )
    return claimed_by(run)


def claimed_by(run: Run) -> list[ImportFile]:
    return list(ImportFile.objects.filter(run=run, state=FileState.CLAIMED).order_by("pk"))


def finish(run: Run) -> None:
    """The rows of the run's files are in."""
    ImportFile.objects.filter(run=run, state=FileState.CLAIMED).update(state=FileState.DONE)


def let_go(run: Run) -> None:
    """The run's files may be read anew: it was cancelled, or undone with the wish to read them again.
    They stay linked to it, so that its rows can still be understood, until another run claims them."""
    ImportFile.objects.filter(run=run).update(state=FileState.SEEN)


def _restless(connection: Connection, present: Container[tuple[str, int, str]]) -> bool:
    """Whether something unread has not yet stood still long enough."""
    young = Q(steady_since__gt=Now() - timedelta(seconds=settle_seconds()))
    waiting = ImportFile.objects.waiting().filter(young, connection=connection, is_upload=False)
    return any(found in present for found in waiting.values_list("path", "size", "stamp"))
