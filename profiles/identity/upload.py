"""Links between people that somebody uploads: judged line by line, looked at, then applied as one act.

Nothing is lost: a line that cannot be applied goes back into a file with the reason. A
person's earlier word is never overruled by a file.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from cdp.lib.cells import safe
from organisations.models import Organisation
from profiles import normalise
from profiles.identity import link_files, word, wording
from profiles.identity.acting import NotPossible, begin, finish, turn
from profiles.identity.link_files import COLUMNS, LINKS, Row
from profiles.models import (
    IdentityAct,
    LinkConstraint,
    LinkConstraintRecord,
    LinkUpload,
    Profile,
    RecordIdentifier,
    SourceRecord,
)

KEPT = timedelta(days=30)
PROBLEM = "problem"
"""In an applied table's lines, and forgotten with them: the reason of that moment, which names people."""


@dataclass(frozen=True, slots=True)
class Side:
    """Whom a line names: a person, and the record if the line named one."""

    profile: int
    name: str
    record: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line and what would become of it. `problem` is empty where it can be applied; `note`
    says what it would not change. `sides` are the records that the word would be about."""

    number: int
    row: Row
    link: str
    a: Side | None = None
    b: Side | None = None
    sides: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
    problem: str = ""
    note: str = ""


def receive(*, name: str, content: bytes, actor: str) -> LinkUpload:
    """Keeps a table to be looked at. Errors: link_files.Unreadable."""
    rows = link_files.read(content)
    forget_old()
    return LinkUpload.objects.create(name=name[:200], rows=rows, row_count=len(rows), created_by=actor)


def forget_old() -> int:
    """Empties tables that have become too old to keep; answers how many."""
    old = LinkUpload.objects.filter(emptied_at=None, created_at__lt=timezone.now() - KEPT)
    return old.update(rows=[], emptied_at=timezone.now())


def forget_everywhere() -> None:
    """`forget_old` in every organisation."""
    for organisation in Organisation.objects.order_by("pk"):
        with tenant_context(organisation):
            forget_old()


def apply(*, upload: LinkUpload, actor: str) -> IdentityAct:
    """Says what the good lines say, as one act that can be taken back. Errors: NotPossible."""
    with turn():
        upload = LinkUpload.objects.select_for_update().get(pk=upload.pk)
        if upload.act_id or upload.emptied_at:
            raise NotPossible(_("This table has been applied already, or is too old."))
        verdicts = judge(upload.rows)
        good = [verdict for verdict in verdicts if not verdict.problem]
        if not good:
            raise NotPossible(_("No line of this table can be applied."))
        act = begin(
            IdentityAct.Kind.UPLOAD,
            actor=actor,
            reason=upload.name,
            upload=upload.pk,
            lines=[[sorted(side) for side in verdict.sides] for verdict in good],
            left=len(verdicts) - len(good),
        )
        for verdict in good:
            _say(act, verdict)
        finish(act, frozenset[int]().union(*(side for verdict in good for side in verdict.sides)))
        rows = [verdict.row | {PROBLEM: verdict.problem} for verdict in verdicts]
        LinkUpload.objects.filter(pk=upload.pk).update(act=act, rows=rows)
    return act


def _say(act: IdentityAct, verdict: Verdict) -> None:
    one, two = verdict.sides
    reason = verdict.row.get("reason", "")
    if verdict.link == "must":
        word.say_must(act, one | two, reason)
    else:
        word.let_be_two(act, one, two)
        word.say_cannot(act, one, two, reason=reason)


def remembered(upload: LinkUpload) -> list[Verdict]:
    """The lines that were not applied, with the reasons of that moment. Errors: ValueError before it."""
    if upload.act is None:
        raise ValueError("not applied yet")
    return [
        Verdict(number, row, row.get("link", ""), problem=row[PROBLEM])
        for number, row in enumerate(upload.rows, 1)
        if row[PROBLEM]
    ]


def bad_lines(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """The lines that were not applied as CSV, each with its number and the reason."""
    number, problem = link_files.ADDED
    columns = (number, *COLUMNS, problem)
    yield "\ufeff" + _csv(columns)
    for verdict in verdicts:
        if verdict.problem:
            cells = {"line": str(verdict.number), **verdict.row, "problem": verdict.problem}
            yield _csv([cells.get(column, "") for column in columns])


def _csv(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=";").writerow(map(safe, cells))
    return line.getvalue()


# Judging


def judge(rows: Sequence[Row]) -> list[Verdict]:
    """A verdict for every line, in order, in a handful of queries."""
    known = _Known.of(rows)
    said = _Said()
    return [_judge(number, row, known, said) for number, row in enumerate(rows, 1)]


def _judge(number: int, row: Row, known: _Known, said: _Said) -> Verdict:
    link = LINKS.get(row.get("link", "").lower(), "")
    if not link:
        return Verdict(number, row, "", problem=_("“link” must be must or never."))
    try:
        a, b = (known.side(row, side) for side in "ab")
    except NotPossible as why:
        return Verdict(number, row, link, problem=str(why))
    sides = _sides(link, a, b, known)
    if sides is None:
        words = _("Both are one person. Name the two records by source and external id.")
        return Verdict(number, row, link, a, b, problem=words)
    problem = known.against(link, sides) or said.against(number, link, a.profile, b.profile)
    note = _("They are one person already.") if link == "must" and a.profile == b.profile else ""
    return Verdict(number, row, link, a, b, sides, problem, note)


def _sides(link: str, a: Side, b: Side, known: _Known) -> tuple[frozenset[int], frozenset[int]] | None:
    """All records of both, but the named ones alone where one person is to be two. None where
    those are not named."""
    if link == "must" or a.profile != b.profile:
        return known.records[a.profile], known.records[b.profile]
    if a.record is None or b.record is None or a.record == b.record:
        return None
    return frozenset({a.record}), frozenset({b.record})


class _Said:
    """What earlier lines of the same table say, by person."""

    def __init__(self) -> None:
        self._group: dict[int, int] = {}
        self._apart: dict[int, dict[int, int]] = defaultdict(dict)  # one, the other: the first line

    def against(self, number: int, link: str, a: int, b: int) -> str:
        """Why a line contradicts an earlier one; else it counts from now on."""
        one, two = self._of(a), self._of(b)
        if link == "never":
            if a != b and one == two:
                return _("Contradicts earlier lines, which make these one person.")
            for this, other in ((one, two), (two, one)):
                self._apart[this].setdefault(other, number)
            return ""
        if one != two:
            if earlier := self._apart[one].get(two):
                return _("Contradicts line %(number)d.") % {"number": earlier}
            self._join(one, two)
        return ""

    def _join(self, one: int, two: int) -> None:
        """Whoever has been told apart from fewer becomes the other."""
        if len(self._apart[one]) < len(self._apart[two]):
            one, two = two, one
        self._group[two] = one
        for other, number in self._apart.pop(two).items():
            first = min(number, self._apart[one].get(other, number))
            self._apart[one][other] = self._apart[other][one] = first
            self._apart[other].pop(two, None)

    def _of(self, profile: int) -> int:
        while self._group.get(profile, profile) != profile:
            profile = self._group[profile]
        return profile


@dataclass(frozen=True, slots=True)
class _Known:
    """Everybody the table names, fetched at once."""

    by_id: Mapping[UUID, Profile]
    by_record: Mapping[tuple[str, str], SourceRecord]
    by_contact: Mapping[tuple[str, str], frozenset[int]]
    profiles: Mapping[int, Profile]
    records: Mapping[int, frozenset[int]]
    words: Mapping[int, list[word.Said]]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> _Known:
        by_id = _profiles(rows)
        by_record = _records(rows)
        by_contact = _contacts(rows)
        pks = {person.pk for person in by_id.values()} | {r.profile_id for r in by_record.values()}
        pks |= {pk for found in by_contact.values() for pk in found}
        records: dict[int, set[int]] = defaultdict(set)
        for profile, record in SourceRecord.objects.filter(profile__in=pks).values_list("profile", "pk"):
            records[profile].add(record)
        return cls(
            by_id,
            by_record,
            by_contact,
            Profile.objects.in_bulk(pks),
            {profile: frozenset(mine) for profile, mine in records.items()},
            _words({record for mine in records.values() for record in mine}),
        )

    def side(self, row: Row, side: str) -> Side:
        """Whom one side of a line names. Errors: NotPossible, with why it names nobody or several."""
        given = {way: row.get(f"{side}_{way}", "") for way in link_files.WAYS}
        if given["profile"]:
            return self._person(self.by_id.get(_uuid(given["profile"])), given["profile"])
        if given["source"] or given["external_id"]:
            return self._record(given["source"], given["external_id"])
        for kind in ("email", "phone"):
            if given[kind]:
                return self._contact(kind, given[kind])
        raise NotPossible(_("Side %(side)s names nobody.") % {"side": side})

    def _person(self, person: Profile | None, told: str) -> Side:
        if person is None or person.pk not in self.records:
            raise NotPossible(_("Nobody has the id %(id)s.") % {"id": told})
        return Side(person.pk, person.name or person.email or told)

    def _record(self, source: str, external_id: str) -> Side:
        record = self.by_record.get((source.lower(), external_id))
        if record is None:
            words = _("There is no record %(id)s of the source %(source)s.")
            raise NotPossible(words % {"id": external_id or "–", "source": source or "–"})
        return Side(record.profile_id, self.profiles[record.profile_id].name or external_id, record.pk)

    def _contact(self, kind: str, told: str) -> Side:
        found = self.by_contact.get((kind, _clean(kind, told)), frozenset())
        if not found:
            raise NotPossible(_("Nobody is known by %(contact)s.") % {"contact": told})
        if len(found) > 1:
            words = _("%(contact)s is on %(count)d people. Name one of them by id.")
            raise NotPossible(words % {"contact": told, "count": len(found)})
        (profile,) = found
        return self._person(self.profiles.get(profile), told)

    def against(self, link: str, sides: tuple[frozenset[int], frozenset[int]]) -> str:
        """The person's word that a line contradicts, in words."""
        kind = word.CANNOT if link == "must" else word.MUST
        one, two = sides
        for said in self._words_on(one):
            if said.constraint.kind == kind and _speaks_of(said, one, two):
                return _("%(who)s has said otherwise on %(day)s: %(reason)s") % {
                    "who": said.constraint.actor,
                    "day": f"{said.constraint.created_at:%Y-%m-%d}",
                    "reason": wording.reason_words(said.constraint.reason) or "–",
                }
        return ""

    def _words_on(self, records: Collection[int]) -> list[word.Said]:
        found = {said.constraint.pk: said for record in records for said in self.words.get(record, ())}
        return list(found.values())


def _speaks_of(said: word.Said, one: frozenset[int], two: frozenset[int]) -> bool:
    if said.constraint.kind == word.MUST:
        return bool(said.records & one and said.records & two)
    left, right = said.sides
    return bool((left & one and right & two) or (left & two and right & one))


def _words(records: Collection[int]) -> dict[int, list[word.Said]]:
    found: dict[int, list[word.Said]] = defaultdict(list)
    for said in word.in_force_on(records):
        for record in said.records:
            found[record].append(said)
    return found


def _told(rows: Sequence[Row], way: str) -> set[str]:
    return {row[f"{side}_{way}"] for row in rows for side in "ab" if row.get(f"{side}_{way}")}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _profiles(rows: Sequence[Row]) -> dict[UUID, Profile]:
    """By every id told; one that was merged away names whoever it has become."""
    ids = {_uuid(text) for text in _told(rows, "profile")}
    found = Profile.objects.filter(public_id__in=ids).select_related("merged_into__merged_into")
    return {person.public_id: _now(person) for person in found}


def _now(person: Profile) -> Profile:
    while person.state == Profile.State.MERGED and person.merged_into:
        person = person.merged_into
    return person


def _records(rows: Sequence[Row]) -> dict[tuple[str, str], SourceRecord]:
    named = SourceRecord.objects.filter(
        source__slug__in={slug.lower() for slug in _told(rows, "source")},
        external_id__in=_told(rows, "external_id"),
    )
    return {(record.source.slug, record.external_id): record for record in named.select_related("source")}


def _contacts(rows: Sequence[Row]) -> dict[tuple[str, str], frozenset[int]]:
    """The people on each address told."""
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for kind in ("email", "phone"):
        values = {_clean(kind, text) for text in _told(rows, kind)} - {""}
        shown = RecordIdentifier.objects.filter(identifier__kind=kind, identifier__value__in=values)
        for value, profile in shown.values_list("identifier__value", "record__profile"):
            found[kind, value].add(profile)
    return {key: frozenset(people) for key, people in found.items()}


def _clean(kind: str, text: str) -> str:
    """The address as identifiers are kept; a phone number is read in the organisation's country."""
    country = cast(Organisation, connection.tenant).country  # type: ignore[attr-defined]
    try:
        return normalise.email(text) if kind == "email" else normalise.phone(text, country)
    except normalise.Unusable:
        return ""


# What is in force


@dataclass(frozen=True, slots=True)
class Standing:
    """A constraint in force, with the people it speaks of now."""

    constraint: LinkConstraint
    people: list[Profile]

    @property
    def reason(self) -> str:
        return wording.reason_words(self.constraint.reason)


def standing(before: int = 0, most: int = 50) -> list[Standing]:
    """What people have said and nobody has lifted, newest first; older than `before` when given."""
    rows = LinkConstraint.objects.filter(lifted_by=None).order_by("-pk")
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("act")[:most])
    members = LinkConstraintRecord.objects.filter(constraint__in=found).select_related("record__profile")
    people: dict[int, dict[int, Profile]] = defaultdict(dict)
    for member in members.order_by("side", "record"):
        people[member.constraint_id][member.record.profile_id] = member.record.profile
    return [Standing(each, list(people[each.pk].values())) for each in found]


def lift(*, constraint: LinkConstraint, actor: str, reason: str = "") -> IdentityAct:
    """Nobody says this any more; the rules decide again. Can be taken back. Errors: NotPossible."""
    with turn():
        if not LinkConstraint.objects.filter(pk=constraint.pk, lifted_by=None).exists():
            raise NotPossible(_("This has been lifted already."))
        records = list(constraint.members.values_list("record_id", flat=True))
        act = begin(IdentityAct.Kind.UNDO, actor=actor, reason=reason)
        word.lift(act, [constraint])
        finish(act, records)
    return act
