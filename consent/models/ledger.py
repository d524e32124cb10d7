"""The ledger of what people answered, and what is computed from it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from consent.facts import NEGATIVE
from consent.models.asking import CollectionPoint, ConsentText


class ConsentEvent(models.Model):
    """One thing somebody said, or the house noted, about one permission.

    Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE, for the table's owner
    too. What turned out wrong is taken back by a later INVALIDATED row that names it in
    `target`. `consent.ledger` is the only writer.

    Events hang on the contact point, so a merge moves nothing. `record` says whose
    answer it was; with scope "person" a no reaches every address of that person. It
    outlives its record, hence no constraint. `occurred_at` is the person's own time,
    `recorded_at` the database clock. Purpose and channel may be `*` in a no only.
    `controller` is empty for the house itself, else a partner named by a shared text.
    """

    class Type(models.TextChoices):
        GRANT = "GRANT", _("Said yes")
        DENY = "DENY", _("Said no")
        WITHDRAW = "WITHDRAW", _("Took the yes back")
        OBJECT = "OBJECT", _("Objected")
        COMPLAINT = "COMPLAINT", _("Complained of spam")
        DOI_REQUESTED = "DOI_REQUESTED", _("Asked to confirm")
        DOI_CONFIRMED = "DOI_CONFIRMED", _("Confirmed by link")
        CARRIED = "CARRIED", _("Carried over from a former address")
        LAPSED = "LAPSED", _("Lapsed")
        INVALIDATED = "INVALIDATED", _("Taken back by the house")

    class Scope(models.TextChoices):
        ADDRESS = "address", _("This address")
        PERSON = "person", _("The person")

    class Proof(models.TextChoices):
        A = "A", _("A: words, time and act on record")
        B = "B", _("B: documented source, or noted by staff")
        C = "C", _("C: a bare claim")

    class Actor(models.TextChoices):
        PERSON = "person", _("The person")
        STAFF = "staff", _("Staff")
        SYSTEM = "system", _("A system of ours")
        PROVIDER = "provider", _("A provider")

    position = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid.uuid4, editable=False)  # time-ordered, by column default
    identifier = models.ForeignKey(
        "profiles.Identifier", on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    record = models.ForeignKey(
        "profiles.SourceRecord",
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    type = models.CharField(max_length=14, choices=Type)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.ADDRESS)
    purpose = models.CharField(max_length=60)
    channel = models.CharField(max_length=8)
    occurred_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    kind = models.CharField(max_length=10, choices=CollectionPoint.Kind, default=CollectionPoint.Kind.ACT)
    proof = models.CharField(max_length=1, choices=Proof, default=Proof.C)
    point = models.ForeignKey(CollectionPoint, on_delete=models.PROTECT, null=True, db_index=False)
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, null=True, db_index=False)
    source_system = models.CharField(max_length=60)
    source_event_id = models.TextField()
    order_ref = models.TextField(default="")
    campaign_ref = models.TextField(default="")
    experiment_variant = models.CharField(max_length=60, default="")
    controller = models.CharField(max_length=120, default="")
    shared_group = models.CharField(max_length=60, default="")
    guardian = models.BooleanField(default=False)
    via = models.CharField(max_length=20, default="")
    actor = models.CharField(max_length=8, choices=Actor, default=Actor.SYSTEM)
    carried_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    target = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    intake = models.ForeignKey(
        "profiles.Intake",
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    note = models.CharField(max_length=240, default="")

    class Meta:
        ordering = ["position"]
        constraints = [
            # Webhooks come three times and files twice: each thing said is written once.
            # Its index also finds all events of a contact point, for every answer.
            models.UniqueConstraint(
                fields=["identifier", "source_system", "source_event_id", "purpose", "channel"],
                name="consent_event_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="consent_event_is_about_somebody",
                condition=Q(identifier__isnull=False) | Q(record__isnull=False),
            ),
            models.CheckConstraint(
                name="consent_event_star_only_in_a_no",
                condition=Q(type__in=sorted(said.value for said in NEGATIVE))
                | ~Q(purpose="*") & ~Q(channel="*")
                | Q(target__isnull=False),
            ),
            models.CheckConstraint(
                name="consent_event_target_is_earlier",
                condition=Q(target__isnull=True) | Q(target__lt=F("position")),
            ),
        ]
        indexes = [
            # Objections of a person, reached from the person's records.
            models.Index(fields=["record"], condition=Q(scope="person"), name="consent_event_person"),
            # "How many yes wait on this point", and opening them when it is verified.
            models.Index(fields=["point"], condition=Q(proof="C"), name="consent_event_waiting"),
            # "Was this event taken back": at most one row takes back another.
            models.Index(fields=["target"], condition=Q(target__isnull=False), name="consent_event_target"),
            # Taking back what one delivery brought.
            models.Index(fields=["intake"], condition=Q(intake__isnull=False), name="consent_event_intake"),
            # What came of the yeses that one variant of a form collected.
            models.Index(
                fields=["experiment_variant"],
                condition=~Q(experiment_variant=""),
                name="consent_event_variant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.type} {self.purpose}/{self.channel}"


class ConsentEvidence(models.Model):
    """The traces of an act that prove it and need not be kept long; goes without the ledger."""

    event = models.OneToOneField(ConsentEvent, on_delete=models.CASCADE, primary_key=True)
    ip_sealed = models.TextField(default="")
    user_agent = models.TextField(default="")
    page_url = models.TextField(default="")
    doi_token_hash = models.CharField(max_length=64, default="")
    # Indexed: the nightly job removes what has expired.
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"evidence of {self.event_id}"


class ConsentState(models.Model):
    """Where one permission of one contact point stands, computed from the ledger alone.

    It can be dropped and rebuilt to the same rows (`consent.projection`). `since` is when
    the deciding event counts from; `lifted_at` the latest proven act, which lifts
    earlier nos of a wider kind. Whether something may be sent is not read from here:
    that is the decision's to say.
    """

    class State(models.TextChoices):
        GIVEN = "given", _("Given")
        REQUESTED = "requested", _("Waiting for confirmation")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Taken back")
        LAPSED = "lapsed", _("Lapsed")
        UNKNOWN = "unknown", _("Not known")

    pk = models.CompositePrimaryKey("identifier_id", "purpose", "channel")
    identifier = models.ForeignKey(
        "profiles.Identifier", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    purpose = models.CharField(max_length=60)
    channel = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=State)
    since = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    deciding_event = models.ForeignKey(
        ConsentEvent, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    ledger_position = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.identifier_id} {self.purpose}/{self.channel}: {self.state}"


class SnapshotState(models.Model):
    """The flag a source last showed for a contact point, so that only a change is written.

    Blank and unreadable values are not remembered. `intake` brought the present answer.
    """

    pk = models.CompositePrimaryKey("point_id", "identifier_id", "channel")
    point = models.ForeignKey(CollectionPoint, on_delete=models.CASCADE, db_index=False)
    identifier = models.ForeignKey(
        "profiles.Identifier", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    channel = models.CharField(max_length=8)
    answer = models.BooleanField()
    changed_at = models.DateTimeField()
    intake = models.ForeignKey(
        "profiles.Intake",
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    def __str__(self) -> str:
        return f"{self.point_id}/{self.identifier_id}: {self.answer}"
