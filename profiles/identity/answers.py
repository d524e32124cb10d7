"""Answers to the merge queue's questions: one person, not the same, and taking either back.

An answer is about what was on the screen: it carries the fingerprint of the two people as
they were shown. If either has changed since, nothing is done and they are shown again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from profiles.identity import acting, queue, verbs, word, wording
from profiles.ingest.turn import wait_for_turn
from profiles.models import IdentityAct, MatchPair

State = MatchPair.State


class Stale(Exception):
    """The question is not what it was when it was shown. `pair` is as it is now."""

    def __init__(self, pair: MatchPair) -> None:
        super().__init__(f"pair {pair.pk}")
        self.pair = pair


class Answered(Stale):
    """Somebody answered it meanwhile, or the two have become one in another way."""


class TakenBySomebody(Stale):
    """A colleague is looking at it."""


class Changed(Stale):
    """One of the two has changed since it was shown."""


def shown(pair: MatchPair) -> str:
    """What the two people look like now; the page that shows them hands it back with the answer."""
    from profiles.identity import features  # brings the matcher's libraries, which not every process needs

    return features.fingerprint(pair.profile_a_id, pair.profile_b_id)


@transaction.atomic
def merge(
    pk: int, *, actor: str, shown: str, pins: Mapping[str, int] | None = None, reason: str = ""
) -> IdentityAct:
    """The two are one person. `pins` chooses values: unit to record.

    Errors: Answered, TakenBySomebody, Changed; MatchPair.DoesNotExist where one was erased.
    """
    pair = _to_answer(pk, actor, shown)
    people = [pair.profile_a, pair.profile_b]
    act = verbs.merge(profiles=people, actor=actor, reason=reason, pins=pins, pair=pair)
    queue.settle_about({person.pk for person in people}, act.pk)
    return act


@transaction.atomic
def apart(pk: int, *, actor: str, shown: str, reason: str) -> IdentityAct:
    """The two are not the same, and will not be asked about again until either changes.

    `reason` is one of `wording.NOT_THE_SAME` or somebody's own words. Errors: as `merge`.
    """
    pair = _to_answer(pk, actor, shown)
    people = [pair.profile_a, pair.profile_b]
    return verbs.apart(profiles=people, actor=actor, reason=reason, fingerprint=shown, pair=pair)


@transaction.atomic
def undo(act: IdentityAct, *, actor: str) -> None:
    """Takes an answer, or an approval, back: its pairs are open again. Errors: as `verbs.undo`."""
    asked = list(act.pairs.values_list("profile_a", "profile_b"))
    verbs.undo(act=act, actor=actor)
    queue.settle_about({person for pair in asked for person in pair})


def _to_answer(pk: int, actor: str, was_shown: str) -> MatchPair:
    """The pair, locked, still open, nobody else's, and looking as it was shown."""
    wait_for_turn()
    pair = (
        MatchPair.objects.select_for_update(of=("self",))
        .select_related("record_a", "record_b", "profile_a", "profile_b")
        .get(pk=pk)
    )
    if pair.state != State.OPEN:
        raise Answered(pair)
    if pair.claimed_by not in ("", actor) and pair.claimed_until and pair.claimed_until > timezone.now():
        raise TakenBySomebody(pair)
    if shown(pair) != was_shown or not queue.is_about_two(pair):
        raise Changed(pair)
    return pair


@dataclass(frozen=True, slots=True)
class Earlier:
    """What somebody said of these two before, and what has changed since."""

    by: str
    at: datetime
    reason: str
    changed: list[str]


def earlier(pair: MatchPair) -> Earlier | None:
    """The newest word, still in force, that these two are not one; the nightly matching asks about
    them again when they no longer look as they did then."""
    records = acting.records_of([pair.profile_a, pair.profile_b])
    one, two = records[pair.profile_a_id], records[pair.profile_b_id]
    against = [said for said in word.in_force_on(one, word.CANNOT) if _tells_apart(said, one, two)]
    if not against:
        return None
    constraint = against[-1].constraint
    before = constraint.act.pairs.filter(state=State.APART).exclude(pk=pair.pk).first()
    return Earlier(
        constraint.actor,
        constraint.created_at,
        wording.reason_words(constraint.reason),
        wording.changed(before.evidence, pair.evidence) if before else [],
    )


def _tells_apart(said: word.Said, one: frozenset[int], two: frozenset[int]) -> bool:
    left, right = said.sides
    return bool((left & one and right & two) or (left & two and right & one))
