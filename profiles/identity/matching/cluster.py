"""From likely pairs to people: joins the likeliest first, and lets contradictions veto.

Connected components would make one person of a chain of doubtful pairs. Here two groups
become one only if their best pair is likelier than not and their records on the whole do
not contradict each other (IDENTITY.md section 5, point 6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from profiles.identity.matching import compare
from profiles.identity.matching.frequency import Floats
from profiles.identity.matching.model import Model
from profiles.identity.matching.pairs import Rows
from profiles.identity.matching.score import score
from profiles.identity.matching.table import Table

MayJoin = Callable[[Sequence[int], Sequence[int]], bool]
"""Asked with the rows of two groups before they become one; False forbids it."""

FORGIVEN = 4.0
"""log2 odds by which the pairs of two groups may on average speak against what their best pair says."""
HALF = 0.5
"""How much the average counts beside the best pair: a doubtful pair does not join groups that differ."""
CLIP = 10.0
TOGETHER = 1e9
"""Weight of records that are one person already: finite, for infinity less infinity is no number."""
LARGEST = 300
"""Records in a component above which it is split by a stricter threshold first."""


def cluster(
    table: Table,
    i: Rows,
    j: Rows,
    weight: Floats,
    *,
    model: Model,
    initial: npt.NDArray[np.int64] | None = None,
    cannot: Iterable[tuple[int, int]] = (),
    may_join: MayJoin | None = None,
) -> npt.NDArray[np.int64]:
    """One label per row, the number of the person's first row.

    `weight` is in log2 odds of each pair of rows (i, j). `initial` labels groups that are
    one person already: they are never torn apart. `cannot` are pairs of rows that may not
    come together, unless they are together already.
    """
    start = np.arange(len(table)) if initial is None else _numbered(initial)
    labels = _components(start, i, j, weight)
    forbidden = np.array([(a, b) for a, b in cannot if start[a] != start[b]], np.int64).reshape(-1, 2)
    joined = start.copy()
    parts = [_by_key(members, table) for members in _components_by_size(labels, start)]
    weights = _Known(table, model, i, j, weight).within(parts)
    for members, known in zip(parts, weights, strict=True):
        matrices = _matrices(known, members, start, forbidden)
        groups = _agglomerate(matrices, members, may_join)
        joined[members] = start[np.take_along_axis(members, groups, axis=1)]
    return _first_rows(joined)


def _numbered(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _first_rows(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Labels as the first row that bears them."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(first[inverse], np.int64)


def _components(start: npt.NDArray[np.int64], i: Rows, j: Rows, weight: Floats) -> npt.NDArray[np.int64]:
    """Connected components over likely pairs; large ones by a threshold that rises until they part."""
    threshold = 0.0
    labels = _connected(start, i, j, weight > threshold)
    while True:
        large = np.bincount(labels) > LARGEST
        inside = large[labels[i]] & (start[i] != start[j]) & (weight > threshold)
        if not inside.any():
            return labels
        threshold += 2.0
        labels = _connected(
            start, i, j, (weight > threshold) | ((weight > 0) & ~large[labels[i]] & (labels[i] == labels[j]))
        )


def _connected(
    start: npt.NDArray[np.int64], i: Rows, j: Rows, linked: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    size = int(start.max(initial=-1)) + 1
    a, b = start[i[linked]], start[j[linked]]
    graph = coo_matrix((np.ones(len(a), np.bool_), (a, b)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)[start]


_CELLS = 4_000_000
"""Cells of all matrices worked on at once."""


def _components_by_size(labels: npt.NDArray[np.int64], start: npt.NDArray[np.int64]) -> Iterator[Rows]:
    """Components of two groups or more as matrices (components, records) of rows, one size at a time."""
    if not len(labels):
        return
    order = np.argsort(labels, kind="stable")
    bounds = np.flatnonzero(np.r_[True, np.diff(labels[order]) != 0, True])
    sizes, begins = np.diff(bounds), bounds[:-1]
    groups = np.bincount(labels[np.unique(start, return_index=True)[1]], minlength=len(sizes))
    several = groups[labels[order[begins]]] > 1
    for size in np.unique(sizes[several]).tolist():
        chosen = begins[several & (sizes == size)]
        for part in np.array_split(chosen, len(chosen) * size * size // _CELLS + 1):
            yield order[part[:, None] + np.arange(size)]


def _by_key(members: Rows, table: Table) -> Rows:
    """Each component's rows in the order of their keys: of two joins that fit as well, the same comes
    first in whatever order the rows are."""
    if members.shape[1] < 3:
        return members
    rows = members.ravel().tolist()
    order = sorted(range(len(rows)), key=lambda n: (table.keys[rows[n]], rows[n]))
    rank = np.empty(len(rows), np.int64)
    rank[order] = np.arange(len(rows))
    return np.take_along_axis(members, rank.reshape(members.shape).argsort(axis=1), axis=1)


class _Known:
    """Weights of pairs: those that were compared already, others when asked for."""

    def __init__(self, table: Table, model: Model, i: Rows, j: Rows, weight: Floats) -> None:
        self._table, self._model = table, model
        pairs = self._number(i, j)
        order = np.argsort(pairs, kind="stable")
        self._pairs, self._weight = pairs[order], weight[order]

    def _number(self, i: Rows, j: Rows) -> Rows:
        numbers: Rows = np.minimum(i, j) * len(self._table) + np.maximum(i, j)
        return numbers

    def within(self, parts: Sequence[Rows]) -> Iterator[Floats]:
        """For each matrix (components, records) of rows the weights of all pairs, (components, pairs)."""
        ends = [np.triu_indices(members.shape[1], 1) for members in parts]
        i, j = (
            np.concatenate(
                [np.zeros(0, np.int64), *(m[:, e[side]].ravel() for m, e in zip(parts, ends, strict=True))]
            )
            for side in (0, 1)
        )
        found = self._of(i, j)
        for members, (a, _) in zip(parts, ends, strict=True):
            mine, found = np.split(found, [len(members) * len(a)])
            yield mine.reshape(len(members), -1)

    def _of(self, i: Rows, j: Rows) -> Floats:
        """log2 odds of pairs of rows."""
        numbers = self._number(i, j)
        place = np.minimum(np.searchsorted(self._pairs, numbers), len(self._pairs) - 1)
        found = self._weight[place]
        new = np.flatnonzero(self._pairs[place] != numbers)
        levels = compare.levels(self._table, i[new], j[new])
        found[new] = score(self._model, self._table, i[new], j[new], levels).weight
        return found


def _matrices(
    known: Floats, members: Rows, start: npt.NDArray[np.int64], forbidden: npt.NDArray[np.int64]
) -> Floats:
    """Weights of all pairs (components, pairs) as matrices (components, records, records).

    Records of one starting group have infinite weight, forbidden pairs minus infinite.
    """
    count, size = members.shape
    a, b = np.triu_indices(size, 1)
    weights = np.zeros((count, size, size))
    found, own = known.copy(), start[members]
    found[own[:, a] == own[:, b]] = np.inf
    weights[:, a, b] = weights[:, b, a] = found
    if len(forbidden):
        place = np.full(len(start), -1)
        place[members.ravel()] = np.arange(members.size)
        one, two = place[forbidden].T
        here = (one >= 0) & (two >= 0)
        here[here] = one[here] // size == two[here] // size
        component, one, two = one[here] // size, one[here] % size, two[here] % size
        weights[component, one, two] = weights[component, two, one] = -np.inf
    return weights


def _agglomerate(weights: Floats, members: Rows, may_join: MayJoin | None) -> Rows:
    """Joins in every component the two groups that fit best, again and again, until none fit.

    All components of one size are worked on side by side. Returns per component and record
    the place of the record that stands for its group.
    """
    count, size = members.shape
    groups = np.tile(np.arange(size), (count, 1))
    sizes = np.ones((count, size))
    best = np.minimum(weights, TOGETHER)
    total = np.where(np.abs(best) >= TOGETHER, best, np.clip(best, -CLIP, CLIP))
    at = np.arange(size)
    best[:, at, at] = -np.inf
    busy = np.arange(count)
    while len(busy):
        mean = total[busy] / (sizes[busy, :, None] * sizes[busy, None, :])
        fit = np.minimum(np.minimum(best[busy], mean + FORGIVEN), best[busy] + HALF * mean)
        choice = fit.reshape(len(busy), -1).argmax(axis=1)
        fits = fit.reshape(len(busy), -1)[np.arange(len(busy)), choice] > 0
        busy, choice = busy[fits], choice[fits]
        a, b = np.sort(np.divmod(choice, size), axis=0)
        if may_join is not None:
            allowed = _allowed(members, groups, busy, a, b, may_join) | (best[busy, a, b] >= TOGETHER)
            refused = busy[~allowed], a[~allowed], b[~allowed]
            total[refused] = total[refused[0], refused[2], refused[1]] = -np.inf
            merged, a, b = busy[allowed], a[allowed], b[allowed]
        else:
            merged = busy
        _absorb(best, total, sizes, merged, a, b)
        groups[merged] = np.where(groups[merged] == b[:, None], a[:, None], groups[merged])
    return groups


def _allowed(
    members: Rows, groups: Rows, c: Rows, a: Rows, b: Rows, may_join: MayJoin
) -> npt.NDArray[np.bool_]:
    """What `may_join` says of group a and group b in each component c."""
    asked = zip(c.tolist(), a.tolist(), b.tolist(), strict=True)
    return np.array([
        may_join(members[n, groups[n] == x].tolist(), members[n, groups[n] == y].tolist())
        for n, x, y in asked
    ], np.bool_)  # fmt: skip


def _absorb(best: Floats, total: Floats, sizes: Floats, c: Rows, a: Rows, b: Rows) -> None:
    """In each component c group b becomes part of group a."""
    best[c, a] = np.maximum(best[c, a], best[c, b])
    total[c, a] += total[c, b]
    best[c, :, a], total[c, :, a] = best[c, a], total[c, a]
    for matrix, nothing in ((best, -np.inf), (total, 0.0)):
        matrix[c, a, a] = nothing
        matrix[c, b, :] = nothing
        matrix[c, :, b] = nothing
    sizes[c, a] += sizes[c, b]
