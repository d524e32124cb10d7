"""The whole matcher in one call: from a table to people, proposals and households."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from profiles.identity.matching import bands, blocking, compare, em, frequency
from profiles.identity.matching.bands import Proposals
from profiles.identity.matching.blocking import Skipped
from profiles.identity.matching.cluster import MayJoin, cluster
from profiles.identity.matching.frequency import Floats
from profiles.identity.matching.model import Model
from profiles.identity.matching.pairs import Rows
from profiles.identity.matching.score import probability, score
from profiles.identity.matching.table import Table


@dataclass(slots=True)
class Report:
    """What a run did: pairs compared, blocks left out, and seconds a step."""

    records: int = 0
    candidates: int = 0
    skipped: tuple[Skipped, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Households:
    """Pairs of rows of two people likely of one household, the best pair of each two people."""

    a: Rows
    b: Rows
    probability: Floats


@dataclass(frozen=True, slots=True)
class Matched:
    """`labels` gives every row its person (the person's first row). Rows are the table's."""

    model: Model
    labels: npt.NDArray[np.int64]
    proposals: Proposals
    households: Households
    pairs: tuple[Rows, Rows, Floats]
    """All pairs compared: rows i and j, and weight in log2 odds."""
    report: Report


def match(
    table: Table,
    *,
    initial: npt.NDArray[np.int64] | None = None,
    cannot: Iterable[tuple[Collection[int], Collection[int]]] = (),
    may_join: MayJoin | None = None,
    model: Model | None = None,
    automatic: float = bands.AUTOMATIC,
    review: float = bands.REVIEW,
    cap: int = blocking.CAP,
    seed: int = 1,
) -> Matched:
    """Matches a table; trains a model unless one is given.

    `initial` labels per row what the exact layer made one person. `cannot` names record
    ids that a person has said are not one: none of the first with any of the second.
    """
    report = Report(records=len(table))
    with _timed(report, "candidates"):
        found = blocking.candidates(table, cap)
    with _timed(report, "compare"):
        levels = compare.levels(table, found.i, found.j)
    with _timed(report, "rarity"):
        frequencies = model.frequencies if model else frequency.count(table)
        rarity = frequency.rarity(frequencies, table, found.i, found.j, levels)
    with _timed(report, "train"):
        model = model or em.train(table, found, levels, frequencies=frequencies, rarity=rarity, seed=seed)
    with _timed(report, "score"):
        scores = score(model, table, found.i, found.j, levels, rarity)
    start = np.arange(len(table)) if initial is None else np.unique(initial, return_inverse=True)[1]
    with _timed(report, "cluster"):
        labels = cluster(
            table, found.i, found.j, scores.weight,
            model=model, initial=start, cannot=_row_pairs(table, cannot), may_join=may_join,
        )  # fmt: skip
    with _timed(report, "judge"):
        proposals = bands.judge(
            table, found.i, found.j, scores.weight,
            start=start, labels=labels, automatic=automatic, review=review, may_join=may_join,
        )  # fmt: skip
    households = _households(found.i, found.j, scores.household, labels)
    report.candidates, report.skipped = len(found), found.skipped
    return Matched(model, labels, proposals, households, (found.i, found.j, scores.weight), report)


@contextmanager
def _timed(report: Report, step: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    report.seconds[step] = time.perf_counter() - begun


def _row_pairs(
    table: Table, cannot: Iterable[tuple[Collection[int], Collection[int]]]
) -> list[tuple[int, int]]:
    row = {id_: n for n, id_ in enumerate(table.ids.tolist())}
    return [(row[a], row[b]) for one, two in cannot for a in one for b in two if a in row and b in row]


def _households(i: Rows, j: Rows, weight: Floats, labels: npt.NDArray[np.int64]) -> Households:
    """The best household pair of every two people, likeliest first."""
    likely = np.flatnonzero((weight > 0) & (labels[i] != labels[j]))
    likely = likely[np.lexsort((j[likely], i[likely], -weight[likely]))]
    people = np.sort(np.stack([labels[i[likely]], labels[j[likely]]]), axis=0)
    _, first = np.unique(people[0] * (len(labels) + 1) + people[1], return_index=True)
    likely = likely[np.sort(first)]
    return Households(i[likely], j[likely], probability(weight[likely]))
