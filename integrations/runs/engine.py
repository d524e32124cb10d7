"""One short unit of a run's work, and what becomes of it.

A unit is a few pages, one parcel, one pass of sorting, one batch. What it did is committed together
with the run's position, so a unit that is cut off is simply done again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from integrations.models import Run, RunState, RunStep, Step, StepState
from integrations.runs import ending, failing, lease, pulling, sending, sorting, taking_in
from integrations.runs.mornings import held_back

Unit = Callable[[Run, RunStep], bool]
"""Does one unit of the step; True when the step is finished."""

UNITS: dict[str, Unit] = {
    Step.PULL: pulling.pull,
    Step.INGEST: taking_in.take_in,
    Step.SEGMENTS: sorting.sort,
    Step.PLAN: sending.plan,
    Step.PUSH: sending.push,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`more`: look at this run again, `after` so many seconds."""

    more: bool
    after: float = 0


NOTHING = Outcome(more=False)


def advance(run_id: int) -> Outcome:
    """Does one unit, if nobody else is at it. Safe to call at any time, any number of times."""
    if held_back(run_id):
        return NOTHING
    with lease.taken(run_id) as run:
        if run is None:
            return NOTHING
        try:
            return _unit(run)
        except lease.LeaseLost:
            return NOTHING


def _unit(run: Run) -> Outcome:
    if run.cancel_requested:
        ending.cancelled(run)
        return NOTHING
    step = run.steps.exclude(state=StepState.DONE).order_by("position").first()
    if step is None:
        ending.done(run)
        return NOTHING
    try:
        failing.check_attempts(run)
        _begin(run, step)
        finished = UNITS[step.name](run, step)
    except lease.LeaseLost:
        raise
    except Exception as error:
        after = failing.failed(run, step, error)
        return Outcome(more=after is not None, after=after or 0)
    return _worked(run, step, finished)


def _begin(run: Run, step: RunStep) -> None:
    if step.state != StepState.RUNNING:
        RunStep.objects.filter(pk=step.pk).update(state=StepState.RUNNING, started_at=Now(), error="")
        step.refresh_from_db()


def _worked(run: Run, step: RunStep, finished: bool) -> Outcome:
    """The unit is committed; now the step, and with the last step the run."""
    with transaction.atomic():
        if finished:
            RunStep.objects.filter(pk=step.pk).update(state=StepState.DONE, finished_at=Now(), error="")
        last = finished and not run.steps.exclude(state=StepState.DONE).exists()
        if last:
            ending.done(run)
        else:
            lease.keep(run, attempts=0, retry_at=None, reason="", state=RunState.RUNNING)
    return Outcome(more=not last)
