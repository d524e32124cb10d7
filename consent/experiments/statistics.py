"""The arithmetic of a test of two or more variants (CONSENT.md 4.3). Nothing but numbers.

Shares, lifts and differences are parts of 1. `docs/explanation/experiment-statistics.md`
derives the formulas and says why the default is one that may be looked at every day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

ALPHA = 0.05
POWER = 0.80
TAU = 0.03
"""How large a difference the mixture expects, as the standard deviation of its prior."""

HIDE_BELOW = 0.001
WARN_BELOW = 0.01
"""Of the sample-ratio check: results are hidden, or shown with a warning."""

_NORMAL = NormalDist()


class Interval(NamedTuple):
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Counted:
    """`yes` of `of` units. Zero of zero is a count too."""

    yes: int
    of: int

    @property
    def share(self) -> float:
        return self.yes / self.of if self.of else 0.0


def pooled_variance(a: Counted, b: Counted) -> float:
    """Of the difference of two shares, if there is none; 0 where all said the same or one arm is empty."""
    if not a.of or not b.of:
        return 0.0
    share = (a.yes + b.yes) / (a.of + b.of)
    return share * (1 - share) * (1 / a.of + 1 / b.of)


def unpooled_variance(a: Counted, b: Counted) -> float:
    """Of the difference of two shares as they are. Needs both arms."""
    return sum(_spread(arm) / arm.of for arm in (a, b))


def _spread(arm: Counted) -> float:
    """p(1-p), with half a yes and half a no added where all said the same: few units are no proof."""
    share = arm.share if 0 < arm.yes < arm.of else (arm.yes + 0.5) / (arm.of + 1)
    return share * (1 - share)


def z_score(a: Counted, b: Counted) -> float:
    """How many standard errors `a` lies above `b`; 0 where that cannot be said."""
    variance = pooled_variance(a, b)
    return (a.share - b.share) / math.sqrt(variance) if variance else 0.0


def z_test(a: Counted, b: Counted) -> float:
    """The two-sided p of one look, for whoever decided beforehand when to look."""
    return math.erfc(abs(z_score(a, b)) / math.sqrt(2))


def rise_test(a: Counted, b: Counted) -> float:
    """The one-sided p that the share of `a` lies above that of `b`."""
    return 0.5 * math.erfc(z_score(a, b) / math.sqrt(2))


def wilson(arm: Counted, *, alpha: float = ALPHA) -> Interval:
    """Where one share lies (Wilson's score interval)."""
    if not arm.of:
        return Interval(0.0, 1.0)
    z = _NORMAL.inv_cdf(1 - alpha / 2)
    scale = 1 + z * z / arm.of
    middle = (arm.share + z * z / (2 * arm.of)) / scale
    half = z / scale * math.sqrt(arm.share * (1 - arm.share) / arm.of + z * z / (4 * arm.of**2))
    return Interval(max(middle - half, 0.0), min(middle + half, 1.0))


def newcombe(a: Counted, b: Counted, *, alpha: float = ALPHA) -> Interval:
    """Where the difference a - b lies, for one look (Newcombe's hybrid of two Wilson intervals)."""
    difference, of_a, of_b = a.share - b.share, wilson(a, alpha=alpha), wilson(b, alpha=alpha)
    low = difference - math.hypot(a.share - of_a.low, of_b.high - b.share)
    high = difference + math.hypot(of_a.high - a.share, b.share - of_b.low)
    return Interval(max(low, -1.0), min(high, 1.0))


def always_valid_p(a: Counted, b: Counted, *, tau: float = TAU) -> float:
    """The p of this look by the mixture SPRT; the least of all looks so far is valid at any time.

    Whoever looks every day and stops at the first p below 5 % errs in at most 5 of 100 tests.
    """
    variance = pooled_variance(a, b)
    if not variance:
        return 1.0
    whole, d = variance + tau**2, a.share - b.share
    log_ratio = 0.5 * math.log(variance / whole) + tau**2 * d**2 / (2 * variance * whole)
    return math.exp(-log_ratio) if log_ratio > 0 else 1.0


def confidence_sequence(a: Counted, b: Counted, *, alpha: float = ALPHA, tau: float = TAU) -> Interval:
    """Where the difference a - b lies, at every look at once: all of them hold with 1 - alpha."""
    if not a.of or not b.of:
        return Interval(-1.0, 1.0)
    variance, d = unpooled_variance(a, b), a.share - b.share
    whole = variance + tau**2
    half = math.sqrt(2 * variance * whole / tau**2 * math.log(math.sqrt(whole / variance) / alpha))
    return Interval(max(d - half, -1.0), min(d + half, 1.0))


def size_per_arm(base: float, lift: float, *, alpha: float = ALPHA, power: float = POWER) -> int:
    """Units per arm to find base -> base + lift in one look at the end, rounded up.

    Raises ValueError where a share is no share or there is no lift to find.
    """
    _check(base, lift)
    mean = base + lift / 2
    apart = base * (1 - base) + (base + lift) * (1 - base - lift)
    z, reach = _NORMAL.inv_cdf(1 - alpha / 2), _NORMAL.inv_cdf(power)
    return math.ceil(((z * math.sqrt(2 * mean * (1 - mean)) + reach * math.sqrt(apart)) / lift) ** 2)


def _check(base: float, lift: float) -> None:
    if not 0 <= base <= 1 or not 0 <= base + lift <= 1 or not lift:
        raise ValueError("Shares lie between 0 and 1, and the lift is not 0.")


def daily_size_per_arm(base: float, lift: float, *, alpha: float = ALPHA, power: float = POWER) -> int:
    """Units per arm by which `power` of all tests that are looked at every day have found the lift.

    The first size at which the always-valid p is below alpha although the difference
    seen falls short of the true one by as much as it does in 1 - power of all tests.
    """
    _check(base, lift)
    short, mean = _NORMAL.inv_cdf(power), base + lift / 2
    low, high = 1, 1
    while not _found(high, lift, mean, short, alpha):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _found(middle, lift, mean, short, alpha) else (middle, high)
    return high


def _found(n: int, lift: float, mean: float, short: float, alpha: float) -> bool:
    variance = 2 * max(mean * (1 - mean), 1e-6) / n
    seen = max(abs(lift) - short * math.sqrt(variance), 0.0)
    whole = variance + TAU**2
    log_ratio = 0.5 * math.log(variance / whole) + TAU**2 * seen**2 / (2 * variance * whole)
    return log_ratio >= -math.log(alpha)


def sample_ratio(served: Sequence[int], weights: Sequence[float]) -> float:
    """The p that chance alone served the arms like this (chi-square). 1 where nothing was served."""
    if len(served) != len(weights) or not all(weight > 0 for weight in weights):
        raise ValueError("Every arm has a weight above 0.")
    everybody, whole = sum(served), sum(weights)
    if not everybody or len(served) < 2:
        return 1.0
    expected = [everybody * weight / whole for weight in weights]
    square = sum((n - due) ** 2 / due for n, due in zip(served, expected, strict=True))
    return chi_square_tail(square, len(served) - 1)


def chi_square_tail(square: float, degrees: int) -> float:
    """P(X > square) for chi-square with whole degrees of freedom: closed forms for odd and even."""
    half = square / 2
    if degrees % 2:
        tail, term, k = math.erfc(math.sqrt(half)), math.sqrt(4 * half / math.pi) * math.exp(-half), 1.5
    else:
        tail, term, k = math.exp(-half), half * math.exp(-half), 2.0
    for _more in range((degrees - 1) // 2):
        tail, term, k = tail + term, term * half / k, k + 1
    return min(tail, 1.0)


def holm(ps: Sequence[float]) -> list[float]:
    """The p of each comparison when several are made at once (Holm's step-down), in the given order."""
    order = sorted(range(len(ps)), key=lambda n: ps[n])
    adjusted, least = [1.0] * len(ps), 0.0
    for rank, n in enumerate(order):
        least = max(least, min(1.0, ps[n] * (len(ps) - rank)))
        adjusted[n] = least
    return adjusted
