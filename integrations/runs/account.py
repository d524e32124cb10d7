"""A run's account of itself: what the page shows and what `--json` prints."""

from __future__ import annotations

from typing import Any

from integrations.connectors import connector_for, is_destination
from integrations.models import Run

EMPTY = dict.fromkeys(("read", "created", "updated", "unchanged", "held", "failed", "erased"), 0)


def equation(run: Run) -> dict[str, int]:
    """Every row accounted for; all noughts before the first row is in."""
    return run.intake.equation() if run.intake else dict(EMPTY)


def sent(run: Run) -> dict[str, int]:
    """What a destination's run has written so far, by kind."""
    return dict(connector_for(run.connection, run).sent(run)) if is_destination(run.connection) else {}


def account(run: Run) -> dict[str, Any]:
    """JSON-able. Numbers and states, no personal data."""
    return {
        "run": run.pk,
        "connection": run.connection.slug,
        "state": run.state,
        "reason": run.reason,
        "trigger": run.trigger,
        "local_date": run.local_date.isoformat() if run.local_date else None,
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "equation": equation(run),
        "permissions": run.intake.permits if run.intake else {},
        "steps": [
            {
                "name": step.name,
                "state": step.state,
                "done": step.done,
                "total": step.total,
                "counts": step.counts,
                "error": step.error,
            }
            for step in run.steps.all()
        ],
        "sent": sent(run),
    }
