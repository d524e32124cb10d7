"""What may go to whom: decided for many contact points at once, and stored.

The stored answer serves lists, counts and plans. Right before anything is sent, `refresh`
is asked again for those who would get it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from cdp.lib import clock, locks, sql
from consent import gather
from consent.decide import decide
from consent.facts import (
    NEWSLETTER,
    OWN_SIMILAR,
    SERVICE_INFO,
    Decision,
    LedgerEvent,
    Message,
    MessageClass,
    Outcome,
    Recipient,
    Relation,
)
from consent.gather import CHANNELS, House, Row
from consent.models.answer import Basket
from consent.shapes import Shaper

# Own similar offers are about shows: what the baskets are asked for.
CATEGORY = "performing_arts"
CACHED_SHAPES = 50_000


class Answer(NamedTuple):
    """One row of `ContactAnswer`, without whose it is."""

    basket: str
    newsletter: str
    newsletter_reason: str
    own_similar: str
    own_similar_reason: str
    service: str
    service_reason: str
    since: datetime | None
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class BasketCounts:
    """How many contact points are in each basket, per channel, among those decided.

    `changed` counts answers that differ from the stored ones, `shapes` the different
    sets of facts among them.
    """

    baskets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    decided: int = 0
    changed: int = 0
    shapes: int = 0

    def of(self, basket: str, channel: str = "email") -> int:
        return self.baskets.get(channel, {}).get(basket, 0)


@dataclass(frozen=True, slots=True)
class Questions:
    """The three things that every contact point is asked about, in one channel."""

    newsletter: Message
    own_similar: Message
    service: Message


def questions(house: House, channel: str) -> Questions:
    def ask(purpose: str, kind: MessageClass, category: str = "") -> Message:
        return Message(house.controller, purpose, channel, kind=kind, category=category)

    return Questions(
        ask(NEWSLETTER, MessageClass.MARKETING),
        ask(OWN_SIMILAR, MessageClass.MARKETING, CATEGORY),
        ask(SERVICE_INFO, MessageClass.SERVICE),
    )


def refresh(*, identifier_ids: Collection[int] | None = None, now: datetime | None = None) -> BasketCounts:
    """Decides anew for these contact points, or for all, and stores what changed.

    Answers of contact points that no record shows any more are removed. Memory stays flat
    however many there are.
    """
    if identifier_ids is not None and not identifier_ids:
        return BasketCounts()
    desk = Desk(gather.house(), now or clock.now())
    with transaction.atomic():
        wait_for_turn()
        sql.run("consent/answers_stage").close()
        sql.run("consent/answers_clear").close()
        for batch in gather.stream(identifier_ids):
            _stage(desk.answer(batch))
        changed = _store(identifier_ids, desk)
    return desk.counts(changed)


def wait_for_turn() -> None:
    """One transaction of an organisation at a time writes permissions, until it ends.

    Whoever writes to the ledger takes its turn before: two that compute the state of one
    address at once would each miss what the other has not committed, and two that wait
    for each other's rows would both be stopped by the database.
    """
    locks.wait_in_transaction("answers", connection.tenant.pk)  # type: ignore[attr-defined]


def refresh_due(*, now: datetime | None = None) -> BasketCounts:
    """Decides anew where time, or a release with other rules, may have changed the answer."""
    moment = now or clock.now()
    params = {"now": moment, "rules_version": gather.house().rules.version}
    return refresh(identifier_ids=sql.value("consent/answers_due", params) or [], now=moment)


@dataclass
class Desk:
    """Decides for batch after batch. Cases of one shape are decided once."""

    house: House
    now: datetime
    _known: dict[tuple[object, ...], Answer] = field(default_factory=dict)
    _asked: dict[str, Questions] = field(default_factory=dict)
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _shapes: int = 0

    def __post_init__(self) -> None:
        self._shaper = Shaper(self.house, self.now)

    def answer(self, batch: Iterable[Row]) -> list[tuple[object, ...]]:
        rows: list[tuple[object, ...]] = []
        for row in batch:
            channel = CHANNELS[row.kind]
            answer = self._of(row, channel)
            self._counts[channel, answer.basket] += 1
            rows.append((row.identifier_id, channel, *answer))
        return rows

    def counts(self, changed: int) -> BasketCounts:
        baskets: dict[str, dict[str, int]] = {}
        for (channel, basket), count in sorted(self._counts.items()):
            baskets.setdefault(channel, {})[basket] = count
        return BasketCounts(baskets, self._counts.total(), changed, self._shapes)

    def _of(self, row: Row, channel: str) -> Answer:
        shape = self._shaper.shape(row)
        found = self._known.get(shape.key)
        if found is None:
            if len(self._known) >= CACHED_SHAPES:
                self._known.clear()
            found = self._known[shape.key] = self._decide(row, channel)
            self._shapes += 1
        since = shape.said_at if found.since and shape.said_at else found.since
        return found._replace(since=since, valid_until=shape.turns_at)

    def _decide(self, row: Row, channel: str) -> Answer:
        asked = self._asked.get(channel) or self._asked.setdefault(channel, questions(self.house, channel))
        said = gather.events(row, self.house, channel)
        facts = (gather.recipient(row, self.house), said, gather.relations(row))
        return answer(asked, *facts, self.now, self.house)


def answer(
    asked: Questions,
    recipient: Recipient,
    events: list[LedgerEvent],
    relations: list[Relation],
    now: datetime,
    house: House,
) -> Answer:
    """The three decisions for one contact point and channel, as they are stored."""
    newsletter, similar, service = (
        decide(message, recipient, events, relations, now, house.rules, pace=False)
        for message in (asked.newsletter, asked.own_similar, asked.service)
    )
    return Answer(
        _basket(newsletter, similar, service),
        newsletter.decision,
        newsletter.reason,
        similar.decision,
        similar.reason,
        service.decision,
        service.reason,
        _since(newsletter, events) or _since(similar, events),
        None,
    )


def _basket(newsletter: Decision, similar: Decision, service: Decision) -> str:
    if newsletter.decision is Outcome.ALLOW:
        return Basket.MARKETING.value
    if similar.decision is Outcome.ALLOW:
        return Basket.OWN_SIMILAR.value
    return Basket.SERVICE.value if service.decision is Outcome.ALLOW else Basket.NONE.value


def _since(decision: Decision, events: list[LedgerEvent]) -> datetime | None:
    if not decision.deciding:
        return None
    event = events[decision.deciding[0]]
    return event.occurred_at or event.recorded_at


def _stage(rows: list[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy("COPY consent_answer FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _store(identifier_ids: Collection[int] | None, desk: Desk) -> int:
    params = {
        "now": desk.now,
        "rules_version": desk.house.rules.version,
        "everybody": identifier_ids is None,
        "identifier_ids": list(identifier_ids or ()),
    }
    return sql.count("consent/answers_store", params) + sql.count("consent/answers_gone", params)
