"""Forms that ask for permission, and the tests of which wording and layout asks best."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from consent.models.asking import Channel, CollectionPoint

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _words(label: StrOrPromise, length: int) -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=length), verbose_name=label, default=list, blank=True)


class ConsentForm(models.Model):
    """A page, or a part of somebody's page, that asks for permission.

    What it asks is in its versions. Every answer is an act at `point`, of grade A.
    `key` is in its public address. `double_optin`: by the country's rule unless the
    organisation asks everybody to confirm. `origins` are the sites that may embed it
    (scheme and host, such as https://theatre.example). `is_youth`: for school shows and
    youth cards, so that it must ask for age.
    """

    class Confirming(models.TextChoices):
        BY_COUNTRY = "by_country", _("Where the country asks for it")
        ALWAYS = "always", _("Always")
        PAID = "paid", _("Not at a paid checkout, whose receipt shows the address is the buyer's")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LIVE = "live", _("Live")
        CLOSED = "closed", _("Closed")

    key = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    point = models.OneToOneField(CollectionPoint, on_delete=models.PROTECT, related_name="form")
    locale = models.CharField(_("language it falls back on"), max_length=10, default="nb")
    double_optin = models.CharField(
        _("confirm by mail"), max_length=12, choices=Confirming, default=Confirming.BY_COUNTRY
    )
    origins = _words(_("sites that may embed it"), 200)
    return_url = models.URLField(_("page to go on to"), blank=True)
    privacy_url = models.URLField(_("privacy notice"), blank=True)
    is_youth = models.BooleanField(_("for young people"), default=False)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class FormVersion(models.Model):
    """One wording and layout of a form. Final once published: a change is the next version.

    `spec` is {"locales": {"nb": {"heading", "intro", "submit", "controls": [{"text":
    ConsentText id, "label", "yes", "no"}]}}, "layout": {...}} as `consent.collecting.spec`
    describes it. `findings` are the linter's on publication; stops among them went live only
    because `overridden_by` said so, for `override_reason`, which every answer carries.
    """

    form = models.ForeignKey(ConsentForm, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    spec = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    overridden_by = models.CharField(max_length=254, blank=True)
    override_reason = models.CharField(max_length=240, blank=True)
    created_by = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    published_by = models.CharField(max_length=254, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["form", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="form_version_number"),
            models.UniqueConstraint(
                fields=["form"],
                condition=Q(published_at__isnull=False, retired_at=None),
                name="form_version_one_live",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form} v{self.number}"


class Confirmation(models.Model):
    """An address that has been asked to confirm what was said in its name (CONSENT.md 2.13).

    The link's hash alone is stored. It lapses after 7 days; what nobody confirmed is
    removed after 30, address and all. `answers` are the permissions that the click opens:
    [{"purpose", "channel", "text", "identifier"}]; the ledger holds a DOI_REQUESTED of each. `unit` is
    `FormServed.unit`, so that a confirmed yes counts in the test it came of. `guardian_sealed`
    is the encrypted address of the parent who is asked in place of a child (CONSENT.md 1.7);
    once confirmed it is the guardian's verified address, kept with the yes.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    identifier = models.ForeignKey("profiles.Identifier", on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    answers = models.JSONField(default=list)
    guardian_sealed = models.TextField(blank=True)
    locale = models.CharField(max_length=10, blank=True)
    variant = models.CharField(max_length=60, blank=True)
    unit = models.BinaryField(max_length=32, null=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)  # the nightly job removes what nobody confirmed
    confirmed_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    mails = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"confirmation {self.pk}"


class Experiment(models.Model):
    """A test of two or more versions of one form (CONSENT.md 4). Aim: more valid yeses.

    A unit (basket, signed-in person, or one view of the page) keeps its variant by
    HMAC(secret, unit), so no cookie is written. Words, order, layout and moment may
    differ between variants, nothing else. `expected_share` of yes and `smallest_lift`
    (both parts of 1) are what its length was reckoned from.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Stopped")
        PROMOTED = "promoted", _("Winner promoted")

    form = models.ForeignKey(ConsentForm, on_delete=models.CASCADE, related_name="experiments")
    name = models.CharField(_("name"), max_length=120)
    purpose = models.CharField(_("counts a yes to"), max_length=60)
    channel = models.CharField(_("by"), max_length=8, choices=Channel, default=Channel.EMAIL)
    secret = models.CharField(max_length=64, editable=False)
    expected_share = models.FloatField(default=0.3)
    smallest_lift = models.FloatField(default=0.03)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    started_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    winner = models.CharField(max_length=20, blank=True)
    decided_by = models.CharField(max_length=254, blank=True)
    decision_reason = models.CharField(max_length=240, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["form"], condition=Q(state="running"), name="experiment_one_running"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """One arm: a version of the form. `least_p` is the smallest always-valid p so far, which
    looking again can only lower."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="variants")
    key = models.CharField(max_length=20)
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    weight = models.PositiveSmallIntegerField(default=1)
    least_p = models.FloatField(default=1.0)

    class Meta:
        ordering = ["experiment", "key"]
        constraints = [models.UniqueConstraint(fields=["experiment", "key"], name="variant_key")]

    def __str__(self) -> str:
        return f"{self.experiment} {self.key}"


class FormServed(models.Model):
    """A form that was really shown to one unit, and what came of it. Kept 90 days, then counted.

    `unit` is a keyed hash (HMAC-SHA-256) of the basket, person or view. Holds nobody's
    address: `said_yes` tells whether a valid yes to the experiment's question came of it.
    """

    form = models.ForeignKey(ConsentForm, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, null=True, related_name="served", db_index=False
    )
    variant = models.CharField(max_length=20, blank=True)
    unit = models.BinaryField(max_length=32)
    locale = models.CharField(max_length=10, blank=True)
    served_at = models.DateTimeField(db_index=True)  # retention, and the days of a plot
    answered_at = models.DateTimeField(null=True, blank=True)
    said_yes = models.BooleanField(null=True)
    bought_at = models.DateTimeField(null=True, blank=True)
    understood = models.BooleanField(null=True)
    seconds = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["form", "experiment", "unit"], name="form_served_once", nulls_distinct=False
            )
        ]
        indexes = [
            # The results page: one experiment's exposures by day.
            models.Index(fields=["experiment", "served_at"], name="form_served_experiment"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id}/{self.variant} at {self.served_at:%Y-%m-%d}"


class ExposureCount(models.Model):
    """What is left of exposures after 90 days: counts by day, never lowered."""

    pk = models.CompositePrimaryKey("form_id", "experiment_key", "variant", "day", "measure")
    form = models.ForeignKey(ConsentForm, on_delete=models.CASCADE, related_name="+", db_index=False)
    experiment_key = models.BigIntegerField(default=0)  # 0: no experiment ran
    variant = models.CharField(max_length=20)
    day = models.DateField()
    measure = models.CharField(max_length=20)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.form_id}/{self.variant} {self.day} {self.measure}: {self.value}"
