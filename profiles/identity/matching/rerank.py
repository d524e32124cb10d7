"""Learns from reviewers' answers how the matcher's evidence ought to be weighed.

A small logistic regression with a penalty, over the pieces of evidence and the weight. It is
kept only if it does better than the untrained weight on answers it has not seen, for it wins
on most data and not on all (IDENTITY.md section 1, point 6).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from profiles.identity.matching import compare, em, frequency
from profiles.identity.matching.frequency import Floats
from profiles.identity.matching.model import Model
from profiles.identity.matching.pairs import Levels, Rows
from profiles.identity.matching.score import probability, score
from profiles.identity.matching.table import Table

FEWEST_ANSWERS = 200
_FOLDS = 5
_PENALTY = 1.0
_CLIP = 20.0
_CERTAIN = float(np.log2(999))
"""log2 odds of .999, from which on nobody is asked."""


@dataclass(frozen=True, slots=True)
class Reranker:
    """`coefficients` of the standardised columns of `vectors`; gives log2 odds."""

    center: Floats
    scale: Floats
    intercept: float
    coefficients: Floats

    def weight(self, vectors: Floats) -> Floats:
        """log2 odds per row of `vectors`: half what was learnt, half the weight that was there.

        Answers come from the queue, which shows no pair that is certain either way: what was
        learnt there alone goes too far. Where the weight is certain already it stands.
        """
        logit = self.intercept + (vectors - self.center) / self.scale @ self.coefficients
        given = vectors[:, 0]
        return np.where(given >= _CERTAIN, given, (logit / np.log(2) + given) / 2)

    def dumps(self) -> str:
        """As JSON."""
        return json.dumps({
            "center": self.center.tolist(),
            "scale": self.scale.tolist(),
            "intercept": self.intercept,
            "coefficients": self.coefficients.tolist(),
        })  # fmt: skip

    @classmethod
    def loads(cls, text: str) -> Reranker:
        """From `dumps`."""
        stored = json.loads(text)
        arrays = (np.array(stored[name]) for name in ("center", "scale", "coefficients"))
        center, scale, coefficients = arrays
        return cls(center, scale, stored["intercept"], coefficients)


def vectors(model: Model, table: Table, i: Rows, j: Rows, levels: Levels) -> Floats:
    """What a reranker sees of pairs, shape (pairs, features): the weight, the household's odds, and for
    every comparison what it says of one person against strangers and against a household (log2)."""
    scores = score(model, table, i, j, levels)
    rarity = dict(
        zip(frequency.RULES, frequency.rarity(model.frequencies, table, i, j, levels).T, strict=True)
    )
    columns = [scores.weight, scores.household]
    for number, name in enumerate(compare.NAMES):
        alone = np.full_like(levels, -1)
        alone[:, number] = levels[:, number]
        person = em.log_likelihood(model.person, alone) / np.log(2)
        strangers = em.stranger_part(model, levels, number) / np.log(2) + rarity.get(name, 0.0)
        columns.append(person - strangers)
        columns.append(person - em.log_likelihood(model.household, alone) / np.log(2))
    return np.clip(np.stack(columns, axis=1), -_CLIP, _CLIP)


def fit(found: Floats, answers: npt.NDArray[np.bool_], *, seed: int = 1) -> Reranker | None:
    """A reranker from pairs' `vectors` and whether reviewers said "one person", or None.

    None where there are too few answers, where all answers are alike, or where on held-out
    answers it does not beat the weight it was given, in log loss and in errors.
    """
    answers = np.asarray(answers, np.bool_)
    if len(answers) < FEWEST_ANSWERS or answers.all() or not answers.any():
        return None
    fold = np.random.default_rng(seed).permutation(len(answers)) % _FOLDS
    learnt = np.empty(len(answers))
    for number in range(_FOLDS):
        held = fold == number
        learnt[held] = _fit(found[~held], answers[~held]).weight(found[held])
    before = found[:, 0]
    if _loss(learnt, answers) >= _loss(before, answers) or _errors(learnt, answers) > _errors(
        before, answers
    ):
        return None
    return _fit(found, answers)


def _fit(found: Floats, answers: npt.NDArray[np.bool_]) -> Reranker:
    center, scale = found.mean(axis=0), np.maximum(found.std(axis=0), 1e-6)
    x, sign = (found - center) / scale, np.where(answers, 1.0, -1.0)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        margin = sign * (parameters[0] + x @ parameters[1:])
        pull = -sign / (1 + np.exp(np.clip(margin, -500, 500)))
        slope = np.append(pull.sum(), x.T @ pull + _PENALTY * parameters[1:])
        return float(np.logaddexp(0, -margin).sum() + _PENALTY / 2 * (parameters[1:] ** 2).sum()), slope

    best = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return Reranker(center, scale, float(best[0]), np.asarray(best[1:], np.float64))


def _loss(weight: Floats, answers: npt.NDArray[np.bool_]) -> float:
    """Mean logarithmic loss of log2 odds."""
    chance = np.clip(probability(weight), 1e-6, 1 - 1e-6)
    return float(-np.log(np.where(answers, chance, 1 - chance)).mean())


def _errors(weight: Floats, answers: npt.NDArray[np.bool_]) -> int:
    return int(((weight > 0) != answers).sum())
