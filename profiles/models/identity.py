"""Identifiers, who showed them, and the journal of who was found to be whom."""

from __future__ import annotations

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from profiles.models.intake import intake_key
from profiles.models.person import Profile, SourceRecord


class IdentifierKind(models.Model):
    """What an identifier is, and how far it may be trusted to mean one person.

    `priority` 1 is strongest. `limit_per_person` counts values (per source where
    `per_source`); `window_days` bounds that count in time. A value carried by more
    than `max_profiles` people is held by itself.
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
    """A value, or a pattern over the whole value, that never means a person."""

    kind = models.ForeignKey(IdentifierKind, on_delete=models.CASCADE, null=True, blank=True)
    pattern = models.CharField(max_length=240, help_text=_("Regular expression, whole value."))
    reason = models.CharField(max_length=240, blank=True)

    def __str__(self) -> str:
        return self.pattern


class Decision(models.Model):
    """The journal of who was found to be whom. Written once, never changed.

    `rule` names the rule or "person"; `evidence` is what it rested on; `undoes`
    points at the decision this one takes back.
    """

    class Kind(models.TextChoices):
        MERGE = "merge", _("Merged")
        SPLIT = "split", _("Split")

    kind = models.CharField(max_length=8, choices=Kind)
    rule = models.CharField(max_length=60)
    actor = models.CharField(max_length=254, blank=True)
    evidence = models.JSONField(default=dict)
    survivor = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="survived")
    retired = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="retired_by", null=True)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    intake = models.ForeignKey("profiles.Intake", on_delete=models.DO_NOTHING, null=True, db_constraint=False)
    decided_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.retired_id} → {self.survivor_id}"


class DecisionMove(models.Model):
    """One record that a decision moved between profiles."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="moves")
    record_id = models.BigIntegerField(db_index=True)  # outlives the record
    from_profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    to_profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.record_id}: {self.from_profile_id} → {self.to_profile_id}"


class LinkConstraint(models.Model):
    """A person's word that two records must, or cannot, be one person."""

    class Kind(models.TextChoices):
        MUST = "must", _("Must be one person")
        CANNOT = "cannot", _("Cannot be one person")

    kind = models.CharField(max_length=6, choices=Kind)
    record_a = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+")
    record_b = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+")
    actor = models.CharField(max_length=254)
    reason = models.CharField(max_length=240, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_a", "record_b"], name="link_constraint_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_a_id} {self.record_b_id}"
