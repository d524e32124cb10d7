"""Plan and send: a destination works out what to write, and writes it batch by batch."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.connectors import Progress, connector_for
from integrations.errors import ConfigurationError
from integrations.models import ApplyMode, Run, RunStep, Step
from integrations.runs import lease


class PlanIsReady(ConfigurationError):
    """Not an error: the connection asks a person before it sends."""


def plan(run: Run, step: RunStep) -> bool:
    return _add(run, step, connector_for(run.connection, run).plan(run))


def push(run: Run, step: RunStep) -> bool:
    if must_ask(run):
        raise PlanIsReady(_("The plan is ready. Look at it and send it."))
    return _add(run, step, connector_for(run.connection, run).apply(run))


def must_ask(run: Run) -> bool:
    """An empty plan needs nobody's word."""
    asks = run.connection.apply_mode == ApplyMode.ASK and not run.approved
    return asks and run.steps.get(name=Step.PLAN).total != 0


def _add(run: Run, step: RunStep, progress: Progress) -> bool:
    with transaction.atomic():
        for name, number in progress.counts.items():
            step.counts[name] = step.counts.get(name, 0) + number
        step.done = sum(step.counts.values())
        step.total = progress.total if progress.total is not None else step.total
        step.save(update_fields=["counts", "done", "total"])
        lease.keep(run)
    return progress.finished
