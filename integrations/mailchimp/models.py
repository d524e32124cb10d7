"""What Foyer knows about an audience's members, what it means to do to them, and what became of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """A member's status. The last two are Foyer's words: not there (any more), and deleted for good."""

    SUBSCRIBED = "subscribed", _("Subscribed")
    TRANSACTIONAL = "transactional", _("Not subscribed")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    PENDING = "pending", _("Asked to confirm")
    CLEANED = "cleaned", _("Bounced")
    ARCHIVED = "archived", _("Archived")
    FORGOTTEN = "forgotten", _("Deleted for good")


RESPECTED = (Status.UNSUBSCRIBED, Status.CLEANED, Status.FORGOTTEN)
"""What Foyer never changes at Mailchimp, whatever the ledger says."""


class Drift(models.TextChoices):
    """How an audience was found to differ from what we had said. Cleared by the next push that works."""

    STATUS = "status", _("Status changed at Mailchimp")
    FIELDS = "fields", _("Name or other field changed at Mailchimp")
    TAGS = "tags", _("Tag taken off at Mailchimp")
    LOST = "lost", _("Sent, but not found at Mailchimp afterwards")
    GONE = "gone", _("No longer at Mailchimp")


class AudienceMember(models.Model):
    """One address of one audience: what the other side was seen to say, and what we last said.

    `status_remote` is the present belief, `status_seen` what a pull or a webhook showed last: where a
    push got lost, the belief goes back to it. `status_pushed` is empty once the other side differs
    from it, so that an echo of our own word is never taken for the person's. Hashes are of our merge
    fields, as pushed and as seen. `moved_at`: the address replaced another one at Mailchimp; a yes
    given before that is not this address's (CONSENT.md 2.8).
    """

    connection = models.ForeignKey("integrations.Connection", models.CASCADE, related_name="members")
    # Indexed by default: the diff joins what is wished for to what is there.
    identifier = models.ForeignKey("profiles.Identifier", models.CASCADE, null=True, related_name="+")
    address = models.TextField()
    contact_id = models.TextField(default="", blank=True)
    status_remote = models.CharField(max_length=13, choices=Status, default="", blank=True)
    status_seen = models.CharField(max_length=13, choices=Status, default="", blank=True)
    status_pushed = models.CharField(max_length=13, choices=Status, default="", blank=True)
    tags_pushed = ArrayField(models.TextField(), default=list, blank=True)
    fields_hash = models.CharField(max_length=32, default="", blank=True)
    fields_remote = models.CharField(max_length=32, default="", blank=True)
    remote_changed_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)
    moved_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)
    last_pushed_at = models.DateTimeField(null=True, blank=True)
    unconfirmed_since = models.DateTimeField(null=True, blank=True)
    """When a status or field was pushed that no pull has shown since."""
    lost = models.PositiveSmallIntegerField(default=0)
    """Pushes in a row that the next pull did not confirm."""
    drift = models.CharField(max_length=8, choices=Drift, default="", blank=True)
    refused_hash = models.CharField(max_length=32, default="", blank=True)
    """The fields that Mailchimp would not take for good; not tried again until they are others."""

    class Meta:
        verbose_name = _("audience member")
        verbose_name_plural = _("audience members")
        constraints = (models.UniqueConstraint(fields=("connection", "address"), name="member_once"),)
        indexes = (
            # A webhook or a pull names a contact whose address may have changed.
            models.Index(fields=("connection", "contact_id"), name="member_contact"),
        )

    def __str__(self) -> str:
        return f"{self.connection_id}/{self.pk}"


class ShowTag(models.Model):
    """A tag of Foyer's in an audience, and what it is called there.

    `removed_at`: the show is over and its tag was taken off everybody; it is never set again.
    """

    connection = models.ForeignKey("integrations.Connection", models.CASCADE, related_name="show_tags")
    tag = models.ForeignKey("profiles.Tag", models.CASCADE, related_name="+")
    remote_name = models.CharField(max_length=100)
    remote_id = models.BigIntegerField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("show tag")
        verbose_name_plural = _("show tags")
        constraints = (
            models.UniqueConstraint(fields=("connection", "tag"), name="show_tag_once"),
            models.UniqueConstraint(fields=("connection", "remote_name"), name="show_tag_name_once"),
        )

    def __str__(self) -> str:
        return self.remote_name


class PlanState(models.TextChoices):
    DRAFT = "draft", _("Waits to be sent")
    APPROVED = "approved", _("Approved")
    APPLYING = "applying", _("Being sent")
    APPLIED = "applied", _("Sent")
    EXPIRED = "expired", _("Out of date")
    CANCELLED = "cancelled", _("Cancelled")


class Action(models.TextChoices):
    """What a plan does to a contact, strongest first where one contact needs several."""

    UNSUBSCRIBE = "unsubscribe", _("Unsubscribe")
    RAISE = "raise", _("Subscribe")
    ARCHIVE = "archive", _("Archive")
    ADD = "add", _("Add")
    UPDATE = "update", _("Update")
    TAG = "tag", _("Tag")
    UNTAG = "untag", _("Untag")
    SKIP = "skip", _("Leave alone")


class PlanQuerySet(models.QuerySet["Plan"]):
    def newest_first(self) -> PlanQuerySet:
        return self.order_by("-created_at", "-pk")

    def open(self) -> PlanQuerySet:
        return self.filter(state__in=[PlanState.DRAFT, PlanState.APPROVED, PlanState.APPLYING])


class Plan(models.Model):
    """What one run would change at Mailchimp, and why. Looked at by a person, applied batch by batch.

    `counts` has `actions`, `baskets`, `reasons` (why left alone), `compared` (who is where) and
    `drift`; they stay when the items of contacts left alone are cleared away by the next plan.
    """

    run = models.OneToOneField("integrations.Run", models.CASCADE, related_name="plan")
    state = models.CharField(max_length=10, choices=PlanState, default=PlanState.DRAFT)
    counts = models.JSONField(default=dict)
    contacts = models.PositiveIntegerField(default=0)
    """How many contacts it changes."""
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        indexes = (
            # The plans page, newest first.
            models.Index(fields=("-created_at", "-id"), name="plan_newest"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("mailchimp:plan", args=[self.pk])


class ItemState(models.TextChoices):
    PENDING = "pending", _("Not yet")
    DONE = "done", _("Done")
    RETRY = "retry", _("Tried, will be tried again")
    FAILED = "failed", _("Not accepted")
    DROPPED = "dropped", _("No longer wanted")


class ItemQuerySet(models.QuerySet["PlanItem"]):
    def waiting(self) -> ItemQuerySet:
        return self.filter(state__in=[ItemState.PENDING, ItemState.RETRY])

    def failed(self) -> ItemQuerySet:
        return self.filter(state=ItemState.FAILED)


class PlanItem(models.Model):
    """One contact of a plan. `desired` is {status, fields, hash, tag, untag, own}.

    `order` is the batch order: a no goes first. `reason` is a code of `reasons.WORDS` or of the ledger.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="items", db_index=False)
    identifier = models.ForeignKey("profiles.Identifier", models.CASCADE, related_name="+", db_index=False)
    profile = models.ForeignKey(
        "profiles.Profile", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    action = models.CharField(max_length=11, choices=Action)
    order = models.PositiveSmallIntegerField()
    basket = models.CharField(max_length=12)
    reason = models.CharField(max_length=40)
    desired: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=ItemState, default=ItemState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(default="", blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact in a plan")
        verbose_name_plural = _("contacts in a plan")
        constraints = (models.UniqueConstraint(fields=("plan", "identifier"), name="plan_item_once"),)
        indexes = (
            # The next batch: waiting contacts in batch order.
            models.Index(
                fields=("plan", "attempts", "order", "id"),
                condition=Q(state__in=("pending", "retry")),
                name="plan_item_next",
            ),
            # A plan's page filtered by what is done, and by why.
            models.Index(fields=("plan", "action", "reason"), name="plan_item_action"),
        )

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.pk}"
