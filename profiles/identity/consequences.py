"""What other rooms make of people being merged or taken apart, registered in their `AppConfig.ready`.

Profiles knows no permission and no destination; it knows that somebody above may have
something to say before an act (`look`, `compare`) and something to do after it (`settle`).
Nothing here may cost more than a constant number of queries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.functional import Promise

Label = str | Promise
Tone = Literal["good", "bad", "warn", ""]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing as it is, and as it will be. `subject` is what it is about (an address, a segment),
    `what` the question about it; `before` or `after` is empty where there is nothing.

    `tone` is of what will be; `note` says why, or what will be done about it. `changed` is
    for lines whose two halves are not about the same.
    """

    subject: str
    what: Label
    before: Label
    after: Label
    note: Label = ""
    tone: Tone = ""
    icon: str = ""
    changed: bool | None = None

    @property
    def changes(self) -> bool:
        return str(self.before) != str(self.after) if self.changed is None else self.changed


Records = frozenset[int]


@dataclass(frozen=True, slots=True)
class Consequence:
    """One room's part.

    `look` is asked in the world as it is and in the world as it would be, with the ids of
    all records of everybody touched; whatever it answers is handed to `compare`. `settle`
    does in the act's transaction what must be true when it ends, for these profiles.
    """

    key: str
    label: Label
    icon: str = "circle-question-mark"
    look: Callable[[Records], Any] | None = None
    compare: Callable[[Any, Any], Sequence[Line]] | None = None
    settle: Callable[[Sequence[int]], None] | None = None
    position: int = 50


@dataclass(frozen=True, slots=True)
class Section:
    """What one room foresees."""

    key: str
    label: Label
    icon: str
    lines: Sequence[Line] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        return any(line.changes for line in self.lines)


_registry: dict[str, Consequence] = {}


def register(consequence: Consequence) -> None:
    """Registering the same key again replaces it."""
    _registry[consequence.key] = consequence


def all_consequences() -> list[Consequence]:
    return sorted(_registry.values(), key=lambda each: (each.position, each.key))


def settle(profile_ids: Collection[int]) -> None:
    """Brings everything that hangs on these people up to date, in the caller's transaction.

    For whoever has moved records: the acts of people, the nightly run, changed rules.
    """
    if not profile_ids:
        return
    for each in all_consequences():
        if each.settle:
            each.settle(sorted(profile_ids))


def look(records: Records) -> dict[str, Any]:
    """What every room sees now."""
    return {each.key: each.look(records) for each in all_consequences() if each.look}


def compare(before: dict[str, Any], after: dict[str, Any]) -> list[Section]:
    """What every room says to the difference, those without anything to say left out."""
    found = [
        Section(each.key, each.label, each.icon, each.compare(before[each.key], after[each.key]))
        for each in all_consequences()
        if each.compare and each.key in before and each.key in after
    ]
    return [section for section in found if section.lines]
