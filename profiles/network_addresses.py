"""Takes visitors' network addresses off a row before anything of it is kept.

The address goes on as `EventRow.network` alone, in memory, until `networks.digest` has hashed
it; it stands in no stored property, no held row and no digest of a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from profiles.rows import CanonicalRow, EventRow

NAMES = frozenset(
    "ip ipaddress ipaddr clientip clientipaddress userip useripaddress customeripaddress remoteip remoteaddr "
    "remoteaddress visitorip xforwardedfor forwardedfor ipv4 ipv6".split()
)
"""What systems call it, folded."""
NOT_KEPT = "[not kept]"
_SIGNS = re.compile(r"[^a-z0-9]")
_PORT = re.compile(r"^\[?([^\]]+?)\]?(?::\d+)?$")

Address = IPv4Address | IPv6Address


def taken_off(row: CanonicalRow) -> CanonicalRow:
    """The row without addresses in its properties, attributes and raw text; each event keeps its own."""
    buyer = row.buyer
    if buyer and any(map(is_name, buyer.attributes)):
        kept = {name: value for name, value in buyer.attributes.items() if not is_name(name)}
        row = replace(row, buyer=replace(buyer, attributes=kept))
    if not row.events:
        return row
    found = [_told(event) for event in row.events]
    written = _written([text for text in found if text])
    events = tuple(
        replace(event, network=text, properties=_without(event.properties, written))
        for event, text in zip(row.events, found, strict=True)
    )
    return replace(row, events=events, raw=masked(row.raw, written))


def read(text: str) -> Address | None:
    """The address in a header or property: the first of several, without its port."""
    first = text.split(",")[0].strip()
    bare = first if first.count(":") > 1 and "]" not in first else _PORT.sub(r"\1", first)
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


@lru_cache(maxsize=4096)
def is_name(name: object) -> bool:
    """Whether a property of this name holds an address."""
    return isinstance(name, str) and _SIGNS.sub("", name.lower()) in NAMES


def masked(raw: Any, written: Sequence[str] = ()) -> Any:
    """Raw text of the same shape, without what is called an address or reads like one of `written`."""
    if isinstance(raw, Mapping):
        return {k: NOT_KEPT if v and is_name(k) else masked(v, written) for k, v in raw.items()}
    if isinstance(raw, list):
        return [masked(each, written) for each in raw]
    return _text(raw, written) if isinstance(raw, str) else raw


def _told(event: EventRow) -> str:
    """The event's own word, else what its properties say, however deep."""
    return event.network or next((text for text in _inside(event.properties) if read(text)), "")


def _inside(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if is_name(name) and isinstance(inner, str):
                yield inner
            else:
                yield from _inside(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _inside(inner)


def _without(value: Any, written: Sequence[str]) -> Any:
    if isinstance(value, Mapping):
        return {k: _without(v, written) for k, v in value.items() if not is_name(k)}
    if isinstance(value, list | tuple):
        return [_without(each, written) for each in value]
    return _text(value, written) if isinstance(value, str) else value


def _written(texts: list[str]) -> list[str]:
    """The addresses in every spelling in which the row may repeat them, the longest first."""
    parts = {part.strip() for text in texts for part in (text, *text.split(","))}
    parts |= {str(found) for text in texts if (found := read(text))}
    return sorted(filter(None, parts), key=lambda part: (-len(part), part))


def _text(text: str, written: Sequence[str]) -> str:
    """The text without these addresses. Hardly any has one, so that it is looked for before it is cut out."""
    folded = text.lower()
    for each in written:
        if each.lower() in folded:
            text = re.sub(rf"(?<![\w.:]){re.escape(each)}(?!\w|\.\d)", NOT_KEPT, text, flags=re.IGNORECASE)
    return text
