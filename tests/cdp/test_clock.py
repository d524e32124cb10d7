"""Local times on the days that have 23 and 25 hours."""

import datetime as dt

import pytest

from cdp.lib import clock

SPRING, AUTUMN = dt.date(2026, 3, 29), dt.date(2026, 10, 25)


@pytest.mark.parametrize(
    ("date", "time", "utc"),
    [
        (dt.date(2026, 1, 15), dt.time(7, 30), "2026-01-15T06:30:00+00:00"),
        (dt.date(2026, 7, 15), dt.time(7, 30), "2026-07-15T05:30:00+00:00"),
        (SPRING, dt.time(1, 59), "2026-03-29T00:59:00+00:00"),
        (SPRING, dt.time(2, 30), "2026-03-29T01:30:00+00:00"),  # no such hour: the clock shows 03:30
        (SPRING, dt.time(3, 30), "2026-03-29T01:30:00+00:00"),
        (AUTUMN, dt.time(2, 30), "2026-10-25T00:30:00+00:00"),  # the first of two
        (AUTUMN, dt.time(3, 30), "2026-10-25T02:30:00+00:00"),
    ],
)
def test_the_moment_the_clock_shows_a_time(date: dt.date, time: dt.time, utc: str) -> None:
    assert clock.moment(date, time, "Europe/Oslo").isoformat() == utc


@pytest.mark.parametrize(("date", "hours"), [(SPRING, 23), (AUTUMN, 25), (dt.date(2026, 6, 1), 24)])
def test_a_day_is_as_long_as_it_is(date: dt.date, hours: int) -> None:
    start, end = clock.day_bounds(date, "Europe/Oslo")
    assert (end - start) == dt.timedelta(hours=hours)


def test_the_date_is_the_one_on_the_wall() -> None:
    late = dt.datetime(2026, 6, 1, 22, 30, tzinfo=dt.UTC)
    assert clock.local_date("Europe/Oslo", late) == dt.date(2026, 6, 2)
    assert clock.local_date("America/New_York", late) == dt.date(2026, 6, 1)
