"""Takes a delivery back: what it made goes, what it overwrote returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from cdp.lib import sql
from profiles.identity.resolve import resolve
from profiles.ingest import gild, load
from profiles.ingest.turn import wait_for_turn
from profiles.models import HeldRow, Intake


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What an undo takes away and brings back, in rows."""

    people_removed: int = 0
    records_removed: int = 0
    records_restored: int = 0
    orders_removed: int = 0
    orders_restored: int = 0
    lines_removed: int = 0
    lines_restored: int = 0
    events_removed: int = 0
    permissions_invalidated: int = 0


def preview_undo(*, intake: Intake) -> UndoReport:
    """What `undo_intake` would do, counted without doing it."""
    found = sql.one("profiles/undo_preview", {"intake": intake.pk}) or {}
    return UndoReport(**found)


_TOUCH = (
    "undo_orders_note", "undo_touch_records", "undo_touch_orders", "undo_touch_events", "undo_unhold",
    "networks_undo",
)  # fmt: skip


def undo_intake(*, intake: Intake, revoke: Callable[[int], int], actor: str) -> UndoReport:
    """Takes one delivery back. Later deliveries' values stand.

    `revoke` invalidates the permissions the delivery recorded and returns how many.
    An open delivery takes no more rows afterwards. Raises ValueError when it is already
    undone.
    """
    with transaction.atomic():
        wait_for_turn()
        intake = Intake.objects.select_for_update().get(pk=intake.pk)
        if intake.state == Intake.State.UNDONE:
            raise ValueError("This delivery was undone before.")
        load.empty_stage()
        invalidated = revoke(intake.pk)
        report = _undo(intake, invalidated, actor)
        HeldRow.objects.filter(intake=intake, state__in=["held", "failed"]).update(
            state=HeldRow.State.UNDONE, resolved_at=timezone.now(), resolved_by=actor
        )
        Intake.objects.filter(pk=intake.pk).update(state=Intake.State.UNDONE, undone_at=timezone.now())
        gild.count_days(intake_id=intake.pk)
    return report


def _undo(intake: Intake, invalidated: int, actor: str) -> UndoReport:
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:

        def run(name: str, key: str = "") -> None:
            sql.run(f"profiles/{name}", {"intake": intake.pk}, cursor=cursor)
            if key:
                counts[key] = cursor.rowcount

        for name in _TOUCH:
            run(name)
        run("undo_events", "events_removed")
        for noun in ("lines", "orders", "records"):
            run(f"undo_{noun}_forget")
            run(f"undo_{noun}_restore", f"{noun}_restored")
            run(f"undo_{noun}_unversion")
            if noun == "orders":
                run("undo_orders_keep")
            if noun == "records":
                run("undo_records_keep")
                run("undo_identifiers")
            run(f"undo_{noun}_remove", f"{noun}_removed")
        run("undo_products")
        run("undo_settle")
        run("undo_rowstates")
        run("undo_seeds")
        seeds = [record for (record,) in cursor.fetchall()]
    resolve(seeds, intake_id=intake.pk, actor=actor)
    gild.gild_touched()
    counts["people_removed"] = sql.value("profiles/undo_emptied")
    return UndoReport(permissions_invalidated=invalidated, **counts)
