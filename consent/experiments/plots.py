"""Geometry of the two plots of a test: numbers in, SVG attributes out (see `organisations.charts`).

Lines of several variants share one box of 1000 × 100, with nought or the least share below.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10

from django.utils import formats

from consent.experiments import words
from consent.experiments.results import Day, Results
from consent.experiments.statistics import ALPHA, Counted, Interval, confidence_sequence
from organisations.charts import HEIGHT, WIDTH

SETTLED = 4
"""The axis fits the days from this fraction of the test on; the wide beginning is cut off."""
MOST_LABELS = 6
BOUNDS = (2, 4, 6, 8, 10, 15, 20, 30, 40, 60, 80, 100)
"""Of the axis of differences, in points."""


@dataclass(frozen=True, slots=True)
class Series:
    key: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Row:
    """One day: what the pointer and the table say. `left` is where its strip begins."""

    label: str
    cells: list[str]
    left: str

    @property
    def told(self) -> str:
        return f"{self.label}: {', '.join(self.cells)}"


@dataclass(frozen=True, slots=True)
class Plot:
    """`ticks` are (words, y) from the top. `band`: between what it lies; `zero`: no difference."""

    title: str
    heads: list[str]
    series: list[Series]
    rows: list[Row]
    ticks: list[tuple[str, str]]
    labels: list[str]
    strip: str
    band: str = ""
    zero: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    low: float
    high: float

    def y(self, value: float) -> float:
        return HEIGHT * (self.high - min(max(value, self.low), self.high)) / (self.high - self.low)

    def ticks(self, told: Callable[[float], str]) -> list[tuple[str, str]]:
        steps = [self.high - (self.high - self.low) * n / 4 for n in range(5)]
        return [(told(value), _text(self.y(value))) for value in steps]


def shares(results: Results, days: Sequence[Day], title: str) -> Plot:
    """The share that says yes in each variant, of everybody shown it until the end of each day."""
    found = [[counted.share for counted in each.shown] for each in days]
    scale = _around([value for each in _settled(found) for value in each], 0.0, 1.0)
    heads = [words.letter(arm.key) for arm in results.arms]
    series = [
        Series(arm.key, heads[n], _path([scale.y(each[n]) for each in found]))
        for n, arm in enumerate(results.arms)
    ]
    cells = [[words.percent(value) for value in each] for each in found]
    return Plot(
        title, heads, series, _rows(days, cells), scale.ticks(words.percent), _labels(days), _strip(days)
    )


def differences(results: Results, days: Sequence[Day], number: int, title: str) -> Plot:
    """How far variant `number` (from 1) lies above the first, and between what, day by day."""
    alpha, key = ALPHA / len(results.comparisons), results.arms[number].key
    found = [_apart(each.shown[number], each.shown[0], alpha) for each in days]
    shown = _settled(found)
    scale = _even(max(max(abs(low), abs(high)) for low, _middle, high in shown))
    heights = [[scale.y(value) for value in each] for each in zip(*found, strict=True)]
    cells = [
        [words.points(middle, signed=True), words.points(low, signed=True), words.points(high, signed=True)]
        for low, middle, high in found
    ]
    return Plot(
        title,
        [words.letter(key), "", ""],
        [Series(key, words.letter(key), _path(heights[1]))],
        _rows(days, cells),
        scale.ticks(lambda value: words.points(value, signed=True)),
        _labels(days),
        _strip(days),
        band=_band(heights[0], heights[2]),
        zero=_text(scale.y(0)),
    )


def _apart(arm: Counted, control: Counted, alpha: float) -> tuple[float, float, float]:
    low, high = confidence_sequence(arm, control, alpha=alpha) if arm.of and control.of else Interval(-1, 1)
    return low, arm.share - control.share, high


def _settled(found: Sequence[Sequence[float]]) -> Sequence[Sequence[float]]:
    return found[len(found) // SETTLED :]


def _around(values: Sequence[float], least: float, most: float) -> Scale:
    """Round bounds around shares, at least eight points apart: noise must not look like a mountain."""
    low, high = min(values), max(values)
    middle, half = (low + high) / 2, max((high - low) * 0.7, 0.04)
    step = _step(half / 2)
    bottom = max(floor((middle - half) / step) * step, least)
    return Scale(bottom, min(bottom + ceil((middle + half - bottom) / step / 4) * step * 4, most))


def _even(reach: float) -> Scale:
    bound = next((percents / 100 for percents in BOUNDS if percents / 100 >= reach), 1.0)
    return Scale(-bound, bound)


def _step(length: float) -> float:
    """1, 2 or 5 times a power of ten, at or below a length."""
    power: float = 10.0 ** floor(log10(length))
    return next(power * factor for factor in (5, 2, 1) if power * factor <= length * 1.0001)


def _text(length: float) -> str:
    return f"{length:.2f}"


def _strip(days: Sequence[Day]) -> str:
    return _text(WIDTH / max(len(days), 1))


def _xs(number: int) -> list[str]:
    return [_text((n + 0.5) * WIDTH / number) for n in range(number)]


def _path(heights: Sequence[float]) -> str:
    return "M" + "L".join(f"{x} {_text(y)}" for x, y in zip(_xs(len(heights)), heights, strict=True))


def _band(lows: Sequence[float], highs: Sequence[float]) -> str:
    xs = _xs(len(lows))
    there = [f"{x} {_text(y)}" for x, y in zip(xs, highs, strict=True)]
    back = [f"{x} {_text(y)}" for x, y in zip(reversed(xs), reversed(lows), strict=True)]
    return "M" + "L".join(there + back) + "Z"


def _rows(days: Sequence[Day], cells: Sequence[list[str]]) -> list[Row]:
    strip = WIDTH / max(len(days), 1)
    return [
        Row(_named(each.day), told, _text(n * strip))
        for n, (each, told) in enumerate(zip(days, cells, strict=True))
    ]


def _labels(days: Sequence[Day]) -> list[str]:
    every = max(ceil(len(days) / MOST_LABELS), 1)
    return [_named(each.day) for n, each in enumerate(days) if n % every == 0]


def _named(day: date) -> str:
    return formats.date_format(day, "j M")
