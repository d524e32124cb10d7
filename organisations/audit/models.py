import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisations.audit import labels
from organisations.roles import role_label


class AuditEntry(models.Model):
    """Who did what. Written by verbs through `audit.verbs.record`, by nothing else.

    Append-only by trigger. It holds the actor's number and name rather than a key, so that
    it outlives its user. `act_id` ties together what one act of one person caused.
    """

    at = models.DateTimeField(_("time"), db_default=Now(), editable=False)
    actor_id = models.BigIntegerField(_("user number"), null=True)
    actor_label = models.CharField(_("who"), max_length=200)
    role = models.CharField(_("role"), max_length=20, blank=True)
    verb = models.CharField(_("what"), max_length=60)
    target = models.CharField(_("on what"), max_length=200)
    summary = models.JSONField(_("details"), default=dict)
    act_id = models.UUIDField(_("act"), default=uuid.uuid4)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]
        indexes = [
            # The audit page filtered by verb, newest first.
            models.Index(fields=["verb", "-id"], name="audit_verb_newest"),
            # The audit page filtered by person, newest first.
            models.Index(fields=["actor_id", "-id"], name="audit_actor_newest"),
            # The audit page filtered by date.
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.verb} {self.target}"

    @property
    def verb_label(self) -> str | Promise:
        return labels.label(self.verb)

    @property
    def role_label(self) -> str | Promise:
        return role_label(self.role)

    @property
    def details(self) -> list[tuple[str, str]]:
        """For people: what is nought or empty says nothing and is left out."""
        told = [(key, value) for key, value in sorted(self.summary.items()) if value or value is False]
        return [(key.replace("_", " "), _words(value)) for key, value in told]


class AccessEntry(models.Model):
    """Who looked at whom (CONSENT.md 3.6). Append-only by trigger.

    `profile_ids` are numbers without keys: the entry stays when a profile is erased.
    A list or an export has its size in `result_size`, and the people shown in `profile_ids`;
    an attempt without a purpose names whom it was about and has a size of 0: nothing was shown.
    `fields` is the group of fields that were shown where a screen has several.
    """

    at = models.DateTimeField(_("time"), db_default=Now(), editable=False)
    user_id = models.BigIntegerField(_("user number"), null=True)
    user_label = models.CharField(_("who"), max_length=200)
    role = models.CharField(_("role"), max_length=20, blank=True)
    profile_ids = ArrayField(models.BigIntegerField(), verbose_name=_("people"), default=list)
    screen = models.CharField(_("where"), max_length=60)
    fields = models.CharField(_("fields"), max_length=120, blank=True)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    result_size = models.PositiveIntegerField(_("size"), default=0)

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        ordering = ["-id"]
        indexes = [
            # "Who looked" filtered by person who looked, newest first.
            models.Index(fields=["user_id", "-id"], name="access_user_newest"),
            # "Who looked" filtered by date.
            models.Index(fields=["at"], name="access_at"),
            # "Who looked at this person": profile_ids @> array[id].
            GinIndex(fields=["profile_ids"], name="access_people"),
        ]

    def __str__(self) -> str:
        return f"{self.user_label}: {self.screen} ({self.result_size})"

    @property
    def role_label(self) -> str | Promise:
        return role_label(self.role)

    @property
    def purpose_label(self) -> str | Promise:
        """The purpose in words; the reason of an export as it was given."""
        return labels.purpose(self.purpose)


class LookPurpose(models.Model):
    """What members of a role look at people for, unless they say otherwise (CONSENT.md 3.6).

    Empty: they have to say first. Roles without a row have the default of `profiles.purposes`.
    """

    role = models.CharField(_("role"), max_length=20, primary_key=True)
    purpose = models.CharField(_("purpose"), max_length=40, blank=True)
    set_by = models.CharField(max_length=254, blank=True)
    set_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.role}: {self.purpose}"


class AccessAlert(models.Model):
    """A look that the privacy lead should know of. `entry_id` is a number without a key: the log
    of looks is forgotten after its time, the alert with it."""

    class Kind(models.TextChoices):
        OWN = "own", _("Own profile")
        COLLEAGUE = "colleague", _("A colleague")
        GUARDED = "guarded", _("A guarded person")
        BULK = "bulk", _("Many people at an odd hour")

    entry_id = models.BigIntegerField(_("look"))
    kind = models.CharField(_("why"), max_length=10, choices=Kind)
    user_id = models.BigIntegerField(_("user number"), null=True)
    user_label = models.CharField(_("who"), max_length=200)
    at = models.DateTimeField(_("time"))
    result_size = models.PositiveIntegerField(_("size"), default=0)
    seen_by = models.CharField(max_length=254, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=240, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["entry_id", "kind"], name="access_alert_once")]
        indexes = [
            # The privacy lead's home and badge: the few nobody has looked at.
            models.Index(fields=["-id"], condition=models.Q(seen_at=None), name="access_alert_open"),
        ]

    def __str__(self) -> str:
        return f"{self.user_label}: {self.kind}"


def _words(value: Any) -> str:
    """A value of a summary for people: a change as “old → new”, a list with commas."""
    if isinstance(value, dict) and set(value) == {"from", "to"}:
        return f"{_words(value['from'])} → {_words(value['to'])}"
    if isinstance(value, list):
        return ", ".join(_words(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(item)}" for key, item in value.items())
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(value)
