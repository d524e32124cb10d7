"""A destination's scheduled run waits for the morning's sources, but not for ever."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef

from cdp.lib import clock
from integrations.connectors import registry
from integrations.models import Connection, Run, RunState, RunStep, Step, StepState, Trigger
from integrations.models.connection import ConnectionQuerySet

PATIENCE = dt.timedelta(minutes=60)
BY_SCHEDULE = (Trigger.SCHEDULE, Trigger.CATCH_UP)


def held_back(run_id: int) -> bool:
    """True while this run, which has not begun, should let the sources go first."""
    run = (
        Run.objects.filter(pk=run_id, state=RunState.QUEUED, started_at=None, cancel_requested=False)
        .filter(connection__after_sources=True, trigger__in=BY_SCHEDULE)
        .select_related("connection")
        .first()
    )
    if run is None or clock.now() - run.created_at >= PATIENCE:
        return False
    return missing_sources(run).exists()


def missing_sources(run: Run) -> ConnectionQuerySet:
    """Sources due on the run's date, no later than it, whose rows of that date are not in yet."""
    date = run.local_date or run.created_at.date()
    destinations = [slug for slug, cls in registry().items() if cls.writes]
    taken_in = RunStep.objects.filter(
        run__connection=OuterRef("pk"), run__local_date=date, name=Step.INGEST, state=StepState.DONE
    )
    due = Connection.objects.scheduled().filter(
        weekdays__contains=[date.isoweekday()],
        schedule_time__lte=run.connection.schedule_time,
        enabled_at__lte=run.created_at,
    )
    return due.exclude(connector__in=destinations).exclude(Exists(taken_in))
