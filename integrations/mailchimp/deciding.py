"""The last question before contacts are subscribed or added, and what proves that it was asked.

The set of answers that the batch goes by is stored for lists and plans, without hours and caps. Here
every contact whose standing changes is decided about once more, and the decision is logged with its
facts (GDPR Art. 5(2), 24; CONSENT.md 2.2, 6). What is not allowed now does not go: a "later" or "a person
decides" is for the next plan.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from consent import answers, gather, sending
from consent.facts import Message, Outcome
from consent.models.answer import Basket
from integrations.mailchimp.client import Json
from integrations.mailchimp.models import Action

if TYPE_CHECKING:
    from integrations.mailchimp.models import Plan, PlanItem
    from integrations.mailchimp.push import Batch

ASKED = (Action.RAISE, Action.ADD)
"""What gives a contact a standing at Mailchimp. Changed names and tags change none, and a no needs no
permission."""


def ask(batch: Batch) -> None:
    """Drops from the batch whoever may not, or not now."""
    by_basket: dict[str, list[PlanItem]] = defaultdict(list)
    for item in batch.wanted:
        if batch.action in ASKED and opens(batch.wish(item)):
            by_basket[batch.wish(item)["basket"]].append(item)
    messages = _messages() if by_basket else {}
    for basket, items in by_basket.items():
        ids = [item.identifier_id for item in items]
        asked = sending.ask(messages[basket], label=label(batch.plan), identifier_ids=ids)
        for item in items:
            found = asked.decisions.get(item.identifier_id)
            if found is None or found.decision is not Outcome.ALLOW:
                batch.drop(item, found.reason if found else "")


def opens(wish: Json) -> bool:
    """Whether the contact can be mailed afterwards: one that is added as unsubscribed cannot."""
    return str(wish["status"] or wish["status_if_new"]) != "unsubscribed"


def label(plan: Plan) -> str:
    """What the decisions are filed under: a connection's name and a number, nobody's."""
    return f"mailchimp {plan.run.connection.slug}, plan {plan.pk}"


def _messages() -> dict[str, Message]:
    """What a contact of each basket may be mailed by way of this audience."""
    asked = answers.questions(gather.house(), "email")
    return {
        Basket.MARKETING: asked.newsletter,
        Basket.OWN_SIMILAR: asked.own_similar,
        Basket.SERVICE: asked.service,
        Basket.NONE: asked.newsletter,
    }
