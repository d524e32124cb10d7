"""From likely pairs to people."""

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.identity.matching import platform
from profiles.identity.matching.cluster import LARGEST, _Known, cluster
from profiles.identity.matching.table import Table
from tests.profiles.matching.people import shown

Weights = npt.NDArray[np.float64]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs nobody gave a weight speak strongly against one person."""

    def of(self: _Known, i: npt.NDArray[np.int64], j: npt.NDArray[np.int64]) -> Weights:
        numbers = self._number(i, j)
        given_ = dict(zip(self._pairs.tolist(), self._weight.tolist(), strict=True))
        return np.array([given_.get(number, -10.0) for number in numbers.tolist()])

    monkeypatch.setattr(_Known, "_of", of)


def people(n: int, keys: Sequence[int] | None = None) -> Table:
    return Table.of((row, 0, f"{keys[row] if keys else row:03d}", shown()) for row in range(n))


def clustered(
    n: int, edges: dict[tuple[int, int], float], keys: Sequence[int] | None = None, **options: Any
) -> list[list[int]]:
    """The groups of n rows with weights for some pairs."""
    i, j = np.array(list(edges), np.int64).reshape(-1, 2).T
    weight = np.array(list(edges.values()), float)
    labels = cluster(people(n, keys), i, j, weight, model=platform.model(), **options)
    assert (labels[labels] == labels).all()
    return [np.flatnonzero(labels == label).tolist() for label in np.unique(labels)]


pytestmark = pytest.mark.usefixtures("known")


def test_likely_pairs_are_joined() -> None:
    assert clustered(4, {(0, 1): 5.0, (2, 3): -5.0}) == [[0, 1], [2], [3]]


def test_a_chain_is_not_joined_through_a_contradiction() -> None:
    assert clustered(3, {(0, 1): 9.0, (1, 2): 1.5, (0, 2): -30.0}) == [[0, 1], [2]]


def test_a_little_doubt_is_forgiven() -> None:
    assert clustered(3, {(0, 1): 9.0, (1, 2): 8.0, (0, 2): -2.0}) == [[0, 1, 2]]


def test_what_is_one_already_stays_so() -> None:
    start = np.array([0, 0, 1])
    assert clustered(3, {(0, 1): -20.0, (1, 2): -1.0}, initial=start) == [[0, 1], [2]]


def test_starting_groups_are_joined_as_a_whole() -> None:
    start = np.array([5, 5, 7, 7])
    edges = {(0, 2): 9.0, (0, 3): 3.0, (1, 2): 3.0, (1, 3): 3.0}
    assert clustered(4, edges, initial=start) == [[0, 1, 2, 3]]


def test_cannot_is_stronger_than_any_weight() -> None:
    edges = {(0, 1): 20.0, (1, 2): 20.0, (0, 2): 20.0}
    assert clustered(3, edges, cannot=[(0, 2)]) in ([[0, 1], [2]], [[0], [1, 2]])


def test_whoever_asks_may_forbid() -> None:
    edges = {(0, 1): 9.0, (1, 2): 8.0, (0, 2): 8.0}
    assert clustered(3, edges, may_join=lambda a, b: len(a) + len(b) < 3) == [[0, 1], [2]]


def test_whoever_asks_cannot_tear_what_is_one_already() -> None:
    start = np.array([0, 0, 1])
    edges = {(0, 1): 9.0, (1, 2): 8.0, (0, 2): 8.0}
    assert clustered(3, edges, initial=start, may_join=lambda a, b: False) == [[0, 1], [2]]


def test_a_giant_component_falls_apart_at_its_weakest_pairs() -> None:
    n = LARGEST + 2
    edges = {(row, row + 1): 9.0 if row % 2 == 0 else 1.0 for row in range(n - 1)}
    assert clustered(n, edges) == [[row, row + 1] for row in range(0, n, 2)]


Drawn = tuple[int, dict[tuple[int, int], float], list[int], list[tuple[int, int]]]


@st.composite
def tables(draw: st.DrawFn) -> Drawn:
    n = draw(st.integers(2, 9))
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    weights = draw(st.lists(st.floats(-15, 15), min_size=len(pairs), max_size=len(pairs)))
    start = draw(st.lists(st.integers(0, n), min_size=n, max_size=n))
    return (
        n,
        dict(zip(pairs, weights, strict=True)),
        start,
        draw(st.lists(st.sampled_from(pairs), max_size=3)),
    )


@settings(max_examples=150)
@given(tables())
def test_starting_groups_are_never_torn_and_cannot_never_broken(
    drawn: Drawn,
) -> None:
    n, edges, start, cannot = drawn
    i, j = np.array(list(edges), np.int64).T
    weight = np.array(list(edges.values()))
    labels = cluster(
        people(n), i, j, weight, model=platform.model(), initial=np.array(start), cannot=cannot
    )  # fmt: skip
    for a in range(n):
        for b in range(a):
            if start[a] == start[b]:
                assert labels[a] == labels[b]
    for a, b in cannot:
        assert start[a] == start[b] or labels[a] != labels[b]


@settings(max_examples=100)
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(drawn: Drawn, rng: Random) -> None:
    n, edges, _, _ = drawn
    rounded = {pair: float(round(weight)) for pair, weight in edges.items()}  # many are alike
    order = list(range(n))
    rng.shuffle(order)
    moved = {(min(order[a], order[b]), max(order[a], order[b])): w for (a, b), w in rounded.items()}
    keys = [order.index(row) for row in range(n)]
    before = {frozenset(order[row] for row in group) for group in clustered(n, rounded)}
    assert before == {frozenset(group) for group in clustered(n, moved, keys)}
