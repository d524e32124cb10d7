"""What a person is made of (see docs/reference/data-model.md)."""

from profiles.models.derived import DailyCount, SearchKey
from profiles.models.erasure import Tombstone
from profiles.models.event import Event
from profiles.models.identity import (
    Decision,
    DecisionMove,
    Identifier,
    IdentifierBlock,
    IdentifierKind,
    LinkConstraint,
    RecordIdentifier,
)
from profiles.models.intake import HeldRow, Intake, RowOccurrence, RowState
from profiles.models.person import Profile, RecordVersion, Source, SourceRecord
from profiles.models.sale import LineVersion, Order, OrderLine, OrderVersion, Product
from profiles.models.tag import ProfileTag, Tag

__all__ = [
    "DailyCount",
    "Decision",
    "DecisionMove",
    "Event",
    "HeldRow",
    "Identifier",
    "IdentifierBlock",
    "IdentifierKind",
    "Intake",
    "LineVersion",
    "LinkConstraint",
    "Order",
    "OrderLine",
    "OrderVersion",
    "Product",
    "Profile",
    "ProfileTag",
    "RecordIdentifier",
    "RecordVersion",
    "RowOccurrence",
    "RowState",
    "SearchKey",
    "Source",
    "SourceRecord",
    "Tag",
    "Tombstone",
]
