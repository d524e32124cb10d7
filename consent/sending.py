"""The last question before something leaves: asked anew, answered per contact point, logged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from cdp.lib import clock
from consent import gather
from consent.decide import decide
from consent.facts import Decision, Message, Outcome
from consent.gather import CHANNELS, House, Row
from consent.models import SendDecision


@dataclass(frozen=True, slots=True)
class Asked:
    """The decisions of one message by identifier id. Contact points nobody knows are missing."""

    decisions: dict[int, Decision]

    def may(self) -> list[int]:
        """Those to whom it may go now."""
        return [pk for pk, found in self.decisions.items() if found.decision is Outcome.ALLOW]


def ask(
    message: Message, *, label: str, identifier_ids: Collection[int], now: datetime | None = None
) -> Asked:
    """Decides for these contact points and logs every decision with its facts.

    For within minutes of sending. `label` names the message in the log; it holds no
    personal data. Contact points of another channel than the message's are left out.
    """
    moment, house = now or clock.now(), gather.house()
    decisions: dict[int, Decision] = {}
    with transaction.atomic():
        for batch in gather.stream(identifier_ids):
            asked = [(row, _decide(row, message, house, moment)) for row in batch if _fits(row, message)]
            SendDecision.objects.bulk_create(
                [_logged(row, message, label, found, moment) for row, found in asked]
            )
            decisions |= {row.identifier_id: found for row, found in asked}
    return Asked(decisions)


def _fits(row: Row, message: Message) -> bool:
    return CHANNELS[row.kind] == message.channel


def _decide(row: Row, message: Message, house: House, now: datetime) -> Decision:
    said = gather.events(row, house, message.channel)
    return decide(message, gather.recipient(row, house), said, gather.relations(row), now, house.rules)


def _logged(row: Row, message: Message, label: str, found: Decision, now: datetime) -> SendDecision:
    positions = row.positions or []
    return SendDecision(
        message=label[:160],
        identifier_id=row.identifier_id,
        purpose=message.purpose,
        channel=message.channel,
        decision=found.decision,
        basis=found.basis or "",
        reason=found.reason,
        flags=sorted(found.flags),
        rules_version=found.rules_version,
        deciding_events=[positions[number] for number in found.deciding],
        facts=_facts(row, message),
        decided_at=now,
    )


def _facts(row: Row, message: Message) -> dict[str, Any]:
    """What was known of the recipient beside the ledger, whose rows are named by number."""
    return {
        "class": message.kind,
        "category": message.category,
        "country": row.country,
        "status": row.status,
        "shared": row.shared,
        "last_day": row.last_day.isoformat() if row.last_day else None,
        "relations": (row.relations or "").split("\n") if row.relations else [],
        "events": row.positions or [],
    }
