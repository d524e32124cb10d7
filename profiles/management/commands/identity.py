"""`manage.py identity`: what the night does about who is who, and whether membership is what it should be."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context
from tqdm import tqdm

from organisations.models import Organisation
from profiles.identity import acting, batch, households, nightly
from profiles.models import IdentityAct

SHOWN = 20


class Command(BaseCommand):
    help = "Match people, hold membership against the rules, rebuild it, or find households."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["match", "check", "rebuild", "households"])
        parser.add_argument(
            "--organisation", metavar="SLUG", help="its short name; all of them when left out"
        )
        parser.add_argument("--no-training", action="store_true", help="match with the model there is")

    def handle(self, *args: Any, verb: str, organisation: str | None, no_training: bool, **_: Any) -> None:
        astray = 0
        for one in _organisations(organisation):
            with tenant_context(one):
                if verb == "match":
                    self._match(one, train=not no_training)
                else:
                    astray += getattr(self, f"_{verb}")(one)
        if astray:
            raise CommandError(f"{astray} records are astray. `manage.py identity rebuild` mends them.")

    def _match(self, organisation: Organisation, *, train: bool) -> None:
        try:
            with _Bars() as bars:
                run = nightly.match_people(train=train, progress=bars.show)
        except nightly.Busy:
            raise CommandError(f"{organisation.slug}: people are being matched already.") from None
        model = "the organisation's own model" if run.trained else "the platform's model"
        self.stdout.write(f"{organisation.slug}: {run.records} records of {run.people} people, {model}")
        self.stdout.write(f"  {run.pairs} pairs compared, {run.blocks_skipped} blocks too large to compare")
        for block in run.skipped[:SHOWN]:
            self.stdout.write(f"    skipped: {block['key']}, {block['records']} records")
        self.stdout.write(
            f"  {run.linked} joined, {run.refused} kept apart by a limit, {run.lifted} links lifted,"
            f" {run.dropped} left for the next night"
        )
        queue = ", ".join(f"{number} {name}" for name, number in run.queue.items())
        self.stdout.write(f"  questions: {queue}")
        self.stdout.write(f"  {run.households['households']} households, {sum_of(run.seconds):.1f} s")

    def _check(self, organisation: Organisation) -> int:
        found = batch.check()
        self.stdout.write(f"{organisation.slug}: {found.records or 'no'} records astray")
        for record, now, target in found.moves[:SHOWN]:
            self.stdout.write(f"  record {record}: in profile {now}, belongs to {_called(target)}")
        if found.held:
            self.stdout.write(f"  {len(found.held)} identifiers are on too many people")
        return found.records

    def _rebuild(self, organisation: Organisation) -> int:
        with acting.turn():
            act = acting.begin(IdentityAct.Kind.RULES, actor="", reason="Rebuilt from a command")
            moved = batch.rebuild(act)
            if not moved:
                act.delete()
        self.stdout.write(f"{organisation.slug}: {moved} records moved")
        return 0

    def _households(self, organisation: Organisation) -> int:
        found = households.rebuild()
        self.stdout.write(
            f"{organisation.slug}: {found.households} households of {found.people} people,"
            f" {found.written} memberships written, {found.ended} ended"
        )
        return 0


def sum_of(seconds: dict[str, float]) -> float:
    """Seconds of the run's steps; those within a step (with a colon) are in it already."""
    return sum(took for step, took in seconds.items() if ":" not in step)


def _called(profile: int) -> str:
    return f"profile {profile}" if profile > 0 else "a profile of its own"


def _organisations(slug: str | None) -> list[Organisation]:
    found = list(Organisation.objects.filter(slug=slug) if slug else Organisation.objects.order_by("slug"))
    if not found:
        raise CommandError(f"There is no organisation {slug!r}.")
    return found


class _Bars:
    """One line per step on a terminal, none elsewhere."""

    def __init__(self) -> None:
        self.enabled = sys.stderr.isatty()
        self.bars: dict[str, Any] = {}

    def __enter__(self) -> _Bars:
        return self

    def __exit__(self, *_: object) -> None:
        for bar in self.bars.values():
            bar.close()

    def show(self, step: str, done: int, total: int) -> None:
        if self.enabled:
            bar = self.bars.setdefault(step, tqdm(desc=step, file=sys.stderr, leave=True))
            bar.total, bar.n = total, done
            bar.refresh()
