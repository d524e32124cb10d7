"""The home page: what changed since yesterday, and what waits for whom.

It reads daily counts and states, never raw events or rows: its cost does not grow with
the number of people or sales.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count
from django.utils import formats, timezone

from consent.models import ContactAnswer
from consent.models.answer import Basket
from consent.models.asking import Channel
from integrations import overview
from organisations import charts
from organisations.access import Can
from organisations.models import Organisation
from profiles import listing
from profiles.identity import queue
from profiles.models import DailyCount, HeldRow, Source

DAYS = 30
WEEKS = 12
NEW = DailyCount.Measure.NEW_PEOPLE
BASKETS = (Basket.MARKETING, Basket.OWN_SIMILAR, Basket.SERVICE, Basket.NONE)
CHANNEL_ICONS = {"email": "mail", "sms": "smartphone", "phone": "phone", "post": "mailbox"}


@dataclass(frozen=True, slots=True)
class Trend:
    """This many, and how that compares with the same number of days before."""

    value: int
    before: int

    @property
    def percent(self) -> int | None:
        return round(100 * (self.value - self.before) / self.before) if self.before else None


@dataclass(frozen=True, slots=True)
class SourceActivity:
    source: Source
    weeks: list[charts.Bar]
    new_people: int
    orders: int
    events: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Addresses of one channel by what may be sent to them."""

    channel: str
    label: str
    icon: str
    total: int
    baskets: Mapping[str, int]
    bar: list[charts.Bar]


def home(organisation: Organisation, can: frozenset[Can], today: date | None = None) -> dict[str, Any]:
    """The context of the page, without what the reader may not see."""
    today = today or timezone.localdate()
    counts = daily_counts(today)
    channels = reach()
    mails = next((each for each in channels if each.channel == Channel.EMAIL), None)
    context = {
        "people": listing.everybody(),
        "new": new_people(counts, today),
        "mail": mails,
        "chart": chart(counts, today),
        "activity": activity(counts, today),
        "reach": channels,
        "since": today - timedelta(days=DAYS),
    }
    if Can.MERGE_PEOPLE in can:
        context["duplicates"] = queue.open_count()
    if Can.SEE_RUNS in can:
        context |= health(organisation)
    return context


Counts = dict[tuple[date, int, str], int]


def daily_counts(today: date) -> Counts:
    """Twelve weeks of (day, source, measure)."""
    first = today - timedelta(weeks=WEEKS)
    rows = DailyCount.objects.filter(day__gt=first, day__lte=today)
    return {
        (day, source, measure): value
        for day, source, measure, value in rows.values_list("day", "source_id", "measure", "value")
    }


def new_people(counts: Counts, today: date) -> Trend:
    def between(first: date, last: date) -> int:
        return sum(
            v for (day, _source, measure), v in counts.items() if measure == NEW and first < day <= last
        )

    month = timedelta(days=DAYS)
    return Trend(between(today - month, today), between(today - 2 * month, today - month))


def chart(counts: Counts, today: date) -> charts.Line:
    by_day: dict[date, int] = defaultdict(int)
    for (day, _source, measure), value in counts.items():
        if measure == NEW:
            by_day[day] += value
    days = [today - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]
    return charts.line([(formats.date_format(day, "j M"), by_day[day]) for day in days])


def activity(counts: Counts, today: date) -> list[SourceActivity]:
    """Every source, the busiest of the last 30 days first."""
    found = [_activity(source, counts, today) for source in Source.objects.all()]
    return sorted(found, key=lambda each: (-each.orders - each.events, each.source.name))


def _activity(source: Source, counts: Counts, today: date) -> SourceActivity:
    weekly = [0] * WEEKS
    month: dict[str, int] = defaultdict(int)
    for (day, pk, measure), value in counts.items():
        if pk != source.pk:
            continue
        ago = (today - day).days
        if measure in (DailyCount.Measure.ORDERS, DailyCount.Measure.EVENTS):
            weekly[WEEKS - 1 - ago // 7] += value
        if ago < DAYS:
            month[measure] += value
    weeks = [
        (formats.date_format(today - timedelta(days=7 * (WEEKS - i) - 1), "j M"), value)
        for i, value in enumerate(weekly)
    ]
    return SourceActivity(source, charts.bars(weeks), month["new_people"], month["orders"], month["events"])


def reach() -> list[Reach]:
    """One index-only pass over the answers, kept by the consent room."""
    rows = ContactAnswer.objects.unrestricted().values("channel", "basket").annotate(addresses=Count("pk"))
    by_channel: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        by_channel[row["channel"]][row["basket"]] = row["addresses"]
    return [_reach(channel, by_channel[channel]) for channel in Channel.values if channel in by_channel]


def _reach(channel: str, baskets: dict[str, int]) -> Reach:
    total = sum(baskets.values())
    parts = [(basket.value, baskets.get(basket, 0)) for basket in BASKETS]
    return Reach(
        channel=channel,
        label=str(Channel(channel).label),
        icon=CHANNEL_ICONS.get(channel, "send"),
        total=total,
        baskets=dict(parts),
        bar=charts.stack(parts, whole=total),
    )


def health(organisation: Organisation) -> dict[str, Any]:
    """This morning's runs, what is broken since when, and the rows that wait for a person."""
    lines = overview.connections(organisation)
    held = HeldRow.objects.filter(state__in=overview.OPEN_ROWS).count()
    return {"lines": lines, "alarms": list(_alarms(lines)), "held": held, "running": _running(lines)}


def _alarms(lines: Iterable[overview.Line]) -> Iterable[Any]:
    for line in lines:
        yield from line.alarms


def _running(lines: Iterable[overview.Line]) -> bool:
    return any(line.last is not None and line.last.is_live for line in lines)
