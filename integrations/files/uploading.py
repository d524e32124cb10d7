"""Files that a person or an operator hands over directly. They go the same way as found ones."""

from __future__ import annotations

import hashlib
import zlib
from datetime import timedelta
from typing import BinaryIO
from uuid import uuid4

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from cdp.lib import clock
from integrations.errors import ConfigurationError
from integrations.files.erasing import empty
from integrations.files.heads import without_erased
from integrations.files.models import ImportFile, UploadPart
from integrations.files.places import CHUNK, too_large
from integrations.files.sniff import SAMPLE_BYTES
from integrations.files.spool import most_bytes
from integrations.models import Connection
from organisations.audit.verbs import record
from organisations.models import Organisation, User

KEPT = timedelta(days=30)
HEAD_WORKBOOK = 8 * 10**6
"""A workbook cannot be cut, so a larger one is not kept for the mapping editor."""


def receive(*, connection: Connection, name: str, stream: BinaryIO, actor: User | None) -> ImportFile:
    """Keeps the file in pieces in the database, so that any worker can read it.

    The same content under the same name is the same file; it may be read again.
    """
    with transaction.atomic():
        coming = ImportFile.objects.create(
            connection=connection,
            path=f"upload/{name.replace('/', '_')[-150:]}",
            size=0,
            stamp=uuid4().hex,
            uploaded_by=actor,
            is_upload=True,
        )
        digest = _keep(coming, stream)
        if not coming.size:
            raise ConfigurationError(_("The file is empty."))
        file = _settled(coming, digest)
        summary = {"file": file.pk, "size": file.size}
        record(actor=actor, verb="file.uploaded", target=connection.slug, summary=summary)
    return file


def _keep(file: ImportFile, stream: BinaryIO) -> str:
    """Writes the pieces as they come, one in memory at a time; returns the SHA-256."""
    digest = hashlib.sha256()
    head = b""
    for number, block in enumerate(iter(lambda: stream.read(CHUNK), b"")):
        file.size += len(block)
        if file.size > most_bytes():
            raise too_large(most_bytes())
        digest.update(block)
        UploadPart.objects.create(file=file, number=number, content=zlib.compress(block, level=1))
        if len(head) < (HEAD_WORKBOOK if head.startswith(b"PK") else SAMPLE_BYTES):
            head += block
    keep_head(file, head)
    return digest.hexdigest()


def _settled(coming: ImportFile, digest: str) -> ImportFile:
    """The row of this content: the one there was, with the new pieces, or the new one."""
    known = ImportFile.objects.filter(
        connection=coming.connection, path=coming.path, size=coming.size, stamp=digest
    ).first()
    file = known or coming
    if known:
        known.parts.all().delete()
        coming.parts.update(file=known)
        known.head, known.emptied_at = coming.head, None
        coming.delete()
    file.stamp = file.sha256 = digest
    file.steady_since = clock.now()
    file.save()
    return file


def keep_head(file: ImportFile, content: bytes) -> None:
    """Remembers the beginning, for the mapping editor. A cut workbook would be of no use."""
    workbook = content.startswith(b"PK")
    if workbook and len(content) < file.size:
        return
    kept = without_erased(content if workbook else content[:SAMPLE_BYTES], file.connection.source)
    file.head = zlib.compress(kept) if kept else b""
    file.save(update_fields=["head", "size"])


def forget_old() -> int:
    """Foyer's copies go after 30 days (CONSENT.md 2.10); the rows that name the files stay."""
    old = ImportFile.objects.filter(emptied_at=None, steady_since__lt=Now() - KEPT)
    return empty(list(old.values_list("pk", flat=True)))


def forget_everywhere() -> int:
    """Asks a worker to forget old copies in every organisation; answers how many there are."""
    from integrations.files.tasks import forget_old_files

    organisations = list(Organisation.objects.all())
    for organisation in organisations:
        with tenant_context(organisation):
            forget_old_files.delay()
    return len(organisations)
