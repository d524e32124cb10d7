"""What the house may send to each contact point: stored answers, and decisions that were used."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from consent.facts import Outcome
from consent.models.asking import Channel
from profiles.models import Profile, RecordIdentifier, RecordMark

OUTCOMES = [(outcome.value, outcome.value) for outcome in Outcome]


class Basket(models.TextChoices):
    MARKETING = "marketing", _("Marketing")
    OWN_SIMILAR = "own_similar", _("Own similar offers")
    SERVICE = "service", _("Service only")
    NONE = "none", _("Nothing")


class ContactStatusKind(models.TextChoices):
    OK = "ok", _("In use")
    BOUNCED = "bounced", _("Bounced")
    REASSIGNED = "reassigned", _("Somebody else's now")


class ContactStatus(models.Model):
    """Whether a contact point still reaches the person. A bounce is not a withdrawal."""

    Kind = ContactStatusKind

    identifier = models.OneToOneField(
        "profiles.Identifier", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    status = models.CharField(max_length=10, choices=ContactStatusKind)
    since = models.DateTimeField()
    source_system = models.CharField(max_length=60)

    def __str__(self) -> str:
        return f"{self.identifier_id}: {self.status}"


class ContactUse(models.Model):
    """When marketing last went to a contact point: a yes in steady use does not lapse."""

    pk = models.CompositePrimaryKey("identifier_id", "channel")
    identifier = models.ForeignKey(
        "profiles.Identifier", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    channel = models.CharField(max_length=8)
    last_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.identifier_id}/{self.channel}"


class ContactAnswerQuerySet(models.QuerySet["ContactAnswer"]):
    def may_be_mailed(self) -> ContactAnswerQuerySet:
        """Newsletter by e-mail is allowed."""
        return self.filter(channel=Channel.EMAIL, newsletter=Outcome.ALLOW)

    def unrestricted(self) -> ContactAnswerQuerySet:
        """Without contact points of people whose data is locked (GDPR Art. 18): they are in no
        segment, count or export, not even as a reason. Where nobody's is, as almost always, no
        other table is joined."""
        if not RecordMark.objects.restricted().exists():
            return self
        locked = RecordIdentifier.objects.filter(record__profile__in=Profile.objects.restricted())
        return self.exclude(identifier__in=locked.values("identifier"))

    def in_basket(self, basket: str, channel: str = Channel.EMAIL) -> ContactAnswerQuerySet:
        return self.filter(channel=channel, basket=basket)


class ContactAnswer(models.Model):
    """What may go to one contact point by one channel, as decided when last asked.

    Written by `consent.answers.refresh` alone, for lists, counts and plans; hour and caps
    are left out. It is asked anew right before anything is sent. `since` is when the
    basket's deciding yes, or the closing no, counts from. `valid_until` is when time
    alone may change the answer, None when it cannot.
    """

    pk = models.CompositePrimaryKey("identifier_id", "channel")
    identifier = models.ForeignKey(
        "profiles.Identifier", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    channel = models.CharField(max_length=8, choices=Channel)
    basket = models.CharField(max_length=12, choices=Basket)
    newsletter = models.CharField(max_length=6, choices=OUTCOMES)
    newsletter_reason = models.CharField(max_length=32)
    own_similar = models.CharField(max_length=6, choices=OUTCOMES)
    own_similar_reason = models.CharField(max_length=32)
    service = models.CharField(max_length=6, choices=OUTCOMES)
    service_reason = models.CharField(max_length=32)
    since = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    decided_at = models.DateTimeField()
    rules_version = models.CharField(max_length=40)

    objects = ContactAnswerQuerySet.as_manager()

    class Meta:
        indexes = [
            # Basket counts, and the list of everybody in one basket.
            models.Index(fields=["channel", "basket"], name="contact_answer_basket"),
            # The nightly refresh of what time alone has changed.
            models.Index(
                fields=["valid_until"],
                condition=models.Q(valid_until__isnull=False),
                name="contact_answer_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identifier_id}/{self.channel}: {self.basket}"


class SendDecision(models.Model):
    """A decision right before sending, with the facts it rested on (GDPR Art. 5(2), 24).

    `acted_at` is when something really went out on it (`consent.sending.went_out`): such
    rows are what pace and caps count. None where nothing did, or nobody said so.
    """

    message = models.CharField(max_length=160)
    identifier = models.ForeignKey("profiles.Identifier", on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=60)
    channel = models.CharField(max_length=8)
    decision = models.CharField(max_length=6, choices=OUTCOMES)
    basis = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=32)
    flags = ArrayField(models.CharField(max_length=40), default=list)
    rules_version = models.CharField(max_length=40)
    deciding_events = ArrayField(models.BigIntegerField(), default=list)
    facts = models.JSONField(default=dict)
    decided_at = models.DateTimeField(db_default=Now(), editable=False)
    acted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # "What was decided about this message", newest first.
            models.Index(fields=["message", "-decided_at"], name="send_decision_message"),
            # What went to a contact point in the last 30 days, for pace and caps.
            models.Index(
                fields=["identifier", "acted_at"],
                condition=models.Q(acted_at__isnull=False),
                name="send_decision_acted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message} → {self.identifier_id}: {self.decision}"
