"""Rows as they came are kept for 30 days, so that a run can be looked into; then only their number."""

from __future__ import annotations

import datetime as dt

from django.db.models.functions import Now

from integrations.models import Parcel, Upload

KEPT = dt.timedelta(days=30)
AT_ONCE = 500


def empty_old_parcels() -> int:
    """Empties the oldest ones that are due, a few hundred at a time. Returns how many."""
    old = Parcel.objects.filter(emptied_at=None, created_at__lt=Now() - KEPT).order_by("created_at")
    due = list(old.values_list("pk", flat=True)[:AT_ONCE])
    return Parcel.objects.filter(pk__in=due).update(content=b"", emptied_at=Now()) if due else 0


def empty_old_uploads() -> int:
    old = Upload.objects.filter(emptied_at=None, created_at__lt=Now() - KEPT)
    return old.update(content=b"", emptied_at=Now())
