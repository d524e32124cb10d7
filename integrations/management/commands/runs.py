"""`manage.py runs`: what the pages of runs do, through the same verbs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations import runs
from integrations.commands import (
    add_organisation,
    connection_named,
    end,
    follow,
    inside,
    print_json,
    run_numbered,
)
from integrations.models import Run, Trigger
from integrations.runs.account import account
from integrations.runs.undoing import undo
from integrations.runs.verbs import NotPossible


class Command(BaseCommand):
    help = "Start, list, show, stop and undo runs. docs/reference/commands.md has examples."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="start|list|show|retry|cancel|undo")
        start = verbs.add_parser("start", help="start a run of a connection and do its work here")
        start.add_argument("connection", help="the connection's short name")
        start.add_argument("--file", type=Path, help="read this file, not what the connection would read")
        start.add_argument("--no-wait", action="store_true", help="leave the work to the worker")
        _common(start)
        listing = verbs.add_parser("list", help="the newest runs")
        listing.add_argument("connection", nargs="?", help="only of this connection")
        listing.add_argument("--limit", type=int, default=20)
        _common(listing)
        for verb, said in (("show", "one run"), ("retry", "go on where it stopped"), ("cancel", "stop it")):
            one = verbs.add_parser(verb, help=said)
            one.add_argument("run", type=int)
            _common(one)
        undoing = verbs.add_parser("undo", help="take back what a run did")
        undoing.add_argument("run", type=int)
        undoing.add_argument(
            "--fetch-again", action="store_true", help="the next run reads the same rows again"
        )
        _common(undoing)

    def handle(self, *args: Any, verb: str, organisation: str, **options: Any) -> None:
        with inside(organisation):
            try:
                getattr(self, verb)(**options)
            except NotPossible as refusal:
                raise CommandError(str(refusal)) from None

    def start(self, connection: str, file: Path | None, no_wait: bool, json: bool, **_: Any) -> None:
        if file is not None and not file.is_file():
            raise CommandError(f"There is no file {file}.")
        options = {"file": str(file.resolve())} if file else {}
        run = runs.start(connection=connection_named(connection), trigger=Trigger.COMMAND, options=options)
        if not no_wait:
            run = follow(run, quiet=json)
        self._tell(run, json)
        if not no_wait:
            end(run)

    def list(self, connection: str | None, limit: int, json: bool, **_: Any) -> None:
        found = Run.objects.select_related("connection__source", "intake").newest_first()
        if connection:
            found = found.filter(connection=connection_named(connection))
        if json:
            print_json(self, [account(run) for run in found[:limit]])
            return
        for run in found[:limit]:
            self.stdout.write(_line(run))

    def show(self, run: int, json: bool, **_: Any) -> None:
        self._tell(run_numbered(run), json)

    def retry(self, run: int, json: bool, **_: Any) -> None:
        found = run_numbered(run)
        runs.retry(run=found, actor=None)
        self._tell(follow(found, quiet=json), json)
        end(found)

    def cancel(self, run: int, json: bool, **_: Any) -> None:
        found = run_numbered(run)
        runs.cancel(run=found, actor=None)
        found.refresh_from_db()
        self._tell(found, json)

    def undo(self, run: int, fetch_again: bool, json: bool, **_: Any) -> None:
        found = run_numbered(run)
        undo(run=found, actor=None, fetch_again=fetch_again)
        found.refresh_from_db()
        self._tell(found, json)

    def _tell(self, run: Run, json: bool) -> None:
        told = account(run)
        if json:
            print_json(self, told)
            return
        self.stdout.write(_line(run))
        terms = " + ".join(f"{number} {name}" for name, number in told["equation"].items() if name != "read")
        self.stdout.write(f"  {told['equation']['read']} read = {terms}")
        for step in told["steps"]:
            self.stdout.write(f"  {step['name']:9} {step['state']:9} {step['done']}")
        for kind, number in told["sent"].items():
            self.stdout.write(f"  sent: {number} {kind}")


def _common(parser: ArgumentParser) -> None:
    add_organisation(parser)
    parser.add_argument("--json", action="store_true", help="the whole account as JSON")


def _line(run: Run) -> str:
    when = f"{run.created_at:%Y-%m-%d %H:%M} UTC"
    reason = f"  {run.reason}" if run.reason else ""
    return f"{run.pk:>6}  {when}  {run.connection.slug:24} {run.trigger:9} {run.state}{reason}"
