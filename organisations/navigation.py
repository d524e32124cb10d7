"""The menu. Each room registers its entries in its `AppConfig.ready`; order is by `position`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from organisations.models import Membership, User
from organisations.roles import Can

Label = str | Promise
Place = Literal["main", "foot", "settings"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line in the menu.

    It is shown to members with `capability` (to every member when None), or to operators,
    and marked as current on every path below its own. `count` is asked once a page and
    only for those who see the entry; it answers the badge's number, 0 for none.
    """

    key: str
    label: Label
    url_name: str
    icon: str
    position: int
    capability: Can | None = None
    place: Place = "main"
    operators: bool = False
    count: Callable[[], int] | None = None
    help: Label = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as one reader sees it."""

    key: str
    label: Label
    url: str
    icon: str
    place: Place
    current: bool
    count: int
    help: Label


_entries: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Registering the same key again replaces it."""
    _entries[entry.key] = entry


def entries() -> list[Entry]:
    return sorted(_entries.values(), key=lambda entry: (entry.position, entry.key))


def for_request(request: HttpRequest, place: Place = "main") -> list[Item]:
    shown = [entry for entry in entries() if entry.place == place and _is_for(entry, request)]
    urls = {entry.key: reverse(entry.url_name) for entry in shown}
    current = _current(urls, request.path)
    return [_item(entry, urls[entry.key], current=entry.key == current) for entry in shown]


def _is_for(entry: Entry, request: HttpRequest) -> bool:
    if entry.operators:
        return isinstance(request.user, User) and request.user.is_operator
    membership: Membership | None = getattr(request, "membership", None)
    return membership is not None and (entry.capability is None or entry.capability in membership.can)


def _current(urls: dict[str, str], path: str) -> str:
    """The entry with the longest address that the path lies under: `/` only for itself."""
    under = [
        (len(url), key) for key, url in urls.items() if path == url or (url != "/" and path.startswith(url))
    ]
    return max(under)[1] if under else ""


def _item(entry: Entry, url: str, *, current: bool) -> Item:
    count = entry.count() if entry.count else 0
    return Item(entry.key, entry.label, url, entry.icon, entry.place, current, count, entry.help)
