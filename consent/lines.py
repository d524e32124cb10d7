"""The ledger of one person, line by line, with all that proves each line (CONSENT.md 2.4).

A mailbox may be shared: what somebody else said there closes or opens it and is shown with
its day and place; whatever else would tell of that person is left out (CONSENT.md C173).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent import explain, names, staff
from consent.facts import NEGATIVE, POSITIVE
from consent.models import Channel, ConsentEvent, ConsentEvidence
from profiles.models import Identifier, Profile, RecordIdentifier, SourceRecord

MOST = 200
"""Lines shown at once; a ledger of more is a source that repeats itself, and the page says so."""
NOS = frozenset(said.value for said in NEGATIVE)
YESES = frozenset(said.value for said in POSITIVE)

PROOF: Mapping[str, Promise] = {
    "A": _("Proven: words, time and act on record"),
    "B": _("Documented: a dated source, or noted by staff. Lifts no earlier no."),
    "C": _("A bare claim: opens nothing until somebody vouches for where it came from"),
}
ANSWERS = (("yes", _("Yes")), ("no", _("No")), ("other", _("Confirmations and corrections")))


Key = tuple[int | None, str, str]
"""A permission: contact point, purpose, channel."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger. What is another person's is empty where `others` is true."""

    event: ConsentEvent
    others: bool
    taken_back: datetime | None = None
    noted_by: str = ""
    asked_to_confirm: datetime | None = None
    confirmed: datetime | None = None
    has_traces: bool = False

    @property
    def what(self) -> str:
        return names.purpose(self.event.purpose)

    @property
    def channel(self) -> str:
        return names.channel(self.event.channel)

    @property
    def where(self) -> str:
        return explain.where(self.event)

    @property
    def key(self) -> Key:
        return _key(self.event)

    @property
    def at(self) -> datetime:
        return self.event.occurred_at or self.event.recorded_at

    @property
    def is_no(self) -> bool:
        return self.event.type in NOS

    @property
    def is_yes(self) -> bool:
        return self.event.type in YESES

    @property
    def is_claim(self) -> bool:
        return self.is_yes and self.event.proof == "C"

    @property
    def badge(self) -> str:
        if self.is_claim or self.event.type == "DOI_REQUESTED":
            return "waiting"
        return "no" if self.is_no else "yes" if self.is_yes or self.event.type == "DOI_CONFIRMED" else "off"

    @property
    def proof(self) -> str | Promise:
        return "" if self.is_no else PROOF[self.event.proof]

    @property
    def words(self) -> str:
        """As people read them: the registered text, else what was copied from beside the box."""
        if self.event.text:
            return self.event.text.body
        return self.event.point.wording if self.event.point else ""

    @property
    def form(self) -> str:
        found = getattr(self.event.point, "form", None) if self.event.point else None
        return str(found) if found else ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the ledger says of a person's contact points, newest first. `more`: there are older lines."""

    lines: list[Line]
    more: bool
    shared: frozenset[int] = field(default_factory=frozenset)

    def days(self) -> list[tuple[date, list[Line]]]:
        """By local day of the act, for a timeline."""
        ordered = sorted(self.lines, key=lambda line: (line.at, line.event.position), reverse=True)
        return [(day, list(group)) for day, group in groupby(ordered, key=lambda line: _day(line.at))]


def _day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Filters of the history, from the address; what is unknown counts as not chosen."""

    point: str = ""
    channel: str = ""
    purpose: str = ""
    answer: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Chosen:
        point = query.get("point", "")
        answer, channel = query.get("answer", ""), query.get("channel", "")
        return cls(
            point=point if point.isdecimal() and len(point) < 19 else "",
            channel=channel if channel in Channel.values else "",
            purpose=query.get("purpose", "") if query.get("purpose", "") in names.PURPOSES else "",
            answer=answer if answer in dict(ANSWERS) else "",
        )

    @property
    def anything(self) -> bool:
        return bool(self.point or self.channel or self.purpose or self.answer)

    def condition(self) -> Q:
        """A no to everything concerns every channel and purpose."""
        found = Q()
        if self.point:
            found &= Q(identifier=int(self.point)) | Q(identifier=None)
        if self.channel:
            found &= Q(channel__in=[self.channel, "*"])
        if self.purpose:
            found &= Q(purpose__in=[self.purpose, "*"])
        if self.answer:
            found &= _ANSWERED[self.answer]
        return found


_ANSWERED = {
    "yes": Q(type__in=sorted(YESES)),
    "no": Q(type__in=sorted(NOS)),
    "other": ~Q(type__in=sorted(NOS | YESES)),
}


def of(person: Profile, points: Sequence[Identifier], chosen: Chosen | None = None) -> Ledger:
    """The person's ledger, in a constant number of queries."""
    events = _events(person, points, chosen or Chosen())
    shared = shared_among(points, person)
    lines = lines_of(events[:MOST], person, shared)
    return Ledger(lines, len(events) > MOST, shared)


def _events(person: Profile, points: Sequence[Identifier], chosen: Chosen) -> list[ConsentEvent]:
    about = Q(identifier__in=[point.pk for point in points]) | Q(scope="person", record__profile=person)
    found = ConsentEvent.objects.filter(about, target=None).filter(chosen.condition())
    related = ("identifier", "point__source", "point__form", "text", "record")
    return list(found.select_related(*related).order_by("-position")[: MOST + 1])


def lines_of(events: Sequence[ConsentEvent], person: Profile, shared: Collection[int]) -> list[Line]:
    """Events with what belongs to each, and without what belongs to somebody else."""
    positions = [event.position for event in events]
    corrections = ConsentEvent.objects.filter(target__in=positions)
    gone = {each.target_id: each.recorded_at for each in corrections}
    traces = set(ConsentEvidence.objects.filter(event__in=positions).values_list("event_id", flat=True))
    noted = staff.noted_by(events)
    records = set(SourceRecord.objects.filter(profile=person).values_list("pk", flat=True))
    asked, confirmed = _double_optin(events)
    return [
        Line(
            event,
            others=(others := _is_others(event, records, shared)),
            taken_back=gone.get(event.position),
            noted_by="" if others else noted.get(event.position, ""),
            asked_to_confirm=None if others else asked.get(_key(event)),
            confirmed=None if others else confirmed.get(_key(event)),
            has_traces=event.position in traces and not others,
        )
        for event in events
    ]


def _is_others(event: ConsentEvent, own: Collection[int], shared: Collection[int]) -> bool:
    """Another person's answer at an address they share; without a record, nobody can tell whose it is."""
    if event.record_id in own:
        return False
    return event.identifier_id is None or event.identifier_id in shared


def shared_among(points: Sequence[Identifier], person: Profile) -> frozenset[int]:
    """Which of the contact points somebody else uses too."""
    pks = [point.pk for point in points]
    others = RecordIdentifier.objects.filter(identifier__in=pks).exclude(record__profile=person)
    marked = {point.pk for point in points if point.state == Identifier.State.SHARED}
    return frozenset(others.values_list("identifier_id", flat=True)) | marked


def _key(event: ConsentEvent) -> Key:
    return event.identifier_id, event.purpose, event.channel


def _double_optin(events: Iterable[ConsentEvent]) -> tuple[dict[Key, datetime], dict[Key, datetime]]:
    """For each permission, when the person was last asked to confirm it, and when they did."""
    times: dict[str, dict[Key, datetime]] = {"DOI_REQUESTED": {}, "DOI_CONFIRMED": {}}
    for event in events:
        if event.type in times:
            times[event.type].setdefault(_key(event), event.occurred_at or event.recorded_at)
    return times["DOI_REQUESTED"], times["DOI_CONFIRMED"]
