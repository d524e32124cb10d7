"""Who lives together: people of one address or with one contact point, without being one person.

Worked out anew each night and written as differences; nothing else depends on it, so it
may be wrong about a home without harming anybody. `homes` is a pure function.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from django.db import connection, transaction
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cdp.lib import collector, sql
from profiles.identity.matching import words
from profiles.identity.matching.match import Matched
from profiles.identity.matching.table import COLUMNS
from profiles.identity.snapshot import Snapshot
from profiles.ingest.turn import wait_for_turn
from profiles.models import Household, HouseholdMember, Profile

MOST_PEOPLE = 10
"""People of one household. Larger families are rare; larger groups are firms, schools and chains."""
MOST_FAMILIES = 2
"""Family names at one address that may be a couple's. More are neighbours in a block of flats."""
MOST_AT_ADDRESS = 30
"""People at one house number above which even a shared family name says nothing: a tower block, a home."""
MOST_ON_CONTACT = 8
"""People on one contact point that may be a family's. An office's is on more."""
LIKELY = 0.9
"""Probability from which the matcher's household pairs count."""

ADDRESS, PROBABLE = "address", "probable"
"""Bases of a membership beside the kinds of contact points ("email", "phone")."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Two people who share something; `weight` orders ties of other kinds than addresses."""

    a: int
    b: int
    basis: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Home:
    """People who live together, each with what they share with another of them."""

    people: Mapping[int, frozenset[str]]


@dataclass(slots=True)
class Rebuilt:
    """How many households and people in them there are, how many memberships were written and ended."""

    households: int = 0
    people: int = 0
    written: int = 0
    ended: int = 0


# --- finding ----------------------------------------------------------------------


def at_address(people: Sequence[int], families: Sequence[str]) -> list[list[int]]:
    """Splits the people of one address into those who live together.

    Few people with one or two family names are one home. Otherwise those of one family
    name are; who has no family name, or one of their own, is nobody's.
    """
    by_family: dict[str, list[int]] = defaultdict(list)
    for person, family in zip(people, families, strict=True):
        by_family[words.family_root(family) if family else ""].append(person)
    named = [family for family in by_family if family]
    if len(named) <= MOST_FAMILIES and len(people) <= MOST_PEOPLE:
        return [list(people)]
    return [by_family[family] for family in named if 2 <= len(by_family[family]) <= MOST_PEOPLE]


def homes(at_one_address: Iterable[Sequence[int]], ties: Sequence[Tie]) -> list[Home]:
    """Homes of two people or more: those of an address, and whom ties bring to them.

    Two homes of several people, each with an address of its own, never become one, and
    none grows beyond MOST_PEOPLE: a shared telephone does not weld a street together.
    """
    addresses = [Tie(a, b, ADDRESS) for people in at_one_address for a, b in combinations(sorted(people), 2)]
    every = [*addresses, *sorted(ties, key=lambda tie: (-tie.weight, tie.basis, tie.a, tie.b))]
    people = sorted({person for tie in every for person in (tie.a, tie.b)})
    place = {person: n for n, person in enumerate(people)}
    label = _join(len(people), [(place[t.a], place[t.b]) for t in every], len(addresses))
    bases: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for tie in every:
        home = label[place[tie.a]]
        if home == label[place[tie.b]]:
            for person in (tie.a, tie.b):
                bases[home][person].add(tie.basis)
    found = [Home({p: frozenset(some) for p, some in sorted(members.items())}) for members in bases.values()]
    return sorted(found, key=lambda home: min(home.people))


def _join(size: int, edges: Sequence[tuple[int, int]], by_address: int) -> Sequence[int]:
    """A label per person. The first `by_address` edges are of addresses, the rest in falling order."""
    address = _components(size, edges[:by_address])
    every = _components(size, edges)
    lives: list[bool] = (np.bincount(address, minlength=size)[address] > 1).tolist()
    addresses = Counter(whole for whole, _own in {(every[n], address[n]) for n in range(size) if lives[n]})
    large = np.bincount(every, minlength=size) > MOST_PEOPLE
    doubtful = {whole for whole in set(every) if large[whole] or addresses[whole] > 1}
    careful = _Careful(address, lives)
    for a, b in edges[by_address:]:
        if every[a] in doubtful:
            careful.join(a, b)
    return [(size + careful.root(n)) if every[n] in doubtful else every[n] for n in range(size)]


def _components(size: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    a, b = np.array(edges, np.int64).reshape(-1, 2).T
    graph = coo_matrix((np.ones(len(a), np.bool_), (a, b)), shape=(size, size))
    found: list[int] = connected_components(graph, directed=False)[1].tolist()
    return found


class _Careful:
    """Union-find over the homes that addresses made; asks before it joins."""

    def __init__(self, address: Sequence[int], lives: Sequence[bool]) -> None:
        first: dict[int, int] = {}
        self._parent = [first.setdefault(home, n) for n, home in enumerate(address)]
        self._size = Counter(self._parent)
        self._lives = {self._parent[n] for n, there in enumerate(lives) if there}

    def root(self, n: int) -> int:
        while self._parent[n] != n:
            self._parent[n] = n = self._parent[self._parent[n]]
        return n

    def join(self, a: int, b: int) -> None:
        one, two = sorted((self.root(a), self.root(b)))
        if one == two or self._size[one] + self._size[two] > MOST_PEOPLE:
            return
        if one in self._lives and two in self._lives:
            return
        self._parent[two] = one
        self._size[one] += self._size.pop(two)
        if two in self._lives:
            self._lives.add(one)


# --- in the database --------------------------------------------------------------


RecordPair = tuple[int, int, float]
"""Two records whose people the matcher takes for one household, and how likely."""


def of_matcher(night: Snapshot, matched: Matched) -> list[RecordPair]:
    """The matcher's likely household pairs."""
    found = matched.households
    likely = np.flatnonzero(found.probability >= LIKELY)
    a, b = night.table.ids[found.a[likely]].tolist(), night.table.ids[found.b[likely]].tolist()
    return list(zip(a, b, found.probability[likely].tolist(), strict=True))


def rebuild(pairs: Iterable[RecordPair] | None = None) -> Rebuilt:
    """Works out all households anew and writes what differs.

    `pairs` are the matcher's; None keeps those that it found last.
    """
    with collector.rests():
        matcher = _present_pairs() if pairs is None else _pairs_of_people(list(pairs))
        found = homes(_addresses(), [*_contacts(), *matcher])
    with transaction.atomic():
        wait_for_turn()
        return _write(found)


def _addresses() -> Iterator[list[int]]:
    params = {name: COLUMNS.index(name) + 1 for name in ("street", "number", "postal", "family")}
    for row in sql.rows("profiles/households_addresses", {**params, "most": MOST_AT_ADDRESS}):
        yield from at_address(row["people"], row["families"])


def _contacts() -> list[Tie]:
    return [
        Tie(a, b, row["kind"], 1 / len(row["people"]) + 1)
        for row in sql.rows("profiles/households_contacts", {"most": MOST_ON_CONTACT})
        for a, b in combinations(sorted(row["people"]), 2)
    ]


def _pairs_of_people(pairs: Sequence[RecordPair]) -> list[Tie]:
    records = sorted({record for a, b, _probability in pairs for record in (a, b)})
    with sql.run("profiles/match_homes", {"records": records}) as cursor:
        owner = {record: profile for record, profile, _value in cursor.fetchall()}
    people = ((owner.get(a), owner.get(b), probability) for a, b, probability in pairs)
    return [
        Tie(min(a, b), max(a, b), PROBABLE, probability) for a, b, probability in people if a and b and a != b
    ]


def _present_pairs() -> list[Tie]:
    members = HouseholdMember.objects.filter(basis__contains=[PROBABLE], profile__state=Profile.State.ACTIVE)
    by_home: dict[int, list[int]] = defaultdict(list)
    for home, person in members.order_by("profile").values_list("household", "profile"):
        by_home[home].append(person)
    return [Tie(a, b, PROBABLE, LIKELY) for people in by_home.values() for a, b in combinations(people, 2)]


def _write(found: Sequence[Home]) -> Rebuilt:
    numbers = _numbers(found)
    with connection.cursor() as cursor:
        sql.run("profiles/households_stage", cursor=cursor)
        cursor.execute("truncate stage_household")
        with cursor.copy("copy stage_household (profile_id, household_id, basis) from stdin") as copy:
            for home, number in zip(found, numbers, strict=True):
                for person, basis in home.people.items():
                    copy.write_row((person, number, sorted(basis)))
        cursor.execute("analyze stage_household")
        done = Rebuilt(len(found), sum(len(home.people) for home in found))
        sql.run("profiles/households_leave", cursor=cursor)
        done.ended = cursor.rowcount
        sql.run("profiles/households_join", cursor=cursor)
        done.written = cursor.rowcount
        sql.run("profiles/households_empty", cursor=cursor)
    return done


def _numbers(found: Sequence[Home]) -> list[int]:
    """A household's id for each home: of the one it overlaps most, then the older one; else a new one."""
    present = dict(HouseholdMember.objects.values_list("profile", "household"))
    overlap = [
        (-shared, household, n)
        for n, home in enumerate(found)
        for household, shared in Counter(present[p] for p in home.people if p in present).items()
    ]
    number: dict[int, int] = {}
    taken: set[int] = set()
    for _shared, household, n in sorted(overlap):
        if n not in number and household not in taken:
            number[n] = household
            taken.add(household)
    fresh = [n for n in range(len(found)) if n not in number]
    made = Household.objects.bulk_create([Household() for _ in fresh], batch_size=5000)
    number |= {n: household.pk for n, household in zip(fresh, made, strict=True)}
    return [number[n] for n in range(len(found))]


# --- for the person page ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lives:
    """A person's household: its id, the others, and what each shares with somebody of it."""

    household: int
    basis: frozenset[str]
    others: list[tuple[Profile, frozenset[str]]]


def household_of(profile: Profile) -> Lives | None:
    """Whom a person lives with; None for somebody of no household."""
    mine = HouseholdMember.objects.filter(profile=profile).first()
    if mine is None:
        return None
    members = HouseholdMember.objects.filter(
        household=mine.household_id, profile__state=Profile.State.ACTIVE
    ).exclude(profile=profile)
    others = members.select_related("profile").order_by("profile__name", "profile")
    found = [(member.profile, frozenset(member.basis)) for member in others]
    return Lives(mine.household_id, frozenset(mine.basis), found) if found else None
