"""The exact layer at three strengths: what guards are worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.identity.dataset import Clean
from benchmarks.identity.evaluate import Ints
from profiles import normalise
from profiles.identity import exact

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
    """The product's rules: blocks, limits, contradictions (profiles/identity/exact.py).

    The rules are asked one connected component at a time, as an import asks them of a neighbourhood.
    """
    shared = [
        exact.Shared(n, kind, "", value, members)
        for n, (kind, value, members) in enumerate(_members(data.identifiers))
    ]
    labels = np.full(len(data), -1, np.int64)
    found = 0
    reader = _Nodes(data)
    for records, values in _neighbourhoods(len(data), shared, rules):
        nodes = {n: reader.node(n) for n in records}
        outcome = exact.partition(nodes, values, rules, values={n: reader.values(n) for n in records})
        for group in outcome.groups:
            labels[list(group)] = found
            found += 1
    alone = labels < 0
    labels[alone] = np.arange(found, found + int(alone.sum()))
    return labels


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


def _neighbourhoods(
    size: int, shared: list[exact.Shared], rules: Mapping[str, exact.Kind]
) -> Iterator[tuple[list[int], list[exact.Shared]]]:
    """Records that could reach each other over values not plainly on too many people."""
    reach = (s for s in shared if len(s.nodes) <= 100)
    labels = components(size, ((s.kind, s.value, s.nodes) for s in reach))
    values: dict[int, list[exact.Shared]] = defaultdict(list)
    for s in shared:
        if len(s.nodes) <= 100:
            values[int(labels[s.nodes[0]])].append(s)
    records: dict[int, list[int]] = defaultdict(list)
    for n, label in enumerate(labels.tolist()):
        records[label].append(n)
    for label, mine in values.items():
        yield records[label], mine


class _Nodes:
    """The exact layer's view of a record."""

    def __init__(self, data: Clean) -> None:
        self._data = data
        self._features = data.features

    def node(self, n: int) -> exact.Node:
        given, family = self._features["given"][n], self._features["family"][n]
        name = normalise.fold(f"{given} {family}")
        return exact.Node(
            n, (int(self._data.sources[n]), f"{n}"), given, _day(self._features["birth"][n]), name
        )

    def values(self, n: int) -> list[tuple[str, str, str, exact.Seen]]:
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
