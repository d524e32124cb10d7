"""Foyer itself on cleaned data: the exact layer, then the matcher, as a nightly run does it."""

from __future__ import annotations

import numpy as np

from benchmarks.identity import exact_layers
from benchmarks.identity.dataset import Clean
from benchmarks.identity.evaluate import WORTH_A_LOOK, Floats, Ints, Scored
from benchmarks.identity.outcome import Outcome
from profiles.identity.matching import compare, rerank
from profiles.identity.matching.cluster import cluster
from profiles.identity.matching.match import Matched, match
from profiles.identity.matching.score import probability
from profiles.identity.matching.table import Column, Table

DECISIONS = 1_000
SEED = 1


def table_of(data: Clean) -> Table:
    """The matcher's table over cleaned columns; a record's id is its row."""
    ids = np.arange(len(data))
    columns = {name: Column.of(column) for name, column in data.features.items()}
    return Table(ids, data.sources, [f"{n:09d}" for n in range(len(data))], columns)


def matcher(data: Clean) -> Outcome:
    """The matcher alone, nothing joined beforehand."""
    matched = match(table_of(data))
    return Outcome(matched.labels, scored(matched), notes=_notes(matched))


def product(data: Clean) -> Outcome:
    """Exact layer and matcher. By-products: what is merged with nobody asked, and what a thousand
    reviewers' answers would add."""
    exact = exact_layers.guarded(data)
    matched = match(table_of(data), initial=exact)
    more = {"Foyer, merged by itself": Outcome(automatic(matched, exact))}
    return Outcome(matched.labels, scored(matched), more=more, notes=_notes(matched))


def reviewed(data: Clean) -> Outcome:
    """Exact layer and matcher, and the re-ranker after 1,000 answers from the queue, given by the truth."""
    exact = exact_layers.guarded(data)
    table = table_of(data)
    matched = match(table, initial=exact)
    queue = [p for p in matched.proposals if p.band == "review"]
    asked = np.random.default_rng(SEED).permutation(len(queue))[:DECISIONS]
    a, b = (np.array([getattr(queue[n], side) for n in asked], np.int64) for side in ("a", "b"))
    answers = data.truth[a] == data.truth[b]
    seen = rerank.vectors(matched.model, table, a, b, compare.levels(table, a, b))
    reranker = rerank.fit(seen, answers)
    if reranker is None:
        return Outcome(matched.labels, scored(matched), notes=("re-ranker not kept",))
    i, j, weight = _worth_a_look(matched)
    weight = reranker.weight(rerank.vectors(matched.model, table, i, j, compare.levels(table, i, j)))
    labels = cluster(table, i, j, weight, model=matched.model, initial=exact)
    return Outcome(labels, _scored(i, j, weight), notes=(f"{len(asked)} answers",))


def _worth_a_look(matched: Matched) -> tuple[Ints, Ints, Floats]:
    """The pairs at least one in a hundred: answers come from among them, and teach nothing of others."""
    i, j, weight = matched.pairs
    seen = probability(weight) >= WORTH_A_LOOK
    return i[seen], j[seen], weight[seen]


def scored(matched: Matched) -> Scored:
    """The pairs the matcher compared, with their probabilities."""
    return _scored(*matched.pairs)


def _scored(i: Ints, j: Ints, weight: Floats) -> Scored:
    chance = probability(weight)
    seen = chance >= WORTH_A_LOOK
    return Scored(i[seen], j[seen], chance[seen])


def automatic(matched: Matched, exact: Ints) -> Ints:
    """One code per record: the exact layer's people, joined by the automatic proposals alone."""
    sure = [(p.a, p.b) for p in matched.proposals if p.band == "automatic"]
    a, b = np.array(sure, np.int64).reshape(-1, 2).T
    joined = exact_layers.connected(int(exact.max(initial=-1)) + 1, exact[a], exact[b])
    return joined[exact]


def _notes(matched: Matched) -> tuple[str, ...]:
    """Seconds of each step, pairs compared, blocks left out."""
    steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in matched.report.seconds.items())
    queue = sum(p.band == "review" for p in matched.proposals)
    skipped = len(matched.report.skipped)
    return (
        f"{matched.report.candidates:,} pairs; {steps}; {queue:,} proposals for review; "
        f"{skipped} blocks left out",
    )  # fmt: skip
