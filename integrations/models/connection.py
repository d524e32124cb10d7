from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from integrations.defaults import every_day, new_secret
from integrations.sealing import seal, unseal

if TYPE_CHECKING:
    from integrations.connectors import Connector


class ApplyMode(models.TextChoices):
    AUTOMATIC = "automatic", _("Send by itself")
    ASK = "ask", _("Wait until somebody has looked at the plan")


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def enabled(self) -> ConnectionQuerySet:
        return self.filter(enabled=True)

    def scheduled(self) -> ConnectionQuerySet:
        return self.enabled().exclude(weekdays=[])


class Connection(models.Model):
    """A configured system of this organisation: what to talk to, with what, and when.

    `cursor` is where the next pull begins. It moves only when a run's rows are all in.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connector = models.CharField(_("system"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    source = models.ForeignKey("profiles.Source", models.PROTECT, related_name="connections")
    config = models.JSONField(default=dict, blank=True)
    sealed = models.TextField(blank=True, editable=False)
    schedule_time = models.TimeField(_("time of day"), default=dt.time(7, 30))
    weekdays = ArrayField(models.SmallIntegerField(), default=every_day, blank=True)
    enabled = models.BooleanField(_("runs by itself"), default=True)
    enabled_at = models.DateTimeField(auto_now_add=True)
    cursor = models.JSONField(default=dict, blank=True)
    after_sources = models.BooleanField(_("wait for the morning's sources"), default=False)
    apply_mode = models.CharField(max_length=10, choices=ApplyMode, default=ApplyMode.AUTOMATIC)
    webhook_secret = models.CharField(max_length=64, default=new_secret, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("connection")
        verbose_name_plural = _("connections")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("integrations:connection", args=[self.slug])

    @property
    def secrets(self) -> dict[str, Any]:
        return unseal(self.sealed)

    @secrets.setter
    def secrets(self, values: dict[str, Any]) -> None:
        self.sealed = seal(values)

    def open(self) -> Connector:
        """Its connector, ready to talk."""
        from integrations.connectors import connector_for

        return connector_for(self)
