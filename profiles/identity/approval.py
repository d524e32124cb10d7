"""Approving a band of the queue together, after a random sample of it was looked at.

The sample is drawn by a hash of the pairs' ids, so that it is the same for everybody and
nobody chooses it. It is done when all of it is answered and the lower bound of the share of
"one person" is good enough; where it is not, it grows. What anything but the probability
speaks against (birth dates, customer numbers, limits) is never approved together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import CharField, F, Q, QuerySet
from django.db.models.functions import MD5, Cast
from django.utils import timezone

from organisations.audit import verbs as audit
from organisations.models import User
from profiles.identity import precision, queue, verbs
from profiles.identity.precision import Band, Measured
from profiles.ingest.turn import wait_for_turn
from profiles.models import IdentityAct, MatchPair

SAMPLE = 20
"""Pairs that are drawn to begin with, and drawn more each time the bound is not good enough."""
GOOD = 0.8
"""Lower bound of the sample's share from which the rest may be approved. 20 of 20 reach it (.84)."""
CHUNK = 100
"""Pairs a transaction: ingest waits no longer than for one."""
AT_ONCE = 200
"""Up to here an approval is done while somebody waits; more goes to the background."""

State = MatchPair.State


class NotReady(Exception):
    """The band's sample is not answered, or not good enough."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn of a band. `remaining` is what could be approved: open, nothing against it."""

    band: Band
    drawn: list[int]
    waiting: int
    measured: Measured
    remaining: int

    @property
    def is_ready(self) -> bool:
        return not self.waiting and self.measured.answered >= SAMPLE and self.measured.lower >= GOOD

    @property
    def is_too_small(self) -> bool:
        """So few that looking at each is no more work."""
        return len(self.drawn) < SAMPLE and not self.is_ready


def sample(band: Band) -> Sample:
    """The band's sample as it stands."""
    lots = list(_lots(band).values_list("pk", "state"))
    drawn, measured = _draw(lots)
    waiting = sum(state == State.OPEN for _pk, state in drawn)
    return Sample(band, [pk for pk, _state in drawn], waiting, measured, _waiting(band).count())


def _lots(band: Band) -> QuerySet[MatchPair]:
    """Every pair of the band, asked or answered by a person, in the order in which it is drawn."""
    pairs = MatchPair.objects.filter(band.condition(), precision.plain())
    pairs = pairs.filter(Q(state=State.OPEN) | Q(pk__in=precision.answered().values("pk")))
    return pairs.annotate(lot=MD5(Cast("pk", CharField()))).order_by("lot", "pk")


def _draw(lots: Sequence[tuple[int, str]]) -> tuple[Sequence[tuple[int, str]], Measured]:
    """The first so many, SAMPLE at a time, until one waits or all are answered well enough."""
    for size in range(SAMPLE, len(lots) + SAMPLE, SAMPLE):
        drawn = lots[:size]
        counts = Counter(state for _pk, state in drawn)
        measured = Measured(counts[State.MERGED] + counts[State.APART], counts[State.MERGED])
        if counts[State.OPEN] or measured.lower >= GOOD:
            return drawn, measured
    return lots, Measured(*_answered(lots))


def _answered(lots: Sequence[tuple[int, str]]) -> tuple[int, int]:
    merged = sum(state == State.MERGED for _pk, state in lots)
    return len(lots), merged


def of_sample(band: Band) -> QuerySet[MatchPair]:
    """The sample's pairs, to be reviewed one by one."""
    return MatchPair.objects.filter(pk__in=sample(band).drawn)


def _waiting(band: Band) -> QuerySet[MatchPair]:
    return queue.open_pairs(queue.Chosen(band=band)).filter(precision.plain())


# What would happen, and doing it


@dataclass(frozen=True, slots=True)
class Foreseen:
    """So many pairs make so many people into so many; `largest` is the most that become one."""

    pairs: int
    people: int
    become: int
    largest: int
    value: Decimal


def foresee(band: Band) -> Foreseen:
    """What approving would come to, were no limit to speak against any of it."""
    pairs = list(_waiting(band).values_list("profile_a", "profile_b", "value"))
    above: dict[int, int] = {}

    def root(person: int) -> int:
        while (parent := above.setdefault(person, person)) != person:
            above[person] = person = above[parent]
        return person

    for a, b, _value in pairs:
        above[root(a)] = root(b)
    sizes = Counter(root(person) for person in list(above))
    value = sum((value for _a, _b, value in pairs), Decimal(0))
    return Foreseen(len(pairs), len(above), len(sizes), max(sizes.values(), default=0), value)


@transaction.atomic
def approve_band(band: Band, *, actor: User) -> IdentityAct:
    """Begins to approve what remains of a band; `advance` does it. Errors: NotReady."""
    found = sample(band)
    if not found.is_ready:
        raise NotReady
    evidence = {
        "band": [band.low, band.high],
        "sample": [found.measured.merged, found.measured.answered],
        "pairs": found.remaining,
        "done": 0,
        "joined": 0,
    }
    act = IdentityAct.objects.create(kind=IdentityAct.Kind.BULK, actor=actor.email, evidence=evidence)
    audit.record(actor=actor, verb="band.approved", target=f"act {act.pk}", summary=evidence)
    return act


def run(act_id: int) -> None:
    """Does an approval from where it stands to its end, or until somebody takes it back."""
    while advance(act_id):
        pass


@transaction.atomic
def advance(act_id: int) -> bool:
    """Approves the next CHUNK pairs; False when there are none left."""
    wait_for_turn()
    act = IdentityAct.objects.select_for_update().get(pk=act_id)
    if IdentityAct.objects.filter(undoes=act).exists():
        return False
    pairs = _chunk(act)
    if not pairs:
        _note(act, finished=True)
        return False
    verbs.bulk_link(
        pairs=[(p.record_a_id, p.record_b_id, p.weight, p.probability, p.model_id) for p in pairs],
        actor=act.actor,
        act=act,
    )
    _note(act, done=len(pairs), joined=_close(pairs, act))
    queue.settle_about({profile for p in pairs for profile in (p.profile_a_id, p.profile_b_id)}, act.pk)
    return True


def _chunk(act: IdentityAct) -> list[MatchPair]:
    """What was there when it was approved and nobody is looking at now."""
    low, high = act.evidence["band"]
    pairs = _waiting(Band(low, high)).filter(created_at__lte=act.created_at)
    free = Q(claimed_until=None) | Q(claimed_until__lt=timezone.now())
    return list(pairs.filter(free).order_by("pk").select_for_update(skip_locked=True)[:CHUNK])


def _close(pairs: Sequence[MatchPair], act: IdentityAct) -> int:
    """Marks what is one person now; what a limit kept apart stays a question, with that as its reason."""
    mine = MatchPair.objects.filter(pk__in=[pair.pk for pair in pairs])
    now = {"decided_by": act.actor, "decided_at": timezone.now(), "act": act}
    joined = mine.filter(record_a__profile=F("record_b__profile")).values("pk")
    merged = mine.filter(pk__in=list(joined.values_list("pk", flat=True))).update(state=State.MERGED, **now)
    mine.filter(state=State.OPEN).update(blocked_by="limit")
    return merged


def _note(act: IdentityAct, *, done: int = 0, joined: int = 0, finished: bool = False) -> None:
    known: dict[str, Any] = act.evidence
    known["done"] += done
    known["joined"] += joined
    if finished:
        known["finished"] = True
    act.save(update_fields=["evidence"])
