"""`manage.py ledger check|rebuild`: holds the projection against the ledger, or computes it anew."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from consent import answers, chain, projection
from organisations.models import Organisation

SHOWN = 20


class Command(BaseCommand):
    help = "Check every organisation's permissions against the ledger, or rebuild them from it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["check", "rebuild"])
        parser.add_argument("--organisation", help="its short name; all of them when left out")

    def handle(self, *args: Any, verb: str, organisation: str | None, **_: Any) -> None:
        differing, self._sealed = 0, True
        for one in _organisations(organisation):
            with tenant_context(one):
                differing += self._check(one) if verb == "check" else self._rebuild(one)
        if differing:
            raise CommandError(f"{differing} permissions differ. `manage.py ledger rebuild` mends them.")
        if not self._sealed:
            raise CommandError("The ledger does not add up to its heads. Compare it with a backup.")

    def _check(self, organisation: Organisation) -> int:
        found = projection.drift()
        self._sealed = self._check_seal(organisation) and self._sealed
        self.stdout.write(f"{organisation.slug}: {len(found) or 'no'} permissions differ from the ledger")
        for drift in found[:SHOWN]:
            self.stdout.write(
                f"  contact point {drift.identifier_id}, {drift.purpose}/{drift.channel}: "
                f"{drift.projected} instead of {drift.ledger}"
            )
        return len(found)

    def _check_seal(self, organisation: Organisation) -> bool:
        faults = chain.check()
        days = f"{chain.sealed_days()} days sealed"
        self.stdout.write(f"{organisation.slug}: {days}, {len(faults) or 'none'} at fault")
        for fault in faults[:SHOWN]:
            self.stdout.write(f"  {fault}")
        return not faults

    def _rebuild(self, organisation: Organisation) -> int:
        rows = projection.rebuild()
        counts = answers.refresh()
        changed = f"{counts.changed} of {counts.decided} answers changed"
        self.stdout.write(f"{organisation.slug}: {rows} permissions rebuilt, {changed}")
        return 0


def _organisations(slug: str | None) -> list[Organisation]:
    found = list(Organisation.objects.filter(slug=slug) if slug else Organisation.objects.order_by("slug"))
    if not found:
        raise CommandError(f"There is no organisation {slug!r}.")
    return found
