from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integrations.models.connection import ApplyMode, Connection


class Trigger(models.TextChoices):
    SCHEDULE = "schedule", _("Schedule")
    CATCH_UP = "catch_up", _("Catching up")
    MANUAL = "manual", _("By hand")
    WEBHOOK = "webhook", _("Webhook")
    COMMAND = "command", _("Command line")


class RunState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    WAITING = "waiting", _("Waits for you")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    UNDONE = "undone", _("Undone")


class Step(models.TextChoices):
    PULL = "pull", _("Fetch")
    INGEST = "ingest", _("Take in")
    SEGMENTS = "segments", _("Sort by permission")
    PLAN = "plan", _("Plan")
    PUSH = "push", _("Send")


class StepState(models.TextChoices):
    PENDING = "pending", _("Not yet")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    WAITING = "waiting", _("Waits for you")
    CANCELLED = "cancelled", _("Cancelled")


class RunQuerySet(models.QuerySet["Run"]):
    def live(self) -> RunQuerySet:
        return self.filter(state__in=[RunState.QUEUED, RunState.RUNNING])

    def waiting(self) -> RunQuerySet:
        return self.filter(state=RunState.WAITING)

    def plan_unread(self) -> RunQuerySet:
        """Waiting for nothing but somebody's look at the plan."""
        asks = {"connection__apply_mode": ApplyMode.ASK, "approved": False, "state": RunState.WAITING}
        return self.filter(**asks, steps__name=Step.PUSH, steps__state=StepState.WAITING)

    def broken(self) -> RunQuerySet:
        """Somebody must mend something."""
        needs = self.filter(state__in=[RunState.WAITING, RunState.FAILED])
        return needs.exclude(pk__in=Run.objects.plan_unread().values("pk"))

    def newest_dates(self) -> dict[int, dt.date]:
        """Each connection's newest local date that has a run."""
        dated = self.filter(local_date__isnull=False).values("connection")
        found = dated.annotate(newest=models.Max("local_date")).values_list("connection", "newest")
        return dict(found)

    def newest_of_each(self) -> dict[int, Run]:
        """Each connection's newest run."""
        newest = self.order_by("connection_id", "-created_at", "-id").distinct("connection_id")
        return {run.connection_id: run for run in newest}

    def newest_first(self) -> RunQuerySet:
        return self.order_by("-created_at", "-id")


class Run(models.Model):
    """One pull, and for a destination one push: what was done, how far it is, why it stopped.

    Only a worker that holds the lease may change it; the lease is taken by compare-and-set on the
    database's clock (`integrations.runs.lease`). A scheduled run carries its local date, a run
    started by hand or by a webhook carries none.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="runs")
    local_date = models.DateField(null=True, blank=True)
    trigger = models.CharField(max_length=10, choices=Trigger)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.QUEUED)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    intake = models.ForeignKey("profiles.Intake", models.SET_NULL, null=True, blank=True, related_name="runs")
    window_from = models.DateField(null=True, blank=True)
    """First local date a catch-up run makes good for."""
    options = models.JSONField(default=dict, blank=True)
    """What this one run was asked to do differently, such as {"file": "…"}."""
    cursor_before = models.JSONField(default=dict, blank=True)
    cursor = models.JSONField(default=dict, blank=True)
    reason = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    """Failures in a row of the unit at hand; nought after every unit that worked."""
    retry_at = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    woken_at = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    approved = models.BooleanField(default=False)
    """Somebody has looked at the plan (connections that ask before they send)."""
    aftermath = models.JSONField(default=dict, blank=True)
    """After undo: {"report": counts, "written": {connection slug: [identifier ids]}}."""
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = (
            models.UniqueConstraint(fields=("connection", "local_date"), name="run_once_per_local_date"),
            models.UniqueConstraint(
                fields=("connection",),
                condition=Q(state="running"),
                name="run_one_at_a_time",
            ),
            models.UniqueConstraint(
                fields=("connection",),
                condition=Q(state="queued", trigger="webhook"),
                name="run_one_wake_up_queued",
            ),
        )
        indexes = (
            # The runs page, newest first.
            models.Index(fields=("-created_at", "-id"), name="run_newest"),
            # The sweeper, every minute: only the few runs that are not over.
            models.Index(
                fields=("state",),
                condition=Q(state__in=("queued", "running", "waiting")),
                name="run_live",
            ),
        )

    def __str__(self) -> str:
        return f"{self.connection} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("integrations:run", args=[self.pk])

    @property
    def is_live(self) -> bool:
        return self.state in (RunState.QUEUED, RunState.RUNNING)

    @property
    def lasted(self) -> str:
        """From its beginning to its end, in words; a run that waited for a person counts that too."""
        if self.started_at is None or self.finished_at is None:
            return ""
        seconds = max(1, round((self.finished_at - self.started_at).total_seconds()))
        if seconds < 60:
            return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
        return timesince(self.started_at, self.finished_at, depth=2)

    @property
    def needs_a_person(self) -> bool:
        return self.state in (RunState.WAITING, RunState.FAILED)


class RunStep(models.Model):
    """One step of a run. `counts` grow unit by unit; `total` is set when it is known."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=10, choices=Step)
    state = models.CharField(max_length=10, choices=StepState, default=StepState.PENDING)
    counts = models.JSONField(default=dict, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("position",)
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = (models.UniqueConstraint(fields=("run", "name"), name="step_once_per_run"),)

    def __str__(self) -> str:
        return f"{self.run_id}/{self.name}"
