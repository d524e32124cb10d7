"""What looking every day does to a test: the daily z test beside the always-valid one.

Simulates the counts only. Both p values are those of `consent.experiments.statistics`, written for
whole columns; the first look of each run is held against the real functions.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from consent.experiments import statistics
from consent.experiments.results import LEAST_UNITS
from consent.experiments.statistics import ALPHA, TAU, Counted

CASES = ((0.30, 0.30), (0.30, 0.33), (0.30, 0.35), (0.10, 0.10), (0.20, 0.22))
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--looks", type=int, default=50)
    parser.add_argument("--most", type=int, default=5000, help="units per arm at the last look")
    parser.add_argument("--seed", type=int, default=4)
    parser.set_defaults(run=run)


@dataclass(frozen=True)
class Found:
    """Of all runs: the parts that each test called a difference, and the median size when it did."""

    daily: float
    mixture: float
    daily_size: float
    mixture_size: float
    once: float


def run(options: argparse.Namespace) -> None:
    print(
        f"{options.runs:,} runs of {options.looks} looks, {LEAST_UNITS} to {options.most:,} units per arm\n"
    )
    print("| yes with A | with B | z test at every look | always valid, every look | median units per arm "
          "| z test at the end only |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- |")
    for a, b in CASES:
        found = simulate(a, b, options.runs, options.looks, options.most, np.random.default_rng(options.seed))
        size = "–" if np.isnan(found.mixture_size) or a == b else f"{found.mixture_size:,.0f}"
        print(f"| {a:.0%} | {b:.0%} | {found.daily:.1%} | {found.mixture:.1%} | {size} | {found.once:.1%} |")


def simulate(a: float, b: float, runs: int, looks: int, most: int, rng: Any) -> Found:
    units = np.linspace(LEAST_UNITS, most, looks).round().astype(np.int64)
    yes_a, yes_b = (_grow(share, units, runs, rng) for share in (a, b))
    z, mixture = _ps(yes_a, yes_b, units)
    _agree(yes_a, yes_b, units, z, mixture)
    return Found(
        daily=float((z.min(axis=1) < ALPHA).mean()),
        mixture=float((mixture.min(axis=1) < ALPHA).mean()),
        daily_size=_median(z, units),
        mixture_size=_median(mixture, units),
        once=float((z[:, -1] < ALPHA).mean()),
    )


def _grow(share: float, units: Counts, runs: int, rng: Any) -> Counts:
    """Yeses at each look: what came since the look before is added."""
    fresh = np.diff(units, prepend=0)
    grown: Counts = rng.binomial(fresh, share, size=(runs, len(fresh))).cumsum(axis=1)
    return grown


def _ps(yes_a: Counts, yes_b: Counts, units: Counts) -> tuple[Floats, Floats]:
    pooled = (yes_a + yes_b) / (2 * units)
    variance = pooled * (1 - pooled) * 2 / units
    d = (yes_a - yes_b) / units
    whole = variance + TAU**2
    log_ratio = 0.5 * np.log(variance / whole) + TAU**2 * d**2 / (2 * variance * whole)
    z = np.vectorize(math.erfc)(np.abs(d) / np.sqrt(2 * variance))
    return z, np.minimum(np.exp(-log_ratio), 1.0)


def _agree(yes_a: Counts, yes_b: Counts, units: Counts, z: Floats, mixture: Floats) -> None:
    """The columns say what the product says."""
    for row in range(0, len(yes_a), max(len(yes_a) // 20, 1)):
        a, b = (Counted(int(yes[row, 0]), int(units[0])) for yes in (yes_a, yes_b))
        np.testing.assert_allclose(z[row, 0], statistics.z_test(a, b), rtol=1e-9)
        np.testing.assert_allclose(mixture[row, 0], statistics.always_valid_p(a, b), rtol=1e-9)


def _median(ps: Floats, units: Counts) -> float:
    """Units per arm at the first look below 5 %, of the runs that have one."""
    below = ps < ALPHA
    found = below.any(axis=1)
    return float(np.median(units[below[found].argmax(axis=1)])) if found.any() else float("nan")
