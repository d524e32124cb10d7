"""The drawing of why records are one person: which boxes and lines, and what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from profiles.identity import graph
from profiles.identity.why import Tie, Why
from profiles.identity.why_words import about, called, own_name, records, shortened, value_of

DRAWN = 30
"""Of more records than this, each source is one box."""
MOST_TIES = 24
"""With more than this, an identifier that one record alone shows is left to the table."""
MOST_TELLING = 40
LEFT_LETTERS, RIGHT_LETTERS = 20, 25
MORE = 1.14
"""What fits into a box, in small letters; of the smaller words below so many times more."""


@dataclass(frozen=True, slots=True)
class Box:
    """`tone` is its look, `title` all it stands for, in words."""

    key: str
    label: str
    sub: str
    title: str
    tone: str = ""
    top: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """What the template draws. `left_out` counts the ties that only the table shows."""

    left: list[Box]
    right: list[Box]
    lines: list[tuple[graph.Line, str]]
    height: int
    heading: int | None
    is_summary: bool
    left_out: int
    width: int = graph.WIDTH
    left_width: int = graph.LEFT
    right_width: int = graph.RIGHT
    right_at: int = graph.LEFT + graph.GAP
    box: int = graph.BOX


def picture(found: Why) -> Picture:
    is_summary = len(found.records) > DRAWN
    left, ties = _by_source(found) if is_summary else _by_record(found)
    drawn = graph.draw(
        [box.key for box in left],
        [graph.Tie(tie.key, tuple(f"r{r}" for r in tie.records), tone_of(tie) == "aside") for tie in ties],
    )
    names = {record.pk: called(record) for record in found.records}
    right = [replace(_box(tie, names), top=drawn.tops[tie.key]) for tie in ties]
    tones = {box.key: box.tone for box in right}
    return Picture(
        left=[replace(box, top=drawn.tops[box.key]) for box in left],
        right=sorted(right, key=lambda box: box.top),
        lines=[(line, tones[line.right]) for line in drawn.lines],
        height=drawn.height,
        heading=drawn.heading,
        is_summary=is_summary,
        left_out=len(found.ties) - len(ties),
    )


def tone_of(tie: Tie) -> str:
    """aside, word, link, joins, or nothing for what one record alone shows."""
    if not tie.joins:
        return "aside" if tie.reason else ""
    return tie.what if tie.what != "identifier" else "joins"


def _by_record(found: Why) -> tuple[list[Box], list[Tie]]:
    boxes = [
        Box(
            key=f"r{record.pk}",
            label=shortened(record.source.name, LEFT_LETTERS),
            sub=shortened(own_name(record), LEFT_LETTERS * MORE),
            title=called(record),
        )
        for record in found.records
    ]
    telling = [tie for tie in found.ties if tone_of(tie)]
    return boxes, found.ties if len(found.ties) <= MOST_TIES else telling[:MOST_TELLING]


def _by_source(found: Why) -> tuple[list[Box], list[Tie]]:
    """A box for each source; of what joins, the most widely shared."""
    home = {record.pk: record.source_id for record in found.records}
    names = {record.source_id: record.source.name for record in found.records}
    boxes = [
        Box(f"r{pk}", shortened(names[pk], LEFT_LETTERS), records(count), f"{names[pk]}: {records(count)}")
        for pk, count in Counter(home.values()).items()
    ]
    widest = sorted(found.joining, key=lambda tie: -len(tie.records))[:MOST_TIES]
    return boxes, [replace(tie, records=tuple(dict.fromkeys(home[r] for r in tie.records))) for tie in widest]


def _box(tie: Tie, names: Mapping[int, str]) -> Box:
    value = value_of(tie)
    return Box(
        key=tie.key,
        label=shortened(value, RIGHT_LETTERS),
        sub=shortened(about(tie), RIGHT_LETTERS * MORE),
        title=_title(tie, value, [names[record] for record in tie.records if record in names]),
        tone=tone_of(tie),
    )


def _title(tie: Tie, value: str, who: Sequence[str]) -> str:
    what = f"{tie.label} {value}".strip()
    on = get_text_list(list(who), _("and"))
    return " · ".join(part for part in (what, on, tie.reason) if part)
