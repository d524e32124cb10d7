"""What people are asked, in which words, and where: purposes, texts, collection points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    PUSH = "push", _("App message")
    PHONE = "phone", _("Phone call")
    POST = "post", _("Letter")


def keys_field(label: StrOrPromise) -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=60), verbose_name=label, default=list, blank=True)


class Purpose(models.Model):
    """What something is sent for, or done with personal data. Every message names one.

    The usual ones are seeded; an organisation may add its own. A key never changes: the ledger
    names purposes by it.
    """

    class Ground(models.TextChoices):
        CONSENT = "consent", _("Consent")
        CONTRACT = "contract", _("Contract")
        LEGITIMATE_INTEREST = "legitimate_interest", _("Legitimate interest")

    key = models.CharField(_("key"), max_length=60, primary_key=True)
    name = models.CharField(_("name"), max_length=120)
    explanation = models.CharField(_("explanation"), max_length=240, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    legal_ground = models.CharField(_("legal ground"), max_length=20, choices=Ground)
    dpv_uri = models.URLField(blank=True)
    sensitive = models.BooleanField(_("may reveal a sensitive trait"), default=False)
    retention_note = models.CharField(_("how long it is kept"), max_length=240, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.name


class ConsentText(models.Model):
    """The words somebody said yes to. Never changed: a mended typo is the next version.

    `covers` are purposes that the words include beside `purposes`; `controllers` the
    organisations named in them (empty: only this one). A database trigger refuses
    every change.
    """

    class Control(models.TextChoices):
        UNTICKED_BOX = "unticked_box", _("Box, empty until ticked")
        RADIO_YES_NO = "radio_yes_no", _("Yes or no")
        BUTTON = "button", _("Button")
        ORAL = "oral", _("Asked aloud")

    name = models.SlugField(_("short name"), max_length=60)
    version = models.PositiveIntegerField(_("version"), default=1)
    locale = models.CharField(_("language"), max_length=10, default="nb")
    body = models.TextField(_("words"))
    body_sha256 = models.CharField(max_length=64)
    screenshot_sha256 = models.CharField(max_length=64, blank=True)
    control = models.CharField(_("control"), max_length=16, choices=Control, default=Control.UNTICKED_BOX)
    purposes = keys_field(_("purposes"))
    channels = keys_field(_("channels"))
    covers = keys_field(_("also covers"))
    controllers = keys_field(_("organisations named"))
    promised_per_month = models.PositiveSmallIntegerField(
        _("promised at most a month"), null=True, blank=True
    )
    withdrawal_told = models.BooleanField(_("says how to take it back"), default=False)
    min_age_asked = models.PositiveSmallIntegerField(_("age asked for"), null=True, blank=True)
    valid_from = models.DateTimeField(db_default=Now())
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version", "locale"], name="consent_text_version")
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version} ({self.locale})"


class CollectionPointQuerySet(models.QuerySet["CollectionPoint"]):
    def unverified(self) -> CollectionPointQuerySet:
        return self.filter(verified_at=None)

    def verified(self) -> CollectionPointQuerySet:
        return self.exclude(verified_at=None)


class CollectionPoint(models.Model):
    """A form, a checkout, a till or a column of a file where people answer.

    A yes heard here opens something only once somebody has put their name to what it
    means (`verified_by`, `verified_at`). `kind`: an act is one person's one moment, a
    snapshot a flag that a system keeps repeating, an import a file brought once.
    `no_is_explicit`: a "no" is a refusal, not merely a box left empty. `last_written_at`
    is when the people on this list were last written to on these permissions, so that
    an old yes in steady use has not lapsed. `sales_channel` narrows the point to one
    channel of the source's orders. `time_zone` is for times that come without one.
    """

    class Kind(models.TextChoices):
        ACT = "act", _("Each answer once, with its own time")
        SNAPSHOT = "snapshot", _("A flag that is repeated every day")
        IMPORT = "import", _("A file brought once")

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        UNKNOWN = "unknown", _("Not known")

    class Party(models.TextChoices):
        OWN = "own", _("With us")
        AGENT = "agent", _("With us, sold by an agent under contract")
        OTHER = "other", _("With somebody else")

    key = models.CharField(_("key"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=160)
    source = models.ForeignKey("profiles.Source", on_delete=models.PROTECT, null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SNAPSHOT)
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, null=True, blank=True)
    wording = models.TextField(_("the words beside the box"), blank=True)
    purposes = keys_field(_("a yes is to"))
    channels = keys_field(_("by"))
    preticked = models.BooleanField(_("ticked beforehand"), default=False)
    no_is_explicit = models.BooleanField(_('"No" is a refusal'), default=False)
    optout_offered = models.CharField(
        _("buyers could say no when they gave the address"),
        max_length=8,
        choices=Answer,
        default=Answer.UNKNOWN,
    )
    contract_party = models.CharField(
        _("the buyer's contract is"), max_length=6, choices=Party, default=Party.OWN
    )
    sales_channel = models.TextField(_("sales channel"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Oslo")
    valid_from = models.DateTimeField(_("from"), null=True, blank=True)
    valid_to = models.DateTimeField(_("until"), null=True, blank=True)
    last_written_at = models.DateTimeField(_("last written to"), null=True, blank=True)
    verified_by = models.CharField(_("verified by"), max_length=254, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = CollectionPointQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


class RuleOverride(models.Model):
    """One rule that this organisation has made stricter. `place` is a country or "policy"."""

    place = models.CharField(max_length=8)
    name = models.CharField(max_length=40)
    value = models.JSONField()
    set_by = models.CharField(max_length=254)
    set_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "name"], name="rule_override_once")]

    def __str__(self) -> str:
        return f"{self.place}.{self.name} = {self.value}"
