"""How old each register in force is: a list must be washed in the month it is called (mfl § 13 a)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from django.db import connection

from cdp.lib import clock
from consent.models import RegisterFile
from consent.registers.loading import channel_of, registers
from organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Standing:
    """One register. `stale`: in force and of a month before this one. `waiting` is read and not in force."""

    register: str
    label: str
    channel: str
    file: RegisterFile | None
    waiting: RegisterFile | None
    stale: bool

    @property
    def month(self) -> date | None:
        return self.file.month if self.file else None


def standing() -> list[Standing]:
    """Every register Foyer knows, in the organisation's own calendar."""
    organisation = cast(Organisation, connection.tenant)  # type: ignore[attr-defined]
    today = clock.local_date(organisation.time_zone, clock.now())
    newest: dict[tuple[str, str], RegisterFile | None] = {}
    for file in RegisterFile.objects.order_by("loaded_at"):
        newest[file.register, file.state] = file
    return [_standing(register, label, newest, today) for register, label in registers()]


def _standing(
    register: str, label: str, newest: dict[tuple[str, str], RegisterFile | None], today: date
) -> Standing:
    file = newest.get((register, RegisterFile.State.IN_FORCE))
    read, reading = (
        newest.get((register, state)) for state in (RegisterFile.State.READ, RegisterFile.State.READING)
    )
    stale = file is not None and file.month < today.replace(day=1)
    return Standing(register, label, channel_of(register), file, read or reading, stale)
