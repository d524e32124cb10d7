"""What people ask of the house about their data, what was done, and what proves it."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class RightsRequest(models.Model):
    """One request of one person (CONSENT.md 3).

    Due one calendar month after `received_at` in the organisation's time zone, two months
    more where the person was told why. Who it is about: `records` (ids; they outlive a
    merge), reached as `profile` while there is one. A request through a link proves
    `proven` and no other address. After an erasure both are empty and only what has no
    personal data is left. `letter` is what the person wrote, sealed; it goes when the
    request is closed.
    """

    class Kind(models.TextChoices):
        ACCESS = "access", _("See what is held")
        PORTABILITY = "portability", _("Take it along")
        RECTIFICATION = "rectification", _("Put it right")
        RESTRICTION = "restriction", _("Lock it")
        OBJECTION = "objection", _("Object to a use")
        ERASURE = "erasure", _("Be forgotten")

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        IDENTITY = "identity", _("Waits for proof of who asks")
        SCOPED = "scoped", _("Worked out")
        APPROVED = "approved", _("Approved")
        EXECUTING = "executing", _("Being carried out")
        WAITING_DOWNSTREAM = "waiting_downstream", _("Waits for other systems")
        DONE = "done", _("Done")
        REFUSED_IN_PART = "refused_in_part", _("Done in part")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Taken back by the person")

    class Identity(models.TextChoices):
        UNPROVEN = "unproven", _("Not proven")
        LINK = "link", _("A link to the address")
        SECOND_FACT = "second_fact", _("A second fact that we know")
        KNOWN = "known", _("Known to staff in person")

    class Came(models.TextChoices):
        PREFERENCES = "preferences", _("Preference page")
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Telephone")
        LETTER = "letter", _("Letter")
        COUNTER = "counter", _("In person")

    OPEN = ("received", "identity", "scoped", "approved", "executing", "waiting_downstream")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("asks to"), max_length=14, choices=Kind)
    state = models.CharField(max_length=20, choices=State, default=State.RECEIVED)
    came_by = models.CharField(_("came by"), max_length=12, choices=Came)
    received_at = models.DateTimeField(_("received"))
    due_on = models.DateField(_("due"))
    extended_because = models.CharField(_("why it takes longer"), max_length=240, blank=True)
    identity = models.CharField(max_length=12, choices=Identity, default=Identity.UNPROVEN)
    identity_note = models.CharField(max_length=240, blank=True)
    profile = models.ForeignKey(
        "profiles.Profile", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    records = ArrayField(models.BigIntegerField(), default=list, blank=True)
    proven = models.ForeignKey(
        "profiles.Identifier", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    letter = models.TextField(blank=True)
    decisions = models.JSONField(default=dict, blank=True)
    """By category of data or by field: what was decided and why; without personal data."""
    plan = models.JSONField(default=list, blank=True)
    """Erasure: [{"store", "doing", "rows", "why"}] as last shown."""
    entered_by = models.CharField(max_length=254, blank=True)
    approved_by = models.CharField(max_length=254, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            # The clock, every hour, and the privacy lead's home: the few that are open.
            models.Index(
                fields=["due_on"],
                condition=Q(closed_at=None),
                name="rights_request_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {str(self.uid)[:8]}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class RequestNote(models.Model):
    """One line of a request's history: who did what, when. Without personal data."""

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.CharField(max_length=254, blank=True)  # empty: Foyer itself or the person
    verb = models.CharField(max_length=40)
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.verb}"


class RequestTask(models.Model):
    """What one store or one other system has to do for a request, and its receipt.

    `destination` names who does it: "foyer", a connection's slug, or what somebody must
    do by hand. `address` (sealed) is what the other side needs to find the person; it
    is emptied with the acknowledgement. `acknowledgement` is the other side's own number
    or answer, without personal data.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits")
        ASKED = "asked", _("Asked, not answered yet")
        DONE = "done", _("Acknowledged")
        FAILED = "failed", _("Failed, tried again")
        LETTER = "letter", _("Settled by letter")
        NOTHING = "nothing", _("Had nothing")

    SETTLED = ("done", "letter", "nothing")

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="tasks")
    destination = models.CharField(max_length=80)
    label = models.CharField(max_length=160)
    doing = models.CharField(max_length=20)  # delete, anonymise, keep, tell, by_hand, send
    by_hand = models.BooleanField(default=False)
    consequence = models.CharField(max_length=240, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    address = models.TextField(blank=True)
    rows = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=254, blank=True)
    acknowledgement = models.CharField(max_length=240, blank=True)
    error = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ["request", "pk"]
        indexes = [
            # The round that tries again: the few that are due.
            models.Index(
                fields=["next_try_at"],
                condition=Q(settled_at=None, by_hand=False),
                name="request_task_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.destination}"


class RequestPackage(models.Model):
    """The file that answers a request for access or portability, for 30 days; then its hash alone.

    `content` is sealed; `sha256` and `size` are of the file in the clear. `done` of `total`
    parts are written while it is being built.
    """

    class State(models.TextChoices):
        BUILDING = "building", _("Being put together")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="packages")
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State, default=State.BUILDING)
    done = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=0)
    content = models.BinaryField(default=bytes)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.CharField(max_length=254, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.request_id}: {self.name}"


class ErasureProof(models.Model):
    """That somebody was erased, without saying who (CONSENT.md 3.4, 7). Append-only by trigger.

    `counts` is {store: {"doing", "rows"}}, `acknowledgements` [{"destination", "number",
    "at"}], `kept` [{"what", "why", "until"}]. `sha256` covers all of it.
    """

    request_uid = models.UUIDField(unique=True)
    received_at = models.DateTimeField()
    erased_at = models.DateTimeField()
    finished_at = models.DateTimeField(db_default=Now(), editable=False)
    rules_version = models.CharField(max_length=40)
    counts = models.JSONField(default=dict)
    acknowledgements = models.JSONField(default=list)
    kept = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"proof {self.request_uid}"


class KeptPermission(models.Model):
    """The last yes and the last no of somebody who was erased, under a keyed hash of the address.

    Kept where a dispute may still arise, 24 months at most (CONSENT.md 1.8, 3.4).
    """

    digest = models.BinaryField(max_length=32)
    type = models.CharField(max_length=14)
    purpose = models.CharField(max_length=60)
    channel = models.CharField(max_length=8)
    text = models.ForeignKey("consent.ConsentText", on_delete=models.PROTECT, null=True, related_name="+")
    point = models.ForeignKey(
        "consent.CollectionPoint", on_delete=models.PROTECT, null=True, related_name="+"
    )
    occurred_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    source_system = models.CharField(max_length=60)
    expires_at = models.DateTimeField(db_index=True)  # retention

    class Meta:
        indexes = [
            # "What was this address's last word": somebody asks with the address in hand.
            models.Index(fields=["digest"], name="kept_permission_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.purpose}/{self.channel}"


class ErasedEvent(models.Model):
    """What stands in the place of a ledger row that went with an erasure: its hash, so that the
    chain of daily heads still adds up. Written by `consent_erase_events` alone."""

    position = models.BigIntegerField(primary_key=True)
    row_sha256 = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField()
    request_uid = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.position} erased"


class KeptBuyer(models.Model):
    """Where the house is its own book of record: which person an order's random number stands for.

    Sealed; opened by two people (`consent.rights`). Removed with `purge_on`, the end of
    the accounting year plus the country's years (bokføringsloven § 13 and its cousins).
    """

    order_number = models.UUIDField(primary_key=True)
    sealed = models.TextField()
    request_uid = models.UUIDField()
    purge_on = models.DateField(db_index=True)  # retention
    asked_by = models.CharField(max_length=254, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    ask_reason = models.CharField(max_length=240, blank=True)

    def __str__(self) -> str:
        return str(self.order_number)
