"""What the management commands of this room share: the organisation, the progress bar, the way to end."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context
from tqdm import tqdm

from integrations.models import Connection, Run, RunStep, StepState
from integrations.runs import advance
from organisations.models import Organisation

A_PERSON_IS_NEEDED = 2
"""Exit code when a run waits, has failed or was stopped: 1 is for a command that was called wrongly."""
PATIENCE = 2.0


def add_organisation(parser: ArgumentParser) -> None:
    parser.add_argument("--organisation", required=True, metavar="SLUG", help="whose runs")


@contextmanager
def inside(slug: str) -> Iterator[Organisation]:
    try:
        organisation = Organisation.objects.get(slug=slug)
    except Organisation.DoesNotExist:
        known = ", ".join(Organisation.objects.order_by("slug").values_list("slug", flat=True))
        raise CommandError(f"There is no organisation “{slug}”. There are: {known or 'none'}.") from None
    with tenant_context(organisation):
        yield organisation


def connection_named(slug: str) -> Connection:
    try:
        return Connection.objects.select_related("source").get(slug=slug)
    except Connection.DoesNotExist:
        known = ", ".join(Connection.objects.values_list("slug", flat=True))
        raise CommandError(f"There is no connection “{slug}”. There are: {known or 'none'}.") from None


def run_numbered(number: int) -> Run:
    try:
        return Run.objects.select_related("connection__source", "intake").get(pk=number)
    except Run.DoesNotExist:
        raise CommandError(f"There is no run {number}.") from None


def follow(run: Run, *, quiet: bool = False) -> Run:
    """Does the run's work here, unit by unit, until it is over or waits for a person.

    A worker that has the run at the moment is not disturbed: it does the work, this only watches.
    """
    with Bars(enabled=not quiet and sys.stderr.isatty()) as bars:
        while True:
            outcome = advance(run.pk)
            run.refresh_from_db()
            bars.show(run)
            if not run.is_live:
                return run
            if not outcome.more:
                time.sleep(PATIENCE)
            elif outcome.after:
                bars.say(run.reason)
                time.sleep(outcome.after)


class Bars:
    """One line per step on a terminal, none elsewhere."""

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled
        self.bars: dict[str, Any] = {}

    def __enter__(self) -> Bars:
        return self

    def __exit__(self, *_: object) -> None:
        for bar in self.bars.values():
            bar.close()

    def show(self, run: Run) -> None:
        for step in run.steps.exclude(state=StepState.PENDING) if self.enabled else ():
            bar = self._bar(step)
            bar.total = step.total or step.done or None
            bar.n = step.done
            bar.refresh()

    def say(self, text: str) -> None:
        if self.enabled:
            tqdm.write(text, file=sys.stderr)

    def _bar(self, step: RunStep) -> Any:
        if step.name not in self.bars:
            self.bars[step.name] = tqdm(
                desc=str(step.get_name_display()), unit=" rows", file=sys.stderr, leave=True
            )
        return self.bars[step.name]


def print_json(command: BaseCommand, value: Any) -> None:
    command.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def end(run: Run) -> None:
    if run.state != "done":
        sys.exit(A_PERSON_IS_NEEDED)
