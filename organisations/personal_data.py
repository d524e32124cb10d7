"""What every table holds of a person, how long, and what erasing does to it: declared by the rooms.

Each room registers its tables in `AppConfig.ready`, beside its other parts. A test walks all
models of an organisation's schema: each is a `Store` or declared `Free`, with a reason. From
the same declarations come the plan and the receipt of an erasure, the access package, the
nightly retention, and the data map. This room knows no profile; it passes ids on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

Label = str | Promise


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a request is about, as ids in the current organisation's schema.

    `profiles` holds the person's profile and every one merged into it, `records` all
    their source records. `identifiers` are shown by these records alone, `shared` also
    by somebody else's: a shared value stays, what ties it to the person goes. `proven` limits
    an answer to what belongs to these identifiers (a request through a link, CONSENT.md
    3.1); None is the whole person.
    """

    profiles: tuple[int, ...]
    records: tuple[int, ...]
    identifiers: tuple[int, ...]
    shared: tuple[int, ...] = ()
    proven: tuple[int, ...] | None = None


class Doing(StrEnum):
    """What erasing does to a table's rows about a person."""

    DELETE = "delete"
    ANONYMISE = "anonymise"
    KEEP = "keep"
    GOES_WITH = "goes_with"
    """Removed together with another table, by the database or by that table's statement."""


Erase = Callable[[Subject], int]
"""Erases the person's rows in the caller's transaction; answers how many. Safe to repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A table with personal data.

    `personal` names the columns that can say something about a person, `plain` the others with
    text, JSON or bytes in them and why they cannot (a test knows no third sort). `order`: lower is
    erased first, so that what points at a row goes before it. `why` is the article or
    reason for KEEP and ANONYMISE, in words for the person.
    """

    model: str  # as "profiles.Order"
    label: Label
    category: str
    personal: tuple[str, ...]
    doing: Doing
    erase: Erase | None = None
    order: int = 50
    why: Label = ""
    plain: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Free:
    """A table that holds nothing about a person, and why one can be sure."""

    model: str
    why: str


Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the access package: `read` yields plain rows (JSON types, aware times) of the person.

    `portable` parts, which the person gave or which were observed, are in the portability file
    too, with these same field names, which are stable (CONSENT.md 3.3).
    """

    key: str
    label: Label
    read: Callable[[Subject], Rows]
    portable: bool = False
    position: int = 50
    explanation: Label = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A sort of data with one retention rule (CONSENT.md 3.5).

    `days` is the default, None: kept while it is used. `forget` removes or anonymises what
    is older than a moment, a few thousand rows at a time, and answers {table: rows}; it
    is called until it answers nothing. None where something else ends it (`ends` says what).
    """

    key: str
    label: Label
    days: int | None = None
    forget: Callable[[datetime], Mapping[str, int]] | None = None
    ends: Label = ""
    position: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody outside who was given a person's data: by name, with the last transfer (Art. 15(1)(c))."""

    name: str
    what: Label
    last_at: datetime | None = None
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Another system that holds what this house sent it, and can be asked to forget.

    `holds` yields one (address, label) for every thing to be asked for, in words that the
    system understands; it is asked before anything is deleted. `forget` asks for one of them and
    answers the receipt's number or words, without personal data; it raises
    `Later` to be asked again, `ByHand` when only a person can do it. `consequence` says aloud what
    cannot be undone. `recipients` names who got data of a person.
    """

    key: str
    label: Label
    holds: Callable[[Subject], Iterator[tuple[str, str]]]
    forget: Callable[[str], str] | None = None
    consequence: Label = ""
    recipients: Callable[[Subject], Iterator[Recipient]] | None = None


@dataclass(frozen=True, slots=True)
class FeedField:
    """One field that passes through a feed: its name over there, what it is here. `used` is False
    for what is kept and read by nothing."""

    theirs: str
    ours: Label
    used: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One configured way by which personal data comes in or leaves, for the data map (GDPR Art. 30).

    `source` is the slug of the source it belongs to. `recipient` names who gets it, empty for what
    comes in; `country` is where they are. `missing` says what nobody has set up yet.
    """

    key: str
    label: Label
    source: str
    url: str = ""
    fields: tuple[FeedField, ...] = ()
    recipient: str = ""
    country: str = ""
    active: bool = True
    missing: Label = ""


class Later(Exception):
    """Not now; the message says why, without personal data."""


class ByHand(Exception):
    """Only a person can do this; the message says what to do, without personal data."""


@dataclass(slots=True)
class _Registry:
    stores: dict[str, Store]
    free: dict[str, Free]
    sections: dict[str, Section]
    categories: dict[str, Category]
    destinations: dict[str, Callable[[], list[Destination]]]
    feeds: dict[str, Callable[[], list[Feed]]]


_registry = _Registry({}, {}, {}, {}, {}, {})


def register(*parts: Store | Free | Section | Category) -> None:
    """Registering the same model or key again replaces it."""
    for part in parts:
        if isinstance(part, Store):
            _registry.stores[part.model] = part
        elif isinstance(part, Free):
            _registry.free[part.model] = part
        elif isinstance(part, Section):
            _registry.sections[part.key] = part
        else:
            _registry.categories[part.key] = part


def register_destinations(key: str, listed: Callable[[], list[Destination]]) -> None:
    """`listed` answers the current organisation's destinations of one sort."""
    _registry.destinations[key] = listed


def register_feeds(key: str, listed: Callable[[], list[Feed]]) -> None:
    """`listed` answers the current organisation's feeds of one sort."""
    _registry.feeds[key] = listed


def feeds() -> list[Feed]:
    """Those of the current organisation."""
    return [found for _key, listed in sorted(_registry.feeds.items()) for found in listed()]


def stores() -> list[Store]:
    """In the order in which they are erased."""
    return sorted(_registry.stores.values(), key=lambda store: (store.order, store.model))


def free() -> list[Free]:
    return sorted(_registry.free.values(), key=lambda part: part.model)


def sections() -> list[Section]:
    return sorted(_registry.sections.values(), key=lambda part: (part.position, part.key))


def categories() -> list[Category]:
    return sorted(_registry.categories.values(), key=lambda part: (part.position, part.key))


def destinations() -> list[Destination]:
    """Those of the current organisation."""
    return [found for _key, listed in sorted(_registry.destinations.items()) for found in listed()]
