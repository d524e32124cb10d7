from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models.parcel import pack, unpack
from integrations.models.run import Run


class Upload(models.Model):
    """A table that a person uploaded, before and after it was taken in.

    Holds personal data: the rows are emptied after 30 days like those of parcels.
    """

    noun = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    point = models.CharField(max_length=120, blank=True)
    """Key of the collection point that uploaded permissions were given at."""
    header = models.JSONField(default=list)
    row_count = models.PositiveIntegerField()
    content = models.BinaryField()
    run = models.OneToOneField(Run, models.SET_NULL, null=True, blank=True, related_name="upload")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    emptied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        indexes = (
            # Retention: the few that still hold rows.
            models.Index(fields=("created_at",), condition=Q(emptied_at=None), name="upload_to_empty"),
        )

    def __str__(self) -> str:
        return self.name

    def rows(self) -> list[dict[str, Any]]:
        return unpack(self.content) if self.content else []

    def set_rows(self, rows: list[dict[str, Any]]) -> None:
        self.content, self.row_count = pack(rows), len(rows)
