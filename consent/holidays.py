"""Norwegian public holidays, for the hours in which a call is allowed (R31)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

# Days counted from Easter Sunday: Maundy Thursday, Good Friday, both Easter days,
# Ascension, both days of Pentecost.
MOVABLE = (-3, -2, 0, 1, 39, 49, 50)
FIXED = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))


@lru_cache(maxsize=64)
def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876)."""
    century, rest = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    golden = year % 19
    epact = (19 * golden + century - leap_centuries - moon_shift + 15) % 30
    leaps, year_rest = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * leaps - epact - year_rest) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def norwegian_holidays(year: int) -> frozenset[date]:
    """All public holidays of one year; ordinary Sundays are not among them."""
    sunday = easter(year)
    movable = {sunday + timedelta(days=offset) for offset in MOVABLE}
    return frozenset(movable | {date(year, month, day) for month, day in FIXED})
