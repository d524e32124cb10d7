"""How every organisation is doing, in numbers and without a person in sight.

A room registers a check; the platform page runs each inside each organisation. A check
answers counts and times only: an operator may see the health of an organisation, not
its people.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.functional import Promise
from django_tenants.utils import tenant_context

from organisations.models import Organisation

Level = Literal["good", "warning", "bad", "unknown"]


@dataclass(frozen=True, slots=True)
class Reading:
    """`value` is a short text or number; `level` decides how loud it is shown."""

    level: Level
    value: str | int | Promise
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Check:
    key: str
    label: str | Promise
    read: Callable[[], Reading]
    position: int = 100


@dataclass(frozen=True, slots=True)
class OrganisationHealth:
    organisation: Organisation
    lines: list[tuple[Check, Reading]]

    @property
    def worst(self) -> Level:
        found = {reading.level for _, reading in self.lines}
        return next((level for level in _WORST_FIRST if level in found), "unknown")


_WORST_FIRST: tuple[Level, ...] = ("bad", "warning", "good")
_checks: dict[str, Check] = {}


def register(check: Check) -> None:
    _checks[check.key] = check


def checks() -> list[Check]:
    return sorted(_checks.values(), key=lambda check: (check.position, check.key))


def read_all(organisations: Iterable[Organisation]) -> list[OrganisationHealth]:
    return [OrganisationHealth(organisation, _read(organisation)) for organisation in organisations]


def _read(organisation: Organisation) -> list[tuple[Check, Reading]]:
    with tenant_context(organisation):
        return [(check, check.read()) for check in checks()]
