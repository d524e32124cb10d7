"""Foyer's own copy of a file while it is read: on this machine's disk, gone when it is done.

A copy left over by a killed worker is used again if it is whole, so that a long file is
not fetched anew for every unit of work.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from cdp.lib.tenancy import current_schema
from integrations.errors import ConfigurationError
from integrations.files.models import ImportFile
from integrations.files.places import CHUNK, Place, too_large

LEFT_OVER = 2 * 86_400


def most_bytes() -> int:
    """The largest file taken."""
    return settings.FOYER_FILES_MOST_MB * 10**6


@contextmanager
def opened(file: ImportFile, place: Place | None) -> Iterator[BinaryIO]:
    """The file's bytes, from the copy on disk; fetched first if there is none."""
    path = _path_of(file)
    if not path.exists() or path.stat().st_size != file.size:
        _fetch(file, place, path)
    with path.open("rb") as stream:
        yield stream


def drop(file: ImportFile) -> None:
    """The copy is not needed any more."""
    _path_of(file).unlink(missing_ok=True)


def forget(schema: str) -> None:
    """An organisation is gone, and its copies with it."""
    for path in _folder().glob(f"{schema}-*"):
        path.unlink(missing_ok=True)


def sweep() -> None:
    """Removes copies that nobody came back for."""
    for path in _folder().glob("*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > LEFT_OVER:
                path.unlink()


def _folder() -> Path:
    folder: Path = settings.FOYER_DATA / "spool"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _path_of(file: ImportFile) -> Path:
    return _folder() / f"{current_schema()}-{file.pk}"


def _fetch(file: ImportFile, place: Place | None, path: Path) -> None:
    """Copies to a name of its own first: the copy is whole or it is not there."""
    if file.size > most_bytes():
        raise too_large(most_bytes())
    handle, name = tempfile.mkstemp(dir=path.parent, prefix="coming-")
    try:
        with os.fdopen(handle, "wb") as target:
            digest = _from_parts(file, target) if file.is_upload else _from_place(file, place, target)
        if file.sha256 and digest != file.sha256:
            raise ConfigurationError(
                _("“%(name)s” has changed while it was being read. Start the run again.")
                % {"name": file.name}
            )
        ImportFile.objects.filter(pk=file.pk).update(sha256=digest)
        file.sha256 = digest
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _from_place(file: ImportFile, place: Place | None, target: BinaryIO) -> str:
    if place is None:
        raise ConfigurationError(
            _("“%(name)s” lies at a place that is not set up any more.") % {"name": file.name}
        )
    now = place.now(file.path)
    if now is None:
        raise ConfigurationError(_("“%(name)s” is gone from its folder.") % {"name": file.name})
    if (now.size, now.stamp) != (file.size, file.stamp):
        raise ConfigurationError(
            _("“%(name)s” has changed since it was found. Start the run again.") % {"name": file.name}
        )
    return place.copy(file.path, target, most=most_bytes())


def _from_parts(file: ImportFile, target: BinaryIO) -> str:
    digest = hashlib.sha256()
    for content in file.parts.order_by("number").values_list("content", flat=True).iterator(chunk_size=4):
        block = zlib.decompress(content)
        digest.update(block)
        target.write(block)
    if target.tell() != file.size:
        raise ConfigurationError(
            _("“%(name)s” was uploaded too long ago; Foyer has deleted its copy.") % {"name": file.name}
        )
    return digest.hexdigest()


__all__ = ["CHUNK", "drop", "most_bytes", "opened", "sweep"]
