"""Puts the night's doubtful pairs to people: new questions, changed ones, and those that are none any more.

A pair that was told apart is quiet while the two look as they did then. The queue has an
end, and what does not fit is counted, never silent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from math import log10
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from cdp.lib import sql
from profiles.identity import features
from profiles.models import MatchPair

Pair = tuple[int, int]
"""Profile ids, the lower first."""

PROBABLE, LIFTED = "probable", "lifted"
"""Rules: found by the matcher; was linked by it once and would not be tonight."""
TOLD_APART = "told_apart"
"""Kept a pair from being merged by itself: somebody told the two apart, and they look different since."""


@dataclass(frozen=True, slots=True)
class Question:
    """Two records that may be one person. `weight` is in log2 odds; `blocked_by` as in MatchPair."""

    record_a: int
    record_b: int
    weight: float
    probability: float
    blocked_by: str = ""
    rule: str = PROBABLE
    reason: str = ""


@dataclass(slots=True)
class Asked:
    """How many questions are new, look different, are asked again, are none any more; how many wait
    now; how many were cut off, and how many are quiet because somebody told the two apart."""

    new: int = 0
    changed: int = 0
    again: int = 0
    gone: int = 0
    waiting: int = 0
    cut: int = 0
    quiet: int = 0


def worth(probability: float, value: Decimal) -> float:
    """What the queue is cut by: certainty, and the order of magnitude of what the two have bought for."""
    return probability * (1 + log10(1 + float(value)))


Explain = Callable[[Sequence[Question]], Sequence[list[dict[str, Any]]]]
"""The pieces of evidence of each of many questions."""


def ask(questions: Iterable[Question], *, most: int, model_id: int, explain: Explain) -> Asked:
    """Makes the open questions these, `most` at most. Inside the organisation's turn."""
    put = list(questions)
    homes = _homes(put)
    found = _by_people(put, homes)
    apart = told_apart(found)
    loud = {pair: q for pair, q in found.items() if not (pair in apart and apart[pair].quiet)}
    value = {pair: homes[q.record_a][1] + homes[q.record_b][1] for pair, q in loud.items()}

    def rank(pair: Pair) -> tuple[bool, float, Pair]:
        return loud[pair].rule != LIFTED, -worth(loud[pair].probability, value[pair]), pair

    kept = {pair: _noted(loud[pair], apart.get(pair)) for pair in sorted(loud, key=rank)[:most]}
    _stage(kept, value, explain)
    done = _write(model_id)
    done.cut, done.quiet = len(loud) - len(kept), len(found) - len(loud)
    return done


def _noted(question: Question, apart: Apart | None) -> Question:
    return replace(question, blocked_by=TOLD_APART, reason=apart.reason) if apart else question


Homes = Mapping[int, tuple[int, Decimal]]


def _homes(questions: Sequence[Question]) -> Homes:
    records = sorted({record for q in questions for record in (q.record_a, q.record_b)})
    with sql.run("profiles/match_homes", {"records": records}) as cursor:
        return {record: (profile, value) for record, profile, value in cursor.fetchall()}


def _by_people(questions: Iterable[Question], homes: Homes) -> dict[Pair, Question]:
    """The likeliest question about every two people, records in the order of the people."""
    found: dict[Pair, Question] = {}
    for q in questions:
        if q.record_a not in homes or q.record_b not in homes:
            continue
        a, b = homes[q.record_a][0], homes[q.record_b][0]
        if a > b:
            a, b, q = b, a, replace(q, record_a=q.record_b, record_b=q.record_a)
        if a != b and ((a, b) not in found or found[a, b].weight < q.weight):
            found[a, b] = q
    return found


@dataclass(frozen=True, slots=True)
class Apart:
    """Somebody told two people apart, for this reason. `quiet`: they still look as they did then."""

    reason: str
    quiet: bool


def told_apart(pairs: Collection[Pair]) -> dict[Pair, Apart]:
    """Those of the pairs that somebody told apart."""
    said: dict[Pair, dict[str, str]] = defaultdict(dict)
    profiles = sorted({profile for pair in pairs for profile in pair})
    for row in sql.rows("profiles/match_told_apart", {"profiles": profiles}):
        if (row["one"], row["two"]) in pairs:
            said[row["one"], row["two"]][row["fingerprint"]] = row["reason"]
    now = features.fingerprints(said.keys())
    return {pair: Apart(max(told.values()), "" in told or now[pair] in told) for pair, told in said.items()}


_COPY = """copy stage_pair (
    profile_a, profile_b, record_a, record_b, weight, probability, blocked_by, rule, reason, value,
    fingerprint, evidence
) from stdin"""


def _stage(kept: Mapping[Pair, Question], value: Mapping[Pair, Decimal], explain: Explain) -> None:
    prints = features.fingerprints(kept.keys())
    open_now = known()
    fresh = [
        pair for pair, q in kept.items() if open_now.get((q.record_a, q.record_b)) != (q.weight, prints[pair])
    ]
    pieces = dict(zip(fresh, map(Jsonb, explain([kept[pair] for pair in fresh])), strict=True))
    with connection.cursor() as cursor:
        sql.run("profiles/match_pairs_stage", cursor=cursor)
        cursor.execute("truncate stage_pair")
        with cursor.copy(_COPY) as copy:
            for pair, q in kept.items():
                copy.write_row((*pair, *asdict(q).values(), value[pair], prints[pair], pieces.get(pair)))
        cursor.execute("analyze stage_pair")


Known = Mapping[tuple[int, int], tuple[float, str]]
"""Weight and fingerprint of what the evidence of every open question is about, by its records."""


def known() -> Known:
    rows = MatchPair.objects.filter(state=MatchPair.State.OPEN).values_list(
        "record_a", "record_b", "weight", "fingerprint"
    )
    return {(a, b): (weight, seen) for a, b, weight, seen in rows}


def is_known(question: Question, open_now: Known) -> bool:
    """Whether it is likely that the question's evidence is stored already."""
    stored = open_now.get((question.record_a, question.record_b))
    return stored is not None and stored[0] == question.weight


_STEPS = (("reopen", "again"), ("update", "changed"), ("insert", "new"), ("gone", "gone"))


def _write(model_id: int) -> Asked:
    done = Asked()
    with connection.cursor() as cursor:
        for name, counted in (
            ("reopen", "again"),
            ("update", "changed"),
            ("insert", "new"),
            ("gone", "gone"),
        ):
            sql.run(f"profiles/match_pairs_{name}", {"model": model_id}, cursor=cursor)
            setattr(done, counted, cursor.rowcount)
    done.changed -= done.again
    done.waiting = MatchPair.objects.filter(state=MatchPair.State.OPEN).count()
    return done
