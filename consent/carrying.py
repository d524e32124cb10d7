"""A no follows the person to a new address; a yes never does by itself (CONSENT.md 2.8, C79, C80).

When a source shows another address in the place of the former one, what was refused there is refused at
the new one too. A yes is carried only by the person: signed in, and confirmed at the new address.
"""

from __future__ import annotations

from collections.abc import Collection

from cdp.lib import sql
from consent import ledger
from consent.facts import EventType
from consent.models import ConsentEvent

SYSTEM = "address-change"


def carry_nos(identifier_ids: Collection[int]) -> int:
    """Carries nos to these contact points from those they have replaced; answers how many. Repeatable."""
    if not identifier_ids:
        return 0
    moved = sql.rows("consent/moved_nos", {"identifier_ids": list(identifier_ids)})
    said = ConsentEvent.objects.in_bulk([row["position"] for row in moved])
    return sum(_carried(row["identifier_id"], said[row["position"]]) for row in moved)


def _carried(identifier_id: int, no: ConsentEvent) -> bool:
    entry = ledger.Entry(
        identifier_id=identifier_id,
        type=EventType(no.type),
        purpose=no.purpose,
        channel=no.channel,
        occurred_at=no.occurred_at or no.recorded_at,
        source_system=SYSTEM,
        source_event_id=f"carried:{no.pk}",
        carried_from_id=no.pk,
        actor="system",
    )
    return ledger.record(entry) is not None
