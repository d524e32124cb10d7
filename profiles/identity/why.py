"""Why the records of a profile are one person: what ties them, what does not, and who said so.

Judged anew from what is stored, by the same rules that decided it (`reading.judge`), so that
the answer is never older than the rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from organisations.models import User
from profiles.identity import standing, wording
from profiles.identity.exact import Partition
from profiles.identity.reading import judge, neighbourhood
from profiles.models import (
    Identifier,
    IdentifierKind,
    LinkConstraint,
    LinkConstraintRecord,
    MatchLink,
    Profile,
    RecordIdentifier,
    SourceRecord,
)

What = Literal["identifier", "word", "link"]


@dataclass(frozen=True, slots=True)
class Tie:
    """Something that records have in common, or that is said of them.

    `records` are those it touches. `joins`: it is part of why they are one. `reason` says
    why it is not, where that is worth saying, `short` the same in a word; `at` (UTC) and
    `who` belong to what people and the matcher found; `certainty` is a probability.
    """

    key: str
    what: What
    records: tuple[int, ...]
    joins: bool
    kind: str = ""
    label: str | Promise = ""
    value: str = ""
    is_contact: bool = False
    reason: str = ""
    short: str = ""
    who: str = ""
    at: datetime | None = None
    certainty: float | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Apart:
    """Somebody whom a person told apart from this one."""

    profile: Profile
    who: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Why:
    """Everything about what makes this profile one person. `ties` the strongest first."""

    records: list[SourceRecord]
    ties: list[Tie]
    apart: list[Apart] = field(default_factory=list)

    @property
    def joining(self) -> list[Tie]:
        return [tie for tie in self.ties if tie.joins]


def why(profile: Profile) -> Why:
    """In a number of queries that does not grow with the records, but for the reach of the neighbourhood."""
    records = list(
        SourceRecord.objects.filter(profile=profile)
        .select_related("source")
        .order_by("source__trust", "source_id", "external_id")
    )
    ids = {record.pk for record in records}
    found, _everybody = judge(neighbourhood(ids))
    words, apart = _said(profile, ids)
    ties = [*words, *_identifiers(profile, ids, found), *_links(ids, found)]
    ties.sort(key=lambda tie: (not tie.joins, tie.what != "word", tie.priority, -len(tie.records), tie.key))
    return Why(records, ties, apart)


def _identifiers(profile: Profile, ids: Collection[int], found: Partition) -> list[Tie]:
    shown: dict[Identifier, list[int]] = defaultdict(list)
    rows = RecordIdentifier.objects.filter(record__in=ids).select_related("identifier__kind")
    for row in rows.order_by("identifier_id", "record_id"):
        shown[row.identifier].append(row.record_id)
    proven: dict[int, int] = defaultdict(int)
    for record in ids:
        for identifier in found.proof.get(record, ()):
            proven[identifier] += 1
    demoted = standing.demotions(profile)
    left = [each.pk for each in shown if proven[each.pk] < 2]
    people = _people_on(left)
    found_ties = []
    for each, on in shown.items():
        why_not = ("", "")
        if each.pk in left:
            why_not = _why_not(each, on, demoted.get(each.pk), people.get(each.pk, 1))
        found_ties.append(_identifier(each, on, proven[each.pk] > 1, *why_not))
    return found_ties


def _people_on(identifiers: Collection[int]) -> Mapping[int, int]:
    """On how many profiles each of these identifiers is."""
    if not identifiers:
        return {}
    rows = RecordIdentifier.objects.filter(identifier__in=identifiers).values("identifier")
    counted = rows.annotate(people=Count("record__profile", distinct=True))
    return dict(counted.values_list("identifier", "people"))


def _why_not(
    identifier: Identifier, on: Sequence[int], demotion: standing.Demotion | None, people: int
) -> tuple[str, str]:
    """Why it joins nobody, as a sentence and in a word; empty where there is nothing to explain."""
    if said := standing.reason(identifier, demotion):
        if people > 1:
            said = _("%(reason)s On %(count)d people.") % {"reason": said, "count": people}
        return said, standing.in_a_word(identifier, demotion)
    if people > 1:
        anybodys = _("On %(count)d people, and it could be any of them.")
        if identifier.kind.role != IdentifierKind.Role.ANONYMOUS:
            anybodys = _("On %(count)d people, whom names, birth dates or a colleague's word keep apart.")
        return anybodys % {"count": people}, _("several people's")
    return (_("Not needed, or something spoke against it."), _("not needed")) if len(on) > 1 else ("", "")


def _identifier(each: Identifier, on: Sequence[int], joins: bool, reason: str, short: str) -> Tie:
    return Tie(
        key=f"i{each.pk}",
        what="identifier",
        records=tuple(on),
        joins=joins,
        kind=each.kind_id,
        label=each.kind.label,
        value=each.value,
        is_contact=each.kind.role == IdentifierKind.Role.CONTACT_POINT,
        reason=reason,
        short=short,
        priority=each.kind.priority,
    )


def _links(ids: Collection[int], found: Partition) -> list[Tie]:
    used = {link for record in ids for link in found.linked.get(record, ())}
    rows = MatchLink.objects.filter(record_a__in=ids, record_b__in=ids, lifted_by=None).select_related("act")
    return [
        Tie(
            key=f"l{link.pk}",
            what="link",
            records=(link.record_a_id, link.record_b_id),
            joins=link.pk in used,
            label=link.act.get_kind_display(),
            who=link.act.actor,
            at=link.created_at,
            certainty=link.probability,
            reason="" if link.pk in used else _("Something spoke against it."),
            priority=200,
        )
        for link in rows
    ]


def _said(profile: Profile, ids: Collection[int]) -> tuple[list[Tie], list[Apart]]:
    """What people have said of these records: those that are one, and who is somebody else."""
    mine = LinkConstraint.objects.filter(members__record__in=ids, lifted_by=None).distinct().order_by("-pk")
    said = list(mine)
    if not said:
        return [], []
    members: dict[int, list[LinkConstraintRecord]] = defaultdict(list)
    rows = LinkConstraintRecord.objects.filter(constraint__in=said).select_related("record__profile")
    for row in rows.order_by("constraint_id", "record_id"):
        members[row.constraint_id].append(row)
    names = _names({word.actor for word in said})
    ties = [
        _word(word, members[word.pk], ids, names) for word in said if word.kind == LinkConstraint.Kind.MUST
    ]
    apart = [
        told
        for word in said
        if word.kind == LinkConstraint.Kind.CANNOT
        for told in _others(word, members[word.pk], profile, ids, names)
    ]
    return [tie for tie in ties if len(tie.records) > 1], apart


def _word(
    word: LinkConstraint,
    members: Iterable[LinkConstraintRecord],
    ids: Collection[int],
    names: Mapping[str, str],
) -> Tie:
    return Tie(
        key=f"w{word.pk}",
        what="word",
        records=tuple(member.record_id for member in members if member.record_id in ids),
        joins=True,
        who=names.get(word.actor, word.actor),
        at=word.created_at,
        reason=wording.reason_words(word.reason),
    )


def _others(
    word: LinkConstraint,
    members: Sequence[LinkConstraintRecord],
    profile: Profile,
    ids: Collection[int],
    names: Mapping[str, str],
) -> list[Apart]:
    sides = {member.side for member in members if member.record_id in ids}
    other = {m.record.profile for m in members if m.record_id not in ids and {1 - m.side} & sides}
    found = sorted(other - {profile}, key=lambda each: each.pk)
    who = names.get(word.actor, word.actor)
    reason = wording.reason_words(word.reason)
    return [Apart(each, who, word.created_at, reason) for each in found]


def _names(actors: set[str]) -> dict[str, str]:
    """What the users with these e-mail addresses are called; those who left keep their address."""
    return {user.email: user.name or user.email for user in User.objects.filter(email__in=actors)}
