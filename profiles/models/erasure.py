"""What is left of somebody who was erased: a keyed hash that stops tomorrow's file."""

from __future__ import annotations

from django.db import models


class Tombstone(models.Model):
    """A keyed hash (HMAC-SHA-256, key outside the database) of an erased identifier.

    Rows observed no later than `erased_at` that show it are dropped and counted
    (CONSENT.md 2.9, 2.10).
    """

    digest = models.BinaryField(max_length=32, unique=True)
    key_version = models.PositiveSmallIntegerField(default=1)
    erased_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"erased {self.erased_at:%Y-%m-%d}"
