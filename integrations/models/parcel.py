from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import orjson
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.connectors import Raw
from integrations.models.run import Run

PARCEL_ROWS = 20_000
"""One parcel is one ingest chunk: one transaction, one short task."""


def pack(rows: Sequence[Any]) -> bytes:
    return zlib.compress(orjson.dumps(list(rows)), level=1)


def unpack(content: bytes | memoryview) -> list[Any]:
    unpacked: list[Any] = orjson.loads(zlib.decompress(content))
    return unpacked


class ParcelQuerySet(models.QuerySet["Parcel"]):
    def unopened(self) -> ParcelQuerySet:
        return self.filter(done_at=None).order_by("number")


class Parcel(models.Model):
    """Rows as pulled, waiting to be taken in. Saved together with the cursor that follows them.

    Holds personal data: the content is emptied after 30 days (`integrations.retention`).
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="parcels")
    number = models.PositiveIntegerField()
    first_row = models.PositiveBigIntegerField()
    """Number of its first row within the run, counted from 1."""
    row_count = models.PositiveIntegerField()
    content = models.BinaryField()
    cursor = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True)

    objects = ParcelQuerySet.as_manager()

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="parcel_number"),)
        indexes = (
            # Retention, once an hour: the few that still hold rows.
            models.Index(
                fields=("created_at",),
                condition=Q(emptied_at=None),
                name="parcel_to_empty",
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id}/{self.number}"

    def rows(self) -> list[Raw]:
        return unpack(self.content)
