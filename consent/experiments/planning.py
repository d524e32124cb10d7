"""How long a test takes, from the form's recent visitors, and what it cannot tell yet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from cdp.lib import clock
from consent.experiments import statistics
from consent.experiments.results import LEAST_UNITS, Results
from consent.models import ConsentForm, Experiment, FormServed

RECENT = timedelta(days=28)
DAY = timedelta(days=1)
YEAR = timedelta(days=365)
MONTHS = (30, 90)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Units a day that were shown the form lately, and the share that said yes (None: not known)."""

    per_day: float
    share: float | None


def traffic(form: ConsentForm, *, now: datetime | None = None) -> Traffic:
    until = now or clock.now()
    since = until - RECENT
    found = FormServed.objects.filter(form=form, served_at__gt=since, served_at__lte=until).aggregate(
        first=Min("served_at"), units=Count("pk"), yes=Count("pk", filter=Q(said_yes=True))
    )
    if not found["units"]:
        return Traffic(0.0, None)
    days = max((until - found["first"]) / DAY, 1.0)
    return Traffic(found["units"] / days, found["yes"] / found["units"])


@dataclass(frozen=True, slots=True)
class Length:
    """Units per variant: `once` if one looked at the end only, `daily` with a look on every day.

    `days` until `daily` is reached, None where nobody comes.
    """

    arms: int
    once: int
    daily: int
    days: int | None

    @property
    def people(self) -> int:
        return self.arms * self.daily


def length(share: float, lift: float, arms: int, per_day: float) -> Length:
    """To find `share` -> `share + lift` in four of five tests. Raises ValueError as `statistics` does.

    With more than two arms each comparison is made at its part of the 5 %.
    """
    alpha = statistics.ALPHA / max(arms - 1, 1)
    once = statistics.size_per_arm(share, lift, alpha=alpha)
    daily = max(statistics.daily_size_per_arm(share, lift, alpha=alpha), once)
    days = max(math.ceil(arms * daily / per_day), 7) if per_day > 0 else None
    return Length(arms, once, daily, days)


@dataclass(frozen=True, slots=True)
class Unknown:
    """What cannot be said yet; `on` is about when it can, None where nobody knows or not within a year."""

    what: str
    on: datetime | None


def unknowns(results: Results, *, now: datetime | None = None) -> list[Unknown]:
    """In the order in which they become known; nothing that is known already."""
    test, moment = results.experiment, now or clock.now()
    if test.started_at is None:
        return []
    found = _of_the_answer(results, test, moment) if test.state == Experiment.State.RUNNING else []
    for days in MONTHS:
        newest = max((arm.yeses.latest for arm in results.arms if arm.yeses.latest), default=None)
        ready = (newest or results.until) + timedelta(days=days)
        if ready > moment and (newest or test.state == Experiment.State.RUNNING):
            words = _("How many take it back within %(days)s days, of everybody who said yes so far.")
            found.append(Unknown(words % {"days": days}, ready))
    return sorted(found, key=lambda each: (each.on is None, each.on or moment))


def _of_the_answer(results: Results, test: Experiment, now: datetime) -> list[Unknown]:
    found, least = [], min(arm.served for arm in results.arms)
    if results.full_days_on > now:
        found.append(Unknown(_("How a whole week answers, its weekend included."), results.full_days_on))
    if least < LEAST_UNITS:
        words = _("Anything about the difference: each variant needs %(n)s people first.")
        found.append(Unknown(words % {"n": LEAST_UNITS}, _reached(results, LEAST_UNITS, now)))
    needed = needed_per_arm(test, len(results.arms))
    if least < needed and not results.best:
        words = _("Whether there is a difference of %(points)s points.")
        points = f"{100 * test.smallest_lift:g}"
        found.append(Unknown(words % {"points": points}, _reached(results, needed, now)))
    return found


def needed_per_arm(test: Experiment, arms: int) -> int:
    return length(test.expected_share, test.smallest_lift, arms, 0).daily


def _reached(results: Results, units: int, now: datetime) -> datetime | None:
    """When the arm that lags has so many, at the pace so far."""
    least = min(arm.served for arm in results.arms)
    passed = now - (results.experiment.started_at or now)
    if not least or passed < timedelta(hours=1):
        return None
    wait = passed / least * (units - least)
    return now + wait if wait < YEAR else None
