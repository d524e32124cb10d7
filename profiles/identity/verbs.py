"""What people do about who is who: merge, take apart, tell apart, link many, take back.

Each verb is one transaction under the organisation's turn. It writes what a person says (or
lifts it), lets `resolve` find who everybody is then, and everything that hangs on it
follows: golden values, counters, tags, permissions. `actor` is an e-mail address. None of
them moves a record itself, so any sequence of acts leads where the words in force at its
end would have led by themselves (docs/decisions/membership-is-a-function.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from profiles.identity import word
from profiles.identity.acting import NotPossible, begin, finish, known, records_of, turn
from profiles.identity.newcomers import Side, Split, split
from profiles.identity.taking_back import InTheWay, undo
from profiles.models import DecisionMove, IdentityAct, MatchLink, MatchPair, Pin, Profile, SourceRecord

__all__ = [
    "Ambiguous",
    "InTheWay",
    "NotPossible",
    "apart",
    "bulk_link",
    "merge",
    "records_of_act",
    "sides_of",
    "undo",
    "unmerge",
]


class Ambiguous(NotPossible):
    """Records that came after the merge and fit both sides, or neither: a person must say."""

    def __init__(self, records: Collection[int]) -> None:
        super().__init__(_("Some records came later and could be either person's. Say where they belong."))
        self.records = frozenset(records)


def merge(
    *,
    profiles: Sequence[Profile],
    actor: str,
    reason: str = "",
    pins: Mapping[str, int] | None = None,
    pair: MatchPair | None = None,
) -> IdentityAct:
    """These people are one. A person's latest word counts: whatever told them apart is lifted.

    `pins` are chosen values: unit to the id of the record whose value shall win. `pair` is
    the question in the merge queue that this answers. Errors: NotPossible.
    """
    with turn():
        people = known(profiles)
        if len({person.pk for person in people}) < 2:
            raise NotPossible(_("Choose at least two different people."))
        by_profile = records_of(people)
        records = frozenset[int]().union(*by_profile.values())
        if not set((pins or {}).values()) <= records:
            raise NotPossible(_("A value can only be chosen from these people's own records."))
        act = begin(
            IdentityAct.Kind.MERGE,
            actor=actor,
            reason=reason,
            people=[str(person.public_id) for person in people],
            sides=[sorted(by_profile[person.pk]) for person in people],
        )
        word.let_be_one(act, records)
        word.say_must(act, records)
        _pin(act, pins or {})
        _answer_pairs(act, by_profile, MatchPair.State.MERGED, pair)
        finish(act, records)
    return act


def _pin(act: IdentityAct, pins: Mapping[str, int]) -> None:
    Pin.objects.bulk_create(
        [Pin(unit=unit, record_id=record, actor=act.actor, act=act) for unit, record in pins.items()]
    )


def _answer_pairs(
    act: IdentityAct, profiles: Collection[int], state: MatchPair.State, pair: MatchPair | None
) -> None:
    """Open questions about these people are answered by the act, the one that was asked first of all."""
    among = Q(profile_a__in=profiles, profile_b__in=profiles)
    open_pairs = MatchPair.objects.filter(
        among | Q(pk=pair.pk) if pair else among, state=MatchPair.State.OPEN
    )
    open_pairs.update(
        state=state,
        act=act,
        reason=act.reason,
        decided_by=act.actor,
        decided_at=timezone.now(),
        claimed_by="",
        claimed_until=None,
    )


def unmerge(
    *,
    profile: Profile,
    records: Collection[int],
    actor: str,
    reason: str,
    answers: Mapping[int, Side] | None = None,
) -> IdentityAct:
    """These records of a person are somebody else. They are kept apart in every path from now on.

    What came after the two were put together follows its own identifier; `answers` say
    "stay" or "go" for what fits both or neither. Whoever was merged away gets their id
    back. Errors: NotPossible, Ambiguous.
    """
    with turn():
        person = known([profile])[0]
        sides = sides_of(person, records, answers)
        if sides.ambiguous:
            raise Ambiguous(sides.ambiguous)
        act = begin(
            IdentityAct.Kind.UNMERGE,
            actor=actor,
            reason=reason,
            people=[str(person.public_id)],
            sides=[sorted(sides.stay), sorted(sides.go)],
            followed=sorted(sides.followed),
        )
        word.let_be_two(act, sides.stay, sides.go)
        word.say_cannot(act, sides.stay, sides.go)
        finish(act, sides.stay | sides.go, homes=_former_homes(person, sides.go))
    return act


def sides_of(person: Profile, records: Collection[int], answers: Mapping[int, Side] | None = None) -> Split:
    """Who would stay and who would go. Errors: NotPossible."""
    mine = SourceRecord.objects.in_bulk(
        list(SourceRecord.objects.filter(profile=person).values_list("pk", flat=True))
    )
    if not records or not set(records) | set(answers or {}) <= set(mine):
        raise NotPossible(_("Choose records of this person."))
    found = split(mine, records, answers)
    if not found.stay - found.ambiguous and not found.ambiguous:
        raise NotPossible(_("At least one record must stay."))
    return found


def _former_homes(person: Profile, go: Collection[int]) -> dict[int, int | None]:
    """The id each of these records last came from when it was merged into this person; None
    for those that never were anybody else, so that whoever stays keeps the id."""
    homes: dict[int, int | None] = dict.fromkeys(go)
    born = SourceRecord.objects.filter(pk__in=go).exclude(first_profile=person.pk)
    homes |= dict(born.values_list("pk", "first_profile_id"))
    moves = DecisionMove.objects.filter(record_id__in=list(go), to_profile=person).exclude(
        from_profile=person
    )
    homes |= dict(moves.order_by("pk").values_list("record_id", "from_profile_id"))
    return homes


def records_of_act(act: IdentityAct) -> frozenset[int]:
    """The records that a former merge brought to the person it made, as far as they still are there:
    what goes when that merge is taken apart."""
    moves = DecisionMove.objects.filter(decision__act=act, to_profile__state=Profile.State.ACTIVE)
    there = SourceRecord.objects.filter(pk__in=moves.values("record_id"))
    return frozenset(there.values_list("pk", flat=True))


def apart(
    *,
    profiles: Sequence[Profile],
    actor: str,
    reason: str,
    fingerprint: str = "",
    pair: MatchPair | None = None,
) -> IdentityAct:
    """These two are not the same person. `fingerprint` is of what they looked like when that was said,
    so that they may be asked about again when they look different. Errors: NotPossible."""
    with turn():
        people = known(profiles)
        if len(people) != 2 or people[0].pk == people[1].pk:
            raise NotPossible(_("Choose two different people."))
        by_profile = records_of(people)
        one, two = (by_profile[person.pk] for person in people)
        act = begin(
            IdentityAct.Kind.APART,
            actor=actor,
            reason=reason,
            people=[str(person.public_id) for person in people],
            sides=[sorted(one), sorted(two)],
        )
        word.let_be_two(act, one, two)
        word.say_cannot(act, one, two, fingerprint=fingerprint)
        _answer_pairs(act, by_profile, MatchPair.State.APART, pair)
        finish(act, one | two)
    return act


Linked = tuple[int, int, float, float, int | None]
"""Two records, weight in log2 odds, probability, and the id of the model that found it."""

AT_ONCE = 5000


def bulk_link(
    *,
    pairs: Iterable[Linked],
    actor: str,
    kind: IdentityAct.Kind = IdentityAct.Kind.BULK,
    reason: str = "",
    lift: Collection[int] = (),
    act: IdentityAct | None = None,
) -> IdentityAct:
    """Many probable pairs at once: those a person approved together, or a nightly run found.

    A pair that is linked already stays as it is. `lift` are ids of links that hold no
    more; `act` is an act begun before that these are a part of. Limits, birth dates and a
    person's word still speak against each pair.
    """
    with turn():
        is_part = act is not None
        act = act or begin(kind, actor=actor, reason=reason)
        links = [_link(act, pair) for pair in pairs]
        MatchLink.objects.bulk_create(links, batch_size=AT_ONCE, ignore_conflicts=True)
        seeds = {record for link in links for record in (link.record_a_id, link.record_b_id)}
        gone = MatchLink.objects.filter(pk__in=list(lift), lifted_by=None)
        seeds |= {record for ends in gone.values_list("record_a", "record_b") for record in ends}
        gone.update(lifted_by=act)
        finish(act, seeds, is_part=is_part)
    return act


def _link(act: IdentityAct, pair: Linked) -> MatchLink:
    a, b, weight, probability, model = pair
    return MatchLink(
        record_a_id=min(a, b),
        record_b_id=max(a, b),
        weight=weight,
        probability=probability,
        model_id=model,
        act=act,
    )
