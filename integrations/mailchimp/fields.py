"""Foyer's merge fields. Made once per audience; FNAME and LNAME are there from the start."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

NAMES = ("FNAME", "LNAME", "BASKET", "LASTBUY", "ORDERS")
CREATED: tuple[dict[str, Any], ...] = (
    {"tag": "FNAME", "name": "First Name", "type": "text"},
    {"tag": "LNAME", "name": "Last Name", "type": "text"},
    {"tag": "BASKET", "name": "May be sent", "type": "text", "public": False},
    {"tag": "LASTBUY", "name": "Last purchase", "type": "date", "public": False},
    {"tag": "ORDERS", "name": "Orders", "type": "number", "public": False},
)
SEPARATOR = "\x1f"


def fields_hash(merge_fields: Mapping[str, Any]) -> str:
    """The same as `hash` in wish.sql: what tells whether a member's fields are as we want them."""
    values = (_plain(merge_fields.get(name)) for name in NAMES)
    return hashlib.md5(SEPARATOR.join(values).encode(), usedforsecurity=False).hexdigest()


def _plain(value: Any) -> str:
    """Numbers come back as 3, 3.0 or "3"."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)
