"""Consent: what was asked, what people answered, and what that lets the house send."""

from consent.models.answer import Basket, ContactAnswer, ContactStatus, ContactUse, SendDecision
from consent.models.asking import Channel, CollectionPoint, ConsentText, Purpose, RuleOverride
from consent.models.ledger import ConsentEvent, ConsentEvidence, ConsentState, SnapshotState

__all__ = [
    "Basket",
    "Channel",
    "CollectionPoint",
    "ConsentEvent",
    "ConsentEvidence",
    "ConsentState",
    "ConsentText",
    "ContactAnswer",
    "ContactStatus",
    "ContactUse",
    "Purpose",
    "RuleOverride",
    "SendDecision",
    "SnapshotState",
]
