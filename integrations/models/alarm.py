from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models.connection import Connection
from integrations.models.run import Run, RunState


class AlarmKind(models.TextChoices):
    LATE = "late", _("Late")
    EMPTY = "empty", _("Nothing came")
    SMALL = "small", _("Unusually little")
    HELD = "held", _("Many rows set aside")
    WAITING = "waiting", _("Waits for you")
    SOURCES = "sources", _("Went ahead without a source")


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def open(self) -> AlarmQuerySet:
        return self.filter(closed_at=None).order_by("opened_at")

    def standing(self) -> AlarmQuerySet:
        """Open, without those that the next round closes: nobody need wait a minute to see it answered."""
        asking = (RunState.WAITING, RunState.FAILED)
        answered = Q(kind=AlarmKind.WAITING) & ~Q(run__state__in=asking)
        return self.open().exclude(answered)


class Alarm(models.Model):
    """Something about a connection that a person should know. Closes by itself when it is cured.

    `message` is whole sentences with numbers and the connection's name, never personal data: it is
    also what the e-mail says.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=10, choices=AlarmKind)
    run = models.ForeignKey(Run, models.SET_NULL, null=True, blank=True, related_name="alarms")
    message = models.TextField()
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints = (
            models.UniqueConstraint(
                fields=("connection", "kind"),
                condition=Q(closed_at=None),
                name="alarm_one_open_of_a_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.connection}: {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return self.run.get_absolute_url() if self.run else self.connection.get_absolute_url()


class AlarmOptOut(models.Model):
    """An administrator who does not want alarms by e-mail; everybody sees them on the home page."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("alarm opt-out")
        verbose_name_plural = _("alarm opt-outs")

    def __str__(self) -> str:
        return str(self.user)
