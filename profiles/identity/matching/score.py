"""How likely a pair is one person, in log2 odds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from profiles.identity.matching import em, frequency
from profiles.identity.matching.frequency import Floats
from profiles.identity.matching.model import Model
from profiles.identity.matching.pairs import Levels, Rows
from profiles.identity.matching.table import Table


@dataclass(frozen=True, slots=True)
class Scores:
    """log2 odds per pair: `weight` of one person against anything else, `household` of two
    people of one household against anything else."""

    weight: Floats
    household: Floats


def score(
    model: Model,
    table: Table,
    i: Rows,
    j: Rows,
    levels: Levels,
    rarity: npt.NDArray[np.float32] | None = None,
) -> Scores:
    """Scores of pairs whose levels are known, shape (pairs, comparisons).

    `rarity` is `frequency.rarity` under the model's frequencies, worked out if not given.
    """
    shares = log_shares(model)
    person = shares[0] + em.log_likelihood(model.person, levels) / np.log(2)
    household = shares[1] + em.log_likelihood(model.household, levels) / np.log(2)
    strangers = shares[2] + em.stranger_likelihood(model, levels) / np.log(2)
    if rarity is None:
        rarity = frequency.rarity(model.frequencies, table, i, j, levels)
    strangers += rarity.sum(axis=1)
    return Scores(person - np.logaddexp2(household, strangers), household - np.logaddexp2(person, strangers))


def log_shares(model: Model) -> Floats:
    """log2 of `em.pair_shares`."""
    return np.asarray(np.log2(em.pair_shares(model)), np.float64)


def probability(weight: npt.NDArray[np.floating]) -> Floats:
    """Of log2 odds."""
    return np.asarray(1 / (1 + np.exp2(-np.clip(weight, -500, 500))), np.float64)
