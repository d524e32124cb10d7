"""What the matcher has learnt, what it compares, and what it asks people about."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from profiles.models.person import Profile, SourceRecord


class MatchModel(models.Model):
    """What the matcher learnt from this organisation's records, one row a training.

    `parameters` is `profiles.identity.matching.model`'s JSON, `report` what the run
    measured of itself. The newest is in use.
    """

    records = models.PositiveIntegerField()
    parameters = models.JSONField()
    report = models.JSONField(default=dict)
    trained_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.pk}"


class MatchFeatures(models.Model):
    """A record's values as the matcher compares them (`matching.table.Features`).

    `digest` is of the record's values they were made from: another one means they are stale.
    """

    record = models.OneToOneField(SourceRecord, on_delete=models.CASCADE, primary_key=True, related_name="+")
    digest = models.BigIntegerField()
    values = ArrayField(models.TextField())

    def __str__(self) -> str:
        return f"{self.record_id}"


class BlockingKey(models.Model):
    """A hash that records of one person tend to share; how a record is looked up.

    Without constraint: ten rows a record are written while the record is locked, and checking
    each costs as much as writing it. Whoever deletes a record deletes them.
    """

    pk = models.CompositePrimaryKey("key", "record_id")
    key = models.BigIntegerField()
    # Indexed by default: the keys of a record whose values changed are replaced.
    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+", db_constraint=False)

    def __str__(self) -> str:
        return f"{self.key}: {self.record_id}"


class MatchPair(models.Model):
    """Two people who may be one: a question in the merge queue, and its answer.

    `record_a` and `record_b` are the two records that are most alike. `weight` is in log2
    odds; `blocked_by` says what kept the pair from being merged by itself; `value` is
    what is at stake (the two people's purchases, in the organisation's currency).
    `evidence` holds the pieces of `matching.evidence`. Whoever looks at a pair holds it
    (`claimed_by`) until `claimed_until`, UTC.
    """

    class State(models.TextChoices):
        OPEN = "open", _("To review")
        MERGED = "merged", _("Merged")
        APART = "apart", _("Not the same")
        GONE = "gone", _("No longer likely")

    record_a = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+")
    record_b = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+")
    profile_a = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")
    profile_b = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(max_length=20, default="probable")
    weight = models.FloatField()
    probability = models.FloatField()
    blocked_by = models.CharField(max_length=20, default="", blank=True)
    evidence = models.JSONField(default=list)
    value = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    fingerprint = models.CharField(max_length=64, default="")
    model = models.ForeignKey(MatchModel, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=240, default="", blank=True)
    decided_by = models.CharField(max_length=254, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    act = models.ForeignKey("profiles.IdentityAct", on_delete=models.PROTECT, null=True, related_name="pairs")
    claimed_by = models.CharField(max_length=254, default="", blank=True)
    claimed_until = models.DateTimeField(null=True)
    skipped_by = ArrayField(models.CharField(max_length=254), default=list, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile_a", "profile_b"],
                condition=models.Q(state="open"),
                name="match_pair_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(profile_a__lt=models.F("profile_b")), name="match_pair_ordered"
            ),
        ]
        indexes = [
            # The queue: open pairs, the most certain and then the most valuable first.
            models.Index(
                fields=["-probability", "-value", "id"],
                condition=models.Q(state="open"),
                name="match_pair_queue",
            ),
            # The queue by value at stake.
            models.Index(
                fields=["-value", "-probability", "id"],
                condition=models.Q(state="open"),
                name="match_pair_stakes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile_a_id} ? {self.profile_b_id}"


class MatchSettings(models.Model):
    """From which probability two people are merged without asking, and from which they are asked about.

    Every change is a row; the newest that no act has lifted counts, and without any
    `profiles.identity.thresholds` knows the ones to begin with.
    """

    automatic = models.FloatField()
    review = models.FloatField()
    # Pairs that wait for people at most: a queue that nobody can empty is not read.
    most_open = models.PositiveIntegerField(default=2000, db_default=2000)
    act = models.ForeignKey("profiles.IdentityAct", on_delete=models.PROTECT, related_name="settings")
    lifted_by = models.ForeignKey(
        "profiles.IdentityAct", on_delete=models.PROTECT, null=True, related_name="lifted_settings"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(review__gt=0, automatic__gte=models.F("review"), automatic__lte=1),
                name="match_settings_ordered",
            )
        ]

    def __str__(self) -> str:
        return f"{self.review} to {self.automatic}"


class Household(models.Model):
    """People who share an address or a contact point, without being one person."""

    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.pk}"


class HouseholdMember(models.Model):
    """A person is of one household at most. `basis` lists what they share with it."""

    profile = models.OneToOneField(Profile, on_delete=models.CASCADE, primary_key=True, related_name="lives")
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="members")
    basis = ArrayField(models.CharField(max_length=12), default=list)

    def __str__(self) -> str:
        return f"{self.household_id}: {self.profile_id}"


class NetworkSighting(models.Model):
    """A record was seen behind a network address, kept as a keyed hash and for 30 days at most.

    Never a key: two visitors behind one address may be one, and only a log-in settles it.
    """

    network = models.BinaryField(max_length=32)
    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "record"], name="network_sighting_once")]
        indexes = [
            # What has become too old to keep.
            models.Index(fields=["last_seen"], name="network_sighting_age"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.last_seen:%Y-%m-%d}"
