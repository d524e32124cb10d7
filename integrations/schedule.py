"""When a connection is due. Pure: no query, no clock of its own.

Everything is counted in local dates of the organisation. A local date has one moment: the first
time its clock shows the schedule's time. A time that the clock skips in spring comes as much after
midnight as it would have otherwise (02:30 reads 03:30); a time that comes twice in autumn counts
the first time. That a date is run only once is not decided here but by the unique constraint on
(connection, local date): two schedulers may both say "due".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from cdp.lib import clock

LOOK_BACK = 62
"""Days that a catch-up looks back for its window; the cursor, not the window, says what is read."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`since` (aware): moments before it do not count, because the connection was not on."""

    time: dt.time
    weekdays: Collection[int]
    zone: ZoneInfo
    since: dt.datetime
    last: dt.date | None = None
    """The newest local date that has a run."""


@dataclass(frozen=True, slots=True)
class Due:
    """Run `local_date` now; it makes good for every scheduled date since `window_from`."""

    local_date: dt.date
    window_from: dt.date

    @property
    def catches_up(self) -> bool:
        return self.window_from < self.local_date


def moment(date: dt.date, schedule: Schedule) -> dt.datetime:
    """When `date` is due, in UTC."""
    return clock.moment(date, schedule.time, schedule.zone.key)


def due(schedule: Schedule, now: dt.datetime) -> Due | None:
    """What should run at `now` (aware), or None. Several missed dates are one run."""
    missed = [date for date in _dates_back(schedule, now) if moment(date, schedule) <= now]
    return Due(local_date=missed[0], window_from=missed[-1]) if missed else None


def next_moment(schedule: Schedule, now: dt.datetime) -> dt.datetime | None:
    """When the next run will be made, in UTC; None when no weekday is chosen."""
    today = now.astimezone(schedule.zone).date()
    for ahead in range(8):
        date = today + dt.timedelta(days=ahead)
        if date.isoweekday() in schedule.weekdays and date != schedule.last:
            at = moment(date, schedule)
            if at > now:
                return at
    return None


def _dates_back(schedule: Schedule, now: dt.datetime) -> Iterator[dt.date]:
    """Scheduled dates without a run, newest first."""
    today = now.astimezone(schedule.zone).date()
    for back in range(LOOK_BACK):
        date = today - dt.timedelta(days=back)
        if schedule.last is not None and date <= schedule.last:
            return
        if moment(date, schedule) < schedule.since:
            return
        if date.isoweekday() in schedule.weekdays:
            yield date
