"""The arithmetic against the vectors of CONSENT.md 4.3, scipy, numeric integration and itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from consent.experiments import statistics as s
from consent.experiments.statistics import Counted

CLOSE = (Counted(540, 1000), Counted(500, 1000))
CLEAR = (Counted(720, 2000), Counted(600, 2000))


@st.composite
def arms(draw: st.DrawFn, least: int = 0) -> Counted:
    of = draw(st.integers(least, 20_000))
    return Counted(draw(st.integers(0, of)), of)


@pytest.mark.parametrize(
    ("base", "lift", "n"), [(0.30, 0.05, 1377), (0.30, 0.03, 3763), (0.20, 0.02, 6510), (0.10, 0.02, 3841)]
)
def test_sizes_are_those_of_the_table(base: float, lift: float, n: int) -> None:
    assert s.size_per_arm(base, lift) == n


@pytest.mark.parametrize(("base", "lift"), [(0.3, 0), (0.3, 0.71), (-0.1, 0.2), (0.3, -0.31)])
def test_a_lift_that_cannot_be_is_refused(base: float, lift: float) -> None:
    for size in (s.size_per_arm, s.daily_size_per_arm):
        with pytest.raises(ValueError, match="between 0 and 1"):
            size(base, lift)


def test_540_of_1000_beside_500_is_undecided() -> None:
    assert s.z_test(*CLOSE) == pytest.approx(0.0734, abs=5e-5)
    assert s.always_valid_p(*CLOSE) == pytest.approx(0.597, abs=5e-4)
    assert s.confidence_sequence(*CLOSE) == pytest.approx((-0.034, 0.114), abs=5e-4)


def test_720_of_2000_beside_600_is_decided() -> None:
    """C167."""
    assert s.z_test(*CLEAR) == pytest.approx(0.000055, abs=5e-7)
    assert s.always_valid_p(*CLEAR) == pytest.approx(0.0033, abs=5e-5)
    assert s.confidence_sequence(*CLEAR) == pytest.approx((0.014, 0.106), abs=5e-4)


@pytest.mark.parametrize(
    ("served", "p", "hidden", "warned"),
    [
        ([5150, 4850], 0.0027, False, True),
        ([5200, 4800], 0.00006, True, True),
        ([5001, 4999], 0.98, False, False),
    ],
)
def test_the_sample_ratio_is_checked(served: list[int], p: float, hidden: bool, warned: bool) -> None:
    """C165."""
    found = s.sample_ratio(served, [1, 1])

    assert found == pytest.approx(p, rel=0.06)
    assert (found < s.HIDE_BELOW, found < s.WARN_BELOW) == (hidden, warned)


def test_the_sample_ratio_knows_weights_and_silence() -> None:
    assert s.sample_ratio([900, 100], [9, 1]) == 1.0
    assert s.sample_ratio([0, 0], [1, 1]) == s.sample_ratio([50], [1]) == 1.0
    with pytest.raises(ValueError, match="weight"):
        s.sample_ratio([1, 1], [1, 0])


def test_nobody_served_and_everybody_saying_the_same_decide_nothing() -> None:
    none, all_yes, all_no = Counted(0, 0), Counted(400, 400), Counted(0, 400)

    for a, b in ((none, none), (none, all_yes), (all_yes, all_yes), (all_no, all_no)):
        assert s.z_test(a, b) == s.always_valid_p(a, b) == 1.0
        assert s.rise_test(a, b) == 0.5
        low, high = s.confidence_sequence(a, b)
        assert low < 0 < high
    assert s.confidence_sequence(none, all_no) == (-1.0, 1.0)
    assert s.wilson(none) == (0.0, 1.0)


def test_one_yes_against_one_no_is_no_proof() -> None:
    low, high = s.confidence_sequence(Counted(1, 1), Counted(0, 1))

    assert (low < 0, high) == (True, 1.0)


def test_newcombes_published_example() -> None:
    """Statistics in Medicine 17 (1998), table II, method 10: 56/70 beside 48/80."""
    assert s.newcombe(Counted(56, 70), Counted(48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_holms_published_order() -> None:
    assert s.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert s.holm([]) == []
    assert s.holm([0.7, 0.9]) == [1.0, 1.0]


@settings(max_examples=25)
@given(arms(1), arms(1))
def test_the_z_test_is_scipys(a: Counted, b: Counted) -> None:
    table = [[a.yes, a.of - a.yes], [b.yes, b.of - b.yes]]
    if 0 < a.yes + b.yes < a.of + b.of:
        assert s.z_test(a, b) == pytest.approx(
            stats.chi2_contingency(table, correction=False).pvalue, abs=1e-9
        )
    assert s.rise_test(a, b) + s.rise_test(b, a) == pytest.approx(1)


@settings(max_examples=25)
@given(arms(1), st.sampled_from([0.01, 0.05, 0.2]))
def test_wilsons_interval_is_scipys(arm: Counted, alpha: float) -> None:
    theirs = stats.binomtest(arm.yes, arm.of).proportion_ci(1 - alpha, method="wilson")

    assert s.wilson(arm, alpha=alpha) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@settings(max_examples=25)
@given(st.floats(0, 200), st.integers(1, 30))
def test_the_tail_of_chi_square_is_scipys(square: float, degrees: int) -> None:
    assert s.chi_square_tail(square, degrees) == pytest.approx(stats.chi2.sf(square, degrees), abs=1e-12)


@pytest.mark.parametrize(
    ("a", "b"), [CLOSE, CLEAR, (Counted(3, 50), Counted(9, 40)), (Counted(70, 200), Counted(55, 210))]
)
def test_the_mixture_is_the_integral_it_stands_for(a: Counted, b: Counted) -> None:
    """How likely the difference is under the mixture of all effects, beside under none."""
    spread, d = math.sqrt(s.pooled_variance(a, b)), a.share - b.share

    def weighed(effect: float) -> float:
        return float(stats.norm.pdf(d, effect, spread) * stats.norm.pdf(effect, 0, s.TAU))

    ratio = integrate.quad(weighed, -1, 1, points=[0, d])[0] / stats.norm.pdf(d, 0, spread)

    assert s.always_valid_p(a, b) == pytest.approx(min(1.0, 1 / ratio), rel=1e-6)


@settings(max_examples=25)
@given(arms(), arms())
def test_whatever_was_counted_answers_are_in_bounds_and_the_same_from_both_sides(
    a: Counted, b: Counted
) -> None:
    for test in (s.z_test, s.always_valid_p):
        assert 0 <= test(a, b) <= 1
        assert test(a, b) == pytest.approx(test(b, a))
    assert s.always_valid_p(a, b) >= s.z_test(a, b) - 1e-12
    for interval in (s.newcombe, s.confidence_sequence):
        low, high = interval(a, b)
        assert -1 <= low <= high <= 1
        assert interval(b, a) == pytest.approx((-high, -low))
        if a.of and b.of:
            assert low - 1e-12 <= a.share - b.share <= high + 1e-12


@settings(max_examples=25)
@given(st.floats(0.05, 0.6), st.floats(0.01, 0.3))
def test_looking_every_day_takes_longer_but_not_for_ever(base: float, lift: float) -> None:
    once, daily = s.size_per_arm(base, lift), s.daily_size_per_arm(base, lift)

    assert daily > 0.8 * once
    assert daily <= s.daily_size_per_arm(base, lift, power=0.9)
    n, mean = daily, base + lift / 2
    seen = lift - stats.norm.ppf(s.POWER) * math.sqrt(2 * mean * (1 - mean) / n)
    half = seen / 2
    arms_then = [Counted(round((mean + side * half) * n), n) for side in (1, -1)]
    assert s.always_valid_p(*arms_then) == pytest.approx(s.ALPHA, abs=0.02)


@settings(max_examples=25)
@given(st.lists(st.floats(0, 1), max_size=6))
def test_holm_keeps_the_order_and_only_raises(ps: list[float]) -> None:
    adjusted = s.holm(ps)

    assert all(p <= q <= 1 for p, q in zip(ps, adjusted, strict=True))
    assert sorted(range(len(ps)), key=lambda n: (ps[n], adjusted[n])) == sorted(
        range(len(ps)), key=lambda n: (adjusted[n], ps[n])
    )
