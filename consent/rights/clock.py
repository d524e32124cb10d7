"""By when a request must be answered (GDPR Art. 12(3)), and how far that is.

A period of months ends on the day of the same number, or on the month's last where there
is none (Regulation 1182/71 Art. 3(2)(c); CONSENT.md C159). Days are those of the
organisation's own calendar. The date is not moved past weekends: earlier is always allowed.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from cdp.lib import clock
from consent.models import RightsRequest

MONTHS = 1
LONGER = 2
"""Months more, where the person was told why within the first."""
WARNING = 7
"""Days before the due date from which on the request is told of."""

Level = Literal["good", "warning", "bad", "unknown"]


def months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due_on(received_at: dt.datetime, zone: ZoneInfo | str) -> dt.date:
    """The last day for the answer to what was received (aware) then."""
    return months_later(clock.local_date(str(zone), received_at), MONTHS)


def due_if_extended(received_at: dt.datetime, zone: ZoneInfo | str) -> dt.date:
    return months_later(clock.local_date(str(zone), received_at), MONTHS + LONGER)


@dataclass(frozen=True, slots=True)
class Standing:
    """`days` are left, below nought they have passed; None once the request is closed."""

    days: int | None
    level: Level


def standing(request: RightsRequest, today: dt.date) -> Standing:
    if not request.is_open:
        return Standing(None, "unknown")
    days = (request.due_on - today).days
    if days < 0:
        return Standing(days, "bad")
    return Standing(days, "warning" if days <= WARNING else "good")
