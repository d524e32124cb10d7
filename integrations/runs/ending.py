"""How a run ends: done, cancelled, or waiting for a person."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from integrations.connectors import connector_for
from integrations.errors import ConfigurationError
from integrations.models import Run, RunState, RunStep, Step, StepState
from integrations.runs import lease
from integrations.runs.waking import wake
from profiles.ingest import close_intake


def done(run: Run) -> None:
    with transaction.atomic():
        lease.keep(run, state=RunState.DONE, finished_at=Now(), attempts=0, retry_at=None, reason="")
    wake_next(run)


def cancelled(run: Run) -> None:
    """Stops where it is. What is in stays in (undo takes it back); what was not taken in is let go."""
    with transaction.atomic():
        if run.intake:
            close_intake(intake=run.intake)
        if not is_in(run):
            with suppress(ConfigurationError):  # a connector that is gone claims nothing any more
                connector_for(run.connection, run).released(run)
            run.parcels.unopened().update(content=b"", emptied_at=Now())
        run.steps.exclude(state=StepState.DONE).update(state=StepState.CANCELLED, finished_at=Now())
        lease.keep(run, state=RunState.CANCELLED, finished_at=Now(), retry_at=None, reason=what_was_done(run))
    wake_next(run)


def waits(run: Run, step: RunStep, reason: str, state: str = RunState.WAITING) -> None:
    """A person is needed. `state` is FAILED when the fault is ours rather than the other side's."""
    with transaction.atomic():
        RunStep.objects.filter(pk=step.pk).update(state=StepState.WAITING, error=reason)
        lease.keep(run, state=state, reason=reason, retry_at=None)
    wake_next(run)


def is_in(run: Run) -> bool:
    """All its rows have been taken in."""
    return run.steps.filter(name=Step.INGEST, state=StepState.DONE).exists()


def what_was_done(run: Run) -> str:
    steps = {step.name: step for step in run.steps.all()}
    read, taken_in = steps[Step.PULL].done, steps[Step.INGEST].done
    said = _("Cancelled. %(taken_in)s of %(read)s rows fetched had been taken in.")
    sentence = said % {"taken_in": taken_in, "read": read}
    push = steps.get(Step.PUSH)
    if push is not None and push.done:
        sentence += " " + _("%(sent)s contacts had been sent.") % {"sent": push.done}
    return sentence


def wake_next(run: Run) -> None:
    """Runs of one connection take turns: now it is the next one's."""
    waiting = Run.objects.filter(connection=run.connection_id, state=RunState.QUEUED).order_by("created_at")
    following = waiting.values_list("pk", flat=True).first()
    if following is not None:
        wake(following)
