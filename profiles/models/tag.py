"""Tags: every show bought becomes one on its buyer; staff and rules add their own."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from profiles.models.person import Profile


class Tag(models.Model):
    """A word that sticks to people. `key` is folded and unique, `name` is what people
    read. A show's tag carries the year of its first performance ("Hamlet 2026")."""

    class Kind(models.TextChoices):
        SHOW = "show", _("Show")
        STAFF = "staff", _("Added by staff")
        RULE = "rule", _("Added by a rule")

    key = models.TextField(unique=True)
    name = models.TextField()
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.STAFF)
    ends_at = models.DateTimeField(_("last performance"), null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProfileTag(models.Model):
    """This person carries this tag. Those from orders are kept by ingest and follow
    the orders: a refund takes them back."""

    class Origin(models.TextChoices):
        ORDERS = "orders", _("Bought")
        STAFF = "staff", _("Added by staff")
        RULE = "rule", _("Added by a rule")

    pk = models.CompositePrimaryKey("profile_id", "tag_id", "origin")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, db_index=False)
    # Indexed by default: "everybody who bought Hamlet 2026".
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.STAFF)
    since = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.profile_id}: {self.tag_id}"
