"""What people, commands, webhooks and the schedule do with runs. Each writes to the audit log."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from integrations.connectors import is_destination
from integrations.errors import ConfigurationError
from integrations.models import Connection, Run, RunState, RunStep, Step, StepState, Trigger
from integrations.runs.engine import advance
from integrations.runs.waking import wake
from organisations.audit.verbs import record
from organisations.models import User

WAY_IN = (Step.PULL, Step.INGEST, Step.SEGMENTS)
WAY_OUT = (Step.PLAN, Step.PUSH)
UNFINISHED = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING, RunState.FAILED)


class NotPossible(Exception):
    """The run is in a state where this cannot be done. `str` says so to a person."""


def start(
    *,
    connection: Connection,
    trigger: str,
    actor: User | None = None,
    local_date: dt.date | None = None,
    window_from: dt.date | None = None,
    options: dict[str, Any] | None = None,
) -> Run:
    """Makes a run and wakes a worker.

    A webhook is a wake-up call: while a run it asked for is still queued, that run is the answer.
    A local date that has a run already raises IntegrityError (see `start_scheduled`).
    """
    if trigger == Trigger.WEBHOOK:
        return _start_once(connection)
    with transaction.atomic():
        run = _make(
            connection,
            trigger=trigger,
            actor=actor,
            local_date=local_date,
            window_from=window_from,
            options=options or {},
        )
        summary = {"run": run.pk, "trigger": trigger, **_described(run.options)}
        record(actor=actor, verb="run.started", target=connection.slug, summary=summary)
    return run


def start_scheduled(*, connection: Connection, local_date: dt.date, window_from: dt.date) -> Run | None:
    """None when this date has its run already: another scheduler was first."""
    trigger = Trigger.CATCH_UP if window_from < local_date else Trigger.SCHEDULE
    try:
        with transaction.atomic():
            return start(
                connection=connection, trigger=trigger, local_date=local_date, window_from=window_from
            )
    except IntegrityError:
        return None


def cancel(*, run: Run, actor: User | None) -> None:
    """Stops the run at the end of the unit at hand; at once when nobody is working at it."""
    with transaction.atomic():
        if not Run.objects.filter(pk=run.pk, state__in=UNFINISHED).update(cancel_requested=True):
            raise NotPossible(_("This run is over already."))
        record(actor=actor, verb="run.cancelled", target=run.connection.slug, summary={"run": run.pk})
        if _drop_unstarted(run):
            return
        _requeue(run, states=(RunState.WAITING, RunState.FAILED))
        Run.objects.filter(pk=run.pk).update(retry_at=None)
        wake(run.pk)
    advance(run.pk)


def retry(*, run: Run, actor: User | None) -> None:
    """Goes on where it stopped, with fresh patience."""
    with transaction.atomic():
        if not _requeue(run, states=(RunState.WAITING, RunState.FAILED)):
            raise NotPossible(_("Only a run that waits can be tried again."))
        record(actor=actor, verb="run.retried", target=run.connection.slug, summary={"run": run.pk})
    wake(run.pk)


def approve(*, run: Run, actor: User | None) -> None:
    """Somebody has looked at the plan: it may be sent."""
    with transaction.atomic():
        Run.objects.filter(pk=run.pk).update(approved=True)
        if not _requeue(run, states=(RunState.WAITING,)):
            raise NotPossible(_("This plan does not wait to be sent."))
        record(actor=actor, verb="run.approved", target=run.connection.slug, summary={"run": run.pk})
    wake(run.pk)


def _drop_unstarted(run: Run) -> int:
    """A run that nobody has touched ends here and now."""
    run.steps.exclude(state=StepState.DONE).filter(run__started_at=None).update(state=StepState.CANCELLED)
    return Run.objects.filter(pk=run.pk, state=RunState.QUEUED, started_at=None).update(
        state=RunState.CANCELLED, finished_at=Now(), reason=_("Cancelled before it began.")
    )


def _start_once(connection: Connection) -> Run:
    queued = Run.objects.filter(connection=connection, trigger=Trigger.WEBHOOK, state=RunState.QUEUED)
    try:
        with transaction.atomic():
            return queued.first() or _make(connection, trigger=Trigger.WEBHOOK)
    except IntegrityError:  # run_one_wake_up_queued: two calls at the same moment
        return queued.get()


def _make(connection: Connection, **fields: Any) -> Run:
    if not connection.enabled and fields.get("trigger") in (Trigger.SCHEDULE, Trigger.CATCH_UP):
        raise ConfigurationError(_("The connection is switched off."))
    run = Run.objects.create(connection=connection, **fields)
    names = WAY_IN + (WAY_OUT if is_destination(connection) else ())
    RunStep.objects.bulk_create(
        RunStep(run=run, position=position, name=name) for position, name in enumerate(names, start=1)
    )
    wake(run.pk)
    return run


def _requeue(run: Run, states: tuple[str, ...]) -> int:
    run.steps.filter(state=StepState.WAITING).update(state=StepState.PENDING, error="")
    return Run.objects.filter(pk=run.pk, state__in=states).update(
        state=RunState.QUEUED, attempts=0, retry_at=None, reason="", finished_at=None
    )


def _described(options: dict[str, Any]) -> dict[str, Any]:
    """Options for the audit log: which they were, not what a person typed into them."""
    return {"options": sorted(options)} if options else {}
