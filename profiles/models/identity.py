"""Identifiers, what each kind of them proves, and who showed them."""

from __future__ import annotations

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from profiles.models.intake import intake_key
from profiles.models.person import SourceRecord


class IdentifierKind(models.Model):
    """What an identifier is, and how far it may be trusted to mean one person.

    `priority` 1 is strongest. `limit_per_person` counts values (per source where
    `per_source`); with `window_days` only those seen within that many days of each
    other. A value carried by more than `max_profiles` people is held by itself.
    `joins` is False for a kind that is only a contact point; with `shared_joins` a value
    that a person called shared still joins records of one full name.
    """

    class Role(models.TextChoices):
        CONTACT_POINT = "contact_point", _("Contact point")
        ACCOUNT_KEY = "account_key", _("Account key")
        ANONYMOUS = "anonymous", _("Anonymous")

    key = models.SlugField(primary_key=True, max_length=40)
    label = models.CharField(max_length=80)
    role = models.CharField(max_length=16, choices=Role)
    per_source = models.BooleanField(default=False)
    priority = models.PositiveSmallIntegerField()
    limit_per_person = models.PositiveSmallIntegerField(default=5)
    window_days = models.PositiveSmallIntegerField(null=True, blank=True)
    max_profiles = models.PositiveSmallIntegerField(default=10)
    joins = models.BooleanField(default=True, db_default=True)
    shared_joins = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["priority"]

    def __str__(self) -> str:
        return self.label


class Identifier(models.Model):
    """One normalised value of one kind. `namespace` is the source's slug for account
    keys (customer 123 at the till is not customer 123 in the shop), else empty.

    Permission hangs on contact points, so an identifier outlives the records that
    showed it. States: normal joins; shared (a person's word) and held (by itself:
    on too many people) are contact points that never join; blocked is a placeholder.
    Where `decided_by` names somebody the state is that person's word and no rule changes it.
    """

    class State(models.TextChoices):
        NORMAL = "normal", _("Normal")
        SHARED = "shared", _("Shared")
        HELD = "held", _("Held")
        BLOCKED = "blocked", _("Blocked")

    kind = models.ForeignKey(IdentifierKind, on_delete=models.PROTECT, db_index=False)
    namespace = models.CharField(max_length=60, default="")
    value = models.TextField()
    state = models.CharField(max_length=8, choices=State, default=State.NORMAL)
    invalid = models.BooleanField(default=False)
    state_reason = models.CharField(max_length=240, default="")
    decided_by = models.CharField(max_length=254, default="", db_default="", blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "namespace", "value"], name="identifier_key")]
        indexes = [
            # Search by the beginning of an e-mail address, phone or customer number.
            models.Index(OpClass("value", name="text_pattern_ops"), name="identifier_prefix"),
            # "Held and shared values" on the identity page.
            models.Index(fields=["state"], condition=~models.Q(state="normal"), name="identifier_not_normal"),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id}: {self.value}"


class RecordIdentifier(models.Model):
    """This record showed this identifier, first and last at these times."""

    pk = models.CompositePrimaryKey("record_id", "identifier_id")
    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, db_index=False)
    # Indexed by default: "which records show this e-mail address", at every ingest.
    identifier = models.ForeignKey(Identifier, on_delete=models.PROTECT)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    intake = intake_key()

    def __str__(self) -> str:
        return f"{self.record_id} shows {self.identifier_id}"


class IdentifierBlock(models.Model):
    """A value, or a pattern over the whole value, that never means a person.

    One that came with Foyer, or was found to be the organisation's own address, is
    switched off rather than deleted, so that it does not come back.
    """

    class Origin(models.TextChoices):
        STANDARD = "standard", _("Came with Foyer")
        OWN = "own", _("The organisation's own address")
        PERSON = "person", _("Added by a colleague")

    kind = models.ForeignKey(IdentifierKind, on_delete=models.CASCADE, null=True, blank=True)
    pattern = models.CharField(max_length=240, help_text=_("Regular expression, whole value."))
    reason = models.CharField(max_length=240, blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.PERSON, db_default=Origin.PERSON)
    active = models.BooleanField(default=True, db_default=True)

    def __str__(self) -> str:
        return self.pattern
