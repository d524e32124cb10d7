"""The night's work on who is who: compare, learn, join what is sure, ask about what is not.

Everything is computed on a snapshot, while deliveries go on; then the organisation's turn is
taken and written in one transaction. What changed meanwhile is left for the next night.
"""

from __future__ import annotations

import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from cdp.lib import clock, collector, locks, sql
from cdp.lib.tenancy import current_schema
from profiles.identity import (
    acting,
    asking,
    features,
    households,
    learning,
    own_addresses,
    planning,
    snapshot,
    thresholds,
    verbs,
    word,
)
from profiles.identity.asking import Question
from profiles.identity.features import Progress, silent
from profiles.identity.learning import Learnt
from profiles.identity.matching import match
from profiles.identity.matching.bands import Proposal
from profiles.identity.matching.match import Matched
from profiles.identity.planning import Fallen, Plan
from profiles.identity.snapshot import Snapshot
from profiles.models import IdentityAct, LinkConstraint, LinkConstraintRecord, MatchModel

ACTOR = "matcher"
SHOWN = 50
"""Skipped blocks that a report names; the others it counts."""


class Busy(RuntimeError):
    """The organisation's people are being matched already."""


@dataclass(slots=True)
class MatchRun:
    """What a run did. Numbers and names of rules only; `began_at` is ISO 8601, UTC.

    `trained`: the model is the organisation's own. `skipped` are blocks too large to
    compare, the largest first, `blocks_skipped` how many there were. `bands` counts
    proposals by band and what kept them from being joined. `linked` pairs were joined by
    themselves, `refused` were kept apart by a limit, `lifted` links hold no more, `dropped`
    proposals were about records that changed meanwhile.
    """

    began_at: str = ""
    started_by: str = ""
    records: int = 0
    people: int = 0
    freshened: int = 0
    trained: bool = False
    reranked: bool = False
    pairs: int = 0
    blocks_skipped: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)
    bands: dict[str, int] = field(default_factory=dict)
    linked: int = 0
    refused: int = 0
    lifted: int = 0
    dropped: int = 0
    queue: dict[str, int] = field(default_factory=dict)
    households: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    model_id: int | None = None
    act_id: int | None = None

    @contextmanager
    def timed(self, step: str, told: Progress) -> Iterator[None]:
        """Notes how long a step takes, and tells where the run is."""
        told(step, 0, 1)
        begun = time.perf_counter()
        yield
        self.seconds[step] = round(time.perf_counter() - begun, 2)
        told(step, 1, 1)


def last_run() -> MatchRun | None:
    """What the newest run of the organisation did; None before the first."""
    row = MatchModel.objects.defer("parameters").order_by("-pk").first()
    return MatchRun(**row.report) if row and row.report else None


def match_people(*, actor: str = "", train: bool = True, progress: Progress | None = None) -> MatchRun:
    """Matches the current organisation's people. `train`: learn anew from its records.

    `actor` is who asked for it, "" at night. Errors: Busy.
    """
    with locks.held("match", key()) as free:
        if not free:
            raise Busy
        with collector.rests():
            return _match(
                MatchRun(began_at=clock.now().isoformat(), started_by=actor), train, progress or silent
            )


def key() -> int:
    """Of the lock that keeps the current organisation to one run at a time."""
    return zlib.crc32(current_schema().encode()) - 2**31


def _match(run: MatchRun, train: bool, told: Progress) -> MatchRun:
    with run.timed("features", told):
        own_addresses.adopt()
        run.freshened = features.freshen(progress=told)
    with run.timed("read", told):
        night = snapshot.read()
        wanted = thresholds.thresholds()
    with run.timed("match", told):
        matched = match.match(
            night.table,
            initial=night.profiles,
            cannot=_cannot(),
            model=learning.to_use(night, train=train),
            automatic=wanted.automatic,
            review=wanted.review,
        )
    with run.timed("plan", told):
        learnt = learning.learnt(night, matched)
        planned = planning.plan(night, matched, learnt, wanted, most=thresholds.most_open())
        _note(run, night, matched, learnt)
        lives = households.of_matcher(night, matched)
        del matched  # a third of what is in memory
    with run.timed("write", told):
        _write(run, night, learnt, planned)
    with run.timed("households", told):
        run.households = asdict(households.rebuild(lives))
    _report(run)
    return run


def _report(run: MatchRun) -> None:
    MatchModel.objects.filter(pk=run.model_id or 0).update(report=asdict(run))


def _cannot() -> list[tuple[frozenset[int], frozenset[int]]]:
    members = LinkConstraintRecord.objects.filter(
        constraint__lifted_by=None, constraint__kind=LinkConstraint.Kind.CANNOT
    )
    return [said.sides for said in word.read(members.select_related("constraint"))]


def _note(run: MatchRun, night: Snapshot, matched: Matched, learnt: Learnt) -> None:
    report = matched.report
    run.records, run.people, run.pairs = len(night.table), night.people, report.candidates
    run.trained, run.reranked = learnt.own, learnt.reranker is not None
    run.blocks_skipped = sum(s.blocks for s in report.skipped)
    run.skipped = [{"key": s.key, "records": s.size} for s in report.skipped[:SHOWN]]
    run.bands = dict(Counter(_band(proposal) for proposal in matched.proposals))
    run.seconds |= {f"match: {step}": round(seconds, 2) for step, seconds in report.seconds.items()}


def _band(proposal: Proposal) -> str:
    return f"{proposal.band}, {proposal.blocked_by}" if proposal.blocked_by else proposal.band


def _write(run: MatchRun, night: Snapshot, learnt: Learnt, planned: Plan) -> None:
    """All of it or nothing."""
    with acting.turn():
        changed = night.changed(planned.rows())
        kept = planned.without(changed)
        run.dropped = planned.size - kept.size
        run.model_id = learning.remember(learnt)
        questions = kept.questions + _join(run, night, kept)
        most = thresholds.most_open()
        asked = asking.ask(questions, most=most, model_id=run.model_id, explain=kept.explain)
        asked.cut, asked.quiet = asked.cut + planned.cut, asked.quiet + planned.quiet
        run.queue = asdict(asked)
        _report(run)


def _join(run: MatchRun, night: Snapshot, kept: Plan) -> list[Question]:
    """Links what is sure and lifts what no longer is; answers what must be asked after all."""
    if not kept.links and not kept.fallen:
        return []
    ids = night.table.ids
    act = verbs.bulk_link(
        pairs=[(int(ids[p.a]), int(ids[p.b]), p.weight, p.probability, run.model_id) for p in kept.links],
        lift=[fallen.link for fallen in kept.fallen],
        actor=ACTOR,
        kind=IdentityAct.Kind.MATCH,
    )
    with sql.run("profiles/match_refused", {"act": act.pk}) as cursor:
        refused = {tuple(sorted(ends)) for ends in cursor.fetchall()}
    run.act_id, run.refused, run.lifted = act.pk, len(refused), len(kept.fallen)
    run.linked = len(kept.links) - len(refused)
    act.evidence = {"linked": run.linked, "refused": run.refused, "lifted": run.lifted, "model": run.model_id}
    act.evidence |= {"started_by": run.started_by} if run.started_by else {}
    act.save(update_fields=["evidence"])
    limited = [planning.question(night, p, blocked_by="limit") for p in kept.links]
    limited = [q for q in limited if tuple(sorted((q.record_a, q.record_b))) in refused]
    return limited + [_doubted(fallen, night) for fallen in kept.fallen]


def _doubted(fallen: Fallen, night: Snapshot) -> Question:
    ids = night.table.ids
    return Question(
        int(ids[fallen.a]), int(ids[fallen.b]), fallen.weight, fallen.probability, rule=asking.LIFTED
    )
