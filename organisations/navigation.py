"""The menu. Each room registers its entries in its `AppConfig.ready`; order is by `position`."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from organisations.roles import Can

Label = str | Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """A line in the menu.

    `url_name` also marks the entry as current for every path below its own. `count`
    is called at most once a page and only for those who see the entry; it answers the
    number for the badge, or 0 for none. `place` is main, foot or settings.
    """

    key: str
    label: Label
    url_name: str
    icon: str
    position: int
    capability: Can | None = None
    place: str = "main"
    count: Callable[[], int] | None = None
    help: Label = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as one reader sees it."""

    key: str
    label: Label
    url: str
    icon: str
    place: str
    current: bool
    count: int
    help: Label


_entries: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Registering the same key again replaces it."""
    _entries[entry.key] = entry


def entries() -> list[Entry]:
    return sorted(_entries.values(), key=lambda entry: (entry.position, entry.key))


def visible(capabilities: Collection[Can], path: str, place: str) -> list[Item]:
    shown = [
        e for e in entries() if e.place == place and (e.capability is None or e.capability in capabilities)
    ]
    urls = {entry.key: reverse(entry.url_name) for entry in shown}
    current = _current(urls, path)
    return [_item(entry, urls[entry.key], entry.key == current) for entry in shown]


def _current(urls: dict[str, str], path: str) -> str:
    """The entry with the longest address that the path lies under: `/` only for itself."""
    under = [
        (len(url), key) for key, url in urls.items() if path == url or (url != "/" and path.startswith(url))
    ]
    return max(under)[1] if under else ""


def _item(entry: Entry, url: str, current: bool) -> Item:
    count = entry.count() if entry.count else 0
    return Item(entry.key, entry.label, url, entry.icon, entry.place, current, count, entry.help)


def for_request(request: HttpRequest, place: str = "main") -> list[Item]:
    membership = getattr(request, "membership", None)
    return visible(membership.can, request.path, place) if membership else []
