"""The exact rules over the whole table at once, where nothing speaks against anything. Pure.

Most people are plain: their records hang together by joining identifiers, may all be called
what they are called, and break no limit. For them `exact.partition` comes to connected components, which
arrays find in well under a second. The rest is left to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from profiles.identity.columns import BLOCKED, NORMAL, SHARED, UNSAID, Bools, Columns, Ints
from profiles.identity.exact import MOST_RECORDS, Kind
from profiles.identity.names import Called, contradictions


@dataclass(frozen=True, slots=True)
class Sorted:
    """`around` numbers, for every record, the neighbourhood that it is judged in.

    `plain` says, for each neighbourhood, that all its records are one person by joining
    identifiers alone; the others must be asked of `exact.partition`. `many` says that it
    holds more than one record, `astray` that its records are not one profile's now.
    `held` are positions of identifiers found on too many people, `proof` marks the rows
    of who shows what that tie somebody to somebody.
    """

    around: Ints
    plain: Bools
    many: Bools
    astray: Bools
    held: Ints
    proof: Bools
    anonymous: Bools


Ask = Callable[[Ints], Mapping[int, Called]]
"""What these records, by id, are called."""


def sort_out(columns: Columns, kinds: Mapping[str, Kind], called: Ask) -> Sorted:
    """Tells plain neighbourhoods from those that need a closer look. `called` is asked only of records
    that something else than their spelling would let be one person."""
    rules = [kinds[key] for key in columns.kinds]
    held = too_many(columns, rules)
    joins = _joining(columns, rules, held)[columns.shown]
    joins &= (np.bincount(columns.shown[joins], minlength=len(columns.identifier)) > 1)[columns.shown]
    anonymous = _anonymous(columns, rules)
    together = _components(columns, joins, ties=False)
    around = _components(columns, joins, ties=True)
    size = np.bincount(around)
    plain = _distinct(around, together, len(size)) == 1
    plain &= np.bincount(around, ~anonymous, len(size)) <= MOST_RECORDS
    plain &= _distinct(around, columns.born, len(size), but=UNSAID) <= 1
    plain &= ~_any(around, columns.spoken_of, len(size))
    wary = joins & (_of(rules, "anonymous")[columns.kind] | (columns.state == SHARED))[columns.shown]
    plain &= ~_any(around[columns.shower], wary, len(size))
    plain &= ~_beyond_limits(columns, rules, around, len(size))
    plain &= ~_contradicting(columns, around, plain, called)
    astray = _distinct(around, columns.profile, len(size)) > 1
    return Sorted(around, plain, size > 1, astray, np.flatnonzero(held), joins, anonymous)


def too_many(columns: Columns, rules: list[Kind]) -> Bools:
    """For each identifier, whether too many different people are on it (`exact.is_on_too_many`)."""
    most = np.array([kind.max_profiles for kind in rules], np.int64)[columns.kind]
    judged = (columns.state == NORMAL) & ~columns.by_person & _of(rules, "joins")[columns.kind]
    count = np.bincount(columns.shown, minlength=len(columns.identifier))
    rows = np.flatnonzero((judged & (count > most))[columns.shown])
    record, identifier = columns.shower[rows], columns.shown[rows]
    people = np.unique(np.stack((identifier, columns.given[record], columns.born[record])), axis=1)
    found: Bools = np.bincount(people[0], minlength=len(columns.identifier)) > most
    return found


def _of(rules: list[Kind], flag: str) -> Bools:
    return np.array([getattr(kind, flag) for kind in rules], np.bool_)


def _joining(columns: Columns, rules: list[Kind], held: Bools) -> Bools:
    normal = (columns.state == NORMAL) & ~held
    shared = (columns.state == SHARED) & _of(rules, "shared_joins")[columns.kind]
    joining: Bools = (normal | shared) & _of(rules, "joins")[columns.kind]
    return joining


def _anonymous(columns: Columns, rules: list[Kind]) -> Bools:
    """Records that show nothing but anonymous identifiers (`reading.is_anonymous`)."""
    shows = columns.state[columns.shown] != BLOCKED
    proper = shows & ~_of(rules, "anonymous")[columns.kind][columns.shown]
    size = len(columns.record)
    some = np.bincount(columns.shower[shows], minlength=size) > 0
    nameless = columns.name == UNSAID
    found: Bools = some & nameless & (np.bincount(columns.shower[proper], minlength=size) == 0)
    return found


def _components(columns: Columns, joins: Bools, *, ties: bool) -> Ints:
    """Numbers for records that hang together by identifiers; with `ties` also by links, by people's word
    and by being one profile's now. Identifiers and profiles are points of the graph too."""
    records, identifiers = len(columns.record), len(columns.identifier)
    one, two = [columns.shower[joins]], [columns.shown[joins] + records]
    points = records + identifiers
    if ties:
        profiles, of = np.unique(columns.profile, return_inverse=True)
        one += [np.arange(records), columns.tied_a]
        two += [of + points, columns.tied_b]
        points += len(profiles)
    edges = np.concatenate(one), np.concatenate(two)
    graph = coo_array((np.ones(len(edges[0]), np.int8), edges), shape=(points, points))
    labels = connected_components(graph, directed=False)[1][:records]
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _distinct(group: Ints, value: Ints, groups: int, *, but: int | None = None) -> Ints:
    """How many different values each group has."""
    if but is not None:
        group, value = group[value != but], value[value != but]
    code = np.unique(value, return_inverse=True)[1]
    pairs = np.unique(group * (code.max(initial=0) + 1) + code)
    return np.bincount(pairs // (code.max(initial=0) + 1), minlength=groups)


def _contradicting(columns: Columns, around: Ints, among: Bools, called: Ask) -> Bools:
    """Of these neighbourhoods, those in which two are called what one person cannot be."""
    differing = among & (_distinct(around, columns.given, len(among), but=UNSAID) > 1)
    rows = np.flatnonzero(differing[around] & (columns.given != UNSAID))
    said = np.stack((around[rows], columns.given[rows], columns.name[rows]))
    rows = rows[np.unique(said, axis=1, return_index=True)[1]]
    names = called(columns.record[rows])
    together: dict[int, list[Called]] = defaultdict(list)
    for neighbourhood, record in zip(around[rows].tolist(), columns.record[rows].tolist(), strict=True):
        together[neighbourhood].append(names[record])
    found = np.zeros(len(among), np.bool_)
    found[[n for n, all_names in together.items() if contradictions(all_names)]] = True
    return found


def _any(group: Ints, flag: Bools, groups: int) -> Bools:
    found = np.zeros(groups, np.bool_)
    found[group[flag]] = True
    return found


def _beyond_limits(columns: Columns, rules: list[Kind], around: Ints, groups: int) -> Bools:
    """Neighbourhoods with more values of a kind than one person may have, windows left aside."""
    limits = np.array([kind.limit_per_person for kind in rules], np.int64)
    rows = np.flatnonzero(columns.state[columns.shown] != BLOCKED)
    pairs = np.unique(around[columns.shower[rows]] * len(columns.identifier) + columns.shown[rows])
    group, identifier = np.divmod(pairs, max(len(columns.identifier), 1))
    namespace = np.unique(columns.namespace, return_inverse=True)[1].astype(np.int64)
    drawer = columns.kind * (namespace.max(initial=0) + 1) + namespace
    drawers = int(drawer.max(initial=0)) + 1
    values, count = np.unique(group * drawers + drawer[identifier], return_counts=True)
    kind = (values % drawers) // (namespace.max(initial=0) + 1)
    return _any(values // drawers, count > limits[kind], groups)
