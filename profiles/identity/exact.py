"""The exact layer: which records share a proof of being one person. Pure, no database.

Shared identifiers are edges, strongest kind first; an edge joins two groups of
records unless they contradict each other (given names, birth dates), break a limit or
a person has said they are two. The order of edges depends only on what the records
say, never on the order in which they came: a whole table at once and one delivery
after another give the same partition (IDENTITY.md sections 2 and 4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, pairwise

from profiles.identity import names

MOST_RECORDS = 12
"""A group larger than this is for a person to judge, never made by itself."""


@dataclass(frozen=True, slots=True)
class Node:
    """A source record. `key` (source id, external id) orders records the same for ever."""

    id: int
    key: tuple[int, str]
    given_key: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class Kind:
    """How far one kind of identifier may be trusted (IdentifierKind)."""

    priority: int
    limit_per_person: int
    max_profiles: int


@dataclass(frozen=True, slots=True)
class Shared:
    """One identifier and the records that show it."""

    id: int
    kind: str
    namespace: str
    value: str
    nodes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Partition:
    """`groups` holds every node once; `held` the identifiers found on too many people;
    `proof` names for each node the identifiers that tied it to its group."""

    groups: list[tuple[int, ...]]
    held: list[int]
    proof: Mapping[int, tuple[int, ...]]


@dataclass(slots=True)
class _Group:
    members: list[Node]
    given: set[str]
    births: set[date]
    values: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))


def partition(
    nodes: Mapping[int, Node],
    shared: Sequence[Shared],
    kinds: Mapping[str, Kind],
    *,
    values: Mapping[int, Iterable[tuple[str, str, str]]] | None = None,
    cannot: frozenset[tuple[int, int]] = frozenset(),
    must: frozenset[tuple[int, int]] = frozenset(),
) -> Partition:
    """Splits the nodes into people.

    `values` gives every node's identifiers as (kind, namespace, value), for limits;
    `cannot` and `must` are pairs of node ids that a person has decided.
    """
    held = {s.id for s in shared if _people_on(s, nodes) > kinds[s.kind].max_profiles}
    joining = [s for s in shared if s.id not in held]
    work = _Joiner(nodes, kinds, values or {}, cannot)
    for a, b in sorted(must, key=lambda pair: (nodes[pair[0]].key, nodes[pair[1]].key)):
        work.join(a, b, 0, forced=True)
    for s in sorted(joining, key=lambda s: (kinds[s.kind].priority, s.kind, s.namespace, s.value)):
        for a, b in _edges(s, nodes):
            work.join(a, b, s.id)
    return Partition(work.groups(), sorted(held), {n: tuple(sorted(p)) for n, p in work.proof.items()})


def _people_on(s: Shared, nodes: Mapping[int, Node]) -> int:
    """How many different people the records on one identifier look like."""
    return len({(nodes[n].given_key, nodes[n].birth_date) for n in s.nodes})


def _edges(s: Shared, nodes: Mapping[int, Node]) -> Iterable[tuple[int, int]]:
    """Pairs worth trying, in a stable order.

    Records that say the same of themselves are chained; different ones are tried pair
    by pair. Where the names on the identifier contradict each other, a record without
    a name could be anybody's and is left alone.
    """
    alike: dict[tuple[str, date | None], list[int]] = defaultdict(list)
    for n in sorted(s.nodes, key=lambda n: nodes[n].key):
        alike[nodes[n].given_key, nodes[n].birth_date].append(n)
    known = sorted({given for given, _ in alike if given})
    ambiguous = any(not names.agree(a, b) for a, b in combinations(known, 2))
    heads = []
    for (given, _), members in alike.items():
        if ambiguous and not given:
            continue
        yield from pairwise(members)
        heads.append(members[0])
    yield from combinations(heads, 2)


class _Joiner:
    """Union-find that asks before it joins."""

    def __init__(
        self,
        nodes: Mapping[int, Node],
        kinds: Mapping[str, Kind],
        values: Mapping[int, Iterable[tuple[str, str, str]]],
        cannot: frozenset[tuple[int, int]],
    ) -> None:
        self.kinds = kinds
        self.proof: dict[int, set[int]] = defaultdict(set)
        self._parent = {n: n for n in nodes}
        self._group = {n: _single(node, values.get(n, ())) for n, node in nodes.items()}
        self._enemies: dict[int, set[int]] = defaultdict(set)
        for a, b in cannot:
            self._enemies[a].add(b)
            self._enemies[b].add(a)

    def join(self, a: int, b: int, identifier: int, *, forced: bool = False) -> None:
        """Joins the groups of two nodes unless something speaks against it."""
        root_a, root_b = self._root(a), self._root(b)
        if root_a == root_b:
            self.proof[a].add(identifier)
            self.proof[b].add(identifier)
            return
        one, two = self._group[root_a], self._group[root_b]
        if self._cannot(one, two) or not (forced or self._compatible(one, two)):
            return
        if len(one.members) < len(two.members):
            root_a, root_b, one, two = root_b, root_a, two, one
        self._parent[root_b] = root_a
        _absorb(one, self._group.pop(root_b))
        self.proof[a].add(identifier)
        self.proof[b].add(identifier)

    def groups(self) -> list[tuple[int, ...]]:
        """All groups, members and groups in a stable order."""
        members = [sorted(g.members, key=lambda m: m.key) for g in self._group.values()]
        members.sort(key=lambda group: group[0].key)
        return [tuple(m.id for m in group) for group in members]

    def _root(self, n: int) -> int:
        while self._parent[n] != n:
            self._parent[n] = self._parent[self._parent[n]]
            n = self._parent[n]
        return n

    def _cannot(self, one: _Group, two: _Group) -> bool:
        theirs = {m.id for m in two.members}
        return any(self._enemies[m.id] & theirs for m in one.members if m.id in self._enemies)

    def _compatible(self, one: _Group, two: _Group) -> bool:
        if len(one.members) + len(two.members) > MOST_RECORDS:
            return False
        if one.births and two.births and one.births != two.births:
            return False
        if not all(names.agree(a, b) for a in one.given for b in two.given):
            return False
        return all(
            len(values | two.values[key]) <= self.kinds[key[0]].limit_per_person
            for key, values in one.values.items()
            if key in two.values
        )


def _single(node: Node, values: Iterable[tuple[str, str, str]]) -> _Group:
    births = {node.birth_date} if node.birth_date else set()
    group = _Group([node], {node.given_key} if node.given_key else set(), births)
    for kind, namespace, value in values:
        group.values[kind, namespace].add(value)
    return group


def _absorb(one: _Group, two: _Group) -> None:
    one.members += two.members
    one.given |= two.given
    one.births |= two.births
    for key, values in two.values.items():
        one.values[key] |= values
