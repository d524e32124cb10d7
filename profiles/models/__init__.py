"""What a person is made of (see docs/reference/data-model.md)."""

from profiles.models.decision import (
    Decision,
    DecisionMove,
    IdentityAct,
    LinkConstraint,
    LinkConstraintRecord,
    LinkUpload,
    MatchLink,
    Pin,
    RuleTrial,
    SurvivorshipRule,
)
from profiles.models.derived import DailyCount, SearchKey
from profiles.models.erasure import Tombstone
from profiles.models.event import Event
from profiles.models.identity import Identifier, IdentifierBlock, IdentifierKind, RecordIdentifier
from profiles.models.intake import HeldRow, Intake, RowOccurrence, RowState
from profiles.models.matching import (
    BlockingKey,
    Household,
    HouseholdMember,
    MatchFeatures,
    MatchModel,
    MatchPair,
    MatchSettings,
    NetworkSighting,
)
from profiles.models.person import Profile, RecordMark, RecordVersion, Source, SourceRecord
from profiles.models.sale import LineVersion, Order, OrderLine, OrderVersion, Product, SalesFact
from profiles.models.tag import ProfileTag, Tag

__all__ = [
    "BlockingKey",
    "DailyCount",
    "Decision",
    "DecisionMove",
    "Event",
    "HeldRow",
    "Household",
    "HouseholdMember",
    "Identifier",
    "IdentifierBlock",
    "IdentifierKind",
    "IdentityAct",
    "Intake",
    "LineVersion",
    "LinkConstraint",
    "LinkConstraintRecord",
    "LinkUpload",
    "MatchFeatures",
    "MatchLink",
    "MatchModel",
    "MatchPair",
    "MatchSettings",
    "NetworkSighting",
    "Order",
    "OrderLine",
    "OrderVersion",
    "Pin",
    "Product",
    "Profile",
    "ProfileTag",
    "RecordIdentifier",
    "RecordMark",
    "RecordVersion",
    "RowOccurrence",
    "RowState",
    "RuleTrial",
    "SalesFact",
    "SearchKey",
    "Source",
    "SourceRecord",
    "SurvivorshipRule",
    "Tag",
    "Tombstone",
]
