"""What is wrong with one connection's mornings. Pure: no query, no clock of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from integrations.schedule import Schedule, moment

GRACE = dt.timedelta(minutes=30)
"""After the scheduled time: at the default 07:30 this is 08:00."""
WEEKS = 8
FEW_MORNINGS = 3
"""Fewer than this many same weekdays are no pattern."""
SMALL_SHARE = 0.3
WORTH_COMPARING = 20
"""Below so many rows a usual morning is too small for its shrinking to mean anything."""
HELD_SHARE = 0.05
HELD_GROWTH = 2.0
HELD_AT_FIRST = 0.2
"""With nothing to compare with, only a share like this says that something is read wrongly."""
HELD_AT_LEAST = 10


@dataclass(frozen=True, slots=True)
class Morning:
    """One scheduled run. `read` and `held` (rows set aside or failed) are None until it is in."""

    date: dt.date
    run_id: int
    is_in: bool
    in_hand: bool
    """A person is asked already, or has decided: it waits, has failed, was cancelled or undone."""
    read: int = 0
    held: int = 0

    @property
    def held_share(self) -> float:
        return self.held / self.read if self.read else 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """`numbers` are what the sentence of this kind needs."""

    kind: str
    run_id: int | None
    numbers: dict[str, object]


def late(schedule: Schedule, mornings: Sequence[Morning], now: dt.datetime) -> Finding | None:
    """The newest date that should be in by now, is not, and is in nobody's hands."""
    date = _newest_expected(schedule, now)
    if date is None:
        return None
    run = next((morning for morning in mornings if morning.date == date), None)
    if run is not None and (run.is_in or run.in_hand):
        return None
    return Finding("late", run.run_id if run else None, {"date": date})


def empty_or_small(mornings: Sequence[Morning]) -> Finding | None:
    """The newest morning against the same weekday's median. `mornings` newest first."""
    newest = next((morning for morning in mornings if morning.is_in), None)
    if newest is None:
        return None
    usual = _usual(newest, mornings)
    numbers: dict[str, object] = {"date": newest.date, "read": newest.read, "usual": usual}
    if newest.read == 0 and usual != 0:
        return Finding("empty", newest.run_id, numbers)
    if usual is not None and usual >= WORTH_COMPARING and newest.read < usual * SMALL_SHARE:
        return Finding("small", newest.run_id, numbers)
    return None


def many_held(mornings: Sequence[Morning]) -> Finding | None:
    """The share of rows set aside is high, and clearly higher than it used to be."""
    done = [morning for morning in mornings if morning.is_in and morning.read]
    if not done or done[0].held < HELD_AT_LEAST or done[0].held_share < HELD_SHARE:
        return None
    before = [morning.held_share for morning in done[1:11]]
    usual = median(before) * HELD_GROWTH if before else HELD_AT_FIRST
    if done[0].held_share < usual:
        return None
    numbers: dict[str, object] = {"date": done[0].date, "held": done[0].held, "read": done[0].read}
    return Finding("held", done[0].run_id, numbers)


def _newest_expected(schedule: Schedule, now: dt.datetime) -> dt.date | None:
    today = now.astimezone(schedule.zone).date()
    for back in range(8):
        date = today - dt.timedelta(days=back)
        due = moment(date, schedule)
        if date.isoweekday() in schedule.weekdays and due >= schedule.since and due + GRACE <= now:
            return date
    return None


def _usual(newest: Morning, mornings: Sequence[Morning]) -> float | None:
    """None without a pattern; 0 means that nothing is what usually comes."""
    since = newest.date - dt.timedelta(weeks=WEEKS)
    same_day = [
        morning.read
        for morning in mornings
        if morning.is_in
        and since <= morning.date < newest.date
        and morning.date.isoweekday() == newest.date.isoweekday()
    ]
    return median(same_day) if len(same_day) >= FEW_MORNINGS else None
