"""Why two records are thought to be one person: the weight of each comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from profiles.identity.matching import compare, em, frequency
from profiles.identity.matching.compare import COMPARISONS
from profiles.identity.matching.frequency import RULES
from profiles.identity.matching.model import Model
from profiles.identity.matching.pairs import Levels
from profiles.identity.matching.score import log_shares
from profiles.identity.matching.table import Features, Table

_SHOWN = {
    "name": ("given", "family"),
    "birth": ("birth", "year"),
    "email": ("email",),
    "phone": ("phone",),
    "account": ("accounts",),
    "source": (),
    "address": ("street", "number", "postal", "city"),
    "second_line": ("street2",),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """What one comparison adds to a pair's weight, in log2 odds: above 0 it speaks for one person.

    `level` is one of the comparison's level names; `left` and `right` are the two values. The piece
    called "prior" is how rare pairs of one person are to begin with.
    """

    comparison: str
    level: str
    weight: float
    left: str = ""
    right: str = ""


def explain(model: Model, a: Features, b: Features, sources: tuple[int, int] = (-1, -1)) -> list[Piece]:
    """The pieces of a pair's weight, strongest first, the prior last; they add up to the weight.

    Comparisons that cannot be made are left out. `sources` are those of the two records, -1
    where unknown.
    """
    table = Table.of([(0, sources[0], "", a), (1, sources[1], "", b)])
    i, j = np.array([0]), np.array([1])
    levels = compare.levels(table, i, j)
    rarity = dict(
        zip(RULES, frequency.rarity(model.frequencies, table, i, j, levels)[0].tolist(), strict=True)
    )
    parts = {
        name: _parts(model, levels, number, rarity.get(name, 0.0))
        for number, name in enumerate(compare.NAMES)
    }
    shares = log_shares(model)
    totals = shares + sum(parts.values())
    others = np.exp2(totals[1:] - np.logaddexp2(totals[1], totals[2]))
    pieces = [
        Piece(
            c.name,
            c.levels[levels[0, n]],
            _against(parts[c.name], others),
            _value(a, c.name),
            _value(b, c.name),
        )
        for n, c in enumerate(COMPARISONS)
        if levels[0, n] >= 0
    ]
    pieces.sort(key=lambda piece: -abs(piece.weight))
    doubt = float(-(others * np.log2(np.maximum(others, 1e-300))).sum())
    return [*pieces, Piece("prior", "", _against(shares, others) - doubt)]


def _parts(
    model: Model, levels: Levels, number: int, rarity: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """log2 of one comparison's probability among one person's, a household's and strangers' pairs."""
    alone = np.full_like(levels, -1)
    alone[0, number] = levels[0, number]
    strangers = em.stranger_part(model, levels, number)
    return np.array([
        em.log_likelihood(model.person, alone)[0] / np.log(2),
        em.log_likelihood(model.household, alone)[0] / np.log(2),
        strangers[0] / np.log(2) + rarity,
    ])  # fmt: skip


def _against(
    parts: np.ndarray[tuple[int], np.dtype[np.float64]],
    others: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> float:
    """One person against what is likeliest otherwise."""
    return float(parts[0] - (others * parts[1:]).sum())


def _value(features: Features, comparison: str) -> str:
    return " ".join(filter(None, (getattr(features, name) for name in _SHOWN[comparison])))
