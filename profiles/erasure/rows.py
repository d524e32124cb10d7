"""Erases what names a person in rows that were kept as they came."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from cdp.lib import sql
from organisations.personal_data import Subject
from profiles.erasure import traces
from profiles.models import HeldRow, LinkUpload


def forget_held_rows(subject: Subject) -> int:
    """Rows about the person that wait for somebody, or waited once. The delivery's counts stay."""
    found = traces.of(subject)
    if not found:
        return 0
    rows = sql.rows("profiles/erase_held_candidates", {"patterns": found.patterns, "digits": found.digits})
    doomed = [row["id"] for row in rows if found.in_cells(row["said"])]
    return HeldRow.objects.filter(pk__in=doomed).delete()[0] if doomed else 0


def forget_links_uploaded(subject: Subject) -> int:
    """Lines of uploaded tables that name the person; what they said goes with the constraints."""
    found = traces.of(subject)
    if not found:
        return 0
    gone = 0
    params = {"patterns": found.patterns, "digits": found.digits}
    for upload in LinkUpload.objects.filter(
        pk__in=[row["id"] for row in sql.rows("profiles/erase_upload_candidates", params)]
    ):
        kept = [row for row in upload.rows if not _names(found, row)]
        gone += len(upload.rows) - len(kept)
        upload.rows = kept
        upload.emptied_at = upload.emptied_at or (None if kept else timezone.now())
        upload.save(update_fields=["rows", "emptied_at"])
    return gone


def _names(found: traces.Traces, row: dict[str, Any]) -> bool:
    """A line speaks of two people: either being meant is enough, by what it says and why."""
    return found.in_cells(row) or any(found.in_text(str(cell)) for cell in row.values())
