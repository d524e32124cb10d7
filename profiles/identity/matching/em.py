"""Learns without answers what agreement is worth (expectation maximisation).

Every pair of records belongs to one of three hidden classes: one person, two people of one
household, strangers. Pairs with the same levels are counted together as a pattern. How
strangers agree is seen on random pairs; how one person's records and a household's agree,
and how many such pairs there are among all n(n-1)/2, is what the iterations find. Two
classes alone would learn "one household" as "one person" (IDENTITY.md section 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from profiles.identity.matching import compare, frequency, platform, words
from profiles.identity.matching.blocking import Candidates
from profiles.identity.matching.compare import COMPARISONS, NAMES, Comparison, Names
from profiles.identity.matching.frequency import Floats, Frequencies
from profiles.identity.matching.model import Model
from profiles.identity.matching.pairs import Levels
from profiles.identity.matching.table import Table

RANDOM_PAIRS = 400_000
SMALL = 2_000
"""Records below which a table is too small to learn from: the platform's model leads."""
_ITERATIONS = 60
_ENOUGH = 1e-4
_BITS = 2.0
"""log2 width of the steps in which rarity enters a pattern."""


def train(
    table: Table,
    candidates: Candidates,
    levels: Levels,
    *,
    prior: Model | None = None,
    frequencies: Frequencies | None = None,
    rarity: npt.NDArray[np.float32] | None = None,
    seed: int = 1,
) -> Model:
    """The model of a table from its candidate pairs and their levels (pairs, comparisons).

    `frequencies` and `rarity` are the table's (`matching.frequency`), worked out if not given.
    """
    prior = prior or platform.model()
    frequencies = frequencies or frequency.count(table)
    sample = _random_pairs(len(table), np.random.default_rng(seed))
    strangers = _strangers(compare.levels(table, *sample), frequencies, prior)
    namesakes = _namesakes(table, strangers["email"], np.random.default_rng(seed))
    if rarity is None:
        rarity = frequency.rarity(frequencies, table, candidates.i, candidates.j, levels)
    patterns = _Patterns.count(levels, rarity.sum(axis=1))
    # Of how a table is made up of sources nothing can be known beforehand.
    person, household = ({**c, "source": strangers["source"]} for c in (prior.person, prior.household))
    prior = replace(prior, person=person, household=household)
    start = Model(
        records=len(table),
        person_rate=prior.person_rate,
        household_rate=prior.household_rate,
        person=person,
        household=household,
        strangers=strangers,
        namesakes=namesakes,
        frequencies=frequencies,
    )
    return _iterate(start, prior, patterns)


def _random_pairs(n: int, chance: np.random.Generator) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pairs of rows at random; all pairs of a small table."""
    if n * (n - 1) // 2 <= RANDOM_PAIRS:
        i, j = np.triu_indices(n, 1)
        return i.astype(np.int64), j.astype(np.int64)
    i, j = chance.integers(0, n, (2, RANDOM_PAIRS))
    return i[i != j], j[i != j]


def _strangers(levels: Levels, frequencies: Frequencies, prior: Model) -> dict[str, Floats]:
    """How strangers agree: random pairs, with equality from frequencies (far less noisy)."""
    found = {}
    for number, comparison in enumerate(COMPARISONS):
        level = levels[:, number]
        seen = np.bincount(level[level >= 0], minlength=len(comparison.levels)).astype(float)
        believed = prior.strangers[comparison.name]
        if comparison.name == "name":
            believed = (believed + 9 * _independent(seen)) / 10
        shares = in_groups(comparison, seen, believed, 20.0)
        found[comparison.name] = _with_equality(comparison, shares, seen, frequencies)
    return found


def in_groups(
    comparison: Comparison, seen: Floats, believed: Floats, least: float, share: float = 0.0
) -> Floats:
    """Probabilities of levels within their groups: counts and a belief, the belief weighing `least`
    observations, or `share` of those seen where that is more."""
    groups = np.array(comparison.groups)
    total = np.bincount(groups, seen)
    strength = np.maximum(least, share * total)
    shares = (seen + strength[groups] * believed) / (total + strength)[groups]
    return normalised(comparison, np.maximum(shares, 1e-12))


def normalised(comparison: Comparison, shares: Floats) -> Floats:
    """Shares that add up to one in every group of levels."""
    groups = np.array(comparison.groups)
    return np.asarray(shares / np.bincount(groups, shares)[groups], np.float64)


def _independent(seen: Floats) -> Floats:
    """Given and family names on their grid as a product of both: most cells are too rare to be seen."""
    cells = np.append(0.0, seen[: compare.CROSSED]) + 1e-3
    grid = cells.reshape(-1, compare.NAME.width)
    known = grid[1:, 1:]
    product = np.outer(known.sum(axis=1), known.sum(axis=0)) / known.sum() ** 2
    grid[1:, 1:] = product
    return normalised(COMPARISONS[0], np.append(grid.ravel()[1:], [1e-4, 1e-6, 1e-7]))


def _with_equality(comparison: Comparison, shares: Floats, seen: Floats, frequencies: Frequencies) -> Floats:
    """Shares with those of equal values taken from the values' frequencies, if the group was seen."""
    groups = np.array(comparison.groups)
    for level, columns in comparison.equal:
        if np.bincount(groups, seen)[groups[level]]:
            shares[level] = max(frequencies[columns].mean, 1e-10)
    return normalised(comparison, shares)


_NAMESAKES = 12_000


def _namesakes(table: Table, strangers: Floats, chance: np.random.Generator) -> dict[str, Floats]:
    """How e-mails of strangers agree who have names in common, by the name of what they share.

    Local parts are made of names. Two strangers are made namesakes: one local part is compared to
    what the other's handle would be with the first one's names in it.
    """
    rows = np.flatnonzero(
        (table["handle"].codes >= 0) & (table["given"].codes >= 0) & (table["family"].codes >= 0)
    )
    found = {}
    for shared in (Names.GIVEN, Names.FAMILY, Names.BOTH):
        seen = np.zeros(len(strangers))
        if len(rows) > 1:
            i, j = rows[chance.integers(0, len(rows), (2, _NAMESAKES))]
            seen += _as_namesakes(table, i[i != j], j[i != j], shared)
        seen[-1] = strangers[-1] * seen.sum()
        found[shared.name] = in_groups(COMPARISONS[NAMES.index("email")], seen, strangers, 20.0)
    return found


def _as_namesakes(table: Table, i: npt.NDArray[np.int64], j: npt.NDArray[np.int64], shared: Names) -> Floats:
    """How often each level is met between local parts at i and those of j, given the names of i."""
    local, handle, given, family = (table[name].texts() for name in ("local", "handle", "given", "family"))
    ours, theirs = [], []
    for a, b in zip(i.tolist(), j.tolist(), strict=True):
        first = given(a) if shared != Names.FAMILY else given(b)
        last = family(a) if shared != Names.GIVEN else family(b)
        ours.append(local(a))
        theirs.append(words.filled(handle(b), first, last))
    same = np.array([x == y for x, y in zip(ours, theirs, strict=True)], np.bool_)
    level = np.where(same, compare.LOCAL_SAME, compare.judge_local(ours, theirs))
    return np.bincount(level, minlength=len(compare.EMAIL_LEVELS)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Distinct combinations of levels (patterns, comparisons), their rarity in log2, and their pairs."""

    levels: Levels
    rarity: Floats
    counts: Floats

    @classmethod
    def count(cls, levels: Levels, rarity: npt.NDArray[np.floating]) -> _Patterns:
        steps = np.clip(np.round(rarity / _BITS), -10, 10).astype(np.int64) + 10
        sizes = [len(c.levels) + 1 for c in COMPARISONS]
        codes = steps
        for number, size in enumerate(sizes):
            codes = codes * size + (levels[:, number] + 1)
        codes, counts = np.unique(codes, return_counts=True)
        columns = []
        for size in reversed(sizes):
            codes, level = np.divmod(codes, size)
            columns.append(level - 1)
        found = np.stack(columns[::-1], axis=1).astype(np.int8)
        return cls(found, np.asarray((codes - 10) * _BITS, np.float64), counts.astype(np.float64))


def log_likelihood(probabilities: Mapping[str, Floats], levels: Levels) -> Floats:
    """Natural logarithm of the probability of each row of levels (rows, comparisons)."""
    total = np.zeros(len(levels))
    for number, comparison in enumerate(COMPARISONS):
        total += np.append(np.log(probabilities[comparison.name]), 0.0)[levels[:, number]]
    return total


def _iterate(start: Model, prior: Model, patterns: _Patterns) -> Model:
    """Expectation and maximisation in turn until the classes' sizes stand still.

    Where next to nothing looks like a household, the table has none, and what did is one
    person's records with several mistakes: the class is then closed and learning goes on.
    """
    strangers = stranger_likelihood(start, patterns.levels) + patterns.rarity * np.log(2)
    model, closed = start, False
    for _ in range(_ITERATIONS):
        weights = _expect(model, patterns, strangers)
        before = model
        model = _maximise(model, prior, patterns.levels, weights, closed)
        if _still(before, model):
            people, homes = weights.sum(axis=1)
            if closed or homes > _FEW_HOMES * people or people < _ENOUGH_PEOPLE:
                break
            closed = True
    return model


_FEW_HOMES = 0.06
_ENOUGH_PEOPLE = 200


def _still(before: Model, after: Model) -> bool:
    """Have the classes' sizes stopped to change?"""
    change = abs(after.person_rate - before.person_rate) < _ENOUGH * before.person_rate
    return change and abs(after.household_rate - before.household_rate) <= _ENOUGH * before.household_rate


def _expect(model: Model, patterns: _Patterns, strangers: Floats) -> Floats:
    """How many pairs of each pattern are one person's and one household's, shape (2, patterns)."""
    shares = pair_shares(model)
    joint = np.stack([
        np.log(shares[0]) + log_likelihood(model.person, patterns.levels),
        np.log(shares[1]) + log_likelihood(model.household, patterns.levels),
        np.log(shares[2]) + strangers,
    ])  # fmt: skip
    joint = np.exp(joint - joint.max(axis=0))
    return np.asarray(joint[:2] / joint.sum(axis=0) * patterns.counts, np.float64)


def pair_shares(model: Model) -> Floats:
    """Shares of all pairs that are one person's, one household's and strangers'."""
    share = np.minimum(np.array([model.person_rate, model.household_rate]) / max(2, model.records), 0.3)
    return np.append(share, 1 - share.sum())


def _maximise(model: Model, prior: Model, levels: Levels, weights: Floats, closed: bool) -> Model:
    """The model that makes the expected pairs likeliest, drawn a little towards the prior."""
    n = model.records
    believed = np.array([prior.person_rate, prior.household_rate])
    strength = _BELIEVED_RECORDS / (n + _BELIEVED_RECORDS)
    rates = (1 - strength) * 2 * weights.sum(axis=1) / max(1, n - 1) + strength * believed
    rates = np.maximum(rates, _LEAST_RATE)
    return replace(
        model,
        person_rate=float(rates[0]),
        household_rate=_LEAST_RATE if closed else float(rates[1]),
        person=_shares(weights[0], levels, prior.person),
        household=_shares(weights[1], levels, prior.household),
    )


_BELIEVED_RECORDS = 100
_LEAST_RATE = 1e-5


def stranger_likelihood(model: Model, levels: Levels) -> Floats:
    """As `log_likelihood` of strangers, but where names agree by what namesakes show."""
    total = np.zeros(len(levels))
    for number in range(len(COMPARISONS)):
        total += stranger_part(model, levels, number)
    return total


def stranger_part(model: Model, levels: Levels, number: int) -> Floats:
    """One comparison's part of `stranger_likelihood`, per row of levels."""
    shares = model.strangers[NAMES[number]]
    level = levels[:, number]
    if NAMES[number] != "email":
        return np.append(np.log(shares), 0.0)[level]
    by_names = [shares, *(model.namesakes[shared.name] for shared in (Names.GIVEN, Names.FAMILY, Names.BOTH))]
    logs = np.array([np.append(np.log(shares), 0.0) for shares in by_names])
    return logs[compare.NAMES_IN_COMMON[levels[:, NAMES.index("name")]], level]


_WEIGHT = 0.1
_LEAST = 200.0


def _shares(weights: Floats, levels: Levels, prior: Mapping[str, Floats]) -> dict[str, Floats]:
    """Expected shares of levels, drawn a little towards the prior's: a tenth of the pairs, 200 at least."""
    found = {}
    for number, comparison in enumerate(COMPARISONS):
        believed = prior[comparison.name]
        seen = np.bincount(levels[:, number] + 1, weights, len(believed) + 1)[1:].astype(float)
        found[comparison.name] = in_groups(comparison, seen, believed, _LEAST, _WEIGHT)
    return found
