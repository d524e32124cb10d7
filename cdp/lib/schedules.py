"""Schedules that belong to the code: each room registers its own, migrating writes them down.

People's own schedules, made in the admin, are never touched: ours are known by their names.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from cdp.lib.tenancy import current_schema

PREFIX = "foyer: "


@dataclass(frozen=True, slots=True)
class Schedule:
    """A task called again and again in the public schema, without arguments."""

    name: str
    task: str
    """Dotted path, such as `integrations.tasks.tick`."""
    every: dt.timedelta | None = None
    daily_at: dt.time | None = None
    """On the clock of the installation's time zone."""


_registered: dict[str, Schedule] = {}


def register(schedule: Schedule) -> None:
    """Called from a room's AppConfig.ready."""
    if (schedule.every is None) == (schedule.daily_at is None):
        raise ValueError("A schedule has either `every` or `daily_at`.")
    _registered[PREFIX + schedule.name] = schedule


def write(**_: Any) -> None:
    """Brings the scheduler's tables in line; a receiver of post_migrate."""
    if current_schema() != "public" or not _tables_exist():
        return
    from django_celery_beat.models import PeriodicTask

    with transaction.atomic():
        PeriodicTask.objects.filter(name__startswith=PREFIX).exclude(name__in=_registered).delete()
        for name, schedule in _registered.items():
            PeriodicTask.objects.update_or_create(name=name, defaults=_fields(schedule))


def _fields(schedule: Schedule) -> dict[str, Any]:
    """Whether it is enabled is left as an operator set it."""
    from django_celery_beat.models import CrontabSchedule, IntervalSchedule

    if schedule.every:
        seconds = int(schedule.every.total_seconds())
        interval, _ = IntervalSchedule.objects.get_or_create(every=seconds, period="seconds")
        # After a night without a worker one call is enough, not one for every minute of it.
        return {"task": schedule.task, "interval": interval, "crontab": None, "expire_seconds": seconds}
    assert schedule.daily_at
    crontab, _ = CrontabSchedule.objects.get_or_create(
        minute=schedule.daily_at.minute,
        hour=schedule.daily_at.hour,
        timezone=settings.TIME_ZONE,
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
    )
    return {"task": schedule.task, "interval": None, "crontab": crontab, "expire_seconds": 86_400}


def _tables_exist() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('public.django_celery_beat_periodictask') is not null")
        return bool(cursor.fetchone()[0])
