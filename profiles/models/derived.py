"""Kept for reading fast; can be dropped and rebuilt from the rest."""

from __future__ import annotations

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from profiles.models.person import Profile, Source


class SearchKey(models.Model):
    """One folded word of a person's names, for search by the beginning of a word.

    E-mail, phone and customer number are searched in `Identifier`, order numbers in
    `Order`.
    """

    pk = models.CompositePrimaryKey("profile_id", "token")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, db_index=False)
    token = models.TextField()

    class Meta:
        indexes = [
            # People search: every word typed is the beginning of a token.
            models.Index(OpClass("token", name="text_pattern_ops"), "profile", name="search_key_prefix")
        ]

    def __str__(self) -> str:
        return self.token


class DailyCount(models.Model):
    """What happened on one day (UTC) in one source; the home page reads nothing else."""

    class Measure(models.TextChoices):
        NEW_PEOPLE = "new_people", _("New people")
        ORDERS = "orders", _("Orders")
        TICKETS = "tickets", _("Tickets")
        EVENTS = "events", _("Events")

    pk = models.CompositePrimaryKey("day", "source_id", "measure")
    day = models.DateField()
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_index=False)
    measure = models.CharField(max_length=12, choices=Measure)
    value = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.measure}: {self.value}"
