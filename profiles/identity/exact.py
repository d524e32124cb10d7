"""Which records are one person: the rules, pure, no database.

Four stages, each asking before it joins (IDENTITY.md section 2, authority, strongest first):

1. what people have said must be one person, newest first;
2. identifiers that prove it, strongest kind first;
3. links the matcher found, heaviest first;
4. anonymous identifiers, which make a visitor a known person and never join two known ones.

A person's `cannot` speaks against a join in every stage; contradicting given names, birth
dates, limits and size in stages 2 to 4. The order of everything depends only on what the
records say, never on the order in which they came: a whole table at once and one delivery
after another give the same partition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise

from profiles.identity import names

MOST_RECORDS = 12
"""A group of more known records than this is for a person to judge, never made by itself."""

Seen = tuple[datetime, datetime] | None
"""First and last time a record showed a value; only kinds with a window need it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A source record. `key` (source id, external id) orders records the same for ever.

    `given_key` and `name_key` are the folded given and full name. An anonymous record
    shows nothing but anonymous identifiers.
    """

    id: int
    key: tuple[int, str]
    given_key: str
    birth_date: date | None
    name_key: str = ""
    anonymous: bool = False

    @property
    def called(self) -> names.Called:
        return self.given_key, self.name_key


@dataclass(frozen=True, slots=True)
class Kind:
    """How far one kind of identifier may be trusted (IdentifierKind)."""

    priority: int
    limit_per_person: int
    max_profiles: int
    window_days: int | None = None
    joins: bool = True
    shared_joins: bool = False
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Shared:
    """One identifier and the records that show it.

    `shared`: a person called it shared, so that it joins same names at most. `trusted`: a
    person let it join, however many people are on it.
    """

    id: int
    kind: str
    namespace: str
    value: str
    nodes: tuple[int, ...]
    shared: bool = False
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Two records that the matcher takes for one person; `weight` in log2 odds."""

    id: int
    a: int
    b: int
    weight: float


@dataclass(frozen=True, slots=True)
class Word:
    """What people have said: sets that must be one person, newest first, and pairs of
    sets of which no record of the one may be with a record of the other."""

    must: tuple[frozenset[int], ...] = ()
    cannot: tuple[tuple[frozenset[int], frozenset[int]], ...] = ()


@dataclass(frozen=True, slots=True)
class Demoted:
    """A limit spoke: `kind` would have had more values than `limit` in one person.

    Where the joining identifier was no stronger than that kind it was set aside and `a`
    and `b` stayed two; else they were joined and the weaker kind's values count no more
    (`identifier` 0).
    """

    identifier: int
    kind: str
    limit: int
    a: int
    b: int


@dataclass(frozen=True, slots=True)
class Partition:
    """`groups` holds every node once; `held` the identifiers found on too many people.

    `proof` names for each node the identifiers that tied it to its group, `linked` the
    matcher's links, `demoted` what limits set aside.
    """

    groups: list[tuple[int, ...]]
    held: list[int]
    proof: Mapping[int, tuple[int, ...]]
    linked: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    demoted: list[Demoted] = field(default_factory=list)


Values = Mapping[int, Iterable[tuple[str, str, str, Seen]]]


def partition(
    nodes: Mapping[int, Node],
    shared: Sequence[Shared],
    kinds: Mapping[str, Kind],
    *,
    values: Values | None = None,
    word: Word = Word(),
    links: Sequence[Link] = (),
) -> Partition:
    """Splits the nodes into people. `values` gives every node's identifiers, for limits."""
    held = {s.id for s in shared if is_on_too_many(s, nodes, kinds[s.kind])}
    joining = [s for s in shared if s.id not in held and kinds[s.kind].joins]
    joining.sort(key=lambda s: (kinds[s.kind].priority, s.kind, s.namespace, s.value))
    work = _Joiner(nodes, kinds, values or {}, word)
    for said in word.must:
        work.force(sorted((n for n in said if n in nodes), key=lambda n: nodes[n].key))
    for s in joining:
        if not kinds[s.kind].anonymous:
            for a, b in _edges(s, nodes, work.marks):
                work.join(a, b, s)
    for link in sorted(links, key=lambda link: (-link.weight, nodes[link.a].key, nodes[link.b].key)):
        work.join_link(link)
    for s in joining:
        if kinds[s.kind].anonymous:
            work.recognise(s)
    return Partition(work.groups(), sorted(held), _sorted(work.proof), _sorted(work.linked), work.demoted())


def is_on_too_many(s: Shared, nodes: Mapping[int, Node], kind: Kind) -> bool:
    """Whether one identifier's records look like more different people than its kind allows."""
    if s.trusted or s.shared or not kind.joins or len(s.nodes) <= kind.max_profiles:
        return False
    return len({(nodes[n].given_key, nodes[n].birth_date) for n in s.nodes}) > kind.max_profiles


def _sorted(found: Mapping[int, set[int]]) -> dict[int, tuple[int, ...]]:
    return {n: tuple(sorted(ids)) for n, ids in found.items()}


Marks = Mapping[int, frozenset[tuple[int, int]]]
"""For each node the (constraint, side) pairs that a `cannot` puts on it."""


def _edges(s: Shared, nodes: Mapping[int, Node], marks: Marks) -> Iterable[tuple[int, int]]:
    """Pairs worth trying, in a stable order.

    Records that say the same of themselves are chained; different ones are tried pair
    by pair. Where the names on the identifier contradict each other, a record without
    a name could be anybody's and is left alone; so is a newcomer where people have told
    two apart and it could be either.
    """
    members = sorted(s.nodes, key=lambda n: nodes[n].key)
    if marks:
        members = _without_ambiguous(members, nodes, marks)
    alike: dict[tuple[names.Called, date | None], _Classes] = defaultdict(lambda: defaultdict(list))
    for n in members:
        node, said = nodes[n], marks.get(n, _UNJUDGED)
        if not s.shared:
            alike[node.called, node.birth_date][said].append(n)
        elif node.name_key:  # a shared value joins one full name only
            alike[("", node.name_key), node.birth_date][said].append(n)
    against = [] if s.shared else names.contradictions(called for called, _ in alike)
    heads = []
    for (called, _), classes in alike.items():
        if names.is_anybodys(called, against):
            continue
        for same in classes.values():
            yield from pairwise(same)
        heads.append([same[0] for same in classes.values()])
    for together in heads if s.shared else [[head for mine in heads for head in mine]]:
        yield from combinations(together, 2)


_UNJUDGED: frozenset[tuple[int, int]] = frozenset()
_Classes = dict[frozenset[tuple[int, int]], list[int]]
"""Records by what people have told apart: a chain goes through none that is told apart from the next."""


def _without_ambiguous(members: list[int], nodes: Mapping[int, Node], marks: Marks) -> list[int]:
    """Leaves out whoever nobody has judged, where people told two apart and it fits both."""
    sides: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for n in members:
        for constraint, side in marks.get(n, ()):
            sides[constraint][side].append(n)
    split = {c: both for c, both in sides.items() if both[0] and both[1]}
    return [n for n in members if not any(_fits_both(n, c, both, nodes, marks) for c, both in split.items())]


def _fits_both(
    n: int, constraint: int, both: tuple[list[int], list[int]], nodes: Mapping[int, Node], marks: Marks
) -> bool:
    if any(c == constraint for c, _side in marks.get(n, ())):
        return False
    return all(any(_could_be(nodes[n], nodes[other]) for other in side) for side in both)


def _could_be(one: Node, two: Node) -> bool:
    if one.birth_date and two.birth_date and one.birth_date != two.birth_date:
        return False
    return names.may_be_one(one.called, two.called)


@dataclass(slots=True)
class _Group:
    members: list[Node]
    known: int
    called: set[names.Called]
    births: set[date]
    marks: set[tuple[int, int]]
    values: dict[tuple[str, str], dict[str, Seen]] = field(default_factory=lambda: defaultdict(dict))


class _Joiner:
    """Union-find that asks before it joins."""

    def __init__(
        self, nodes: Mapping[int, Node], kinds: Mapping[str, Kind], values: Values, word: Word
    ) -> None:
        self.kinds = kinds
        self.marks = _marks(word, nodes)
        self.proof: dict[int, set[int]] = defaultdict(set)
        self.linked: dict[int, set[int]] = defaultdict(set)
        self._demoted: dict[tuple[int, str, int, int], Demoted] = {}
        self._nodes = nodes
        self._parent = {n: n for n in nodes}
        self._group = {
            n: _single(node, values.get(n, ()), self.marks.get(n, frozenset())) for n, node in nodes.items()
        }

    def force(self, said: Sequence[int]) -> None:
        """Joins what a person said is one, but for what a person has told apart."""
        heads: list[int] = []
        for n in said:
            for head in heads:
                one, two = self._group[self._root(head)], self._group[self._root(n)]
                if one is two or not _told_apart(one, two):
                    self._union(head, n)
                    break
            else:
                heads.append(n)

    def join(self, a: int, b: int, s: Shared) -> None:
        """Joins the groups of two nodes by an identifier unless something speaks against it."""
        one, two = self._group[self._root(a)], self._group[self._root(b)]
        if one is not two:
            if _told_apart(one, two) or not _agree(one, two) or not _small(one, two):
                return
            if not self._within_limits(one, two, self.kinds[s.kind].priority, s.id, a, b):
                return
            self._union(a, b)
        self.proof[a].add(s.id)
        self.proof[b].add(s.id)

    def join_link(self, link: Link) -> None:
        """A probable link has weighed the names itself; every limit speaks against it."""
        one, two = self._group[self._root(link.a)], self._group[self._root(link.b)]
        if one is not two:
            if _told_apart(one, two) or not _births_agree(one, two) or not _small(one, two):
                return
            if self._broken(one, two):
                return
            self._union(link.a, link.b)
        self.linked[link.a].add(link.id)
        self.linked[link.b].add(link.id)

    def recognise(self, s: Shared) -> None:
        """Gives the visitors on an anonymous identifier to the one known person who showed it.

        With several known people on it, it could be any of them, and joins nobody.
        """
        members = sorted(s.nodes, key=lambda n: (self._nodes[n].anonymous, self._nodes[n].key))
        known = {root for n in members if self._group[root := self._root(n)].known}
        if len(known) > 1:
            return
        heads: list[int] = []
        for n in members:
            mine = self._group[self._root(n)]
            head = next((h for h in heads if not _told_apart(self._group[self._root(h)], mine)), None)
            if head is None:
                heads.append(n)
            else:
                self.join(head, n, s)

    def demoted(self) -> list[Demoted]:
        """What limits set aside, where it did not come together in another way after all."""
        return [d for d in self._demoted.values() if not d.identifier or self._root(d.a) != self._root(d.b)]

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

    def _union(self, a: int, b: int) -> None:
        root_a, root_b = self._root(a), self._root(b)
        if root_a == root_b:
            return
        if len(self._group[root_a].members) < len(self._group[root_b].members):
            root_a, root_b = root_b, root_a
        self._parent[root_b] = root_a
        _absorb(self._group[root_a], self._group.pop(root_b))

    def _within_limits(
        self, one: _Group, two: _Group, priority: int, identifier: int, a: int, b: int
    ) -> bool:
        """Over a limit the weaker identifier gives way: the one that would join, or, where that is
        the stronger, the values that are too many."""
        fits = True
        for kind, limit in self._broken(one, two):
            stays = self.kinds[kind].priority <= priority
            demoted = Demoted(identifier if stays else 0, kind, limit, a, b)
            self._demoted.setdefault((demoted.identifier, kind, a, b), demoted)
            fits = fits and not stays
        return fits

    def _broken(self, one: _Group, two: _Group) -> list[tuple[str, int]]:
        """The kinds of which the two together would have too many values."""
        broken = []
        for key, values in one.values.items():
            theirs = two.values.get(key)
            if theirs:
                kind = self.kinds[key[0]]
                if _count(values, theirs, kind.window_days) > kind.limit_per_person:
                    broken.append((key[0], kind.limit_per_person))
        return broken


def _count(one: Mapping[str, Seen], two: Mapping[str, Seen], window_days: int | None) -> int:
    """How many values two groups have together; with a window, the most within any such time."""
    if window_days is None:
        return len(one.keys() | two.keys())
    together = dict(one)
    for value, seen in two.items():
        together[value] = _both(together.get(value), seen)
    times = [seen for seen in together.values() if seen]
    window = timedelta(days=window_days)
    return max(
        (sum(first <= at and last >= at - window for first, last in times) for at, _ in times), default=0
    )


def _both(one: Seen, two: Seen) -> Seen:
    if one and two:
        return min(one[0], two[0]), max(one[1], two[1])
    return one or two


def _marks(word: Word, nodes: Mapping[int, Node]) -> Marks:
    marks: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for number, sides in enumerate(word.cannot):
        for side, records in enumerate(sides):
            for n in records:
                if n in nodes:
                    marks[n].add((number, side))
    return {n: frozenset(found) for n, found in marks.items()}


def _told_apart(one: _Group, two: _Group) -> bool:
    return bool(one.marks and two.marks) and any((c, 1 - side) in two.marks for c, side in one.marks)


def _births_agree(one: _Group, two: _Group) -> bool:
    return not (one.births and two.births and one.births != two.births)


def _agree(one: _Group, two: _Group) -> bool:
    return _births_agree(one, two) and all(names.may_be_one(a, b) for a in one.called for b in two.called)


def _small(one: _Group, two: _Group) -> bool:
    return one.known + two.known <= MOST_RECORDS


def _single(
    node: Node, values: Iterable[tuple[str, str, str, Seen]], marks: frozenset[tuple[int, int]]
) -> _Group:
    births = {node.birth_date} if node.birth_date else set()
    called = {node.called} if node.given_key else set()
    group = _Group([node], int(not node.anonymous), called, births, set(marks))
    for kind, namespace, value, seen in values:
        group.values[kind, namespace][value] = seen
    return group


def _absorb(one: _Group, two: _Group) -> None:
    one.members += two.members
    one.known += two.known
    one.called |= two.called
    one.births |= two.births
    one.marks |= two.marks
    for key, values in two.values.items():
        mine = one.values[key]
        for value, seen in values.items():
            mine[value] = _both(mine.get(value), seen)
