"""Mappings, the files that were seen, and files that people handed over in the browser."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.files.layout import Layout
from integrations.files.spec import Spec


class MappingQuerySet(models.QuerySet["Mapping"]):
    def active_of(self, connection_id: int) -> Mapping | None:
        return self.filter(connection=connection_id, active=True).first()


class Mapping(models.Model):
    """One version of how a connection's files are read. Never edited: a change is a new version.

    `header` is the header it was made for; a file with another one is laid onto it by name.
    """

    connection = models.ForeignKey("integrations.Connection", models.CASCADE, related_name="mappings")
    version = models.PositiveIntegerField()
    active = models.BooleanField(default=True)
    header = models.JSONField(default=list)
    spec = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MappingQuerySet.as_manager()

    class Meta:
        ordering = ("-version",)
        verbose_name = _("mapping")
        verbose_name_plural = _("mappings")
        constraints = (
            models.UniqueConstraint(fields=("connection", "version"), name="mapping_version"),
            models.UniqueConstraint(
                fields=("connection",), condition=Q(active=True), name="mapping_one_active"
            ),
        )

    def __str__(self) -> str:
        return f"{self.connection_id} v{self.version}"

    def read(self) -> Spec:
        return Spec.from_json(self.spec)


class FileState(models.TextChoices):
    SEEN = "seen", _("New")
    CLAIMED = "claimed", _("Being read")
    DONE = "done", _("Read")


class ImportFileQuerySet(models.QuerySet["ImportFile"]):
    def waiting(self) -> ImportFileQuerySet:
        return self.filter(state=FileState.SEEN).defer("head")


class ImportFile(models.Model):
    """A file as it stood at a place at one time. The same path with a new size or time is another.

    `stamp` is the place's own mark of a version: modification time or ETag. A run claims it by
    compare-and-set on `state`, so that two workers never read one file. `steady_since` is the
    first look at which it had this size and stamp. `head` keeps its beginning for the mapping
    editor (compressed; holds personal data; emptied with the upload after 30 days).
    """

    connection = models.ForeignKey("integrations.Connection", models.CASCADE, related_name="files")
    path = models.TextField()
    size = models.PositiveBigIntegerField()
    stamp = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=8, choices=FileState, default=FileState.SEEN)
    run = models.ForeignKey("integrations.Run", models.SET_NULL, null=True, blank=True, related_name="+")
    mapping = models.ForeignKey(Mapping, models.SET_NULL, null=True, blank=True, related_name="+")
    layout = models.JSONField(default=dict, blank=True)
    report = models.JSONField(default=dict, blank=True)
    head = models.BinaryField(default=b"")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_upload = models.BooleanField(default=False)
    steady_since = models.DateTimeField(auto_now_add=True)
    emptied_at = models.DateTimeField(null=True, blank=True)

    objects = ImportFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = (
            models.UniqueConstraint(fields=("connection", "path", "size", "stamp"), name="file_claimed_once"),
        )
        indexes = (
            # The editor's "latest file", and the connection's list.
            models.Index(fields=("connection", "-id"), name="file_latest"),
            # Which files does this run read?
            models.Index(fields=("run",), condition=Q(run__isnull=False), name="file_of_run"),
        )

    def __str__(self) -> str:
        return self.path

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    def layout_found(self) -> Layout:
        return Layout.from_json(self.layout)


class UploadPart(models.Model):
    """A piece of an uploaded file, so that any worker on any machine can read it."""

    file = models.ForeignKey(ImportFile, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = _("piece of an upload")
        verbose_name_plural = _("pieces of uploads")
        constraints = (models.UniqueConstraint(fields=("file", "number"), name="upload_part_number"),)

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"
