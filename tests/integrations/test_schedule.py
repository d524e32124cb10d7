"""When a connection is due: once per local date, also when the clock is changed."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.schedule import Due, Schedule, due, moment, next_moment

OSLO = ZoneInfo("Europe/Oslo")
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
SPRING = dt.date(2026, 3, 29)
AUTUMN = dt.date(2026, 10, 25)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def schedule(
    time: str = "07:30",
    last: dt.date | None = dt.date(2026, 11, 23),
    since: str = "2020-01-01",
    weekdays: tuple[int, ...] = EVERY_DAY,
    zone: ZoneInfo = OSLO,
) -> Schedule:
    return Schedule(dt.time.fromisoformat(time), weekdays, zone, utc(since), last)


def test_nothing_is_due_before_half_past_seven() -> None:
    assert due(schedule(), utc("2026-11-24T06:29:59")) is None


def test_today_is_due_from_half_past_seven_local_time() -> None:
    today = dt.date(2026, 11, 24)
    assert due(schedule(), utc("2026-11-24T06:30")) == Due(today, today)


def test_a_date_that_has_a_run_is_not_due_again() -> None:
    assert due(schedule(last=dt.date(2026, 11, 24)), utc("2026-11-24T22:00")) is None


def test_the_local_date_counts_not_the_utc_date() -> None:
    """23:30 UTC on Monday is half past midnight on Tuesday in Oslo."""
    found = due(schedule("00:10", last=dt.date(2026, 11, 23)), utc("2026-11-23T23:30"))
    assert found is not None
    assert found.local_date == dt.date(2026, 11, 24)


def test_missed_days_are_one_run_over_the_whole_window() -> None:
    found = due(schedule(last=dt.date(2026, 11, 19)), utc("2026-11-24T09:00"))
    assert found == Due(dt.date(2026, 11, 24), dt.date(2026, 11, 20))
    assert found.catches_up


def test_back_before_today_is_due_it_makes_good_for_yesterday_first() -> None:
    found = due(schedule(last=dt.date(2026, 11, 22)), utc("2026-11-24T05:00"))
    assert found == Due(dt.date(2026, 11, 23), dt.date(2026, 11, 23))


def test_a_weekend_off_is_not_a_missed_day() -> None:
    workdays = schedule(last=dt.date(2026, 11, 20), weekdays=(1, 2, 3, 4, 5))
    assert due(workdays, utc("2026-11-22T12:00")) is None
    monday = dt.date(2026, 11, 23)
    assert due(workdays, utc("2026-11-23T12:00")) == Due(monday, monday)


def test_what_was_due_before_the_connection_was_switched_on_is_not_made_good() -> None:
    new = schedule(last=None, since="2026-11-24T12:00")
    assert due(new, utc("2026-11-24T12:01")) is None
    assert due(new, utc("2026-11-25T06:30")) == Due(dt.date(2026, 11, 25), dt.date(2026, 11, 25))


def test_no_weekday_is_never() -> None:
    never = schedule(weekdays=())
    assert due(never, utc("2026-11-24T12:00")) is None
    assert next_moment(never, utc("2026-11-24T12:00")) is None


@pytest.mark.parametrize(
    ("date", "time", "expected"),
    [
        (SPRING, "07:30", "2026-03-29T05:30"),
        (AUTUMN, "07:30", "2026-10-25T06:30"),
        (SPRING, "02:30", "2026-03-29T01:30"),  # does not exist: the clock reads 03:30
        (AUTUMN, "02:30", "2026-10-25T00:30"),  # exists twice: the first
        (SPRING, "01:59", "2026-03-29T00:59"),
        (SPRING, "03:00", "2026-03-29T01:00"),
        (AUTUMN, "03:00", "2026-10-25T02:00"),
    ],
)
def test_moment_on_the_days_when_the_clock_is_changed(date: dt.date, time: str, expected: str) -> None:
    assert moment(date, schedule(time)) == utc(expected)


@pytest.mark.parametrize("date", [SPRING, AUTUMN])
@pytest.mark.parametrize("time", ["00:00", "01:30", "02:00", "02:30", "03:00", "07:30", "23:59"])
def test_a_scheduler_that_asks_every_minute_makes_one_run_a_day(date: dt.date, time: str) -> None:
    """Three days around the change, restarted (state only in `last`) at every single minute."""
    first = date - dt.timedelta(days=1)
    last: dt.date | None = first - dt.timedelta(days=1)
    made: list[dt.date] = []
    now = dt.datetime.combine(first, dt.time(), tzinfo=OSLO).astimezone(dt.UTC)
    end = dt.datetime.combine(date + dt.timedelta(days=2), dt.time(), tzinfo=OSLO)
    while now < end:
        found = due(schedule(time, last=last), now)
        if found:
            made.append(found.local_date)
            assert not found.catches_up
            last = found.local_date
        now += dt.timedelta(minutes=1)
    assert made == [first, date, date + dt.timedelta(days=1)]


@given(
    start=st.integers(0, 330 * 24 * 60),
    gaps=st.lists(st.integers(1, 60 * 60), min_size=1, max_size=40),
    time=st.times().map(lambda value: value.replace(second=0, microsecond=0)),
    zone=st.sampled_from(["Europe/Oslo", "Europe/Copenhagen", "Atlantic/Azores", "UTC"]),
)
def test_every_date_is_covered_exactly_once_however_the_scheduler_stumbles(
    start: int, gaps: list[int], time: dt.time, zone: str
) -> None:
    """Asked at arbitrary moments, windows follow one another without a hole and without overlap."""
    place = ZoneInfo(zone)
    now = utc("2026-01-01") + dt.timedelta(minutes=start)
    base = Schedule(time, EVERY_DAY, place, now, None)
    last: dt.date | None = None
    for gap in gaps:
        now += dt.timedelta(minutes=gap)
        found = due(Schedule(time, EVERY_DAY, place, base.since, last), now)
        if found:
            assert moment(found.local_date, base) <= now
            assert found.window_from <= found.local_date
            if last is not None:
                assert found.window_from == last + dt.timedelta(days=1)
            last = found.local_date


def test_next_moment_is_tomorrow_once_today_has_run() -> None:
    assert next_moment(schedule(), utc("2026-11-24T05:00")) == utc("2026-11-24T06:30")
    assert next_moment(schedule(), utc("2026-11-24T07:00")) == utc("2026-11-25T06:30")


def test_next_moment_skips_the_days_that_are_off() -> None:
    friday = schedule(last=dt.date(2026, 11, 20), weekdays=(1, 2, 3, 4, 5))
    assert next_moment(friday, utc("2026-11-20T12:00")) == utc("2026-11-23T06:30")
