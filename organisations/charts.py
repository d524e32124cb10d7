"""Geometry for the few charts there are: numbers in, SVG attributes out. No script draws anything.

Coordinates are in a box of 1000 × 100 that the page stretches to its own size; lines keep
their width (`vector-effect`), and the words beside the chart are ordinary text. They are
text already, because a template would write 1.5 as 1,5 in Norwegian.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from organisations.templatetags.foyer import number

WIDTH, HEIGHT = 1000, 100


@dataclass(frozen=True, slots=True)
class Point:
    label: str
    value: int
    left: str
    """Where the strip that answers the pointer begins; all are equally wide."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its area. `ticks` are (words, y) from the top, as the page shows them."""

    points: list[Point]
    path: str
    area: str
    ticks: list[tuple[str, str]]
    labels: list[str]
    strip: str


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: int
    x: str
    y: str
    width: str
    height: str


def _text(length: float) -> str:
    return f"{length:.2f}"


def top(values: Sequence[int]) -> int:
    """A round number at or above the largest value, that four equal steps divide."""
    largest = max([*values, 4])
    step = 10 ** floor(log10(largest / 4))
    return next(int(step * factor * 4) for factor in (1, 2, 5, 10) if step * factor * 4 >= largest)


def line(data: Sequence[tuple[str, int]], *, labels: int = 6) -> Line:
    """A chart of (label, value) pairs from left to right, with at most `labels` words below."""
    ceiling = top([value for _label, value in data])
    strip = WIDTH / max(len(data), 1)
    points = [Point(label, value, _text(i * strip)) for i, (label, value) in enumerate(data)]
    ticks = [(number(ceiling * step // 4), _text(HEIGHT * (1 - step / 4))) for step in (4, 3, 2, 1, 0)]
    path = _path([HEIGHT * (1 - point.value / ceiling) for point in points], strip)
    first, last = _text(strip / 2), _text(WIDTH - strip / 2)
    area = f"{path}L{last} {HEIGHT}L{first} {HEIGHT}Z" if points else ""
    every = max(ceil(len(data) / labels), 1)
    words = [label for i, (label, _value) in enumerate(data) if i % every == 0]
    return Line(points, path, area, ticks, words, _text(strip))


def _path(heights: Sequence[float], strip: float) -> str:
    steps = (f"{_text((i + 0.5) * strip)} {_text(y)}" for i, y in enumerate(heights))
    return "M" + "L".join(steps) if heights else ""


def bars(data: Sequence[tuple[str, int]], *, gap: float = 0.3) -> list[Bar]:
    """A row of small bars, all measured against the largest; what is not nought can be seen."""
    largest = max([value for _label, value in data] + [1])
    width = WIDTH / max(len(data), 1)
    shown = []
    for i, (label, value) in enumerate(data):
        height = max(HEIGHT * value / largest, 1.5 if value else 0)
        left = _text((i + gap / 2) * width)
        shown.append(Bar(label, value, left, _text(HEIGHT - height), _text(width * (1 - gap)), _text(height)))
    return shown


def stack(data: Sequence[tuple[str, int]], *, whole: int = 0) -> list[Bar]:
    """Parts of a whole side by side in one bar."""
    whole = whole or sum(value for _label, value in data) or 1
    shown, x = [], 0.0
    for label, value in data:
        width = WIDTH * value / whole
        shown.append(Bar(label, value, _text(x), "0", _text(width), _text(HEIGHT)))
        x += width
    return shown
