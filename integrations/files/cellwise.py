"""Cells → values, compiled once for a mapping and remembered while it runs.

Cells repeat: the tickets of one order name the same buyer, a show is sold a thousand
times. So columns that form one thing together are read once per distinct text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Generic, TypeVar, cast
from zoneinfo import ZoneInfo

from integrations.files import meanings, values
from integrations.files.spec import Column, Spec
from integrations.files.targets import BY_KEY
from integrations.files.values import BadValue, DateOrder, Decimal_, clean
from integrations.files.words import fold
from profiles.rows import Hold

T = TypeVar("T")
Cells = Sequence[str]
Holds = list[Hold]
Read = Callable[[Cells, Holds], Any]

REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the source and the organisation say where the file says nothing."""

    zone: ZoneInfo
    country: str = "NO"
    currency: str = "NOK"


class Grouped(Generic[T]):
    """Reads one thing out of several columns; what equal texts gave once, they give again."""

    def __init__(self, places: tuple[int, ...], build: Callable[[Cells, Holds], T]) -> None:
        self.build = build
        self.pick: Callable[[Cells], Any] = itemgetter(*places) if places else lambda cells: ()
        self.known: dict[Any, tuple[T, tuple[Hold, ...]]] = {}

    def __call__(self, cells: Cells) -> tuple[T, tuple[Hold, ...]]:
        texts = self.pick(cells)
        found = self.known.get(texts)
        if found is None:
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            holds: list[Hold] = []
            found = self.build(cells, holds), tuple(holds)
            self.known[texts] = found
        return found


def parser_for(column: Column, defaults: Defaults) -> Callable[[str], Any]:
    """How the cells of a column are read. Date order and decimal sign are the column's own."""
    order = cast(DateOrder, column.dates or "dmy")
    decimal = cast(Decimal_, column.decimal or ",")
    zone = defaults.zone
    parsers: dict[str, Callable[[str], Any]] = {
        "money": lambda text: values.money(text, decimal),
        "count": values.count,
        "moment": lambda text: values.moment(text, order, zone),
        "date": lambda text: values.day(text, order),
        "time": values.clock,
        "year": values.year,
        "phone": meanings.phone,
        "country": meanings.country,
        "status": meanings.status,
    }
    return parsers.get(BY_KEY[column.target].kind, str)


def reader(at: int, label: str, parse: Callable[[str], Any]) -> Read:
    """One cell → its value, or None and a `Hold`. Remembers what a text gave last time."""
    known: dict[str, Any] = {}

    def read(cells: Cells, holds: Holds) -> Any:
        text = cells[at]
        if text in known:
            return known[text]
        try:
            value = parse(clean(text))
        except BadValue as error:
            holds.append(Hold(label, text[:200], error.code, str(error.message)))
            return None
        if len(known) >= REMEMBERED:
            known.clear()
        known[text] = value
        return value

    return read


class Columns:
    """The columns of one group, by the part of their target after the dot."""

    def __init__(self, spec: Spec, defaults: Defaults, group: str) -> None:
        prefix = f"{group}."
        self.pairs = [(at, column) for at, column in spec.pairs if column.target.startswith(prefix)]
        own = {fold(word): meaning for word, meaning in spec.options.statuses.items() if meaning}
        self.reads: dict[str, Read] = {}
        self.at: dict[str, int] = {}
        for at, column in self.pairs:
            if BY_KEY[column.target].many:
                continue
            name = column.target.removeprefix(prefix)
            parse = parser_for(column, defaults)
            if name == "status" and own:
                parse = _taught(own)
            self.at[name] = at
            self.reads[name] = reader(at, column.title, parse)

    def places(self, *names: str) -> tuple[int, ...]:
        return tuple(self.at[name] for name in names if name in self.at)

    def text(self, name: str) -> Read:
        """Reads a text: "" where there is no such column or nothing in it."""
        read = self.reads.get(name)
        if read is None:
            return lambda _cells, _holds: ""
        return lambda cells, holds: read(cells, holds) or ""

    def value(self, name: str) -> Read:
        """Reads a value: None where there is no such column or nothing in it."""
        return self.reads.get(name) or (lambda _cells, _holds: None)

    def plain(self, name: str) -> Callable[[Cells], str]:
        """Reads a text that is different in every row, so that remembering it is no use."""
        if name not in self.at:
            return lambda _cells: ""
        at = self.at[name]
        return lambda cells: clean(cells[at])


def _taught(own: dict[str, str]) -> Callable[[str], Any]:
    """Status words of the organisation first, then the dictionary's."""
    return lambda text: own.get(fold(text)) or meanings.status(text)
