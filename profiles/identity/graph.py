"""Where to draw what: records on the left, what ties them together on the right. Pure numbers.

The same input gives the same picture, to the pixel. Units are SVG's, 1 to a CSS pixel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEFT, GAP, RIGHT = 176, 84, 212
"""Widths of the two columns and of the space that the lines cross: together no wider than the
middle of the person page at 1440 pixels."""
BOX, PITCH = 44, 54
"""Height of a box, and from one box to the next."""
HEADING = 30
"""Room for the words above what joins nobody."""
WIDTH = LEFT + GAP + RIGHT
SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Tie:
    """Something on the right, and the keys of those on the left that it belongs to.

    `apart`: drawn below, away from what joins.
    """

    key: str
    members: tuple[str, ...]
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """From one on the left to one on the right; `path` is SVG's."""

    left: str
    right: str
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The top of every box by key, the lines, and where what is apart begins (None: nothing is)."""

    height: int
    tops: Mapping[str, int]
    lines: tuple[Line, ...]
    heading: int | None


def draw(left: Sequence[str], ties: Sequence[Tie]) -> Drawing:
    """Lays out both columns so that lines cross little, and what is apart stands below."""
    rows, near = list(left), [tie for tie in ties if not tie.apart]
    for _sweep in range(SWEEPS):
        near = _by_middle(near, rows)
        rows = _rows_by_middle(rows, near)
    near = _by_middle(near, rows)
    far = _by_middle([tie for tie in ties if tie.apart], rows)
    below = HEADING + len(far) * PITCH if far else 0
    room = max(len(near) * PITCH, len(rows) * PITCH - below)
    tops = _stacked(rows, room) | _stacked([tie.key for tie in near], room)
    tops |= {tie.key: room + HEADING + n * PITCH for n, tie in enumerate(far)}
    lines = tuple(_line(member, tie.key, tops) for tie in (*far, *near) for member in tie.members)
    height = max(room + below, len(rows) * PITCH)
    return Drawing(height, tops, lines, room if far else None)


def _by_middle(ties: list[Tie], rows: Sequence[str]) -> list[Tie]:
    """Each beside the middle of its members; where two have the same, in the order given."""
    place = {key: n for n, key in enumerate(rows)}
    return sorted(ties, key=lambda tie: _middle([place[member] for member in tie.members]))


def _rows_by_middle(rows: Sequence[str], ties: Sequence[Tie]) -> list[str]:
    places: dict[str, list[int]] = {row: [] for row in rows}
    for n, tie in enumerate(ties):
        for member in tie.members:
            places[member].append(n)
    return sorted(rows, key=lambda row: _middle(places[row]))


def _middle(places: Sequence[int]) -> float:
    """Those that nothing belongs to come last."""
    return sum(places) / len(places) if places else float("inf")


def _stacked(keys: Sequence[str], room: int) -> dict[str, int]:
    """One below the other, in the middle of the room there is."""
    above = max(0, (room - len(keys) * PITCH) // 2)
    return {key: above + n * PITCH for n, key in enumerate(keys)}


def _line(left: str, right: str, tops: Mapping[str, int]) -> Line:
    y1, y2 = tops[left] + BOX // 2, tops[right] + BOX // 2
    x1, x2, bend = LEFT, LEFT + GAP, GAP // 2
    return Line(left, right, f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}")
