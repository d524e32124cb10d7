"""Where every permission stands, kept in step with the ledger, droppable at any time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection, transaction

from cdp.lib import sql


@dataclass(frozen=True, slots=True)
class Drift:
    """One permission on which projection and ledger disagree; None where one has no row."""

    identifier_id: int
    purpose: str
    channel: str
    projected: str | None
    ledger: str | None


def touch(identifier_ids: Collection[int], *, taken_back: bool = False) -> int:
    """Brings these contact points up to the ledger; answers how many permissions changed.

    `taken_back` also removes permissions of which nothing is left in the ledger.
    """
    if not identifier_ids:
        return 0
    params = {"identifier_ids": list(identifier_ids)}
    changed = sql.count("consent/project", params)
    if taken_back:
        changed += sql.count("consent/project_gone", params)
    return changed


def rebuild() -> int:
    """Drops the projection and computes it anew from the ledger; answers its rows."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM consent_consentstate")
        return sql.count("consent/project_all")


def drift() -> list[Drift]:
    """Every disagreement. Empty unless something wrote past `consent.ledger`."""
    return [Drift(**row) for row in sql.rows("consent/project_drift")]
