"""Why somebody may, or may not, be written to: decided now, with the ledger lines behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from cdp.lib import clock
from consent import balancing, gather, reasons
from consent.answers import CATEGORY
from consent.case import younger
from consent.decide import ADULT, decide
from consent.facts import (
    NEWSLETTER,
    OWN_SIMILAR,
    PROFILING,
    SERVICE_INFO,
    Basis,
    Decision,
    Message,
    MessageClass,
    Outcome,
)
from consent.gather import CHANNELS, House, Row
from consent.models import ConsentEvent
from profiles.models import Identifier, Profile

QUESTIONS = ("newsletter", "own_similar", "service")
CALLS, LETTERS = "calls", "letters"
NOT_KNOWN = ("NO_BASIS", "SERVICE_WITHOUT_ORDER", "NO_SALE")


class Question(NamedTuple):
    """What is asked about a contact point. `key` names it on pages."""

    key: str
    purpose: str
    channel: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One question about one contact point. `because` are the deciding events, newest first.

    `row` holds the other facts; it may speak of everybody who uses the address.
    """

    identifier: Identifier
    channel: str
    question: str
    decision: Decision
    because: list[ConsentEvent]
    text: str
    purpose: str
    row: Row

    @property
    def may(self) -> bool:
        return self.decision.decision is Outcome.ALLOW

    @property
    def state(self) -> str:
        """The name of its badge: yes, unknown, waiting (a person decides, or later), no."""
        if self.may:
            return "yes"
        if self.decision.decision in (Outcome.REVIEW, Outcome.DEFER):
            return "waiting"
        return "unknown" if self.decision.reason in NOT_KNOWN else "no"


def contact_points(person: Profile) -> list[Identifier]:
    """The person's e-mail addresses and phone numbers, e-mail first."""
    return list(
        Identifier.objects.filter(kind__in=list(CHANNELS), recordidentifier__record__profile=person)
        .distinct()
        .order_by("kind", "pk")
    )


def channels_of(kind: str) -> list[str]:
    """Everything that goes by a contact point of this kind; letters hang on any of them."""
    return [channel for channel, kinds in gather.REACHED_BY.items() if kind in kinds]


def usual(kind: str) -> list[Question]:
    """The three questions whose answers are stored, for lists and plans."""
    channel = CHANNELS[kind]
    purposes = (NEWSLETTER, OWN_SIMILAR, SERVICE_INFO)
    return [Question(key, purpose, channel) for key, purpose in zip(QUESTIONS, purposes, strict=True)]


def every(kind: str) -> list[Question]:
    """The usual ones, and calls and letters."""
    more = [Question(CALLS, NEWSLETTER, "phone")] if kind == "phone" else []
    return [*usual(kind), *more, Question(LETTERS, NEWSLETTER, "post")]


def explain(
    identifiers: Collection[Identifier],
    *,
    now: datetime | None = None,
    asked: Mapping[str, list[Question]] | None = None,
) -> list[Explained]:
    """Every question about every contact point, in a constant number of queries.

    `asked` names the questions by kind of contact point; by default the usual ones.
    """
    if not identifiers:
        return []
    asked = asked or {kind: usual(kind) for kind in CHANNELS}
    house, moment = gather.house(), now or clock.now()
    interest = balancing.approved(timezone.localtime(moment).date())
    by_id = {identifier.pk: identifier for identifier in identifiers}
    with transaction.atomic():
        rows = [row for batch in gather.stream(list(by_id), now=moment) for row in batch]
    rows.sort(key=lambda row: list(by_id).index(row.identifier_id))
    decided = [
        (row, question, _decide(row, question, house, moment, interest))
        for row in rows
        for question in asked[row.kind]
    ]
    known = _events(decided)
    return [
        _explained(by_id[row.identifier_id], question, decision, known, house, row, interest)
        for row, question, decision in decided
    ]


def why(
    identifier: Identifier, purpose: str, channel: str, *, now: datetime | None = None
) -> Explained | None:
    """One question of the catalogue about one contact point; None where it is blocked or not valid."""
    question = Question("why", purpose, channel)
    found = explain([identifier], now=now, asked={identifier.kind_id: [question]})
    return found[0] if found else None


Interest = Mapping[tuple[str, str], datetime]


def message(house: House, question: Question, interest: Interest) -> Message:
    """What would be sent, as the question means it."""
    kind = {SERVICE_INFO: MessageClass.SERVICE, "survey": MessageClass.SURVEY}.get(question.purpose)
    return Message(
        house.controller,
        question.purpose,
        question.channel,
        kind=kind or MessageClass.MARKETING,
        category=CATEGORY if question.purpose == OWN_SIMILAR else "",
        lia=(question.purpose, question.channel) in interest,
    )


def _decide(row: Row, question: Question, house: House, now: datetime, interest: Interest) -> Decision:
    decision = decide(
        message(house, question, interest),
        gather.recipient(row, house, question.channel),
        gather.events(row, house, question.channel),
        gather.relations(row),
        now,
        house.rules,
        pace=False,
    )
    return _tailoring(decision, row, now) if question.purpose == PROFILING else decision


def _tailoring(decision: Decision, row: Row, now: datetime) -> Decision:
    """Tailored content is no message: it rests on legitimate interest until somebody objects, at any
    address of the person, and is never for children (CONSENT.md 1.7, 2.7, 2.14)."""
    refused = decision.reason in ("OBJECTED", "WITHDRAWN") or row.refuses_profiling
    if refused or younger(row.birth_date, ADULT, now):
        said: tuple[Outcome, Basis | None, str] = (Outcome.BLOCK, None, "NO_PROFILING")
    elif decision.decision is Outcome.ALLOW or decision.reason in BEFORE_ANY_PERMISSION:
        return decision
    else:
        said = (Outcome.ALLOW, Basis.LEGITIMATE_INTEREST, "LEGITIMATE_INTEREST")
    return Decision(*said, frozenset(), decision.deciding, decision.rules_version)


BEFORE_ANY_PERMISSION = ("WRONG_CONTROLLER", "ADDRESS_INVALID", "RESTRICTED", "SUPPRESSED_AFTER_ERASURE")


def _events(decided: list[tuple[Row, Question, Decision]]) -> dict[int, ConsentEvent]:
    positions = {position for row, _question, found in decided for position in _positions(row, found)}
    if not positions:
        return {}
    related = ("point__source", "text", "record")
    return ConsentEvent.objects.select_related(*related).in_bulk(positions)


def _positions(row: Row, decision: Decision) -> Iterator[int]:
    yield from ((row.positions or [])[number] for number in decision.deciding)


def _explained(
    identifier: Identifier,
    question: Question,
    decision: Decision,
    known: Mapping[int, ConsentEvent],
    house: House,
    row: Row,
    interest: Interest,
) -> Explained:
    because = [known[position] for position in _positions(row, decision)]
    months = house.rules.for_country(row.country).soft_months
    lapse = house.rules.policy.unused_lapse_months
    weighed = interest.get((question.purpose, question.channel))
    facts = {
        "n": lapse if decision.reason == "CONSENT_LAPSED" else months,
        "why": _("ticked beforehand"),
        "date": _day(because[0]) if because else (_date(weighed.date()) if weighed else ""),
        "source": where(because[0]) if because else "",
    }
    text = reasons.text(decision.reason, **facts)
    return Explained(
        identifier, question.channel, question.key, decision, because, text, question.purpose, row
    )


def _day(event: ConsentEvent) -> str:
    return _date(timezone.localtime(event.occurred_at or event.recorded_at).date())


def _date(day: date) -> str:
    return formats.date_format(day, "SHORT_DATE_FORMAT")


def where(event: ConsentEvent) -> str:
    """Where something was said, in words: the collection point, staff, or the system."""
    if event.via == "staff":
        return _("staff")
    if event.point:
        return event.point.name
    return event.source_system.replace("-", " ").replace("_", " ").capitalize()
