"""Which model the matcher works with, what it learns from people's answers, and how both are kept."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from profiles.identity import precision
from profiles.identity.matching import compare, platform, rerank
from profiles.identity.matching.match import Matched
from profiles.identity.matching.model import Model, OldModel
from profiles.identity.matching.rerank import Reranker
from profiles.identity.snapshot import Snapshot
from profiles.models import MatchModel, MatchPair

FEWEST_PEOPLE = 2000
"""People below which an organisation's own records teach too little (IDENTITY.md section 5, point 11)."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """The model of a run. `own`: from this organisation's records; else the platform's."""

    model: Model
    reranker: Reranker | None
    records: int
    own: bool


def to_use(night: Snapshot, *, train: bool) -> Model | None:
    """The model to match with; None to train one."""
    if night.people < FEWEST_PEOPLE:
        return platform.model()
    return None if train else _stored()


def _stored() -> Model | None:
    newest = MatchModel.objects.order_by("-pk").first()
    try:
        return Model.of_json(newest.parameters) if newest else None
    except (OldModel, KeyError):
        return None


def learnt(night: Snapshot, matched: Matched) -> Learnt:
    """What the run works with from here on."""
    own = night.people >= FEWEST_PEOPLE
    return Learnt(matched.model, _reranker(night, matched.model), len(night.table), own)


def _reranker(night: Snapshot, model: Model) -> Reranker | None:
    """Learnt from what people answered, where that is enough and helps on answers held back."""
    answers = precision.answered().order_by("pk").values_list("record_a", "record_b", "state")
    known = list(answers)
    if len(known) < rerank.FEWEST_ANSWERS:
        return None
    i, j = night.rows([a for a, _b, _state in known]), night.rows([b for _a, b, _state in known])
    merged = np.array([state == MatchPair.State.MERGED for _a, _b, state in known])
    there = (i >= 0) & (j >= 0)
    i, j, merged = i[there], j[there], merged[there]
    levels = compare.levels(night.table, i, j)
    return rerank.fit(rerank.vectors(model, night.table, i, j, levels), merged)


def remember(found: Learnt) -> int:
    """Keeps the model and returns its row's id: the newest row's where nothing new was learnt.

    Only the newest keeps its parameters, which are large; the others keep their report.
    """
    parameters = found.model.as_json()
    if found.reranker:
        parameters["reranker"] = json.loads(found.reranker.dumps())
    newest = MatchModel.objects.order_by("-pk").first()
    if newest and newest.parameters == parameters:
        return newest.pk
    row = MatchModel.objects.create(records=found.records, parameters=parameters)
    MatchModel.objects.filter(pk__lt=row.pk).exclude(parameters={}).update(parameters={})
    return row.pk
