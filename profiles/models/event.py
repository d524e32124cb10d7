"""What people did."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from profiles.models.intake import intake_key
from profiles.models.person import Source, SourceRecord


class Event(models.Model):
    """Something a person did. Immutable; a source's message id makes it unique."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    message_id = models.TextField()
    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, db_index=False)
    type = models.CharField(max_length=80)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    properties = models.JSONField(default=dict)
    intake = intake_key()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "message_id"], name="event_source_message")]
        indexes = [
            # A person's timeline, newest first, through the person's records.
            models.Index(fields=["record", "-occurred_at"], name="event_timeline"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.message_id}"
