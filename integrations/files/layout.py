"""How a file is laid out: what a sniff finds, a mapping may fix, and a reader follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

FileKind = Literal["csv", "xlsx"]


class UnreadableFile(Exception):
    """The file as a whole cannot be read. The message is for a person, and holds no data."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`header_at` counts records from 0; -1 means that the file has no header row.

    `header` holds the header cells as they stand, duplicates and empty ones included.
    """

    kind: FileKind = "csv"
    encoding: str = "utf-8"
    delimiter: str = ";"
    quote: str = '"'
    header_at: int = 0
    sheet: str = ""
    header: tuple[str, ...] = ()
    slack: int = 0
    """Empty cells that every row has beyond the header's last: a delimiter at the end of the line."""

    @property
    def width(self) -> int:
        return len(self.header)

    @property
    def labels(self) -> tuple[str, ...]:
        return labels(self.header)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"header": list(self.header)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Layout:
        return replace(cls(**{**data, "header": tuple(data.get("header", ()))}))


def occurrences(header: tuple[str, ...]) -> list[tuple[str, int]]:
    """Each column as (name, how often the name has come so far, from 1)."""
    seen: dict[str, int] = {}
    found = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        found.append((name, seen[name]))
    return found


def labels(header: tuple[str, ...]) -> tuple[str, ...]:
    """A different name for every column: equal ones get a number, empty ones their place."""
    taken: set[str] = set()
    found = []
    for place, (name, nth) in enumerate(occurrences(header), start=1):
        label = (name if nth == 1 else f"{name} ({nth})") if name else f"#{place}"
        while label in taken:
            label += "'"
        taken.add(label)
        found.append(label)
    return tuple(found)
