"""Messages that make a worker look at a run. They carry nothing: the run's row says what to do."""

from __future__ import annotations

import datetime as dt
import math

from django.db.models import Q
from django.db.models.functions import Now

from integrations.models import Run

QUIET = dt.timedelta(seconds=50)
"""A live run that nobody has looked at for this long has lost its message."""


def wake(run_id: int, after: float = 0) -> None:
    """Once this transaction is committed; `after` is in seconds and waits in the queue.

    Where the queue cannot wait the message comes at once, finds that it is too early, and the
    sweeper wakes the run when it is time.
    """
    from integrations.tasks import advance_run

    delay = {"DelaySeconds": math.ceil(after)} if after else {}
    advance_run.apply_async_on_commit((run_id,), **delay)


def wake_all() -> int:
    """Wakes every run of this organisation that should be going and is not. Returns how many."""
    quiet = Q(woken_at=None) | Q(woken_at__lt=Now() - QUIET)
    awake = Q(retry_at=None) | Q(retry_at__lte=Now())
    runs = list(Run.objects.live().filter(quiet, awake).order_by("created_at").values_list("pk", flat=True))
    Run.objects.filter(pk__in=runs).update(woken_at=Now())
    for run_id in runs:
        wake(run_id)
    return len(runs)
