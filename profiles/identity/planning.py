"""What a night's proposals come to: what is joined, which links hold no more, what people are asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from cdp.lib import sql
from profiles.identity import asking, features
from profiles.identity.asking import Pair, Question
from profiles.identity.learning import Learnt
from profiles.identity.matching import compare, evidence
from profiles.identity.matching.bands import Proposal
from profiles.identity.matching.match import Matched
from profiles.identity.matching.model import Model
from profiles.identity.matching.rerank import Reranker, vectors
from profiles.identity.matching.score import probability, score
from profiles.identity.snapshot import Snapshot
from profiles.identity.thresholds import Thresholds
from profiles.models import MatchPair

SPARE = 1.5
"""So many times the queue's length is kept ready: some pairs become one when others are joined."""


@dataclass(frozen=True, slots=True)
class Fallen:
    """A link of the matcher that tonight's model would not ask about any more. Rows of the snapshot."""

    link: int
    a: int
    b: int
    weight: float
    probability: float


@dataclass(slots=True)
class Plan:
    """`links` are to be joined, `fallen` to be lifted, `asked` (with their rows) to be put to people.

    `cut` questions are too many, `quiet` ones were answered.
    """

    night: Snapshot
    model: Model
    links: list[Proposal]
    fallen: list[Fallen]
    asked: list[tuple[Question, int, int]]
    cut: int = 0
    quiet: int = 0
    _pieces: dict[tuple[int, int], list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.links) + len(self.fallen) + len(self.asked)

    @property
    def questions(self) -> list[Question]:
        return [question for question, _a, _b in self.asked]

    def rows(self) -> set[int]:
        """Rows of the snapshot that any of it rests on."""
        ends = {(p.a, p.b) for p in self.links} | {(f.a, f.b) for f in self.fallen}
        ends |= {(a, b) for _question, a, b in self.asked}
        return {row for both in ends for row in both}

    def without(self, changed: Collection[int]) -> Plan:
        """The plan without what rests on these rows."""
        if not changed:
            return self
        return Plan(
            self.night,
            self.model,
            [p for p in self.links if p.a not in changed and p.b not in changed],
            [f for f in self.fallen if f.a not in changed and f.b not in changed],
            [each for each in self.asked if each[1] not in changed and each[2] not in changed],
            self.cut,
            self.quiet,
            self._pieces,
        )

    def explain(self, questions: Sequence[Question]) -> list[list[dict[str, Any]]]:
        """The pieces of evidence of each, left and right as in the question; worked out once."""
        keys = [(question.record_a, question.record_b) for question in questions]
        missing = [key for key in keys if key not in self._pieces]
        if missing:
            i, j = (self.night.rows([key[side] for key in missing]) for side in (0, 1))
            few, place = self.night.only(np.concatenate([i, j]))
            found = evidence.explain_pairs(self.model, few, place[: len(i)], place[len(i) :])
            for key, pieces in zip(missing, found, strict=True):
                self._pieces[key] = [asdict(piece) for piece in pieces]
        return [self._pieces[key] for key in keys]


def plan(night: Snapshot, matched: Matched, learnt: Learnt, wanted: Thresholds, *, most: int) -> Plan:
    """Everything that can be worked out before the organisation's turn is taken."""
    sure = [p for p in matched.proposals if p.band == "automatic"]
    doubtful = [p for p in matched.proposals if p.band != "automatic"]
    refused = _refused_before(night, sure)
    asked = [question(night, p, blocked_by="limit") for p in sure if _people(night, p) in refused]
    asked += _questions(night, doubtful, learnt, wanted)
    made = Plan(
        night,
        learnt.model,
        [p for p in sure if _people(night, p) not in refused],
        _fallen(night, learnt.model, wanted.review),
        [],
    )
    _choose(made, asked, round(most * SPARE))
    return made


def _people(night: Snapshot, proposal: Proposal) -> Pair:
    a, b = sorted((int(night.profiles[proposal.a]), int(night.profiles[proposal.b])))
    return a, b


def question(
    night: Snapshot, proposal: Proposal, *, chance: float | None = None, blocked_by: str | None = None
) -> Question:
    """A proposal as it is put to people, the record of the lower profile first."""
    rows = sorted((proposal.a, proposal.b), key=lambda row: (int(night.profiles[row]), row))
    a, b = (int(night.table.ids[row]) for row in rows)
    return Question(
        a,
        b,
        proposal.weight,
        proposal.probability if chance is None else chance,
        proposal.blocked_by if blocked_by is None else blocked_by,
    )


def _refused_before(night: Snapshot, sure: Sequence[Proposal]) -> set[Pair]:
    """People whom a limit kept apart once, and who look as they did: nothing is tried again."""
    pairs = {_people(night, proposal) for proposal in sure}
    states = (MatchPair.State.OPEN, MatchPair.State.GONE)
    limited = MatchPair.objects.filter(blocked_by="limit", state__in=states)
    known = {(a, b): seen for a, b, seen in limited.values_list("profile_a", "profile_b", "fingerprint")}
    now = features.fingerprints(known.keys() & pairs)
    return {pair for pair, seen in now.items() if known[pair] == seen}


def _questions(
    night: Snapshot, doubtful: Sequence[Proposal], learnt: Learnt, wanted: Thresholds
) -> list[Question]:
    """Doubtful pairs, judged by what people's answers have taught where anything has."""
    if learnt.reranker is None or not doubtful:
        return [question(night, proposal) for proposal in doubtful]
    chances = _reranked(night, learnt.model, learnt.reranker, doubtful)
    judged = zip(doubtful, chances, strict=True)
    return [question(night, p, chance=chance) for p, chance in judged if chance >= wanted.review]


def _reranked(night: Snapshot, model: Model, reranker: Reranker, doubtful: Sequence[Proposal]) -> list[float]:
    i, j = (np.array([getattr(p, side) for p in doubtful], np.int64) for side in "ab")
    levels = compare.levels(night.table, i, j)
    found = probability(reranker.weight(vectors(model, night.table, i, j, levels)))
    return [float(chance) for chance in found]


def _fallen(night: Snapshot, model: Model, review: float) -> list[Fallen]:
    """The matcher's links that are less likely tonight than what people are asked about."""
    with sql.run("profiles/match_links") as cursor:
        links = cursor.fetchall()
    if not links:
        return []
    i, j = (night.rows([link[side] for link in links]) for side in (1, 2))
    there = np.flatnonzero((i >= 0) & (j >= 0))
    i, j = i[there], j[there]
    weight = score(model, night.table, i, j, compare.levels(night.table, i, j)).weight
    chances = probability(weight)
    return [
        Fallen(links[there[n]][0], int(i[n]), int(j[n]), float(weight[n]), float(chances[n]))
        for n in np.flatnonzero(chances < review).tolist()
    ]


def _choose(made: Plan, asked: Sequence[Question], most: int) -> None:
    """The questions most worth asking, explained while nobody waits."""
    rows = made.night.rows([q.record_a for q in asked]), made.night.rows([q.record_b for q in asked])
    people = made.night.profiles[rows[0]], made.night.profiles[rows[1]]
    by_pair = {
        (int(a), int(b)): (q, int(row_a), int(row_b))
        for q, a, b, row_a, row_b in zip(asked, *people, *rows, strict=True)
    }
    apart = asking.told_apart(by_pair.keys())
    loud = {pair: each for pair, each in by_pair.items() if not (pair in apart and apart[pair].quiet)}
    values = _values({profile for pair in loud for profile in pair})
    nothing = Decimal(0)

    def rank(pair: Pair) -> tuple[float, Pair]:
        value = values.get(pair[0], nothing) + values.get(pair[1], nothing)
        return -asking.worth(loud[pair][0].probability, value), pair

    made.asked = [loud[pair] for pair in sorted(loud, key=rank)[:most]]
    made.cut, made.quiet = len(loud) - len(made.asked), len(by_pair) - len(loud)
    known = asking.known()
    made.explain([q for q, _a, _b in made.asked if not asking.is_known(q, known)])


def _values(profiles: Collection[int]) -> dict[int, Decimal]:
    with sql.run("profiles/match_values", {"profiles": sorted(profiles)}) as cursor:
        return dict(cursor.fetchall())
