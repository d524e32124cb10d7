"""What the pages show of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from integrations.connectors import registry
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
BASKETS = ("marketing", "own_similar", "service", "none")
MOST_CONTACTS = 100

PERMITS = {
    "granted": _lazy("Permissions opened"),
    "withdrawn": _lazy("Permissions withdrawn"),
    "unchanged": _lazy("Said what was known already"),
}
COUNTED = {
    "add": _lazy("added"),
    "update": _lazy("updated"),
    "raise": _lazy("subscribed"),
    "tag": _lazy("tagged"),
    "untag": _lazy("untagged"),
    "unsubscribe": _lazy("unsubscribed"),
    "archive": _lazy("archived"),
    "skip": _lazy("left alone"),
}
"""What destinations plan and send; a word of their own is shown as it is."""
NOT_OPENED = {
    "waits_for_verification": _lazy("A yes that waits until somebody verifies its collection point"),
    "box_left_empty": _lazy("Box left empty: no answer"),
    "suppressed_after_erasure": _lazy("A yes of somebody who was erased"),
    "yes_without_act": _lazy("A yes without the moment it was given"),
    "standing_no": _lazy("A yes that does not lift a no"),
    "no_address": _lazy("An answer without an address or number"),
    "unknown_point": _lazy("An answer to a question that is not set up"),
    "blank": _lazy("No answer"),
    "unreadable": _lazy("Neither a yes nor a no"),
}


def in_words(counts: Mapping[str, int]) -> dict[str, int]:
    return {str(COUNTED.get(name, name)): number for name, number in counts.items()}


@dataclass
class Shown:
    """One line of the table of runs. `held` rows wait for a person."""

    run: Run
    held: int

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
    def badge(self) -> str:
        return "warning" if self.run.state == RunState.DONE and self.held else self.run.state

    @property
    def label(self) -> str:
        if self.badge == "warning":
            told = ngettext("%(rows)s row needs a look", "%(rows)s rows need a look", self.held)
            return told % {"rows": number_format(self.held, force_grouping=True)}
        return ""


@dataclass
class ShownStep:
    """One step on the run's page."""

    step: RunStep

    @property
    def mark(self) -> str:
        return MARKS.get(StepState(self.step.state), "")

    @property
    def numbers(self) -> dict[str, int]:
        """What it counted, where that says more than the number of rows."""
        if self.step.name == Step.PULL:
            return {}
        counted = {name: n for name, n in self.step.counts.items() if isinstance(n, int) and name != "shapes"}
        return in_words(counted)

    @property
    def baskets(self) -> dict[str, dict[str, int]]:
        """{channel: {basket: contacts}}, in the order of the baskets."""
        found = self.step.counts.get("baskets", {})
        return {
            channel: {basket: counts[basket] for basket in BASKETS if counts.get(basket)}
            for channel, counts in sorted(found.items())
        }


def waiting_rows(runs: Sequence[Run]) -> dict[int, int]:
    """How many rows of each run still wait for a person; runs without any are left out."""
    waiting = HeldRow.objects.filter(intake__runs__in=runs, state__in=OPEN_ROWS).values("intake__runs")
    return dict(waiting.annotate(rows=Count("pk")).values_list("intake__runs", "rows"))


def show(run: Run) -> dict[str, Any]:
    """The context of the run's page and of the part of it that is fetched again and again."""
    held = waiting_rows([run]).get(run.pk, 0)
    line = Shown(run, held)
    return {
        "run": run,
        "line": line,
        "steps": [ShownStep(step) for step in line.steps],
        "equation": equation(run),
        "permits": _permits(run),
        "permits_wait": bool(
            run.intake and run.intake.permits.get("refused", {}).get("waits_for_verification")
        ),
        "connector": registry().get(run.connection.connector),
        "plan_waits": Run.objects.plan_unread().filter(pk=run.pk).exists(),
        "sent": in_words(sent(run)),
        "held": held,
        "can_undo": undoing.can_be_undone(run),
        "undone": undoing.in_words(run.aftermath.get("report", {})),
        "written": _written(run),
    }


def _permits(run: Run) -> list[tuple[str, int]]:
    """What the ledger made of the answers that came along, in words; noughts are left out."""
    permits = dict(run.intake.permits) if run.intake else {}
    refused = permits.pop("refused", {})
    counted = [(str(PERMITS.get(name, name)), number) for name, number in permits.items()]
    counted += [(str(NOT_OPENED.get(name, name)), number) for name, number in refused.items()]
    return [(words, number) for words, number in counted if number]


def _written(run: Run) -> list[tuple[str, int, list[Identifier]]]:
    """After undo: (connection, how many, the first of them) that were told about what was taken back."""
    lists = run.aftermath.get("written", {})
    return [
        (slug, len(ids), list(Identifier.objects.filter(pk__in=ids[:MOST_CONTACTS]).order_by("value")))
        for slug, ids in lists.items()
    ]
