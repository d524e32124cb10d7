"""Times of day in a place, on days that have 23 or 25 hours too."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> dt.datetime:
    """The present moment, aware, in UTC. The one place that asks the machine."""
    return timezone.now()


def local_date(zone: str, at: dt.datetime | None = None) -> dt.date:
    """The calendar date in `zone` at a moment (default: now)."""
    return (at or now()).astimezone(ZoneInfo(zone)).date()


def moment(date: dt.date, time: dt.time, zone: str) -> dt.datetime:
    """When the clock on the wall in `zone` shows `time` on `date`, in UTC.

    An hour that the clock skips in spring is read as if the clock had not been changed yet (02:30
    becomes 03:30); an hour that it shows twice in autumn means the first of the two.
    """
    wall = dt.datetime.combine(date, time, tzinfo=ZoneInfo(zone))
    return wall.replace(fold=0).astimezone(dt.UTC)


def day_bounds(date: dt.date, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """Start (included) and end (excluded) of a local day."""
    midnight = dt.time()
    return moment(date, midnight, zone), moment(date + dt.timedelta(days=1), midnight, zone)
