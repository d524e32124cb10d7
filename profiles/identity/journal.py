"""The journal of one person, in words: every act and decision that touched them, newest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organisations.models import User
from profiles.identity import wording
from profiles.models import (
    Decision,
    DecisionMove,
    Identifier,
    IdentityAct,
    LinkConstraintRecord,
    MatchLink,
    Pin,
    Profile,
    SourceRecord,
)

MOST = 200
"""Decisions read; a person with more is a reseller."""

TITLES: Mapping[str, str | Promise] = {
    Decision.Kind.MERGE: gettext_lazy("Found to be one person"),
    Decision.Kind.SPLIT: gettext_lazy("Found to be two people"),
    Decision.Kind.DEMOTE: gettext_lazy("Kept apart by a limit"),
}
RULES: Mapping[str, str | Promise] = {
    "exact": gettext_lazy("The rules: the same identifier"),
    "probable": gettext_lazy("The matcher"),
    "anonymous": gettext_lazy("The rules: a visitor was recognised"),
    "person": gettext_lazy("A person"),
}


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else whom an entry is about, as they are called now."""

    public_id: Any
    name: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took an act back, and when."""

    by: str
    at: datetime


@dataclass(slots=True)
class Entry:
    """One act, or one decision that no act stands behind.

    `who` is a colleague or a rule. `weight` is in log2 odds, `certainty` between 0 and 1;
    both None unless a model decided. `moved` maps a source's name to how many of its
    records changed person. `act` is what can be taken back, if `can_undo`.
    """

    at: datetime
    title: str | Promise
    who: str | Promise
    reason: str = ""
    evidence: list[str] = field(default_factory=list)
    weight: float | None = None
    certainty: float | None = None
    moved: dict[str, int] = field(default_factory=dict)
    others: list[Other] = field(default_factory=list)
    act: IdentityAct | None = None
    undone: Taken | None = None

    @property
    def can_undo(self) -> bool:
        return self.act is not None and self.undone is None and self.act.kind != IdentityAct.Kind.UNDO


def of_profile(profile: Profile) -> list[Entry]:
    """In a constant number of queries. Empty for somebody about whom nothing was ever decided."""
    ids = {profile.pk, *Profile.objects.filter(merged_into=profile).values_list("pk", flat=True)}
    records = set(SourceRecord.objects.filter(profile=profile).values_list("pk", flat=True))
    decisions = _decisions(ids, records)
    acts = _acts(records, {d.act_id for d in decisions if d.act_id})
    by_act: dict[int, list[Decision]] = {}
    alone: list[Decision] = []
    for decision in decisions:
        if decision.act_id is None:
            alone.append(decision)
        else:
            by_act.setdefault(decision.act_id, []).append(decision)
    facts = _facts(decisions, acts.values(), ids)
    entries = [_of_act(act, by_act.get(act.pk, []), facts) for act in acts.values()]
    entries += [_of_decision(decision, facts) for decision in alone]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _decisions(ids: set[int], records: set[int]) -> list[Decision]:
    mine = DecisionMove.objects.filter(record_id__in=records).values("decision_id")
    about = Decision.objects.filter(Q(survivor__in=ids) | Q(retired__in=ids) | Q(pk__in=mine))
    return list(about.select_related("act").prefetch_related("moves").order_by("-pk")[:MOST])


def _acts(records: set[int], known: set[int]) -> dict[int, IdentityAct]:
    """Those that moved somebody, and those that only said something: told apart, a value chosen."""
    said = LinkConstraintRecord.objects.filter(record__in=records)
    pinned = Pin.objects.filter(record__in=records)
    about = IdentityAct.objects.filter(
        Q(pk__in=known)
        | Q(pk__in=said.values("constraint__act"))
        | Q(pk__in=said.values("constraint__lifted_by"))
        | Q(pk__in=pinned.values("act"))
    )
    return {act.pk: act for act in about.select_related("undone_by").order_by("-pk")[:MOST]}


@dataclass(frozen=True, slots=True)
class _Facts:
    """Everything that entries name, fetched at once."""

    users: Mapping[str, str]
    identifiers: Mapping[int, str]
    links: Mapping[int, MatchLink]
    profiles: Mapping[int, Profile]
    sources: Mapping[int, str]
    own: set[int]


def _facts(decisions: Sequence[Decision], acts: Iterable[IdentityAct], own: set[int]) -> _Facts:
    moves = [move for decision in decisions for move in decision.moves.all()]
    others = {pk for d in decisions for pk in (d.survivor_id, d.retired_id) if pk} - own
    told = [decision.evidence for decision in decisions]
    identifiers = Identifier.objects.filter(pk__in={i for each in told for i in _identifiers(each)})
    emails = {act.actor for act in acts} | {act.undone_by.actor for act in acts if _undone_by(act)}
    records = SourceRecord.objects.filter(pk__in={move.record_id for move in moves})
    return _Facts(
        {user.email: user.get_full_name() or user.email for user in User.objects.filter(email__in=emails)},
        {i.pk: f"{i.kind.label} {i.value}" for i in identifiers.select_related("kind")},
        MatchLink.objects.in_bulk({link for each in told for link in each.get("links", ())}),
        Profile.objects.in_bulk(others),
        dict(records.values_list("pk", "source__name")),
        own,
    )


def _identifiers(evidence: Mapping[str, Any]) -> Iterable[int]:
    yield from evidence.get("identifiers", ())
    for demoted in evidence.get("demoted", ()):
        if demoted.get("identifier"):
            yield demoted["identifier"]


def _undone_by(act: IdentityAct) -> IdentityAct | None:
    return getattr(act, "undone_by", None)


def _of_act(act: IdentityAct, decisions: Sequence[Decision], facts: _Facts) -> Entry:
    later = _undone_by(act)
    found = Entry(
        at=act.created_at,
        title=act.get_kind_display(),
        who=facts.users.get(act.actor, act.actor) or RULES["probable"],
        reason=wording.reason_words(act.reason),
        act=act,
        undone=Taken(facts.users.get(later.actor, later.actor), later.created_at) if later else None,
    )
    for decision in decisions:
        _add(found, decision, facts)
    return found


def _of_decision(decision: Decision, facts: _Facts) -> Entry:
    found = Entry(
        at=decision.decided_at,
        title=TITLES[decision.kind],
        who=decision.actor or RULES.get(decision.rule, decision.rule),
    )
    _add(found, decision, facts)
    return found


def _add(entry: Entry, decision: Decision, facts: _Facts) -> None:
    """What one decision rests on and did."""
    evidence = decision.evidence
    entry.evidence += [
        facts.identifiers[i] for i in evidence.get("identifiers", ()) if i in facts.identifiers
    ]
    entry.evidence += [_limit(each, facts) for each in evidence.get("demoted", ())]
    links = [facts.links[i] for i in evidence.get("links", ()) if i in facts.links]
    if links and decision.weight is not None:
        entry.weight = max(entry.weight or decision.weight, decision.weight)
        entry.certainty = max(link.probability for link in links)
    moved = Counter(facts.sources.get(move.record_id, _("Erased")) for move in decision.moves.all())
    entry.moved = dict(Counter(entry.moved) + moved)
    for pk in (decision.survivor_id, decision.retired_id):
        person = facts.profiles.get(pk or 0)
        if person and person.public_id not in {other.public_id for other in entry.others}:
            entry.others.append(Other(person.public_id, person.name or person.email or _("Without a name")))


def _limit(demoted: Mapping[str, Any], facts: _Facts) -> str:
    what = facts.identifiers.get(demoted.get("identifier") or 0, "")
    words = _("at most %(limit)d of the kind %(kind)s") % {"limit": demoted["limit"], "kind": demoted["kind"]}
    return f"{what}: {words}" if what else words
