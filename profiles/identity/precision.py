"""How right the matcher's proposals are, measured by what people answered.

Only what a person looked at counts: neither what was approved together nor what was
undone. Shares come with Wilson's 95 % interval (E. B. Wilson, 1927), which is honest for
few answers and for shares near 0 and 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When

from profiles.identity.thresholds import Thresholds
from profiles.models import IdentityAct, MatchPair

Z = 1.959964
"""Standard normal quantile of a two-sided 95 % interval."""
EDGES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0)


@dataclass(frozen=True, slots=True)
class Band:
    """Probabilities from `low` up to below `high`; the highest band holds 1 as well."""

    low: float
    high: float

    @property
    def key(self) -> str:
        """As it stands in an address."""
        return f"{self.low:g}"

    def condition(self) -> Q:
        below = Q(probability__lte=1) if self.high >= 1 else Q(probability__lt=self.high)
        return Q(probability__gte=self.low) & below


BANDS = tuple(Band(low, high) for low, high in pairwise(EDGES))
"""From the least to the most certain."""
PROBABLE = "probable"
"""The rule whose probability is what kept a pair from being merged by itself (`asking.PROBABLE`)."""
BELOW = Band(0.0, EDGES[0])
"""What was asked about under an older threshold, or has become less likely."""


def band(key: str) -> Band | None:
    """The band with this key in an address."""
    return next((each for each in BANDS if each.key == key), None)


@dataclass(frozen=True, slots=True)
class Measured:
    """So many answers, of which so many said "one person"."""

    answered: int
    merged: int

    @property
    def share(self) -> float | None:
        return self.merged / self.answered if self.answered else None

    @property
    def interval(self) -> tuple[float, float]:
        """In which the true share lies with 95 % probability (Wilson's score interval)."""
        return wilson(self.merged, self.answered)

    @property
    def lower(self) -> float:
        return self.interval[0]

    @property
    def upper(self) -> float:
        return self.interval[1]

    @property
    def bar(self) -> dict[str, str]:
        """The interval on a bar 100 wide, as SVG attributes: text, so that no language writes a comma."""
        width = 100 * (self.upper - self.lower)
        seen = min(98.4, 100 * (self.share or 0.0))
        return {"x": f"{100 * self.lower:.1f}", "width": f"{width:.1f}", "at": f"{seen:.1f}"}

    def __add__(self, other: Measured) -> Measured:
        return Measured(self.answered + other.answered, self.merged + other.merged)


def wilson(yes: int, of: int) -> tuple[float, float]:
    """Bounds of a share of which `yes` of `of` were seen; (0, 1) where none was."""
    if not of:
        return 0.0, 1.0
    share, z2 = yes / of, Z * Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z / (1 + z2 / of) * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Precision:
    """Answers to what one rule proposed in one band. `blocked_by` "": nothing spoke against it."""

    rule: str
    blocked_by: str
    band: Band
    measured: Measured

    @property
    def is_plain(self) -> bool:
        """Nothing but its probability kept it from being merged by itself."""
        return self.rule == PROBABLE and not self.blocked_by


def plain() -> Q:
    """Pairs that nothing but their probability kept from being merged by themselves."""
    return Q(rule=PROBABLE, blocked_by="")


def answered() -> QuerySet[MatchPair]:
    """Pairs that a person looked at and answered."""
    looked_at = (IdentityAct.Kind.MERGE, IdentityAct.Kind.APART)
    states = (MatchPair.State.MERGED, MatchPair.State.APART)
    return MatchPair.objects.filter(state__in=states, act__kind__in=looked_at)


def _in_band() -> Case:
    return Case(
        *(When(each.condition(), then=Value(each.key)) for each in BANDS),
        default=Value(BELOW.key),
        output_field=CharField(),
    )


def waiting() -> Counter[Band]:
    """Open pairs by band, without those that something but their probability speaks against."""
    pairs = MatchPair.objects.filter(plain(), state=MatchPair.State.OPEN).annotate(band=_in_band())
    rows = pairs.values("band").annotate(n=Count("pk"))
    return Counter({band(row["band"]) or BELOW: row["n"] for row in rows})


def precision() -> list[Precision]:
    """Every rule, what spoke against it, and band in which anything was answered; the surest first."""
    rows = (
        answered()
        .annotate(band=_in_band())
        .values("rule", "blocked_by", "band")
        .annotate(answered=Count("pk"), merged=Count("pk", filter=Q(state=MatchPair.State.MERGED)))
    )
    found = [
        Precision(
            row["rule"],
            row["blocked_by"],
            band(row["band"]) or BELOW,
            Measured(row["answered"], row["merged"]),
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: (each.rule, each.blocked_by, -each.band.low))


def by_band(found: Iterable[Precision]) -> dict[Band, Measured]:
    """Bands in which nothing but the probability kept a pair from being automatic, the surest first."""
    totals = dict.fromkeys(reversed(BANDS), Measured(0, 0))
    for each in found:
        if each.is_plain and each.band in totals:
            totals[each.band] += each.measured
    return totals


ENOUGH = 50
"""Answers in a band before a threshold is suggested from it."""
MOSTLY = 0.95
"""Share of "one person" in a band from which merging it without asking may be suggested …"""
SURE = 0.9
"""… where the lower bound for all that would be merged without asking is at least this."""
SELDOM = 0.1
"""Upper bound of the share below which asking is a waste of people's time."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another threshold that the answers in a band speak for."""

    kind: str
    """"automatic" or "review"."""
    value: float
    band: Band
    measured: Measured
    thresholds: Thresholds
    """What would be in force."""


def suggest_thresholds(now: Thresholds, found: Iterable[Precision] | None = None) -> list[Suggestion]:
    """At most one suggestion for either threshold, from the bands next to it.

    The automatic threshold goes down over every band that people nearly always said yes
    to; the other goes up over every band that they nearly never said yes to.
    """
    bands = by_band(precision() if found is None else found)
    suggestions = (_automatic(now, bands), _review(now, bands))
    return [each for each in suggestions if each]


def _automatic(now: Thresholds, bands: dict[Band, Measured]) -> Suggestion | None:
    total, best = Measured(0, 0), None
    for each, measured in bands.items():
        total += measured
        if each.low >= now.automatic:
            continue
        share = measured.share or 0.0
        if measured.answered < ENOUGH or share < MOSTLY or total.lower < SURE:
            break
        changed = Thresholds(each.low, min(now.review, each.low))
        best = Suggestion("automatic", each.low, each, measured, changed)
    return best


def _review(now: Thresholds, bands: dict[Band, Measured]) -> Suggestion | None:
    best = None
    for each in BANDS:
        measured = bands[each]
        if each.high <= now.review:
            continue
        if measured.answered < ENOUGH or measured.upper > SELDOM or each.high > now.automatic:
            break
        changed = Thresholds(now.automatic, each.high)
        best = Suggestion("review", each.high, each, measured, changed)
    return best
