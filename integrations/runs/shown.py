"""What the pages show of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from integrations.models import Run, RunState, RunStep, Step, StepState
from integrations.runs import undoing
from integrations.runs.account import equation, sent
from profiles.models import HeldRow, Identifier

OPEN_ROWS = (HeldRow.State.HELD, HeldRow.State.FAILED)
MARKS = {
    StepState.DONE: "check",
    StepState.RUNNING: "loader-circle",
    StepState.WAITING: "hand",
    StepState.CANCELLED: "ban",
}
MOST_CONTACTS = 100


@dataclass
class Shown:
    """One line of the table of runs."""

    run: Run

    @cached_property
    def steps(self) -> list[RunStep]:
        return list(self.run.steps.all())

    @property
    def current(self) -> RunStep | None:
        """The step at hand, or the last that moved rows."""
        return next((step for step in self.steps if step.state != StepState.DONE), None)

    @property
    def rows(self) -> int:
        return next((step.done for step in self.steps if step.name == Step.PULL), 0)

    @property
    def held(self) -> int:
        intake = self.run.intake
        return intake.rows_held + intake.rows_failed if intake else 0

    @property
    def badge(self) -> str:
        return "warning" if self.run.state == RunState.DONE and self.held else self.run.state

    @property
    def label(self) -> str:
        if self.badge == "warning":
            return _("%(rows)s rows need a look") % {"rows": self.held}
        return ""


def show(run: Run) -> dict[str, Any]:
    """The context of the run's page and of the part of it that is fetched again and again."""
    line = Shown(run)
    return {
        "run": run,
        "line": line,
        "steps": [(step, MARKS.get(StepState(step.state), "")) for step in line.steps],
        "equation": equation(run),
        "permits": _permits(run),
        "sent": sent(run),
        "held": HeldRow.objects.filter(intake=run.intake, state__in=OPEN_ROWS).count() if run.intake else 0,
        "can_undo": undoing.can_be_undone(run),
        "written": _written(run),
    }


def _permits(run: Run) -> dict[str, Any]:
    """Without the reasons of refusal, which have a line each."""
    permits = dict(run.intake.permits) if run.intake else {}
    refused = permits.pop("refused", {})
    return {"counts": permits, "refused": refused}


def _written(run: Run) -> list[tuple[str, int, list[Identifier]]]:
    """After undo: (connection, how many, the first of them) that were told about what was taken back."""
    lists = run.aftermath.get("written", {})
    return [
        (slug, len(ids), list(Identifier.objects.filter(pk__in=ids[:MOST_CONTACTS]).order_by("value")))
        for slug, ids in lists.items()
    ]
