"""Is this somebody we know? Scores one record against the few that share a blocking key with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from profiles.identity.matching import compare
from profiles.identity.matching.model import Model
from profiles.identity.matching.score import probability, score
from profiles.identity.matching.table import Features, Table


def candidates_and_scores(
    model: Model, features: Features, rows: Iterable[tuple[int, Features | Sequence[str]]]
) -> list[tuple[int, float, float]]:
    """(id, probability, weight in log2 odds) of every candidate (id, features), likeliest first."""
    table = Table.of([(0, -1, "", features), *((id_, -1, "", row) for id_, row in rows)])
    j = np.arange(1, len(table))
    i = np.zeros_like(j)
    weight = score(model, table, i, j, compare.levels(table, i, j)).weight
    order = np.lexsort((table.ids[1:], -weight))
    chances = probability(weight)
    return [(int(table.ids[n + 1]), float(chances[n]), float(weight[n])) for n in order.tolist()]
