"""The data map: what is held, where it comes from, what for, how long, and who gets it.

Nothing here is written by hand. It is read from what is configured (sources, connections,
mappings, purposes, retention) and from what every table declares in
`organisations.personal_data`; what nobody has said yet stands out as a gap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cdp.lib import sql
from consent import balancing, house, names
from consent.models import BalancingTest, CollectionPoint, ConsentText, Purpose, RetentionRule
from organisations import personal_data
from organisations.personal_data import Category, Feed, FeedField, Store
from profiles.models import IdentifierKind, Source

EEA = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IS IE IT LV LI LT LU MT NL NO PL PT RO SK SI ES SE".split()
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that nobody has said yet, and where to say it."""

    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class SourceLine:
    source: Source
    keys: list[str]
    feeds: list[Feed]
    unused: list[FeedField]
    gaps: list[Gap]


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """One sort of data with the tables that hold it. `kept` says for how long, in words."""

    key: str
    label: str
    kept: str
    days: int | None
    stores: list[Store]
    gaps: list[Gap]


@dataclass(frozen=True, slots=True)
class PurposeLine:
    purpose: Purpose
    asked_at: list[str]
    texts: int
    tests: list[BalancingTest]
    gaps: list[Gap]

    @property
    def name(self) -> str:
        return names.purpose(self.purpose.pk)


@dataclass(frozen=True, slots=True)
class RecipientLine:
    name: str
    country: str
    given: list[str]
    systems: list[str]
    gaps: list[Gap]

    @property
    def is_transfer(self) -> bool:
        """Outside the European Economic Area (GDPR Art. 44)."""
        return bool(self.country) and self.country not in EEA


@dataclass(frozen=True, slots=True)
class DataMap:
    sources: list[SourceLine]
    categories: list[CategoryLine]
    purposes: list[PurposeLine]
    recipients: list[RecipientLine]
    controller: list[Gap] = field(default_factory=list)

    def gaps(self) -> list[Gap]:
        lines: Iterable[SourceLine | CategoryLine | PurposeLine | RecipientLine] = (
            *self.sources, *self.categories, *self.purposes, *self.recipients,
        )  # fmt: skip
        return [*self.controller, *(gap for line in lines for gap in line.gaps)]


def read() -> DataMap:
    """The current organisation's, in a constant number of queries beside one a connection."""
    feeds = personal_data.feeds()
    return DataMap(
        sources=sources(feeds),
        categories=categories(),
        purposes=purposes(),
        recipients=recipients(feeds),
        controller=controller(),
    )


# Who


def controller() -> list[Gap]:
    told, url = house.settings(), reverse("privacy:settings")
    wanted = (
        (told.legal_name, _("The controller's legal name is missing.")),
        (told.address, _("The controller's postal address is missing.")),
        (told.contact_email, _("No e-mail address for privacy questions.")),
    )
    return [Gap(words, url) for value, words in wanted if not value]


# Where from


def sources(feeds: Sequence[Feed]) -> list[SourceLine]:
    labels = dict(IdentifierKind.objects.values_list("key", "label"))
    keys: dict[int, list[str]] = defaultdict(list)
    for row in sql.rows("consent/map_keys"):
        keys[row["source_id"]].append(labels.get(row["kind"], row["kind"]))
    inward: dict[str, list[Feed]] = defaultdict(list)
    for feed in feeds:
        if not feed.recipient:
            inward[feed.source].append(feed)
    return [_source(each, keys[each.pk], inward[each.slug]) for each in Source.objects.order_by("name")]


def _source(source: Source, keys: list[str], feeds: list[Feed]) -> SourceLine:
    unused = [each for feed in feeds for each in feed.fields if not each.used]
    here = f"{reverse('privacy:map')}#source-{source.pk}"
    gaps = []
    if not source.owner:
        gaps.append(Gap(_("%(source)s: no owner") % {"source": source.name}, here))
    if not source.purpose:
        gaps.append(Gap(_("%(source)s: nobody has said what for") % {"source": source.name}, here))
    gaps += [Gap(f"{feed.label}: {feed.missing}", feed.url) for feed in feeds if feed.missing]
    if unused:
        listed = ", ".join(each.theirs for each in unused)
        words = _("%(source)s: collected but used for nothing: %(fields)s")
        gaps.append(Gap(words % {"source": source.name, "fields": listed}, _url_of(feeds)))
    return SourceLine(source, keys, feeds, unused, gaps)


def _url_of(feeds: Sequence[Feed]) -> str:
    return next((feed.url for feed in feeds if any(not each.used for each in feed.fields)), "")


# What, and how long


def categories() -> list[CategoryLine]:
    """Every category that a table declares or that has a rule, with its tables."""
    held: dict[str, list[Store]] = defaultdict(list)
    for store in personal_data.stores():
        held[store.category].append(store)
    known = {each.key: each for each in personal_data.categories()}
    rules = {rule.category: rule for rule in RetentionRule.objects.all()}
    order = [*known, *sorted(key for key in held if key not in known)]
    return [_category(key, known.get(key), rules.get(key), held[key]) for key in order]


def _category(
    key: str, known: Category | None, rule: RetentionRule | None, stores: list[Store]
) -> CategoryLine:
    label = str(known.label) if known else key.replace("_", " ").capitalize()
    days = rule.days if rule else known.days if known else None
    kept, gaps = _kept(known, days), []
    if not kept:
        gaps.append(Gap(_("%(what)s: no retention") % {"what": label}))
    if rule and rule.paused:
        gaps.append(Gap(_("%(what)s: its rule is paused") % {"what": label}))
    return CategoryLine(key, label, kept, days, stores, gaps)


def _kept(known: Category | None, days: int | None) -> str:
    if days is not None:
        return in_words(days)
    return str(known.ends) if known else ""


def in_words(days: int) -> str:
    """Whole years and months read better than hundreds of days."""
    for unit, words in ((365.25, _("%(n)d years")), (30.44, _("%(n)d months"))):
        n = round(days / unit)
        if n > 1 and abs(days - n * unit) < 4:
            return words % {"n": n}
    return _("%(n)d days") % {"n": days}


# What for


def purposes() -> list[PurposeLine]:
    asked: dict[str, list[str]] = defaultdict(list)
    for point in CollectionPoint.objects.verified():
        for key in point.purposes:
            asked[key].append(point.name)
    texts: dict[str, int] = defaultdict(int)
    for text in ConsentText.objects.filter(consenttext=None):
        for key in {*text.purposes, *text.covers}:
            texts[key] += 1
    tests: dict[str, list[BalancingTest]] = defaultdict(list)
    for test in balancing.standing(timezone.localdate()):
        tests[test.purpose_id].append(test)
    return [_purpose(each, asked[each.pk], texts[each.pk], tests[each.pk]) for each in Purpose.objects.all()]


def _purpose(purpose: Purpose, asked: list[str], texts: int, tests: list[BalancingTest]) -> PurposeLine:
    gaps, called = [], names.purpose(purpose.pk)
    if purpose.legal_ground == Purpose.Ground.LEGITIMATE_INTEREST and not tests:
        words = _("%(purpose)s: no approved balancing test") % {"purpose": called}
        gaps.append(Gap(words, reverse("privacy:tests")))
    if asked and purpose.legal_ground == Purpose.Ground.CONSENT and not texts:
        words = _("%(purpose)s: asked for, and no text is registered") % {"purpose": called}
        gaps.append(Gap(words, reverse("consent:permissions")))
    return PurposeLine(purpose, sorted(asked), texts, tests, gaps)


# To whom


def recipients(feeds: Sequence[Feed]) -> list[RecipientLine]:
    outward: dict[tuple[str, str], list[Feed]] = defaultdict(list)
    for feed in feeds:
        if feed.recipient:
            outward[feed.recipient, feed.country].append(feed)
    return [_recipient(name, country, found) for (name, country), found in sorted(outward.items())]


def _recipient(name: str, country: str, feeds: list[Feed]) -> RecipientLine:
    given = list(dict.fromkeys(str(each.ours) for feed in feeds for each in feed.fields))
    gaps = [Gap(f"{feed.label}: {feed.missing}", feed.url) for feed in feeds if feed.missing]
    if not given:
        gaps.append(Gap(_("%(name)s: nobody has said what they are given") % {"name": name}, feeds[0].url))
    return RecipientLine(name, country, given, [str(feed.label) for feed in feeds], gaps)
