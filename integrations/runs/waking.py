"""Messages that make a worker look at a run. They carry nothing: the run's row says what to do."""

from __future__ import annotations

import datetime as dt
import logging
import math
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django_tenants.utils import schema_context
from kombu.exceptions import OperationalError as BrokerError

from cdp.lib.tenancy import current_schema
from integrations.models import Run

log = logging.getLogger(__name__)

QUIET = dt.timedelta(seconds=50)
"""A live run that nobody has looked at for this long has lost its message."""


def wake(run_id: int, after: float = 0) -> None:
    """Once this transaction is committed; `after` is in seconds and waits in the queue.

    Where the queue cannot wait the message comes at once, finds that it is too early, and the
    sweeper wakes the run when it is time. A queue that is away costs a minute, not the run.
    """
    from integrations.tasks import advance_run

    delay: dict[str, Any] = {"DelaySeconds": math.ceil(after)} if after else {}
    schema = current_schema()  # at the commit another organisation may be current

    def send() -> None:
        try:
            with schema_context(schema):
                advance_run.apply_async((run_id,), **delay)
        except (BrokerError, DatabaseError) as error:
            log.warning("No message for run %s: %s", run_id, type(error).__name__)

    transaction.on_commit(send)


def wake_all() -> int:
    """Wakes every run of this organisation that should be going and is not. Returns how many."""
    quiet = Q(woken_at=None) | Q(woken_at__lt=Now() - QUIET)
    awake = Q(retry_at=None) | Q(retry_at__lte=Now())
    runs = list(Run.objects.live().filter(quiet, awake).order_by("created_at").values_list("pk", flat=True))
    Run.objects.filter(pk__in=runs).update(woken_at=Now())
    for run_id in runs:
        wake(run_id)
    return len(runs)
