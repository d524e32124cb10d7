"""Why somebody may, or may not, be written to: decided now, with the ledger lines behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from cdp.lib import clock
from consent import gather, reasons
from consent.answers import questions
from consent.decide import decide
from consent.facts import Decision, Outcome
from consent.gather import CHANNELS, House, Row
from consent.models import ConsentEvent
from profiles.models import Identifier, Profile

QUESTIONS = ("newsletter", "own_similar", "service")


@dataclass(frozen=True, slots=True)
class Explained:
    """One question about one contact point. `because` are the deciding events, newest first."""

    identifier: Identifier
    channel: str
    question: str
    decision: Decision
    because: list[ConsentEvent]
    text: str

    @property
    def may(self) -> bool:
        return self.decision.decision is Outcome.ALLOW


def contact_points(person: Profile) -> list[Identifier]:
    """The person's e-mail addresses and phone numbers, e-mail first."""
    return list(
        Identifier.objects.filter(kind__in=list(CHANNELS), recordidentifier__record__profile=person)
        .distinct()
        .order_by("kind", "pk")
    )


def explain(identifiers: Collection[Identifier], *, now: datetime | None = None) -> list[Explained]:
    """Every question about every contact point, in a constant number of queries."""
    if not identifiers:
        return []
    house, moment = gather.house(), now or clock.now()
    by_id = {identifier.pk: identifier for identifier in identifiers}
    with transaction.atomic():
        rows = [row for batch in gather.stream(list(by_id)) for row in batch]
    decided = [each for row in rows for each in _decisions(row, house, moment)]
    known = _events(decided)
    return [
        _explained(by_id[row.identifier_id], question, decision, [known[pk] for pk in positions], house, row)
        for row, question, decision, positions in sorted(decided, key=lambda each: _place(each[0], by_id))
    ]


def _place(row: Row, by_id: Mapping[int, Identifier]) -> int:
    return list(by_id).index(row.identifier_id)


def _decisions(row: Row, house: House, now: datetime) -> Iterator[tuple[Row, str, Decision, list[int]]]:
    channel = CHANNELS[row.kind]
    asked = questions(house, channel)
    recipient, said = gather.recipient(row, house), gather.events(row, house, channel)
    bought = gather.relations(row)
    for question in QUESTIONS:
        decision = decide(getattr(asked, question), recipient, said, bought, now, house.rules, pace=False)
        yield row, question, decision, [(row.positions or [])[number] for number in decision.deciding]


def _events(decided: list[tuple[Row, str, Decision, list[int]]]) -> dict[int, ConsentEvent]:
    positions = {position for _row, _question, _decision, found in decided for position in found}
    if not positions:
        return {}
    return ConsentEvent.objects.select_related("point__source", "text").in_bulk(positions)


def _explained(
    identifier: Identifier,
    question: str,
    decision: Decision,
    because: list[ConsentEvent],
    house: House,
    row: Row,
) -> Explained:
    months = house.rules.for_country(row.country).soft_months
    lapse = house.rules.policy.unused_lapse_months
    facts = {
        "n": lapse if decision.reason == "CONSENT_LAPSED" else months,
        "why": _("ticked beforehand"),
        "date": _day(because[0]) if because else "",
        "source": where(because[0]) if because else "",
    }
    text = reasons.text(decision.reason, **facts)
    return Explained(identifier, CHANNELS[row.kind], question, decision, because, text)


def _day(event: ConsentEvent) -> str:
    moment = timezone.localtime(event.occurred_at or event.recorded_at)
    return formats.date_format(moment, "SHORT_DATE_FORMAT")


def where(event: ConsentEvent) -> str:
    """Where something was said, in words: the collection point, staff, or the system."""
    if event.via == "staff":
        return _("staff")
    if event.point:
        return event.point.name
    return event.source_system.replace("-", " ").replace("_", " ").capitalize()
