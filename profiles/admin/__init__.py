"""The settings side of people: what administrators may change, and ledgers they may read."""

from profiles.admin.people import OrderAdmin, ProfileAdmin, SourceRecordAdmin
from profiles.admin.rules import (
    IdentifierAdmin,
    IdentifierBlockAdmin,
    IdentifierKindAdmin,
    SourceAdmin,
    TagAdmin,
)

__all__ = [
    "IdentifierAdmin",
    "IdentifierBlockAdmin",
    "IdentifierKindAdmin",
    "OrderAdmin",
    "ProfileAdmin",
    "SourceAdmin",
    "SourceRecordAdmin",
    "TagAdmin",
]
