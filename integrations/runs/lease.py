"""Who may work at a run: one worker at a time, provably.

Two guards stand behind each other. An advisory lock on a connection of its own says whether the
former holder is still alive: it goes with the process, so a killed worker's run is taken up at
once. The lease is a token in the run's row, changed by compare-and-set; everything a worker
commits is committed only while the row still carries its token, so a worker that was thought
dead and is not changes nothing any more. A lease also runs out by the database's clock, for a
holder whose machine vanished without closing its connection.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Now

from cdp.lib import locks
from integrations.models import Run, RunState
from integrations.runs.reconnect import drop_dead_connection

MARGIN = dt.timedelta(minutes=5)


def lease_time() -> dt.timedelta:
    """Longer than any unit can take: after FOYER_TASK_SECONDS the worker itself ends it."""
    return dt.timedelta(seconds=settings.FOYER_TASK_SECONDS) + MARGIN


class LeaseLost(Exception):
    """Somebody else works at this run now: commit nothing, say nothing, leave."""


@contextmanager
def taken(run_id: int) -> Iterator[Run | None]:
    """The run with its lease, or None when it is over, asleep, or in somebody else's hands."""
    with locks.held("run", locks.key_of(run_id)) as alone:
        run = _take(run_id, alone)
        try:
            yield run
        finally:
            if run is not None:
                _let_go(run)


def keep(run: Run, **changes: object) -> None:
    """Writes `changes` to the run and renews the lease; the last statement of each transaction.

    Last, because it locks the row that pages and `cancel` want to write too.
    """
    kept = Run.objects.filter(pk=run.pk, lease=run.lease).update(lease_until=Now() + lease_time(), **changes)
    if not kept:
        raise LeaseLost
    for name, value in changes.items():
        setattr(run, name, value)


def _take(run_id: int, alone: bool) -> Run | None:
    free = Q(lease=None) | Q(lease_until__lt=Now())
    if alone:
        free = Q()  # whoever held it is gone
    awake = Q(retry_at=None) | Q(retry_at__lte=Now())
    try:
        with transaction.atomic():
            taken = (
                Run.objects.live()
                .filter(free, awake, pk=run_id)
                .update(
                    lease=uuid.uuid4(),
                    lease_until=Now() + lease_time(),
                    woken_at=Now(),
                    state=RunState.RUNNING,
                    started_at=Coalesce("started_at", Now()),
                    # A lease that was never given back is a worker that died at this unit.
                    attempts=Case(When(lease=None, then=F("attempts")), default=F("attempts") + Value(1)),
                )
            )
    except IntegrityError:  # run_one_at_a_time: another run of this connection is at work
        return None
    return Run.objects.select_related("connection__source", "intake").get(pk=run_id) if taken else None


def _let_go(run: Run) -> None:
    drop_dead_connection()
    Run.objects.filter(pk=run.pk, lease=run.lease).update(lease=None, lease_until=None)
