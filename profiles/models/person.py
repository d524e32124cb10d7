"""Sources, their records of people, and the profiles that records add up to."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from profiles.models.intake import intake_key


class Source(models.Model):
    """A system that knows people. All of them together are the organisation's data map."""

    class Kind(models.TextChoices):
        TICKETING = "ticketing", _("Ticketing")
        SHOP = "shop", _("Shop")
        TILL = "till", _("Till")
        CLUB = "club", _("Club")
        CRM = "crm", _("CRM")
        SERVICE_DESK = "service_desk", _("Service desk")
        NEWSLETTER = "newsletter", _("Newsletter")
        WEBSITE = "website", _("Website")
        UPLOAD = "upload", _("Uploaded by hand")
        STAFF = "staff", _("Corrected by staff")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.TICKETING)
    owner = models.CharField(_("who looks after it"), max_length=120, blank=True)
    purpose = models.CharField(_("what it is for"), max_length=240, blank=True)
    country = models.CharField(_("country"), max_length=2, default="NO")
    trust = models.PositiveSmallIntegerField(
        _("trust"), default=100, help_text=_("Lower wins when two sources disagree.")
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["trust", "name"]

    def __str__(self) -> str:
        return self.name


class ProfileQuerySet(models.QuerySet["Profile"]):
    """Restricted people are stored and no more (GDPR Art. 18): they are missing from every count,
    list of recipients and export, and somebody is restricted when any of their records is."""

    def restricted(self) -> ProfileQuerySet:
        return self.filter(pk__in=RecordMark.objects.restricted().values("record__profile_id"))

    def unrestricted(self) -> ProfileQuerySet:
        return self.exclude(pk__in=RecordMark.objects.restricted().values("record__profile_id"))


class Profile(models.Model):
    """One person: a set of source records, and the golden values computed from them.

    A profile that was merged away stays as a pointer (`merged_into`), so that every
    public id ever given out keeps resolving. Golden fields are written by
    `profiles.gild` alone; `provenance` maps each unit (name, address, e-mail …) to
    the id of the record that won it. Times are UTC; `value` is in `currency`.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        MERGED = "merged", _("Merged into another")
        EMPTY = "empty", _("Without records")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)

    name = models.TextField(_("name"), default="")
    given_name = models.TextField(_("given name"), default="")
    family_name = models.TextField(_("family name"), default="")
    company = models.TextField(_("company"), default="")
    email = models.TextField(_("e-mail"), default="")
    phone = models.TextField(_("phone"), default="")
    street = models.TextField(_("street"), default="")
    postal_code = models.TextField(_("postal code"), default="")
    city = models.TextField(_("city"), default="")
    country = models.CharField(_("country"), max_length=2, default="")
    birth_date = models.DateField(_("birth date"), null=True)
    birth_year = models.SmallIntegerField(_("birth year"), null=True)
    gender = models.CharField(_("gender"), max_length=16, default="")
    language = models.CharField(_("language"), max_length=12, default="")
    provenance = models.JSONField(default=dict)

    is_customer = models.BooleanField(_("customer"), default=False)
    # Shows nothing but cookies and devices: a visitor of the website, nobody we know (gild_visitors).
    is_visitor = models.BooleanField(_("visitor without a name"), default=False, db_default=False)
    # When a source first knew this person, and which source that was.
    known_since = models.DateTimeField(_("known since"), null=True)
    first_source = models.ForeignKey(
        Source, on_delete=models.SET_NULL, null=True, db_constraint=False, db_index=False
    )
    first_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)
    orders_count = models.IntegerField(_("orders"), default=0)
    tickets_count = models.IntegerField(_("tickets"), default=0)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        indexes = [
            # People list, newest first; "new" chip.
            models.Index(
                fields=["-known_since", "-id"],
                condition=models.Q(is_visitor=False),
                name="profile_newest",
            ),
            # People list, visitors without a name.
            models.Index(
                fields=["-known_since", "-id"],
                condition=models.Q(is_visitor=True),
                name="profile_visitors",
            ),
            # People list ordered by latest purchase.
            models.Index(fields=["-last_order_at", "-id"], name="profile_last_order"),
            # Look-up of what a survivor has swallowed (old ids, undo).
            models.Index(
                fields=["merged_into"],
                condition=models.Q(merged_into__isnull=False),
                name="profile_merged_into",
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.public_id)


class SourceRecord(models.Model):
    """One source's view of one person, keyed by (source, external id).

    The typed values are the source's own, cleaned but never mixed with another
    source's. `intake` is the delivery that wrote the present values, `first_intake`
    the one that made the record; superseded values are `RecordVersion`s.
    `first_profile` is the profile the record was born into, which gets its id back
    when a merge is undone. `name_key` is the folded full name, `given_key` the
    folded given name (IDENTITY: only normalised values match). `observed_at` is when the
    source last knew any of it; `observed` maps the units (name, address, e-mail …) last
    told earlier than that to their own time.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    external_id = models.TextField()
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT)
    first_profile = models.ForeignKey(
        Profile, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    is_customer = models.BooleanField(default=True)

    given_name = models.TextField(default="")
    family_name = models.TextField(default="")
    company = models.TextField(default="")
    email = models.TextField(default="")
    phone = models.TextField(default="")
    street = models.TextField(default="")
    postal_code = models.TextField(default="")
    city = models.TextField(default="")
    country = models.CharField(max_length=2, default="")
    birth_date = models.DateField(null=True)
    birth_year = models.SmallIntegerField(null=True)
    gender = models.CharField(max_length=16, default="")
    language = models.CharField(max_length=12, default="")
    attributes = models.JSONField(default=dict)
    observed = models.JSONField(default=dict, db_default={})
    name_key = models.TextField(default="")
    given_key = models.TextField(default="")

    observed_at = models.DateTimeField()
    first_intake = intake_key()
    intake = intake_key()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="record_source_key")]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.external_id}"


class RecordVersion(models.Model):
    """Values a record had before a later delivery replaced them.

    `intake` is the delivery that had written these values. Undoing it removes the
    version; undoing the later one brings it back.
    """

    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE)
    intake = intake_key()
    values = models.JSONField()
    observed_at = models.DateTimeField()
    superseded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "intake"], name="record_version_once")]

    def __str__(self) -> str:
        return f"{self.record_id}@{self.intake_id}"


class RecordMarkQuerySet(models.QuerySet["RecordMark"]):
    def restricted(self) -> RecordMarkQuerySet:
        return self.filter(kind=RecordMark.Kind.RESTRICTED)


class RecordMark(models.Model):
    """Something to heed about a person, hung on their records so that it follows them through merges.

    `restricted`: processing is locked (GDPR Art. 18): stored, shown greyed, out of segments,
    counts, plans and exports. `guarded`: a person known to the public, or under
    protection; every look at them is told to the privacy lead. A person is marked when
    any of their records is. The row goes when the mark is lifted; the audit log remembers.
    """

    class Kind(models.TextChoices):
        RESTRICTED = "restricted", _("Locked")
        GUARDED = "guarded", _("Guarded")

    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="marks", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    since = models.DateTimeField(db_default=Now())
    set_by = models.CharField(max_length=254, blank=True)

    objects = RecordMarkQuerySet.as_manager()

    class Meta:
        # Also finds the marks of a person's records.
        constraints = [models.UniqueConstraint(fields=["record", "kind"], name="record_mark_once")]
        indexes = [
            # "Who is locked", for lists, counts and plans.
            models.Index(fields=["kind"], name="record_mark_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.kind}"
