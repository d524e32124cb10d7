"""The beginning of a file that the mapping editor shows, without lines about people who were erased.

The customer's own file goes on naming them, every morning; Foyer's copy of its beginning does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO

from integrations.files.layout import UnreadableFile
from integrations.files.workbook import workbook_records
from profiles import normalise
from profiles.erasure.tombstones import Value, digest, found
from profiles.models import Source, Tombstone

_CELL = re.compile(r"[;,\t|\r\n]+")


def without_erased(content: bytes, source: Source) -> bytes:
    """A delimited text without such lines; a workbook, which cannot be cut, or nothing."""
    if not content or not Tombstone.objects.exists():
        return content
    if content.startswith(b"PK"):
        return content if not _erased(_workbook_lines(content), source) else b""
    lines = content.splitlines(keepends=True)
    # Byte by byte, whatever the encoding: addresses and numbers are ASCII in all of them.
    texts = [line.decode("latin-1").replace("\x00", "") for line in lines]
    doomed = _erased((_CELL.split(text) for text in texts), source)
    return b"".join(line for number, line in enumerate(lines) if number not in doomed)


def _workbook_lines(content: bytes) -> Iterable[list[str]]:
    try:
        yield from (line.cells for line in workbook_records(BytesIO(content), ""))
    except UnreadableFile:
        return


def _erased(lines: Iterable[list[str]], source: Source) -> set[int]:
    """Numbers of the lines that show an identifier of somebody who was erased."""
    shown: dict[bytes, set[int]] = {}
    for number, cells in enumerate(lines):
        for cell in cells:
            for value in _meanings(cell.strip(" '\"\x00"), source):
                shown.setdefault(digest(value), set()).add(number)
    return {number for key in found(shown) for number in shown[key]}


def _meanings(cell: str, source: Source) -> Iterable[Value]:
    """What identifiers a cell may be."""
    if "@" in cell:
        try:
            yield ("email", "", normalise.email(cell))
        except normalise.Unusable:
            return
    elif any(each.isdigit() for each in cell):
        yield ("customer_number", source.slug, cell)
        try:
            yield ("phone", "", normalise.phone(cell, source.country))
        except normalise.Unusable:
            return
