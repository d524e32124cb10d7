from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from integrations.models.connection import Connection


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def due(self) -> WebhookDeliveryQuerySet:
        return self.filter(state=DeliveryState.WAITING, due_at__lte=Now())


class WebhookDelivery(models.Model):
    """What another system sent us, word for word, before anybody has looked at it.

    `key` is the sender's own number of the delivery, so that a repeat is the same row. The body may
    hold personal data: it is emptied after 30 days (`integrations.hooks`).
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="deliveries", db_index=False)
    key = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    note = models.CharField(max_length=240, blank=True)
    """What came of it, in plain words, without personal data."""
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    handled_at = models.DateTimeField(null=True, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = (models.UniqueConstraint(fields=("connection", "key"), name="delivery_once"),)
        indexes = (
            # The worker and, every minute, the sweeper: the few that nobody has handled.
            models.Index(
                fields=("connection", "due_at"), condition=Q(state="waiting"), name="delivery_waiting"
            ),
            # Retention, once a minute: the oldest that still have a body.
            models.Index(fields=("received_at",), condition=Q(emptied_at=None), name="delivery_to_empty"),
        )

    def __str__(self) -> str:
        return f"{self.connection_id}/{self.key}"
