"""Why two records are thought to be one person: the weight of each comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from profiles.identity.matching import compare, em, frequency
from profiles.identity.matching.compare import COMPARISONS
from profiles.identity.matching.frequency import RULES, Floats
from profiles.identity.matching.model import Model
from profiles.identity.matching.pairs import Levels, Rows
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
    return explain_pairs(model, table, np.array([0]), np.array([1]))[0]


def explain_pairs(model: Model, table: Table, i: Rows, j: Rows) -> list[list[Piece]]:
    """`explain` of many pairs of rows: a thousand together take as long as ten alone."""
    levels = compare.levels(table, i, j)
    rarity = dict(zip(RULES, frequency.rarity(model.frequencies, table, i, j, levels).T, strict=True))
    parts = [
        _parts(model, levels, number, rarity.get(name, 0.0)) for number, name in enumerate(compare.NAMES)
    ]
    shares = log_shares(model)[:, None]
    totals = shares + sum(parts)
    others = np.exp2(totals[1:] - np.logaddexp2(totals[1], totals[2]))
    doubt = -(others * np.log2(np.maximum(others, 1e-300))).sum(axis=0)
    prior = _against(shares, others) - doubt
    against = [_against(part, others) for part in parts]
    found = []
    for pair, (one, two) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        a, b = table.row(one), table.row(two)
        pieces = [
            Piece(
                c.name,
                c.levels[levels[pair, n]],
                float(against[n][pair]),
                _value(a, c.name),
                _value(b, c.name),
            )
            for n, c in enumerate(COMPARISONS)
            if levels[pair, n] >= 0
        ]
        pieces.sort(key=lambda piece: -abs(piece.weight))
        found.append([*pieces, Piece("prior", "", float(prior[pair]))])
    return found


def _parts(model: Model, levels: Levels, number: int, rarity: npt.NDArray[np.float32] | float) -> Floats:
    """log2 of one comparison's probability among one person's, a household's and strangers' pairs;
    shape (3, pairs)."""
    alone = np.full_like(levels, -1)
    alone[:, number] = levels[:, number]
    strangers = em.stranger_part(model, levels, number)
    return np.stack([
        em.log_likelihood(model.person, alone) / np.log(2),
        em.log_likelihood(model.household, alone) / np.log(2),
        strangers / np.log(2) + rarity,
    ])  # fmt: skip


def _against(parts: Floats, others: Floats) -> Floats:
    """One person against what is likeliest otherwise, per pair."""
    return np.asarray(parts[0] - (others * parts[1:]).sum(axis=0), np.float64)


def _value(features: Features, comparison: str) -> str:
    return " ".join(filter(None, (getattr(features, name) for name in _SHOWN[comparison])))
