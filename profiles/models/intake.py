"""Deliveries: what came in, what became of every row, what waits for a person."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


def intake_key() -> models.ForeignKey[Any, Any]:
    """A pointer to the delivery that wrote a row.

    Without constraint or index: deliveries are never deleted, millions of rows point
    at one, and the only reader (undo) walks the whole table anyway.
    """
    return models.ForeignKey(
        "profiles.Intake",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )


class Intake(models.Model):
    """One delivery of one source, and the account of its rows.

    Every row read ends in exactly one of six counts; the database refuses anything
    else. `held` rows went in without the value that was set aside, `failed` rows did
    not go in at all: both wait as `HeldRow`s.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")
        UNDONE = "undone", _("Undone")

    source = models.ForeignKey("profiles.Source", on_delete=models.PROTECT)
    label = models.CharField(max_length=240, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    rows_read = models.BigIntegerField(default=0)
    rows_created = models.BigIntegerField(default=0)
    rows_updated = models.BigIntegerField(default=0)
    rows_unchanged = models.BigIntegerField(default=0)
    rows_held = models.BigIntegerField(default=0)
    rows_failed = models.BigIntegerField(default=0)
    rows_erased = models.BigIntegerField(default=0)
    permits = models.JSONField(default=dict, help_text=_("What the ledger made of its claims."))
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    closed_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="intake_every_row_accounted_for",
                condition=Q(
                    rows_read=F("rows_created")
                    + F("rows_updated")
                    + F("rows_unchanged")
                    + F("rows_held")
                    + F("rows_failed")
                    + F("rows_erased")
                ),
            )
        ]

    def __str__(self) -> str:
        return self.label or f"#{self.pk}"

    def equation(self) -> dict[str, int]:
        """The account of the rows, in the order it is shown."""
        names = ("read", "created", "updated", "unchanged", "held", "failed", "erased")
        return {name: getattr(self, f"rows_{name}") for name in names}


class RowState(models.Model):
    """The digest a source's row had when it was last taken in.

    A row whose digest is the same again is set aside as unchanged before anything
    else looks at it. `key` is a keyed 128-bit hash of the row's key within the source, and
    `digest` one of what it says. `record_id` is whom the row is about, a number without key or
    index: an erasure walks the table.
    """

    pk = models.CompositePrimaryKey("source_id", "key")
    source = models.ForeignKey(
        "profiles.Source", on_delete=models.DO_NOTHING, db_index=False, db_constraint=False
    )
    key = models.UUIDField()
    digest = models.UUIDField()
    record_id = models.BigIntegerField(null=True)
    intake = intake_key()

    def __str__(self) -> str:
        return str(self.key)


class RowOccurrence(models.Model):
    """How often a line without an own id was seen so far in an open delivery.

    Two tickets that look alike in one order are two tickets; counting tells them
    apart the same way in every delivery. Emptied when the delivery closes.
    """

    pk = models.CompositePrimaryKey("intake_id", "key")
    intake = intake_key()
    key = models.UUIDField()
    seen = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.key}: {self.seen}"


class HeldRow(models.Model):
    """A row that waits for a person: text as it came, and why.

    `reasons` is a list of {column, value, code, message}.
    """

    class State(models.TextChoices):
        HELD = "held", _("Held: went in without a value")
        FAILED = "failed", _("Failed: did not go in")
        CORRECTED = "corrected", _("Corrected and taken in")
        DISMISSED = "dismissed", _("Set aside by a person")
        OVERTAKEN = "overtaken", _("Came again in a later delivery")
        UNDONE = "undone", _("Delivery undone")

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="waiting_rows")
    number = models.BigIntegerField()
    key = models.TextField(blank=True)
    raw = models.JSONField()
    reasons = models.JSONField()
    state = models.CharField(max_length=10, choices=State)
    corrected_raw = models.JSONField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["intake", "number"]
        constraints = [models.UniqueConstraint(fields=["intake", "number"], name="held_row_once_per_intake")]
        indexes = [
            # Ingest: does a row that came again still wait? (held_overtaken.sql)
            models.Index(
                fields=["key"], condition=models.Q(state__in=["held", "failed"]), name="held_row_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.intake_id}/{self.number}"
