"""What a test has shown so far: counts by day, comparisons, and what may be said of them.

The primary measure is the share of served units with a valid yes to the test's question
(CONSENT.md 4.2). Nothing is cut into segments afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection

from cdp.lib import clock, sql
from consent.experiments import statistics
from consent.experiments.assignment import mark
from consent.experiments.statistics import Counted, Interval
from consent.models import Experiment, Variant

LEAST_DAYS = 7
LEAST_UNITS = 200
"""Full days, and units in each arm, before there is a verdict (CONSENT.md 4.3)."""


class Verdict(StrEnum):
    EMPTY = "empty"
    HIDDEN = "hidden"
    EARLY = "early"
    OPEN = "open"
    BETTER = "better"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Yeses:
    """What became of the yeses in the ledger: people who said yes, and who took it back since."""

    yeses: int = 0
    within_30: int = 0
    within_90: int = 0
    complained: int = 0
    latest: datetime | None = None


@dataclass(slots=True)
class Arm:
    """One variant's sums. `days` are (day, units served, valid yeses) of that day alone."""

    variant: Variant
    served: int = 0
    answered: int = 0
    yes: int = 0
    no: int = 0
    bought: int = 0
    asked: int = 0
    understood: int = 0
    timed: int = 0
    seconds: int = 0
    days: dict[date, Counted] = field(default_factory=dict)
    yeses: Yeses = Yeses()

    @property
    def key(self) -> str:
        return self.variant.key

    @property
    def primary(self) -> Counted:
        return Counted(self.yes, self.served)

    def add(self, row: dict[str, Any]) -> None:
        for name in ("served", "answered", "yes", "no", "bought", "asked", "understood", "timed", "seconds"):
            setattr(self, name, getattr(self, name) + row[name])
        self.days[row["day"]] = Counted(row["yes"], row["served"])


@dataclass(frozen=True, slots=True)
class Comparison:
    """One variant beside the first. `p` is the least always-valid p so far, adjusted by Holm."""

    arm: Arm
    control: Arm
    interval: Interval
    p: float

    @property
    def difference(self) -> float:
        return self.arm.primary.share - self.control.primary.share

    @property
    def is_decided(self) -> bool:
        return self.p < statistics.ALPHA


@dataclass(frozen=True, slots=True)
class Results:
    """`until` is now, or when the test ended. `comparisons` has one for every arm but the first."""

    experiment: Experiment
    arms: list[Arm]
    ratio_p: float
    comparisons: list[Comparison]
    until: datetime

    @property
    def control(self) -> Arm:
        return self.arms[0]

    @property
    def served(self) -> int:
        return sum(arm.served for arm in self.arms)

    @property
    def is_hidden(self) -> bool:
        return self.ratio_p < statistics.HIDE_BELOW

    @property
    def is_lopsided(self) -> bool:
        return self.ratio_p < statistics.WARN_BELOW

    @property
    def full_days_on(self) -> datetime:
        started = self.experiment.started_at or self.until
        return started + timedelta(days=LEAST_DAYS)

    @property
    def is_early(self) -> bool:
        return self.until < self.full_days_on or min(arm.served for arm in self.arms) < LEAST_UNITS

    @property
    def best(self) -> Comparison | None:
        """The variant that asks clearly better than the first: the one with most yeses of those."""
        better = [each for each in self.comparisons if each.is_decided and each.difference > 0]
        return max(better, key=lambda each: each.arm.primary.share, default=None)

    @property
    def verdict(self) -> Verdict:
        if not self.served:
            return Verdict.EMPTY
        if self.is_hidden:
            return Verdict.HIDDEN
        if self.is_early:
            return Verdict.EARLY
        if self.best:
            return Verdict.BETTER
        worse = all(each.is_decided and each.difference < 0 for each in self.comparisons)
        return Verdict.WORSE if worse else Verdict.OPEN

    def arm(self, key: str) -> Arm:
        return next(arm for arm in self.arms if arm.key == key)


def look(experiment: Experiment, *, now: datetime | None = None) -> Results:
    """The results at this moment. It counts as a look: the least p of each variant is kept."""
    until = experiment.stopped_at or now or clock.now()
    arms = _arms(experiment)
    _with_yeses(experiment, arms)
    ratio = statistics.sample_ratio([arm.served for arm in arms], [arm.variant.weight for arm in arms])
    return Results(experiment, arms, ratio, _compare(arms), until)


def _arms(experiment: Experiment) -> list[Arm]:
    arms = {each.key: Arm(each) for each in experiment.variants.select_related("version")}
    zone = connection.tenant.time_zone  # type: ignore[attr-defined]
    params = {"experiment_id": experiment.pk, "form_id": experiment.form_id, "zone": str(zone)}
    for row in sql.rows("consent/experiment_days", params):
        if row["variant"] in arms:
            arms[row["variant"]].add(row)
    return list(arms.values())


def _with_yeses(experiment: Experiment, arms: Iterable[Arm]) -> None:
    marks = {mark(experiment.pk, arm.key): arm for arm in arms}
    params = {"marks": list(marks), "purpose": experiment.purpose, "channel": experiment.channel}
    for row in sql.rows("consent/experiment_yeses", params):
        arm = marks[row.pop("mark")]
        arm.yeses = Yeses(**row)


def _compare(arms: Sequence[Arm]) -> list[Comparison]:
    control, others = arms[0], arms[1:]
    ps = statistics.holm([_least_p(arm, control) for arm in others])
    alpha = statistics.ALPHA / max(len(others), 1)
    return [
        Comparison(arm, control, statistics.confidence_sequence(arm.primary, control.primary, alpha=alpha), p)
        for arm, p in zip(others, ps, strict=True)
    ]


def _least_p(arm: Arm, control: Arm) -> float:
    """The least p of all looks, this one included; the first look is at 200 units in each arm."""
    if min(arm.served, control.served) < LEAST_UNITS:
        return 1.0
    p = statistics.always_valid_p(arm.primary, control.primary)
    if p < arm.variant.least_p:
        Variant.objects.filter(pk=arm.variant.pk, least_p__gt=p).update(least_p=p)
        arm.variant.least_p = p
    return arm.variant.least_p


@dataclass(frozen=True, slots=True)
class Day:
    """Everything counted until the end of one local day, by variant in the order of the arms."""

    day: date
    shown: list[Counted]


def by_day(results: Results) -> list[Day]:
    """One entry for each day from the first to the last, days on which nobody came included."""
    known = sorted({day for arm in results.arms for day in arm.days})
    if not known:
        return []
    so_far = [Counted(0, 0) for _arm in results.arms]
    days = []
    for number in range((known[-1] - known[0]).days + 1):
        today = known[0] + timedelta(days=number)
        so_far = [_plus(was, arm.days.get(today)) for was, arm in zip(so_far, results.arms, strict=True)]
        days.append(Day(today, so_far))
    return days


def _plus(was: Counted, more: Counted | None) -> Counted:
    return Counted(was.yes + more.yes, was.of + more.of) if more else was
