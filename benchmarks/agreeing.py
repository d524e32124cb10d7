"""Holds the decision in SQL against the pure one: every message, every contact point, all of the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from benchmarks.histories import NOW
from consent import gather, setwise
from consent.decide import decide
from consent.facts import Message, MessageClass
from consent.gather import REACHED_BY, House, Row
from consent.setwise import Decided

NIGHT = NOW.replace(day=20, hour=21, minute=30)  # a Friday, 22:30 in Oslo
SUNDAY = NOW.replace(day=22)
EVENING = NOW.replace(hour=19, minute=30)  # 20:30 in Oslo: calls are lawful, the house rests


@dataclass(frozen=True)
class Question:
    message: Message
    now: datetime = NOW
    pace: bool = True


def questions(controller: str) -> list[Question]:
    """What is asked of everybody: every class, channel and hour that table 1.4 tells apart."""
    news = Message(controller, "marketing.newsletter", "email")
    own = Message(controller, "marketing.own_similar", "email", category="performing_arts")
    service = Message(controller, "service.event_info", "email", kind=MessageClass.SERVICE)
    call, letter = replace(own, channel="phone", lia=True), replace(own, channel="post", lia=True)
    messages = [
        news, own, service, call, letter,
        replace(own, channel="sms"), replace(news, channel="sms"), replace(news, channel="phone", lia=True),
        replace(call, lia=False), replace(letter, purpose="marketing.newsletter", lia=False),
        replace(own, category="dining"), replace(own, own=False), replace(own, kind=MessageClass.MIXED),
        replace(own, purpose="survey", kind=MessageClass.SURVEY),
        replace(news, kind=MessageClass.CONSENT_REQUEST), replace(service, approved=False),
        replace(service, order="1", channel="sms"), replace(news, has_optout=False),
        replace(own, sensitive_segment=True), replace(news, controller="elsewhere"),
        replace(own, has_notice=False), replace(news, purpose="profiling"), replace(news, channel="push"),
    ]  # fmt: skip
    return [
        *map(Question, messages),
        Question(own, pace=False),
        Question(replace(news, channel="sms"), NIGHT),
        Question(replace(own, channel="sms"), SUNDAY),
        Question(call, NIGHT),
        Question(call, EVENING),
    ]


@dataclass
class Compared:
    """How many decisions were compared, by reason and by flag, and those that differ."""

    decisions: int
    reasons: Counter[str]
    differing: list[tuple[Question, Decided | None, Decided | None]]


def compare(identifier_ids: Collection[int], house: House, asked: Collection[Question]) -> Compared:
    """Decides everything twice. The pure form's facts are read once for each moment."""
    found = Compared(0, Counter(), [])
    facts: dict[tuple[datetime, bool, bool], list[Row]] = {}
    with transaction.atomic():
        for question in asked:
            key = (question.now, question.pace, question.message.has_notice)
            facts[key] = facts.get(key) or _rows(identifier_ids, *key)
            pure = _purely(question, house, facts[key])
            at_once = {each.identifier_id: each for each in _at_once(identifier_ids, house, question)}
            for pk in pure.keys() | at_once.keys():
                mine, theirs = pure.get(pk), at_once.get(pk)
                if mine != theirs:
                    found.differing.append((question, mine, theirs))
            found.decisions += len(pure)
            for each in pure.values():
                found.reasons.update((each.reason, *each.flags))
    return found


def _rows(identifier_ids: Collection[int], now: datetime, pace: bool, has_notice: bool) -> list[Row]:
    batches = gather.stream(identifier_ids, now=now, pace=pace, has_notice=has_notice)
    return [row for batch in batches for row in batch]


def _at_once(identifier_ids: Collection[int], house: House, question: Question) -> list[Decided]:
    return list(
        setwise.decide_set(
            question.message,
            identifier_ids=identifier_ids,
            now=question.now,
            house=house,
            pace=question.pace,
        )
    )


def _purely(question: Question, house: House, rows: Iterable[Row]) -> dict[int, Decided]:
    kinds = REACHED_BY.get(question.message.channel, ())
    return {row.identifier_id: purely(row, house, question) for row in rows if row.kind in kinds}


def purely(row: Row, house: House, question: Question) -> Decided:
    message = question.message
    found = decide(
        message,
        gather.recipient(row, house, message.channel),
        gather.events(row, house, message.channel),
        gather.relations(row),
        question.now,
        house.rules,
        pace=question.pace,
    )
    positions = row.positions or []
    deciding = tuple(positions[number] for number in found.deciding)
    return Decided(row.identifier_id, found.decision, found.basis, found.reason, found.flags, deciding)
