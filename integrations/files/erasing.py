"""Foyer's own copies of files that name somebody who was erased. The customer's file is never touched.

A copy whose rows are in is emptied at once. One that waits to be read is not lost: its rows about
the person are stopped by the tombstones, and the copy is emptied when the others are in.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from io import BytesIO
from typing import BinaryIO

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.erasing.sieve import Sieve
from integrations.errors import ConnectorError
from integrations.files import spool
from integrations.files.layout import Layout, UnreadableFile
from integrations.files.models import FileState, ImportFile, UploadPart
from integrations.files.read import records
from integrations.files.sniff import sniff
from integrations.models import Run
from organisations.personal_data import Destination, Later, Subject

NAMES_ERASED = "names_erased"
"""In a file's report: that a run found somebody in it who was erased."""


def forget_files(subject: Subject) -> int:
    """Empties every copy that names the person and whose rows are in. Answers how many."""
    sieve = Sieve.of(subject)
    doomed = [file.pk for file in _kept().filter(state=FileState.DONE) if sieve and names(file, sieve)]
    return empty(doomed)


def waiting(subject: Subject) -> Iterator[tuple[str, str]]:
    """Copies that name the person and are still to be read."""
    sieve = Sieve.of(subject)
    for file in _kept().exclude(state=FileState.DONE) if sieve else ():
        if names(file, sieve):
            yield (
                str(file.pk),
                _("A file of “%(name)s” that waits to be read") % {"name": file.connection.name},
            )


def forget_when_read(pk: str) -> str:
    """Empties one that has been read by now; raises `Later` while it has not."""
    file = ImportFile.objects.filter(pk=pk).first()
    if file is None or file.emptied_at:
        return _("emptied")
    if file.state != FileState.DONE:
        raise Later(
            _("The file waits to be taken in, with everybody else's rows. Take it in, or cancel its run; "
              "the copy is emptied after that, or after 30 days.")
        )  # fmt: skip
    empty([file.pk])
    return _("emptied")


def _kept() -> QuerySet[ImportFile]:
    """Files of which Foyer still has content: a beginning, pieces of an upload, or notes."""
    pieces = Exists(UploadPart.objects.filter(file=OuterRef("pk")))
    notes = Q(report__has_key="notes") & ~Q(report__notes=[])
    return (
        ImportFile.objects.filter(~Q(head=b"") | pieces | notes).select_related("connection").order_by("pk")
    )


def names(file: ImportFile, sieve: Sieve) -> bool:
    """Whether the copy names the person. One that cannot be read is taken to."""
    if any(sieve.traces.in_text(str(note)) for note in file.report.get("notes", ())):
        return True
    try:
        if file.is_upload and file.parts.exists():
            return _in_upload(file, sieve)
        return bool(file.head) and _in_table(BytesIO(zlib.decompress(file.head)), file, sieve)
    except (ConnectorError, UnreadableFile):
        return True


def _in_upload(file: ImportFile, sieve: Sieve) -> bool:
    try:
        with spool.opened(file, None) as stream:
            return _in_table(stream, file, sieve)
    finally:
        spool.drop(file)


def _in_table(stream: BinaryIO, file: ImportFile, sieve: Sieve) -> bool:
    layout = Layout.from_json(file.layout) if file.layout else sniff(stream)
    stream.seek(0)
    return any(sieve.finds(line.cells) for line in records(stream, layout))


def empty(pks: Collection[int]) -> int:
    """Nothing of these files is kept but that they were there. Answers how many."""
    with transaction.atomic():
        UploadPart.objects.filter(file__in=pks).delete()
        for file in ImportFile.objects.filter(pk__in=pks):
            spool.drop(file)
            file.head, file.report = b"", file.report | {"notes": []}
            file.save(update_fields=["head", "report"])
        return ImportFile.objects.filter(pk__in=pks).update(emptied_at=Now())


def note(run: Run) -> None:
    """The run's files name somebody who was erased: remembered until all their rows are in."""
    for file in ImportFile.objects.filter(run=run):
        ImportFile.objects.filter(pk=file.pk).update(report=file.report | {NAMES_ERASED: True})


def empty_noted(run: Run) -> None:
    noted = ImportFile.objects.filter(run=run, report__has_key=NAMES_ERASED)
    empty(list(noted.values_list("pk", flat=True)))


def destination() -> list[Destination]:
    return [
        Destination(
            key="files",
            label=gettext_lazy("Files that Foyer has still to read"),
            holds=waiting,
            forget=forget_when_read,
        )
    ]
