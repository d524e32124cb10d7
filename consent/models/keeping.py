"""How long what is kept, opt-out registers, balancing tests, and what watches the ledger."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from consent.models.asking import Channel


class RetentionRule(models.Model):
    """How long one category of data is kept (CONSENT.md 3.5). A house may shorten, never lengthen.

    `category` is the key of an `organisations.personal_data.Category`; without a row its
    default holds. `paused` until somebody has looked at what the first run would remove.
    """

    category = models.CharField(max_length=40, primary_key=True)
    days = models.PositiveIntegerField(_("days"))
    paused = models.BooleanField(default=False)
    set_by = models.CharField(max_length=254, blank=True)
    set_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.category}: {self.days} days"


class RetentionRun(models.Model):
    """What one night's retention removed, by category and table. `error` where it stopped."""

    category = models.CharField(max_length=40)
    before = models.DateTimeField()
    removed = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    ran_at = models.DateTimeField(db_default=Now(), editable=False)
    error = models.CharField(max_length=240, blank=True)

    class Meta:
        # The privacy lead's page: the newest of each category.
        indexes = [models.Index(fields=["category", "-ran_at"], name="retention_run_newest")]

    def __str__(self) -> str:
        return f"{self.category} {self.ran_at:%Y-%m-%d}: {self.rows}"


class OptOutRegister(models.TextChoices):
    RESERVASJON_PHONE = "reservasjon_phone", _("Reservasjonsregisteret, telephone (Norway)")
    RESERVASJON_POST = "reservasjon_post", _("Reservasjonsregisteret, letters (Norway)")
    ROBINSON_POST = "robinson_post", _("Robinsonlisten, letters (Denmark)")
    ROBINSON_PHONE = "robinson_phone", _("Robinsonlisten, telephone (Denmark)")


class RegisterFile(models.Model):
    """One month's file of a national opt-out register. The next one takes its place.

    Read first, looked at by a person, then put in force. `rows` were read, of which `others` are
    on the register for another channel; `problems` are the first of the unreadable: [{"line",
    "why"}], without what stood there. `matched` counts own contact points.
    """

    class State(models.TextChoices):
        READING = "reading", _("Being read")
        READ = "read", _("Read, not in force")
        IN_FORCE = "in_force", _("In force")
        REPLACED = "replaced", _("Replaced")
        DISCARDED = "discarded", _("Discarded")
        FAILED = "failed", _("Could not be read")

    register = models.CharField(_("register"), max_length=20, choices=OptOutRegister)
    month = models.DateField(_("month"))
    name = models.CharField(max_length=160)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    rows = models.PositiveIntegerField(default=0)
    others = models.PositiveIntegerField(default=0)
    unreadable = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    error = models.CharField(max_length=240, blank=True)
    matched = models.PositiveIntegerField(default=0)
    loaded_by = models.CharField(max_length=254, blank=True)
    loaded_at = models.DateTimeField(db_default=Now(), editable=False)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-loaded_at"]

    def __str__(self) -> str:
        return f"{self.register} {self.month:%Y-%m}"


class RegisterPart(models.Model):
    """A piece of a register's file on its way to a worker, packed and sealed; gone once it is read."""

    file = models.ForeignKey(RegisterFile, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="register_part_once")]

    def __str__(self) -> str:
        return f"part {self.number} of {self.file_id}"


class RegisterEntry(models.Model):
    """Somebody on a register, as a keyed hash: most are no customers of the house.

    Of a phone number in E.164, or for letters of folded name, postcode and street.
    """

    file = models.ForeignKey(RegisterFile, on_delete=models.CASCADE, related_name="entries", db_index=False)
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "digest"], name="register_entry_once")]
        indexes = [
            # New contact points are looked up against every register in force.
            models.Index(fields=["digest"], name="register_entry_digest"),
        ]

    def __str__(self) -> str:
        return f"entry of {self.file_id}"


class RegisterMark(models.Model):
    """A contact point that a register in force names, for one channel. Not an event of the person."""

    pk = models.CompositePrimaryKey("identifier_id", "register")
    identifier = models.ForeignKey(
        "profiles.Identifier", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    register = models.CharField(max_length=20, choices=OptOutRegister)
    channel = models.CharField(max_length=8, choices=Channel)
    marked_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.identifier_id} on {self.register}"


class BalancingTest(models.Model):
    """Why a use rests on legitimate interest, weighed and approved (CONSENT.md 2.14).

    Counts while `approved_at` is set and `review_on` has not passed.
    """

    name = models.CharField(_("name"), max_length=120)
    purpose = models.ForeignKey("consent.Purpose", on_delete=models.PROTECT, verbose_name=_("purpose"))
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, blank=True)
    interest = models.TextField(_("the interest, lawful, real and present"))
    necessity = models.TextField(_("why no milder means will do"))
    expectation = models.TextField(_("what people expect: relation, notice shown"))
    data = models.TextField(_("which data"))
    children = models.TextField(_("children"))
    safeguards = models.TextField(_("safeguards: a way to say no, caps, nothing sensitive"))
    result = models.TextField(_("result"))
    author = models.CharField(max_length=254)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    approved_by = models.CharField(max_length=254, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ChainHead(models.Model):
    """The hash over one day's ledger rows and the head before it. Also written outside the
    database (`consent.chain`), so that a rewritten ledger shows."""

    day = models.DateField(primary_key=True)
    last_position = models.BigIntegerField()
    rows = models.PositiveIntegerField()
    head = models.CharField(max_length=64)
    written_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day}: {self.head[:12]}"


class Comparison(models.Model):
    """One night's comparison: the set-based answer beside the pure one, and the ledger beside
    its destinations. `differences` are {"what": count}, `examples` identifier ids."""

    at = models.DateTimeField(db_default=Now(), editable=False)
    kind = models.CharField(max_length=20)  # decisions, projection, chain, mailchimp
    compared = models.PositiveIntegerField(default=0)
    differing = models.PositiveIntegerField(default=0)
    differences = models.JSONField(default=dict)
    examples = models.JSONField(default=list)

    class Meta:
        # The privacy lead's home: the newest of each kind.
        indexes = [models.Index(fields=["kind", "-at"], name="comparison_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}: {self.differing} of {self.compared}"


class PrivacySettings(models.Model):
    """What this organisation says of itself as controller: for public pages, mails and the Art. 30
    record. One row, made on first use (`consent.house`)."""

    legal_name = models.CharField(_("legal name"), max_length=160, blank=True)
    address = models.CharField(_("postal address"), max_length=240, blank=True)
    contact_email = models.EmailField(_("privacy contact, e-mail"), blank=True)
    contact_phone = models.CharField(_("privacy contact, telephone"), max_length=40, blank=True)
    officer = models.CharField(_("data protection officer"), max_length=160, blank=True)
    privacy_url = models.URLField(_("privacy notice"), blank=True)
    confirm_always = models.BooleanField(_("ask everybody to confirm by mail"), default=False)
    book_of_record = models.BooleanField(
        _("Foyer is the book of record for sales"),
        default=False,
        help_text=_("Orders of erased people are then kept under a random number for the accounting years."),
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="privacy_settings_one")]

    def __str__(self) -> str:
        return self.legal_name or "privacy settings"
