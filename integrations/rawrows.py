"""Rows as read, shown to a person as named cells and put together again.

A row is a JSON object or list. Nested objects appear under dotted names (`billing.email`), lists under
numbers from 1 (`positions.1.seat`); what a person types is text, and stays text where text was.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

Raw = dict[str, Any] | list[Any]
MOST_CELLS = 200
_ERASED = "foyer:erased"


def erased_row(number: int) -> Raw:
    """What stands in the place of a row whose person was erased, so that every row stays accounted for.
    Each is another, or all but one would be taken for repetitions."""
    return {_ERASED: number}


def is_erased(raw: Raw) -> bool:
    return isinstance(raw, dict) and list(raw) == [_ERASED]


def cells(raw: Raw) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in _leaves(raw, ""):
        if len(found) >= MOST_CELLS:
            break
        found[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return found


def with_cells(raw: Raw, changes: Mapping[str, str]) -> Raw:
    """A copy. Names that the row does not have are left out."""
    corrected = copy.deepcopy(raw)
    known = cells(raw)
    for name, text in changes.items():
        if name in known and known[name] != text:
            _put(corrected, name.split("."), text)
    return corrected


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value, start=1):
            yield from _leaves(inner, f"{name}.{number}" if name else str(number))
    else:
        yield name, value


def _put(place: Any, path: list[str], text: str) -> None:
    """A key may itself contain dots: the longest one that fits is taken."""
    for length in range(len(path), 0, -1):
        key: Any = ".".join(path[:length])
        if isinstance(place, list):
            key = int(key) - 1 if key.isdecimal() else -1
        if (isinstance(place, dict) and key in place) or (isinstance(place, list) and 0 <= key < len(place)):
            if length == len(path):
                place[key] = _typed(place[key], text)
            else:
                _put(place[key], path[length:], text)
            return


def _typed(before: Any, text: str) -> Any:
    """Numbers stay numbers where what was typed is one; everything else is text."""
    if isinstance(before, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
