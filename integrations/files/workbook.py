"""Reading .xlsx: the values of one sheet as text, row by row, in flat memory."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError, fromstring

from django.utils.translation import gettext as _
from openpyxl.reader.excel import ExcelReader

from integrations.files.layout import UnreadableFile
from integrations.files.read import Line
from integrations.files.values import EXCEL_EPOCH

MAX_UNPACKED = 4 * 2**30
MAX_STRINGS = 512 * 2**20  # the shared strings are held in memory
MAX_REST = 64 * 2**20  # so are styles and relations, as trees; sheets are streamed, pictures not read
MAX_LIST = 2**20
TYPES = "[Content_Types].xml"


def open_workbook(stream: BinaryIO, *, most: int = MAX_UNPACKED) -> Any:
    """The workbook, read-only, if it is one and not a trap. `most` bytes may come out of it."""
    try:
        with zipfile.ZipFile(stream) as parts:
            sizes = {part.filename: part.file_size for part in parts.infolist()}
            if TYPES not in sizes or "xl/workbook.xml" not in sizes:
                raise UnreadableFile(_("This is a zip file, but no .xlsx workbook. Please unpack it first."))
            if sum(sizes.values()) > most or _holds_too_much(parts, sizes):
                raise UnreadableFile(_("This workbook is too large. Please save it as CSV."))
    except zipfile.BadZipFile:
        raise UnreadableFile(_("This is not an .xlsx file, or it is cut short.")) from None
    except (ParseError, RuntimeError, EOFError, zlib.error):  # RuntimeError: it has a password
        raise UnreadableFile(_("This workbook is damaged and cannot be read.")) from None
    stream.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(stream)
    except UnreadableFile:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise UnreadableFile(_("This workbook is damaged and cannot be read.")) from error


class _Archive(zipfile.ZipFile):
    """What is read whole is counted, whichever role a part claims; sheets and strings are streamed."""

    left = MAX_REST

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        self.left -= (self.getinfo(name) if isinstance(name, str) else name).file_size
        if self.left < 0:
            raise UnreadableFile(_("This workbook is too large. Please save it as CSV."))
        return super().read(name, pwd)


class _Reader(ExcelReader):
    """Leaves out sheets that are charts: they hold no rows, and would be read whole past the count."""

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:
        return


def _read(stream: BinaryIO) -> Any:
    """As openpyxl's `load_workbook` does, from a counted archive."""
    reader = _Reader(stream, read_only=True, data_only=True)
    reader.archive = _Archive(stream)
    reader.read()
    return reader.wb


def _holds_too_much(parts: zipfile.ZipFile, sizes: Mapping[str, int]) -> bool:
    """Which part plays which role the workbook says itself, so its list of roles is asked, not names."""
    if sizes[TYPES] > MAX_LIST:
        return True
    listed = fromstring(parts.read(TYPES))  # noqa: S314 - expat refuses entities that multiply
    roles = {part.get("PartName", "")[1:]: part.get("ContentType", "") for part in listed}
    strings = {name for name, role in roles.items() if role.endswith(".sharedStrings+xml")}
    sheets = {name for name, role in roles.items() if role.endswith(".worksheet+xml")}
    rest = (size for name, size in sizes.items() if not name.startswith("xl/media/") or name in roles)
    held = sum(sizes.get(name, 0) for name in strings)
    return held > MAX_STRINGS or sum(rest) - sum(sizes.get(n, 0) for n in strings | sheets) > MAX_REST


def sheet_names(stream: BinaryIO) -> list[str]:
    """The visible sheets, in order."""
    book = open_workbook(stream)
    return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]


def workbook_records(stream: BinaryIO, sheet: str, *, most: int = MAX_UNPACKED) -> Iterator[Line]:
    """The rows of one sheet; an empty row is a record too."""
    book = open_workbook(stream, most=most)
    names = [found.title for found in book.worksheets]
    if sheet and sheet not in names:
        raise UnreadableFile(_("The workbook has no sheet “%(sheet)s”.") % {"sheet": sheet})
    table = book[sheet] if sheet else book[names[0]]
    table.reset_dimensions()  # some writers claim the sheet is one cell large
    for number, values in enumerate(table.iter_rows(values_only=True), start=1):
        cells = [as_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        yield Line(number, cells)


def as_text(value: Any) -> str:
    """A cell as the text a careful person would have written into a CSV file."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(round(value, 9))
    if isinstance(value, datetime):
        return _moment_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return (EXCEL_EPOCH + value).time().isoformat()
    return str(value)


def _moment_text(value: datetime) -> str:
    if value.microsecond >= 500_000:
        value += timedelta(seconds=1)
    value = value.replace(microsecond=0)
    return (
        value.date().isoformat() if not (value.hour or value.minute or value.second) else value.isoformat(" ")
    )
