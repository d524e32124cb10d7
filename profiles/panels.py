"""What other rooms add to the people pages, registered in their `AppConfig.ready`.

Profiles knows no permission and no connector; it knows that somebody above may have
something to show beside a person, and asks everybody who registered in the same way.
Nothing here may cost more than a constant number of queries a page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils.functional import Promise

from organisations.access import Can
from profiles.models import Profile

Label = str | Promise
Place = Literal["left", "tab", "right", "badges"]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the person page.

    `left` and `right` are cards, `tab` is a tab of the middle (only the one that is
    open asks for its data), `badges` stands beside the name. The template gets what
    `context` answers as `data`, and `person` (the profile) and `panel`; a card's begins
    with `card-body` or a list. A card whose `context` answers None is left out. Whoever else a part
    names stands in `data["others"]`, for the log of who saw whom. A tab with filters or pages has
    `reads` instead of `context`: it also gets the query of the address.
    """

    key: str
    title: Label
    template: str
    context: Callable[[Profile], dict[str, Any] | None]
    place: Place
    position: int = 50
    capability: Can | None = None
    reads: Callable[[Profile, Mapping[str, str]], dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline. `tone` is good, info, warn, bad or empty."""

    at: datetime
    icon: str
    title: Label
    detail: str = ""
    amount: str = ""
    tone: str = ""
    url: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """Something that puts moments on the timeline: at most `limit`, newest first, before a time."""

    key: str
    label: Label
    moments: Callable[[Profile, datetime | None, int], list[Moment]]
    position: int = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """A way to narrow the people list. With one choice it is a chip, with more a list.

    `choices` answers (value, label) pairs; `apply` narrows the profiles to a value. A
    filter without choices is only ever set by a link and shown as a chip to remove:
    `name_of` gives its words.
    """

    key: str
    label: Label
    apply: Callable[[QuerySet[Profile], str], QuerySet[Profile]]
    choices: Callable[[], Sequence[tuple[str, Label]]] | None = None
    name_of: Callable[[str], Label] | None = None
    position: int = 50


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the people list: badge states (organisations.templatetags.foyer) by profile id,
    asked once for the whole page."""

    key: str
    label: Label
    states: Callable[[Sequence[int]], dict[int, str]]
    position: int = 50


@dataclass(slots=True)
class _Registry:
    panels: dict[str, Panel] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    filters: dict[str, Filter] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)


_registry = _Registry()


def register(part: Panel | Stream | Filter | Column) -> None:
    """Registering the same key again replaces it."""
    if isinstance(part, Panel):
        _registry.panels[part.key] = part
    elif isinstance(part, Stream):
        _registry.streams[part.key] = part
    elif isinstance(part, Filter):
        _registry.filters[part.key] = part
    else:
        _registry.columns[part.key] = part


def panels(place: Place, can: frozenset[Can]) -> list[Panel]:
    """Those of one place that somebody with these capabilities may see, in order."""
    seen = [p for p in _registry.panels.values() if p.place == place and _may(p, can)]
    return sorted(seen, key=lambda panel: (panel.position, panel.key))


def _may(panel: Panel, can: frozenset[Can]) -> bool:
    return panel.capability is None or panel.capability in can


def streams() -> list[Stream]:
    return sorted(_registry.streams.values(), key=lambda stream: (stream.position, stream.key))


def filters() -> list[Filter]:
    return sorted(_registry.filters.values(), key=lambda each: (each.position, each.key))


def columns() -> list[Column]:
    return sorted(_registry.columns.values(), key=lambda column: (column.position, column.key))
