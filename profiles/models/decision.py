"""What people and rules have decided about who is who, and the journal of what became of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from profiles.models.matching import MatchModel
from profiles.models.person import Profile, SourceRecord


class IdentityAct(models.Model):
    """One act of a person, or of a nightly run, that bears on who is who.

    Everything it wrote or lifted (constraints, links, pins, decisions) names it, so that
    the act as a whole can be read and taken back. `undoes` is the act this one takes back.
    """

    class Kind(models.TextChoices):
        MERGE = "merge", _("Merged")
        UNMERGE = "unmerge", _("Taken apart")
        APART = "apart", _("Not the same")
        UNDO = "undo", _("Taken back")
        UPLOAD = "upload", _("Links uploaded")
        BULK = "bulk", _("Approved together")
        MATCH = "match", _("Found by the matcher")
        RULES = "rules", _("Rules changed")
        IDENTIFIER = "identifier", _("A value judged")
        PIN = "pin", _("A value chosen")

    kind = models.CharField(max_length=10, choices=Kind)
    actor = models.CharField(max_length=254, blank=True)
    reason = models.CharField(max_length=240, blank=True)
    evidence = models.JSONField(default=dict)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Decision(models.Model):
    """The journal of who was found to be whom. Written once, never changed.

    `rule` names what decided ("exact", "person", "probable", "anonymous"); `evidence` is
    what it rested on: {"identifiers": [ids that tied them], "links": [MatchLink ids],
    "demoted": [{"identifier", "rule", "records"}], "tags": [what moved along]}. `weight`
    is in log2 odds where a model decided. A demotion names two profiles that an
    identifier would have joined, had a limit not spoken against it.
    """

    class Kind(models.TextChoices):
        MERGE = "merge", _("Merged")
        SPLIT = "split", _("Split")
        DEMOTE = "demote", _("Kept apart by a limit")

    kind = models.CharField(max_length=8, choices=Kind)
    rule = models.CharField(max_length=60)
    actor = models.CharField(max_length=254, blank=True)
    act = models.ForeignKey(IdentityAct, on_delete=models.PROTECT, null=True, related_name="decisions")
    evidence = models.JSONField(default=dict)
    weight = models.FloatField(null=True)
    model = models.ForeignKey(MatchModel, on_delete=models.PROTECT, null=True, related_name="+")
    survivor = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="survived")
    retired = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="retired_by", null=True)
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
    """A person's word about sets of records.

    `must`: all its records are one person. `cannot`: no record of side 0 is the same
    person as one of side 1, in every path. It holds until an act lifts it.
    `fingerprint`, where set, is of what the two looked like when they were told apart: a
    pair that looks different now may be asked about again.
    """

    class Kind(models.TextChoices):
        MUST = "must", _("Must be one person")
        CANNOT = "cannot", _("Cannot be one person")

    kind = models.CharField(max_length=6, choices=Kind)
    actor = models.CharField(max_length=254)
    reason = models.CharField(max_length=240, blank=True)
    fingerprint = models.CharField(max_length=64, default="", blank=True)
    act = models.ForeignKey(IdentityAct, on_delete=models.PROTECT, related_name="constraints")
    lifted_by = models.ForeignKey(
        IdentityAct, on_delete=models.PROTECT, null=True, related_name="lifted_constraints"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class LinkConstraintRecord(models.Model):
    """A record that a constraint speaks of, and on which side (0 for all of a `must`)."""

    pk = models.CompositePrimaryKey("constraint_id", "record_id")
    constraint = models.ForeignKey(
        LinkConstraint, on_delete=models.CASCADE, related_name="members", db_index=False
    )
    # Indexed by default: what people have said of the records that are judged.
    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+")
    side = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.constraint_id}/{self.side}: {self.record_id}"


class MatchLink(models.Model):
    """Two records that the matcher found to be one person with enough certainty to act on.

    `weight` is in log2 odds. Limits, birth dates and a person's word still speak against
    it each time the two are judged. `act` is the nightly run or the approval that made it.
    """

    record_a = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+")
    record_b = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+")
    weight = models.FloatField()
    probability = models.FloatField()
    model = models.ForeignKey(MatchModel, on_delete=models.PROTECT, null=True, related_name="+")
    act = models.ForeignKey(IdentityAct, on_delete=models.PROTECT, related_name="links")
    lifted_by = models.ForeignKey(
        IdentityAct, on_delete=models.PROTECT, null=True, related_name="lifted_links"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record_a", "record_b"],
                condition=models.Q(lifted_by__isnull=True),
                name="match_link_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_a_id} ~ {self.record_b_id}"


class Pin(models.Model):
    """A person's choice: for this unit (name, address, e-mail …) this record's value wins.

    It goes where the record goes; of several in one profile the newest counts.
    """

    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="pins")
    unit = models.CharField(max_length=20)
    actor = models.CharField(max_length=254)
    act = models.ForeignKey(IdentityAct, on_delete=models.PROTECT, related_name="pins")
    lifted_by = models.ForeignKey(
        IdentityAct, on_delete=models.PROTECT, null=True, related_name="lifted_pins"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.unit}: {self.record_id}"


class SurvivorshipRule(models.Model):
    """Which record's value becomes the golden one, for one unit.

    `strategies` in the order in which they decide: "source", "recent", "frequent",
    "complete". `sources` overrules the sources' general trust for this unit; ids of
    sources, the most trusted first. Every change is a row: the one that no act has lifted
    is in force, and without any `profiles.identity.units` knows the rule to begin with.
    """

    unit = models.CharField(max_length=20)
    strategies = ArrayField(models.CharField(max_length=12), blank=True)
    sources = ArrayField(models.BigIntegerField(), default=list, blank=True)
    act = models.ForeignKey(IdentityAct, on_delete=models.PROTECT, related_name="survivorship")
    lifted_by = models.ForeignKey(
        IdentityAct, on_delete=models.PROTECT, null=True, related_name="lifted_survivorship"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=models.Q(lifted_by__isnull=True), name="survivorship_rule_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {', '.join(self.strategies)}"


class LinkUpload(models.Model):
    """A table of links between people, before and after it was applied.

    `rows` are its lines as they came, by column; they name people and are emptied after 30
    days. `act` is what came of them.
    """

    name = models.CharField(max_length=200)
    rows = models.JSONField(default=list)
    row_count = models.PositiveIntegerField()
    created_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    emptied_at = models.DateTimeField(null=True)
    act = models.OneToOneField(IdentityAct, on_delete=models.PROTECT, null=True, related_name="upload")

    def __str__(self) -> str:
        return self.name


class RuleTrial(models.Model):
    """A change of rules tried over the history before it is applied, and how far that has come.

    `wanted` is the rules as they would be and `before` as they were, in the form of whoever
    tries them. `report` says what would change, in numbers and ids: it never holds
    anybody's values. `done` of `total` people have been looked at, or computed anew once it
    is being applied; `act` is the change itself.
    """

    class Rules(models.TextChoices):
        IDENTITY = "identity", _("Who is who")
        SURVIVORSHIP = "survivorship", _("Which value counts")

    class State(models.TextChoices):
        TRYING = "trying", _("Being tried")
        TRIED = "tried", _("Tried")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")

    rules = models.CharField(max_length=12, choices=Rules)
    state = models.CharField(max_length=8, choices=State, default=State.TRYING)
    before = models.JSONField()
    wanted = models.JSONField()
    report = models.JSONField(default=dict)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    actor = models.CharField(max_length=254)
    act = models.ForeignKey(IdentityAct, on_delete=models.PROTECT, null=True, related_name="trials")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.rules} {self.pk}: {self.state}"
