"""Uploading, looking at what would come of it, taking it in; and downloading with a reason."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from import_export.formats import base_formats

from consent.models import CollectionPoint
from integrations import connecting, runs
from integrations.byhand.nouns import NOUNS, Noun
from integrations.files.workbook import workbook_records
from integrations.models import Connection, Run, Trigger, Upload
from integrations.rawrows import is_erased
from integrations.runs.verbs import NotPossible
from organisations.audit.verbs import record
from organisations.models import User
from profiles import looks
from profiles.models import Source
from profiles.rows import CanonicalRow

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000
"""Larger files are the file connector's, which reads them as a stream."""
MOST_COLUMNS = 500
MOST_UNPACKED = 256 * 2**20
"""What may come out of a workbook: 20 MB can hold twenty gigabytes of zeros."""
PREVIEW = 20


class Unreadable(Exception):
    """The file cannot be used; `str` says why to the person who uploaded it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """`rows` are the first ones as they would be taken in; `left_out` columns nobody will read."""

    upload: Upload
    rows: list[CanonicalRow]
    left_out: list[str]


def receive(*, noun: Noun, file: UploadedFile[Any], point: str, actor: User) -> Upload:
    """Reads the table and keeps it; nothing is taken in yet."""
    if (file.size or 0) > MOST_BYTES:
        raise Unreadable(_("The file is larger than 20 MB. Set up a connection for files instead."))
    first, *rows = _table(file)
    header = [_column(name) for name in first]
    _insist(noun, header)
    upload = Upload(noun=noun.slug, name=str(file.name)[-200:], point=point, header=header, created_by=actor)
    upload.set_rows([dict(zip(header, row, strict=False)) for row in rows if any(row)])
    if not 0 < upload.row_count <= MOST_ROWS:
        raise Unreadable(_("The file must hold between 1 and 50,000 rows."))
    with transaction.atomic():
        upload.save()
        summary = {"what": noun.slug, "rows": upload.row_count}
        record(actor=actor, verb="people.uploaded", target="by-hand", summary=summary)
    return upload


def preview(upload: Upload, zone: dt.tzinfo) -> Preview:
    noun = NOUNS[upload.noun]
    rows = [
        noun.read(raw, number, upload.point, zone)
        for number, raw in enumerate(upload.rows()[:PREVIEW], 1)
        if not is_erased(raw)
    ]
    known = set(noun.columns())
    return Preview(upload, rows, [name for name in upload.header if name not in known])


def take_in(*, upload: Upload, actor: User) -> Run:
    """Starts the run. An upload is taken in once."""
    with transaction.atomic():
        if not Upload.objects.select_for_update().filter(pk=upload.pk, run=None, emptied_at=None).exists():
            raise NotPossible(_("This file has been taken in already."))
        run = runs.start(
            connection=connection(), trigger=Trigger.MANUAL, actor=actor, options={"upload": upload.pk}
        )
        Upload.objects.filter(pk=upload.pk).update(run=run)
    return run


def connection() -> Connection:
    """The one that uploads by hand belong to; made at the first."""
    found = Connection.objects.filter(connector="by_hand").first()
    if found:
        return found
    source, _made = Source.objects.get_or_create(
        slug="by-hand", defaults={"name": _("Uploaded by hand"), "kind": Source.Kind.UPLOAD}
    )
    return connecting.create(
        actor=None, connector="by_hand", name=_("Uploaded by hand"), source=source, weekdays=[]
    )


def points() -> Sequence[CollectionPoint]:
    """Where uploaded permissions may have been given: only what somebody has verified."""
    return list(CollectionPoint.objects.verified().order_by("name"))


def download(*, noun: Noun, reason: str, actor: User, zone: dt.tzinfo) -> Iterator[list[Any]]:
    """Rows for a file, header first. Who took it, how much and why is written down before the first."""
    resource = noun.outgoing()
    size = resource.everything().count()
    summary = {"what": noun.slug, "rows": size, "reason": reason}
    record(actor=actor, verb="people.exported", target=noun.slug, summary=summary)
    looks.bulk(user=actor, screen=f"export.{noun.slug}", reason=reason, size=size)
    return resource.lines(zone)


def _table(file: UploadedFile[Any]) -> list[list[str]]:
    """CSV in UTF-8 or as Excel writes it in Western Europe; the first sheet of an XLSX. Header first."""
    content = file.read()
    try:
        return _sheet(content) if content.startswith(b"PK") else _csv(_decoded(content))
    except Exception as error:
        # The readers raise whatever their libraries do; the person only needs to know that it is no table.
        raise Unreadable(_("The file is not a table in CSV or Excel format.")) from error


def _csv(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") >= first.count(",") else ","
    data = base_formats.CSV().create_dataset(text, delimiter=delimiter)
    return [list(data.headers or ()), *map(list, data)]


def _sheet(content: bytes) -> list[list[str]]:
    """Row by row, never by the size a sheet claims: a formatted column makes that a million rows."""
    lines = workbook_records(io.BytesIO(content), "", most=MOST_UNPACKED)
    header = next(lines).cells
    width = len(header)
    filled = (line.cells[:width] + [""] * (width - len(line.cells)) for line in lines if any(line.cells))
    return [header, *islice(filled, MOST_ROWS + 1)]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _column(name: object) -> str:
    return str(name or "").strip().lower().replace(" ", "_").replace("-", "_")


def _insist(noun: Noun, header: Sequence[str]) -> None:
    if len(header) > MOST_COLUMNS:
        raise Unreadable(_("The file has too many columns."))
    for group in noun.incoming.needed:
        if not set(group) & set(header):
            missing = _(" or ").join(f"“{name}”" for name in group)
            raise Unreadable(_("The file has no column called %(missing)s.") % {"missing": missing})
    if len({name for name in header if name}) < len([name for name in header if name]):
        raise Unreadable(_("Two columns have the same name."))
