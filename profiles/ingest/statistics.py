"""Tells the planner how large the tables have become while a large delivery fills them.

Autovacuum would come a minute late: by then a plan made for an empty table has been
followed through hundreds of thousands of rows.
"""

from __future__ import annotations

from django.db import connection

_PEOPLE = "profiles_sourcerecord, profiles_identifier, profiles_recordidentifier"
_SALES = "profiles_profile, profiles_order, profiles_orderline"
_DERIVED = "profiles_profiletag, profiles_searchkey, profiles_rowstate"


def people_grew() -> None:
    """Before anybody is resolved."""
    _analyse(_PEOPLE)


def sales_grew() -> None:
    """Before golden values are computed."""
    _analyse(_SALES)


def derived_grew() -> None:
    """Before the next chunk."""
    _analyse(_DERIVED)


def has_doubled(before: int, added: int) -> bool:
    """True for a delivery's first chunk and whenever its rows have doubled since."""
    return (before + added).bit_length() > before.bit_length()


def _analyse(tables: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"analyze {tables}")
