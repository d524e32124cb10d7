"""The last question before something leaves: asked anew, answered per contact point, logged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from cdp.lib import clock, sql
from consent import content_check, gather, ledger, setwise
from consent.facts import Basis, Decision, Message, Outcome
from consent.models import SendDecision

LABEL = SendDecision._meta.get_field("message").max_length


@dataclass(frozen=True, slots=True)
class Asked:
    """The decisions of one message by identifier id; their `deciding` are ledger positions.

    Contact points nobody knows are missing.
    """

    decisions: dict[int, Decision]

    def may(self) -> list[int]:
        """Those to whom it may go now."""
        return [pk for pk, found in self.decisions.items() if found.decision is Outcome.ALLOW]


def ask(
    message: Message,
    *,
    label: str,
    identifier_ids: Collection[int],
    content: str | None = None,
    now: datetime | None = None,
) -> Asked:
    """Decides for these contact points and logs every decision with its facts, in one statement.

    For within minutes of sending. `label` names the message in the log; it holds no
    personal data. Contact points that the message's channel does not reach are left out. With the
    `content` of what is sent it is looked at too: `content_check.BackToReview` where a
    service message sells, and people known from a partner alone wait for a message with the
    notice of Art. 14. Calls and letters go by the balancing tests that stand now.
    """
    moment, house = now or clock.now(), gather.house()
    message = setwise.weighed(message, moment)
    if content is not None:
        message = content_check.checked(message, content)
    version = house.rules.version
    params = setwise.params(message, identifier_ids=identifier_ids, now=moment, house=house, pace=True)
    logged = {
        "label": label[:LABEL],
        "class": message.kind,
        "tells_source": message.has_notice and content is not None,
        "rules_version": version,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.statement("consent/decide_log"), params | logged)
        answers = [setwise.decided(*row) for row in cursor.fetchall()]
    return Asked(
        {
            each.identifier_id: Decision(
                each.decision, each.basis, each.reason, each.flags, each.deciding, version
            )
            for each in answers
        }
    )


def went_out(*, label: str, identifier_ids: Collection[int], at: datetime | None = None) -> int:
    """Notes that the message really went to these contact points; answers to how many of them it might.

    From this come the promised pace and the weekly caps, and that a yes in use does not
    lapse. A message for which `ask` did not say ALLOW counts nothing.
    """
    moment = at or clock.now()
    params = {"label": label[:LABEL], "identifier_ids": list(identifier_ids), "at": moment}
    with transaction.atomic():
        rows = sql.rows("consent/decisions_acted_on", params)
        for channel in {row["channel"] for row in rows}:
            marketing = [
                row["identifier_id"]
                for row in rows
                if row["channel"] == channel and row["basis"] != Basis.CONTRACT
            ]
            ledger.mark_used(marketing, channel, at=moment)
    return len(rows)
