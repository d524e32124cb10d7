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
from profiles.identity.matching.compare import Rows
from profiles.identity.matching.frequency import Floats
from profiles.identity.matching.model import Model
from profiles.identity.matching.score import score
from profiles.identity.matching.table import Table

MayJoin = Callable[[Sequence[int], Sequence[int]], bool]
"""Asked with the rows of two groups before they become one; False forbids it."""

FORGIVEN = 4.0
"""log2 odds by which the pairs of two groups may on average speak against what their best pair says."""
CLIP = 10.0
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
    n = len(table)
    start = np.arange(n) if initial is None else np.unique(initial, return_inverse=True)[1].astype(np.int64)
    labels = _components(start, i, j, weight)
    forbidden = {frozenset(pair) for pair in cannot}
    joined = start.copy()
    for rows, matrix in _weights(table, labels, start, i, j, weight, model):
        own = start[rows]
        if forbidden:
            _forbid(matrix, rows, forbidden)
        if may_join is None and _agrees(matrix, own):
            joined[rows] = own[0]
            continue
        for group in _agglomerate(matrix, own, rows, may_join):
            joined[rows[group]] = own[group[0]]
    return _first_rows(joined)


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


def _weights(
    table: Table,
    labels: npt.NDArray[np.int64],
    start: npt.NDArray[np.int64],
    i: Rows,
    j: Rows,
    weight: Floats,
    model: Model,
) -> Iterator[tuple[Rows, Floats]]:
    """For every component of two groups or more its rows, and the weight of every pair of them."""
    order = np.argsort(labels, kind="stable")
    bounds = np.flatnonzero(np.r_[True, np.diff(labels[order]) != 0, True])
    groups = np.bincount(
        labels[np.unique(start, return_index=True)[1]], minlength=int(labels.max(initial=-1)) + 1
    )
    for size in np.unique(sizes := np.diff(bounds)):
        begins = bounds[:-1][(sizes == size) & (groups[labels[order[bounds[:-1]]]] > 1)]
        if size < 2 or not len(begins):
            continue
        members = order[begins[:, None] + np.arange(size)]
        a, b = np.triu_indices(size, 1)
        one, two = members[:, a].ravel(), members[:, b].ravel()
        weights = score(model, table, one, two, compare.levels(table, one, two)).weight.reshape(
            len(members), -1
        )
        for rows, known in zip(members, weights, strict=True):
            matrix = np.full((size, size), np.inf)
            matrix[a, b] = matrix[b, a] = known
            yield rows, matrix


def _forbid(matrix: Floats, rows: Rows, forbidden: set[frozenset[int]]) -> None:
    for a, one in enumerate(rows.tolist()):
        for b, two in enumerate(rows[:a].tolist()):
            if frozenset((one, two)) in forbidden:
                matrix[a, b] = matrix[b, a] = -np.inf


def _agrees(matrix: Floats, own: npt.NDArray[np.int64]) -> bool:
    """Does every pair of different groups' records speak for one person?"""
    return bool(((matrix > 0) | (own[:, None] == own)).all())


def _agglomerate(
    matrix: Floats, own: npt.NDArray[np.int64], rows: Rows, may_join: MayJoin | None
) -> list[list[int]]:
    """Groups of places in `rows`: repeatedly joins the two that fit best, until none fit."""
    numbers = np.unique(own, return_inverse=True)[1]
    groups = [np.flatnonzero(numbers == g).tolist() for g in range(int(numbers.max()) + 1)]
    count = len(groups)
    best, total = np.full((count, count), -np.inf), np.zeros((count, count))
    for a in range(count):
        for b in range(a):
            block = matrix[np.ix_(groups[a], groups[b])]
            best[a, b] = best[b, a] = block.max()
            total[a, b] = total[b, a] = (
                -np.inf if block.min() == -np.inf else np.clip(block, -CLIP, CLIP).sum()
            )
    sizes = np.array([len(g) for g in groups], float)
    while count > 1:
        fit = np.minimum(best, total / np.outer(sizes, sizes) + FORGIVEN)
        np.fill_diagonal(fit, -np.inf)
        a, b = sorted(divmod(int(fit.argmax()), len(fit)))
        if fit[a, b] <= 0:
            break
        if may_join is not None and not may_join(rows[groups[a]].tolist(), rows[groups[b]].tolist()):
            total[a, b] = total[b, a] = -np.inf
            continue
        groups[a] += groups[b]
        groups[b] = []
        best[a] = best[:, a] = np.maximum(best[a], best[b])
        total[a] = total[:, a] = total[a] + total[b]
        best[b] = best[:, b] = -np.inf
        sizes[a] += sizes[b]
        count -= 1
    return [g for g in groups if g]
