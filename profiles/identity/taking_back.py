"""Taking an act back: what it said is lifted, what it lifted holds again, and everybody is found anew.

It is for slips of the finger: no never-link is written, and a question of the merge queue
opens again. Taking back can itself be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from profiles.identity import queue, word
from profiles.identity.acting import NotPossible, begin, finish, turn
from profiles.models import (
    DecisionMove,
    IdentityAct,
    LinkConstraint,
    LinkConstraintRecord,
    MatchLink,
    MatchPair,
    MatchSettings,
    Pin,
    SourceRecord,
    SurvivorshipRule,
)

KINDS: dict[str, Any] = {
    "constraints": LinkConstraint,
    "links": MatchLink,
    "pins": Pin,
    "settings": MatchSettings,
    "survivorship": SurvivorshipRule,
}
"""Everything that names the act which wrote it and the one that lifted it."""

Inverse = Callable[[IdentityAct, IdentityAct], Iterable[int]]
"""Takes the act that is taken back and the act that does it; the records to be found anew."""

_inverses: dict[str, Inverse] = {}


class InTheWay(NotPossible):
    """Later acts rest on this one, or have said otherwise since: they come first."""

    def __init__(self, acts: Iterable[IdentityAct]) -> None:
        self.acts = sorted(acts, key=lambda act: -act.pk)
        told = ", ".join(f"{act.get_kind_display()} (#{act.pk})" for act in self.acts)
        super().__init__(
            _("Later decisions stand in the way: %(acts)s. Take those back first.") % {"acts": told}
        )


def register(kind: str, inverse: Inverse) -> None:
    """How acts of a kind that write more than words and links are taken back."""
    _inverses[kind] = inverse


Follow = Callable[[IdentityAct], None]
"""Takes the act that took something back."""

_follows: dict[str, Follow] = {}


def register_follow(name: str, follow: Follow) -> None:
    """What else has to be done where rows of one of `KINDS` were lifted or hold again."""
    _follows[name] = follow


def undo(*, act: IdentityAct, actor: str, reason: str = "") -> IdentityAct:
    """Takes an act back. Errors: NotPossible when it is taken back already, InTheWay."""
    with turn():
        last = _last(act)
        wrote, lifted = _wrote(last), _lifted(last)
        _refuse_if_in_the_way(last, wrote, lifted)
        people = last.evidence.get("people", [])
        done = begin(IdentityAct.Kind.UNDO, actor=actor, reason=reason, undoes=last, people=people)
        homes = _homes(last)
        seeds = set(homes) | _records(wrote) | _records(lifted)
        for name, model in KINDS.items():
            model.objects.filter(pk__in=wrote[name]).update(lifted_by=done)
            model.objects.filter(pk__in=lifted[name]).update(lifted_by=None)
        done.evidence |= {"returned": lifted}
        done.save(update_fields=["evidence"])
        if last.kind in _inverses:
            seeds |= set(_inverses[last.kind](last, done))
        finish(done, seeds, homes=homes, also=_pinned(wrote, lifted))
        _ask_again(last)
        for name, follow in _follows.items():
            if wrote[name] or lifted[name]:
                follow(done)
    return done


def _last(act: IdentityAct) -> IdentityAct:
    """The act itself, or the newest taking back of taking it back, if that is where it stands."""
    chain = [IdentityAct.objects.get(pk=act.pk)]
    while later := IdentityAct.objects.filter(undoes=chain[-1]).first():
        chain.append(later)
    if len(chain) % 2 == 0:
        raise NotPossible(_("This has been taken back already."))
    return chain[-1]


def is_in_force(act: IdentityAct) -> bool:
    """Whether an act stands: it was not taken back, or that was taken back too."""
    try:
        _last(act)
    except NotPossible:
        return False
    return True


Ids = dict[str, list[int]]


def _wrote(act: IdentityAct) -> Ids:
    """What it wrote, or made hold again, whether or not that is still in force."""
    returned = act.evidence.get("returned", {})
    return {
        name: [*model.objects.filter(act=act).values_list("pk", flat=True), *returned.get(name, ())]
        for name, model in KINDS.items()
    }


def _lifted(act: IdentityAct) -> Ids:
    """What it lifted. A link that was found again since is there already and need not return."""
    found = {
        name: list(model.objects.filter(lifted_by=act).values_list("pk", flat=True))
        for name, model in KINDS.items()
    }
    if found["links"]:
        again = MatchLink.objects.filter(
            record_a=OuterRef("record_a"), record_b=OuterRef("record_b"), lifted_by=None
        )
        gone = MatchLink.objects.filter(pk__in=found["links"]).exclude(Exists(again))
        found["links"] = list(gone.values_list("pk", flat=True))
    return found


def _refuse_if_in_the_way(act: IdentityAct, wrote: Ids, lifted: Ids) -> None:
    """Later acts that lifted what this one wrote, or whose word would make taking it back come to nothing."""
    ways: set[int] = set()
    for name, model in KINDS.items():
        gone = model.objects.filter(pk__in=wrote[name]).exclude(lifted_by=None).exclude(lifted_by=act)
        ways |= set(gone.values_list("lifted_by", flat=True))
    ways |= _contradicting(act, wrote["constraints"], lifted["constraints"])
    if ways:
        raise InTheWay(IdentityAct.objects.filter(pk__in=ways))


def _contradicting(act: IdentityAct, wrote: list[int], lifted: list[int]) -> set[int]:
    """Later words, still in force, that say again what would be lifted or speak against what would return."""
    back = _said(lifted)
    records = frozenset[int]().union(*(said.records for said in (*_said(wrote), *back)))
    parts = _parts(act)
    return {
        said.constraint.act_id
        for said in word.in_force_on(records)
        if said.constraint.act_id > act.pk and said.constraint.pk not in wrote
        if (_holds if said.constraint.kind == word.MUST else _tells_apart)(said, parts, back)
    }


Parts = list[list[frozenset[int]]]


def _parts(act: IdentityAct) -> Parts:
    """The sides that the act put together or told apart; an upload has a group of them for each line."""
    groups = act.evidence.get("lines") or [act.evidence.get("sides", ())]
    return [[frozenset(side) for side in group] for group in groups]


def _holds(later: word.Said, parts: Parts, back: list[word.Said]) -> bool:
    """It would hold together what should come apart: the act's sides, or those of a word that returns."""
    apart = [list(said.sides) for said in back if said.constraint.kind == word.CANNOT]
    return any(sum(bool(side & later.records) for side in group) > 1 for group in (*parts, *apart))


def _tells_apart(later: word.Said, parts: Parts, back: list[word.Said]) -> bool:
    """It would keep apart what should come together again."""
    one, two = later.sides
    together = [said.records for said in back if said.constraint.kind == word.MUST]
    return any(records & one and records & two for records in together) or any(
        (a & one and b & two) or (a & two and b & one) for group in parts for a, b in combinations(group, 2)
    )


def _said(constraints: list[int]) -> list[word.Said]:
    members = LinkConstraintRecord.objects.filter(constraint__in=constraints)
    return word.read(members.select_related("constraint"))


def _records(ids: Ids) -> set[int]:
    """The records that these words, links and pins speak of."""
    members = LinkConstraintRecord.objects.filter(constraint__in=ids["constraints"])
    found = set(members.values_list("record_id", flat=True))
    links = MatchLink.objects.filter(pk__in=ids["links"]).values_list("record_a", "record_b")
    return found | {record for ends in links for record in ends} | set(_pin_records(ids))


def _pin_records(ids: Ids) -> Iterable[int]:
    return Pin.objects.filter(pk__in=ids["pins"]).values_list("record_id", flat=True)


def _pinned(wrote: Ids, lifted: Ids) -> list[int]:
    records = [*_pin_records(wrote), *_pin_records(lifted)]
    return list(SourceRecord.objects.filter(pk__in=records).values_list("profile_id", flat=True))


def _homes(act: IdentityAct) -> dict[int, int | None]:
    """Where the act took each record from, for those that still are where it put them."""
    homes: dict[int, int | None] = {}
    where: dict[int, int] = {}
    moves = DecisionMove.objects.filter(decision__act=act).order_by("pk")
    for record, before, after in moves.values_list("record_id", "from_profile_id", "to_profile_id"):
        homes.setdefault(record, before)
        where[record] = after
    now = dict(SourceRecord.objects.filter(pk__in=list(homes)).values_list("pk", "profile_id"))
    return {record: home for record, home in homes.items() if now.get(record) == where[record]}


def _ask_again(act: IdentityAct) -> None:
    """Questions of the merge queue that the act answered are open again."""
    answered = MatchPair.objects.filter(act=act).exclude(state=MatchPair.State.OPEN)
    for pair in answered.select_related("record_a", "record_b").order_by("pk"):
        pair.reason, pair.decided_by, pair.decided_at = "", "", None
        queue.open_again(pair)
