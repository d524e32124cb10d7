"""The people list: filters from the address, pages by key (never by offset), one page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Case, Exists, F, IntegerField, OuterRef, QuerySet, Sum, Value, When
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from profiles import panels, search
from profiles.models import DailyCount, Profile, ProfileTag, Source, SourceRecord, Tag
from profiles.panels import Filter, Label

PAGE = 50
"""Looking at more than 50 people at once needs a reason (CONSENT.md 3.6), so no page shows more."""
COUNTED = 1_000
"""Up to here those that a filter leaves are counted; beyond, the page says "more than"."""

VISITORS = "visitors"
"""The filter that shows who is known by a cookie or device alone, instead of people."""

COUNTRIES: tuple[tuple[str, Label], ...] = (
    ("NO", _("Norway")),
    ("DK", _("Denmark")),
    ("SE", _("Sweden")),
    ("FI", _("Finland")),
    ("NL", _("Netherlands")),
    ("DE", _("Germany")),
    ("GB", _("United Kingdom")),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter as it is set on this page."""

    filter: Filter
    value: str
    choices: tuple[tuple[str, Label], ...]

    @property
    def is_chip(self) -> bool:
        return len(self.choices) == 1

    @property
    def words(self) -> Label:
        """What the chip says when the filter is set by a link."""
        return self.filter.name_of(self.value) if self.filter.name_of else self.value


@dataclass(frozen=True, slots=True)
class Listing:
    people: list[Profile]
    after: str
    """Key of the next page; empty on the last."""
    total: int
    counted: bool
    """False when `total` is where counting stopped."""
    more: bool
    """The search matched more than it looks at."""
    visitors: bool = False
    """These are visitors without a name, not people."""


def chosen(query: Mapping[str, str]) -> list[Choice]:
    """Every registered filter with its value on this page. Unknown values count as not set."""
    return [_choice(each, query.get(each.key, "")[:200]) for each in panels.filters()]


def _choice(each: Filter, value: str) -> Choice:
    choices = tuple(each.choices()) if each.choices else ()
    if choices and value not in {key for key, _label in choices}:
        value = ""
    return Choice(each, value, choices)


def people(*, text: str, choices: list[Choice], order: str, after: str, country: str) -> Listing:
    """One page of the active people that match, and how many there are.

    Visitors without a name are people only to whoever asks for them.
    """
    filters = [choice for choice in choices if choice.value]
    visitors = any(choice.filter.key == VISITORS for choice in filters)
    profiles: QuerySet[Profile] = Profile.objects.filter(state=Profile.State.ACTIVE, is_visitor=visitors)
    for choice in filters:
        profiles = choice.filter.apply(profiles, choice.value)
    if text:
        return _searched(profiles, search.find(text, country=country), filtered=bool(filters))
    page, after = _paged(profiles, "last_order_at" if order == "purchase" else "known_since", after)
    if not filters:
        return Listing(page, after, everybody(), counted=True, more=False)
    total = profiles.values("pk")[: COUNTED + 1].count()
    return Listing(page, after, min(total, COUNTED), total <= COUNTED, more=False, visitors=visitors)


def everybody() -> int:
    """How many people there are, from the daily counts: who was new on some day."""
    counts = DailyCount.objects.filter(measure=DailyCount.Measure.NEW_PEOPLE)
    return counts.aggregate(total=Sum("value"))["total"] or 0


def _searched(profiles: QuerySet[Profile], found: search.Found, *, filtered: bool) -> Listing:
    """Those typed in full first, then who bought last."""
    matching = profiles.filter(pk__in=found.ids)
    first = Case(When(pk__in=found.best, then=Value(0)), default=Value(1), output_field=IntegerField())
    page = list(matching.order_by(first, F("last_order_at").desc(nulls_last=True), "-pk")[:PAGE])
    total = matching.count() if filtered else len(found.ids)
    return Listing(page, "", total, counted=not found.more, more=found.more)


def _paged(profiles: QuerySet[Profile], column: str, after: str) -> tuple[list[Profile], str]:
    """A page by key, and the key of the next; empty on the last."""
    profiles = profiles.filter(**{f"{column}__isnull": False})
    if key := _read_key(after):
        profiles = profiles.filter(TupleLessThan(Tuple(F(column), F("pk")), key))
    shown = list(profiles.order_by(f"-{column}", "-pk")[: PAGE + 1])
    last = shown[PAGE - 1] if len(shown) > PAGE else None
    return shown[:PAGE], f"{getattr(last, column).isoformat()}~{last.pk}" if last else ""


def _read_key(after: str) -> tuple[datetime, int] | None:
    """A key from the address; one that somebody changed by hand starts from the beginning."""
    moment, _tilde, pk = after.partition("~")
    try:
        found = parse_datetime(moment)
        return (found.astimezone(UTC), int(pk)) if found and timezone.is_aware(found) else None
    except (ValueError, OverflowError):  # OverflowError: a year 0 or 10000 in UTC
        return None


def _from_source(profiles: QuerySet[Profile], slug: str) -> QuerySet[Profile]:
    records = SourceRecord.objects.filter(profile=OuterRef("pk"), source__slug=slug)
    return profiles.filter(Exists(records))


def _with_tag(profiles: QuerySet[Profile], key: str) -> QuerySet[Profile]:
    return profiles.filter(Exists(ProfileTag.objects.filter(profile=OuterRef("pk"), tag__key=key)))


def _sources() -> list[tuple[str, Label]]:
    return list(Source.objects.values_list("slug", "name"))


def _tag_name(key: str) -> str:
    found = Tag.objects.filter(key=key).values_list("name", flat=True).first()
    return found or gettext("a tag that no longer exists")


def _new(profiles: QuerySet[Profile], days: str) -> QuerySet[Profile]:
    return profiles.filter(known_since__gte=timezone.now() - timedelta(days=int(days)))


def _buyers(profiles: QuerySet[Profile], _yes: str) -> QuerySet[Profile]:
    return profiles.filter(orders_count__gt=0)


def _as_chosen(profiles: QuerySet[Profile], _yes: str) -> QuerySet[Profile]:
    """`people` itself turns from the one to the other: nobody is both."""
    return profiles


def _in_country(profiles: QuerySet[Profile], code: str) -> QuerySet[Profile]:
    return profiles.filter(country=code)


FILTERS = (
    Filter("new", _("New in 30 days"), _new, lambda: [("30", _("New in 30 days"))], position=10),
    Filter("orders", _("Has bought"), _buyers, lambda: [("yes", _("Has bought"))], position=20),
    Filter(
        VISITORS, _("Visitors without a name"), _as_chosen, lambda: [("yes", _("Visitors without a name"))],
        position=30,
    ),
    Filter("source", _("Source"), _from_source, _sources, position=60),
    Filter("country", _("Country"), _in_country, lambda: COUNTRIES, position=70),
    Filter("tag", _("Tag"), _with_tag, name_of=_tag_name, position=80),
)  # fmt: skip
