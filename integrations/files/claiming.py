"""Which files are there, which of them stand still, and whose turn it is to read them.

A file is a row the first time it is seen. It is claimed by one statement that changes its
state, only when size and stamp were the same at two looks some time apart, so that a file
still being uploaded is left alone. What is claimed belongs to one run until that run is
done or lets go.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from integrations.errors import TryLater
from integrations.files.models import FileState, ImportFile, Mapping
from integrations.files.places import Place, Seen
from integrations.models import Connection, Run


def settle_seconds() -> float:
    """How long a file must have stood still: long enough for a slow upload to write something more."""
    return float(settings.FOYER_FILES_SETTLE_SECONDS)


def note(connection: Connection, seen: Iterable[Seen]) -> None:
    """Writes down what a look showed. A file that changed is another row, steady from now."""
    ImportFile.objects.bulk_create(
        [ImportFile(connection=connection, path=s.path, size=s.size, stamp=s.stamp) for s in seen],
        ignore_conflicts=True,
    )


def take_turn(run: Run, mapping: Mapping, place: Place | None) -> list[ImportFile]:
    """Claims everything that stands still, uploads first. Looks twice where something is new."""
    present = place.look() if place else []
    note(run.connection, present)
    restless = _restless(run.connection, present)
    if place and restless:
        time.sleep(settle_seconds())
        present = place.look()
        note(run.connection, present)
        restless = _restless(run.connection, present)
    claimed = claim(run, mapping, present)
    if not claimed and restless:
        raise TryLater(_("A file is still being written."), after=max(30.0, settle_seconds()))
    return claimed


def claim(run: Run, mapping: Mapping, present: Sequence[Seen]) -> list[ImportFile]:
    """Compare-and-set: of two workers that want a file, one changes its state and gets it."""
    steady = Q(steady_since__lte=Now() - timedelta(seconds=settle_seconds())) & _any_of(present)
    wanted = ImportFile.objects.waiting().filter(Q(is_upload=True) | steady, connection=run.connection)
    for pk in list(wanted.order_by("pk").values_list("pk", flat=True)):
        ImportFile.objects.waiting().filter(pk=pk).update(state=FileState.CLAIMED, run=run, mapping=mapping)
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


def _restless(connection: Connection, present: Sequence[Seen]) -> bool:
    """Whether something unread has not yet stood still long enough."""
    young = Q(steady_since__gt=Now() - timedelta(seconds=settle_seconds()))
    return ImportFile.objects.waiting().filter(young & _any_of(present), connection=connection).exists()


def _any_of(present: Sequence[Seen]) -> Q:
    """Exactly these versions: a row of an earlier look whose file has changed since is left alone."""
    found = Q(pk__in=[])
    for seen in present:
        found |= Q(path=seen.path, size=seen.size, stamp=seen.stamp)
    return found
