"""Schedules that belong to the code, beside those that people made."""

import datetime as dt

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from cdp.lib import schedules
from cdp.lib.schedules import Schedule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_register(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "_registered", {})


def test_migrating_has_written_those_of_the_rooms() -> None:
    """The test database was only ever migrated."""
    names = PeriodicTask.objects.filter(name__startswith=schedules.PREFIX).values_list("name", flat=True)
    assert "foyer: morning round" in names


def test_it_writes_an_interval_that_expires_with_the_next_one() -> None:
    schedules.register(Schedule("tick", "rooms.tick", every=dt.timedelta(minutes=1)))
    schedules.write()
    task = PeriodicTask.objects.get(name="foyer: tick")
    assert (task.task, task.interval.every, task.expire_seconds) == ("rooms.tick", 60, 60)


def test_it_writes_a_time_of_day_in_the_installations_zone() -> None:
    schedules.register(Schedule("tidy", "rooms.tidy", daily_at=dt.time(3, 15)))
    schedules.write()
    crontab = PeriodicTask.objects.get(name="foyer: tidy").crontab
    assert (crontab.hour, crontab.minute, str(crontab.timezone)) == ("3", "15", "Europe/Oslo")


def test_a_second_writing_updates_and_never_doubles() -> None:
    schedules.register(Schedule("tick", "rooms.tick", every=dt.timedelta(minutes=1)))
    schedules.write()
    schedules.register(Schedule("tick", "rooms.tock", daily_at=dt.time(7)))
    schedules.write()
    task = PeriodicTask.objects.get(name="foyer: tick")
    assert (task.task, task.interval) == ("rooms.tock", None)


def test_what_an_operator_switched_off_stays_off() -> None:
    schedules.register(Schedule("tick", "rooms.tick", every=dt.timedelta(minutes=1)))
    schedules.write()
    PeriodicTask.objects.filter(name="foyer: tick").update(enabled=False)
    schedules.write()
    assert not PeriodicTask.objects.get(name="foyer: tick").enabled


def test_ours_that_are_gone_are_removed_and_peoples_own_survive() -> None:
    every_hour = IntervalSchedule.objects.create(every=1, period="hours")
    PeriodicTask.objects.create(name="foyer: gone", task="x", interval=every_hour)
    PeriodicTask.objects.create(name="mine", task="x", interval=every_hour)
    schedules.write()
    assert list(PeriodicTask.objects.filter(task="x").values_list("name", flat=True)) == ["mine"]


def test_a_schedule_says_when_exactly_once() -> None:
    with pytest.raises(ValueError, match="either"):
        schedules.register(Schedule("never", "rooms.tick"))
