"""The menu and the settings index. Each room registers its entries in its `AppConfig.ready`."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from organisations.models import Membership
from organisations.roles import Can

Label = str | Promise
Section = Literal["main", "data", "settings"]
Place = Literal["menu", "settings"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line in the menu, or a card on the settings page (`place`).

    It is shown to those with `capability` (everybody when None) and marked as current on
    every path below its own. `shortcut` is the letter after `g`. `count` is asked once a
    page and only for those who see the entry; it answers the badge's number, 0 for none.
    """

    name: str
    label: Label
    url_name: str
    icon: str
    position: int
    capability: Can | None = None
    section: Section = "main"
    place: Place = "menu"
    shortcut: str = ""
    count: Callable[[], int] | None = None
    help: Label = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as one reader sees it. `key` is its shortcut, as the templates call it."""

    name: str
    label: Label
    url: str
    icon: str
    section: Section
    active: bool
    key: str
    count: int
    help: Label


_SECTIONS: tuple[Section, ...] = ("main", "data", "settings")
_entries: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Registering the same name again replaces it."""
    _entries[entry.name] = entry


def entries(place: Place) -> list[Entry]:
    found = [entry for entry in _entries.values() if entry.place == place]
    return sorted(found, key=lambda entry: (_SECTIONS.index(entry.section), entry.position, entry.name))


def visible(capabilities: Collection[Can], path: str, place: Place) -> list[Item]:
    shown = [e for e in entries(place) if e.capability is None or e.capability in capabilities]
    urls = {entry.name: reverse(entry.url_name) for entry in shown}
    current = _current(urls, path)
    return [_item(entry, urls[entry.name], active=entry.name == current) for entry in shown]


def _current(urls: dict[str, str], path: str) -> str:
    """The entry with the longest address that the path lies under; `/` only for itself."""
    under = [
        (len(url), name) for name, url in urls.items() if path == url or (url != "/" and path.startswith(url))
    ]
    return max(under)[1] if under else ""


def _item(entry: Entry, url: str, *, active: bool) -> Item:
    count = entry.count() if entry.count else 0
    return Item(
        entry.name, entry.label, url, entry.icon, entry.section, active, entry.shortcut, count, entry.help
    )


def for_request(request: HttpRequest, place: Place = "menu") -> list[Item]:
    membership: Membership | None = getattr(request, "membership", None)
    return visible(membership.can, request.path, place) if membership else []
