"""Sort by permission: what may each of the people just touched be sent."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction

from cdp.lib import sql
from consent import answers, carrying
from consent.registers import marks
from integrations.connectors import is_destination
from integrations.models import Run, RunStep
from integrations.runs import lease


def sort(run: Run, step: RunStep) -> bool:
    """Source runs sort whom they touched; destination runs everybody, for answers also change with time."""
    whom = None if is_destination(run.connection) else touched(run)
    with transaction.atomic():
        carrying.carry_nos(whom or ())
        marks.refresh(identifier_ids=whom or ())
        counts = answers.refresh(identifier_ids=whom)
        step.counts = asdict(counts)
        step.save(update_fields=["counts"])
        lease.keep(run)
    return True


def touched(run: Run) -> list[int]:
    """Contact points whose people or permissions this run's delivery changed."""
    if run.intake_id is None:
        return []
    return [row[0] for row in sql.run("integrations/touched_identifiers", {"intake": run.intake_id})]
