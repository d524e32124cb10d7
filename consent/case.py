"""One question with its facts, and what the gates read from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from consent import history
from consent.facts import ELECTRONIC, Basis, LedgerEvent, Message, Outcome, Recipient, Relation
from consent.rules import CountryRules, Policy

ONGOING = frozenset({"subscription", "membership"})


@dataclass(slots=True)
class Ruling:
    outcome: Outcome
    reason: str
    basis: Basis | None = None
    events: tuple[LedgerEvent, ...] = ()


@dataclass(slots=True)
class Case:
    """One question with its facts. `events` are only those that concern it."""

    message: Message
    recipient: Recipient
    events: tuple[LedgerEvent, ...]
    relations: Sequence[Relation]
    now: datetime
    country: CountryRules
    policy: Policy
    _yes: tuple[list[LedgerEvent], str, LedgerEvent | None] | None = None
    _no: list[LedgerEvent] | None = None

    @property
    def electronic(self) -> bool:
        return self.message.channel in ELECTRONIC

    @property
    def valid(self) -> list[LedgerEvent]:
        """Every yes that counts, newest first."""
        return self._read_yes()[0]

    @property
    def faulty(self) -> tuple[str, LedgerEvent | None]:
        """Why the newest yes that fails does so, and which one it is."""
        _, reason, event = self._read_yes()
        return reason, event

    @property
    def standing(self) -> list[LedgerEvent]:
        """The nos to this purpose and channel that stand, newest first."""
        if self._no is None:
            nos = history.negatives(self.events, self.message.purpose, self.message.channel)
            self._no = history.standing(nos, self.valid) if nos else []
        return self._no

    def valid_for(self, purpose: str) -> list[LedgerEvent]:
        """Every yes to another purpose in this channel that counts, newest first."""
        found = history.positives(self.events, purpose, self.message.channel)
        return [event for event in found if not self._fault(event)]

    def _read_yes(self) -> tuple[list[LedgerEvent], str, LedgerEvent | None]:
        if self._yes is None:
            valid: list[LedgerEvent] = []
            reason, failing = "", None
            for event in history.positives(self.events, self.message.purpose, self.message.channel):
                found = self._fault(event)
                if not found:
                    valid.append(event)
                elif failing is None:
                    reason, failing = found, event
            self._yes = (valid, reason, failing)
        return self._yes

    def _fault(self, event: LedgerEvent) -> str:
        return history.fault(event, self.events, self.message, self.country, self.policy, self.now)


def block(reason: str, *events: LedgerEvent) -> Ruling:
    return Ruling(Outcome.BLOCK, reason, None, events)


def allow(basis: Basis, reason: str, *events: LedgerEvent) -> Ruling:
    return Ruling(Outcome.ALLOW, reason, basis, events)


def completed(relation: Relation) -> bool:
    return relation.status == "completed" and relation.given_by == "self"


def in_force(relation: Relation, now: datetime) -> bool:
    if relation.type not in ONGOING or relation.started_at > now:
        return False
    return relation.ended_at is None or relation.ended_at > now


def younger(birth_date: date | None, age: int, at: datetime | None) -> bool:
    """Known to be younger than `age` on that day; an unknown age counts as grown up."""
    if birth_date is None or at is None:
        return False
    years = at.year - birth_date.year - ((at.month, at.day) < (birth_date.month, birth_date.day))
    return years < age
