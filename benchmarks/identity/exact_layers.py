"""The exact layer at three strengths: what guards are worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.identity.dataset import Clean
from benchmarks.identity.evaluate import Ints, codes
from profiles.identity import exact

if TYPE_CHECKING:
    from profiles.identity.columns import Bools, Columns
    from profiles.identity.names import Called

RULES: Mapping[str, exact.Kind] = {
    "customer_number": exact.Kind(10, 1, 10),
    "club_card": exact.Kind(20, 1, 10),
    "email": exact.Kind(40, 5, 10),
    "phone": exact.Kind(50, 5, 10),
}
"""What an organisation starts with (profiles/migrations/0002_identifier_kinds.py)."""


def raw(data: Clean) -> Ints:
    """Whatever a source wrote, equal text is one person."""
    return components(len(data), _members(data.raw))


def blocked(data: Clean) -> Ints:
    """Cleaned values, those blocked from the start left out."""
    return components(len(data), _members(data.identifiers))


def guarded(data: Clean, rules: Mapping[str, exact.Kind] = RULES) -> Ints:
    """The product's rules: blocks, limits, contradictions, as its batch applies them.

    Plain neighbourhoods are joined as arrays (profiles/identity/plain.py), the others asked of
    profiles/identity/exact.py.
    """
    from profiles.identity import plain

    columns = columns_of(data)
    found = plain.sort_out(columns, rules, lambda records: _called(data, records))
    labels = found.around.copy()
    closer = np.flatnonzero((found.many & ~found.plain)[found.around])
    nodes = _Nodes(data, columns, found.proof)
    following = int(labels.max(initial=-1)) + 1
    for records in _neighbourhoods(closer, found.around):
        shared, values = nodes.shared(records), {n: nodes.values(n) for n in records}
        outcome = exact.partition({n: nodes.node(n) for n in records}, shared, rules, values=values)
        for group in outcome.groups:
            labels[list(group)] = following
            following += 1
    return labels


def columns_of(data: Clean) -> Columns:
    """Cleaned data in the shape in which the batch copies them out of the database."""
    from profiles.identity.columns import NORMAL, Columns

    kinds = tuple(data.identifiers)
    size = len(data)
    shower: list[Ints] = []
    shown: list[Ints] = []
    kind: list[Ints] = []
    namespace: list[Ints] = []
    known = 0
    for place, column in enumerate(data.identifiers.values()):
        values, of = np.unique(np.array(column, object), return_inverse=True)
        has = np.array([bool(value) for value in values], np.bool_)
        number = np.cumsum(has) - 1 + known
        shower.append(np.flatnonzero(has[of]))
        shown.append(number[of][has[of]])
        kind.append(np.full(int(has.sum()), place))
        namespace.append(codes([value.rpartition("\t")[0] for value in values[has]]))
        known += int(has.sum())
    at, what = np.concatenate(shower), np.concatenate(shown)
    nobody, each = np.zeros(0, np.int64), np.arange(size)
    return Columns(
        kinds, each, each, each, _hashes(data.features["given"]), _hashes(_whole_names(data)),
        _hashes(data.features["birth"]), np.arange(known), np.concatenate(kind), np.concatenate(namespace),
        np.full(known, NORMAL), np.zeros(known, np.bool_), at, what, nobody, nobody, np.zeros(size, np.bool_),
    )  # fmt: skip


def _hashes(column: list[str]) -> Ints:
    """A number for each text, 0 (columns.UNSAID) for ""."""
    numbers = {"": 0}
    return np.array([numbers.setdefault(text, len(numbers)) for text in column], np.int64)


def _called(data: Clean, records: Ints) -> dict[int, Called]:
    """What records are called, as `exact.Node.called` has it."""
    given, family = data.features["given"], data.features["family"]
    return {n: (given[n], f"{given[n]} {family[n]}".strip()) for n in records.tolist()}


def _whole_names(data: Clean) -> list[str]:
    pairs = zip(data.features["given"], data.features["family"], strict=True)
    return [f"{given} {family}".strip() for given, family in pairs]


def _members(columns: Mapping[str, list[str]]) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """(kind, value, records) of every value on two records or more."""
    for kind, column in columns.items():
        places: dict[str, list[int]] = defaultdict(list)
        for n, value in enumerate(column):
            if value:
                places[value].append(n)
        for value, members in places.items():
            if len(members) > 1:
                yield kind, value, tuple(members)


def components(size: int, shared: Iterator[tuple[str, str, tuple[int, ...]]]) -> Ints:
    """Connected components over values: each ties its first record to all its others."""
    first: list[int] = []
    other: list[int] = []
    for _kind, _value, members in shared:
        first += [members[0]] * (len(members) - 1)
        other += members[1:]
    return connected(size, np.array(first, np.int64), np.array(other, np.int64))


def connected(size: int, a: Ints, b: Ints) -> Ints:
    """Connected components of records 0 to `size` over edges a to b."""
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(size, size))
    labels: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def _neighbourhoods(rows: Ints, around: Ints) -> Iterator[list[int]]:
    """The rows, those of one neighbourhood together."""
    order = rows[np.argsort(around[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(around[order])) + 1
    yield from (part.tolist() for part in np.split(order, cuts) if len(part))


class _Nodes:
    """The exact layer's view of records, one neighbourhood at a time."""

    def __init__(self, data: Clean, columns: Columns, joining: Bools) -> None:
        self._data = data
        self._features = data.features
        self._kinds = columns.kinds
        self._kind = columns.kind
        self._joins: dict[int, list[int]] = defaultdict(list)
        for record, identifier in zip(
            columns.shower[joining].tolist(), columns.shown[joining].tolist(), strict=True
        ):
            self._joins[record].append(identifier)

    def node(self, n: int) -> exact.Node:
        given, family = self._features["given"][n], self._features["family"][n]
        name = f"{given} {family}".strip()
        return exact.Node(
            n, (int(self._data.sources[n]), f"{n}"), given, _day(self._features["birth"][n]), name
        )

    def shared(self, records: list[int]) -> list[exact.Shared]:
        """The joining identifiers on two of the records or more."""
        on: dict[int, list[int]] = defaultdict(list)
        for n in records:
            for identifier in self._joins[n]:
                on[identifier].append(n)
        return [
            exact.Shared(identifier, self._kinds[self._kind[identifier]], "", f"{identifier}", tuple(members))
            for identifier, members in on.items()
            if len(members) > 1
        ]

    def values(self, n: int) -> list[tuple[str, str, str, exact.Seen]]:
        """All that a record shows, for the limits."""
        found: list[tuple[str, str, str, exact.Seen]] = []
        for kind, column in self._data.identifiers.items():
            if column[n]:
                namespace, _, value = column[n].rpartition("\t")
                found.append((kind, namespace, value, None))
        return found


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) if digits else None
    except ValueError:
        return None
