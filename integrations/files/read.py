"""Reading a table file record by record, in flat memory, losing nothing.

Every record of the file ends up in exactly one place: title lines and the header,
empty rows, summary rows and closing notes (counted and kept in `Report`), or a
`Line`, which carries a fault when its cells cannot be trusted.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from io import BufferedReader, TextIOWrapper
from typing import Any, BinaryIO, TextIO, cast

from django.utils.translation import gettext as _

from integrations.files.layout import Layout, UnreadableFile

MAX_LINE = 1_000_000  # characters without a line break
MAX_RECORD_LINES = 200  # lines inside one quoted value
MAX_EMPTY = 100_000  # empty rows on end
KEPT_NOTES = 20
HELD_BACK = 50  # possible closing notes that wait to see whether a person follows

CP1252_RESCUE = "foyer-cp1252"


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """A byte that is not UTF-8 in a UTF-8 file was pasted in from Windows."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(CP1252_RESCUE, _as_cp1252)


@dataclass(slots=True)
class Line:
    """One record. `number` is the line of the file it begins on (the row, in a workbook)."""

    number: int
    cells: list[str]
    fault: str = ""


@dataclass(slots=True)
class Report:
    """What a reading met besides rows. titles + rows + empty + summaries = all records."""

    titles: int = 0
    rows: int = 0
    faults: int = 0
    empty: int = 0
    summaries: int = 0
    notes: list[str] = field(default_factory=list)

    def set_aside(self, line: Line) -> None:
        self.summaries += 1
        if len(self.notes) < KEPT_NOTES:
            self.notes.append(f"{line.number}: " + " ".join(cell for cell in line.cells if cell)[:200])

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class _Runaway(Exception):
    """A quoted value that does not end where it should."""


class _Feed:
    """Gives csv.reader its lines, and can take back those of a record that went wrong."""

    def __init__(self, stream: TextIO) -> None:
        self.readline = stream.readline
        self.pushed: deque[str] = deque()
        self.pending: list[str] = []
        self.number = 0
        self.ended = False

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self.pushed.popleft() if self.pushed else self.readline(MAX_LINE + 1)
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        if len(line) > MAX_LINE:
            raise UnreadableFile(
                _("Line %(line)d has no end: a million characters and no line break. Is this a table?")
                % {"line": self.number}
            )
        self.pending.append(line)
        if len(self.pending) > MAX_RECORD_LINES:
            raise _Runaway
        return line

    def rescue(self) -> str:
        """The first line of the broken record; the others will be read again."""
        first, *others = self.pending
        self.pushed.extendleft(reversed(others))
        self.number -= len(others)
        self.pending.clear()
        self.ended = False
        return first.rstrip("\r\n")

    @property
    def is_open(self) -> bool:
        """At the end of the file: whether the last record stands in an unclosed quote."""
        return self.ended and len(self.pending) > 1 and sum(line.count('"') for line in self.pending) % 2 == 1


def csv_records(stream: TextIO, *, delimiter: str, quote: str) -> Iterator[Line]:
    """The records of a delimited file. A broken quote costs one line, not the file."""
    feed = _Feed(stream)
    reader = csv.reader(feed, delimiter=delimiter, quotechar=quote or '"')
    pending = feed.pending
    while True:
        start = feed.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_Runaway, csv.Error):
            yield _broken(start, feed)
            continue
        if feed.ended and feed.is_open:
            yield _broken(start, feed)
            continue
        pending.clear()
        yield Line(start, cells)


def _broken(start: int, feed: _Feed) -> Line:
    return Line(start, [feed.rescue()], _("A quotation mark opens a value in this line and never closes."))


def text_of(stream: BinaryIO, encoding: str) -> TextIO:
    """The file as text, line ends untouched."""
    errors = CP1252_RESCUE if encoding.startswith("utf-8") else "replace"
    return TextIOWrapper(cast(BufferedReader, stream), encoding=encoding, errors=errors, newline="")


def records(stream: BinaryIO, layout: Layout) -> Iterator[Line]:
    """All records of the file, title lines and header included."""
    if layout.kind == "xlsx":
        from integrations.files.workbook import workbook_records

        return workbook_records(stream, layout.sheet)
    return csv_records(text_of(stream, layout.encoding), delimiter=layout.delimiter, quote=layout.quote)


def read(stream: BinaryIO, layout: Layout, report: Report) -> Iterator[Line]:
    """The rows below the header, each with as many cells as the header has."""
    found = records(stream, layout)
    for at, _line in enumerate(found if layout.header_at >= 0 else ()):
        report.titles += 1
        if at >= layout.header_at:
            break
    squared = _squared(_without_empty(found, report), layout)
    for line in _without_footer(squared, report):
        report.rows += 1
        report.faults += bool(line.fault)
        yield line


def _without_empty(found: Iterator[Line], report: Report) -> Iterator[Line]:
    on_end = 0
    for line in found:
        cells = line.cells
        if (not cells or not cells[0].strip()) and not "".join(cells).strip():
            report.empty += 1
            on_end += 1
            if on_end > MAX_EMPTY:
                raise UnreadableFile(_("The file goes on with nothing but empty lines. Is it damaged?"))
            continue
        on_end = 0
        yield line


def _squared(found: Iterator[Line], layout: Layout) -> Iterator[Line]:
    """Too many or too few cells means that cells have moved: the row is not guessed at."""
    width = layout.width
    least = max((i + 1 for i, name in enumerate(layout.header) if name), default=width)
    for line in found:
        cells = line.cells
        have = len(cells)
        if have != width and not line.fault:
            if have == width + layout.slack and not any(cells[width:]):
                del cells[width:]
            elif least <= have < width or (layout.kind == "xlsx" and have < width):
                cells.extend([""] * (width - have))
            else:
                line.fault = _("The row has %(have)d cells where the header has %(want)d.") % {
                    "have": have,
                    "want": width,
                }
        yield line


_SUMMARY = re.compile(
    r"(?:grand |sub|del|slutt?|mellan|mellom|zwischen|gesamt|eind|tussen)?"
    r"(?:total(?:t|er|en|sum|summe)?|totaal|totalsum|sum|summa|summe|som|i ?alt|gesamt|gesamtsumme|"
    r"antall(?: rader| billetter)?|antal(?: rækker| billetter| biljetter)?|aantal|anzahl|rows|rader)"
    r"\s*[:=]?(?:\s*[\d .,]+)?",
    re.IGNORECASE,
)
_NUMBERS_ONLY = re.compile(r"[-\d\s.,%]*(?:kr|nok|sek|dkk|eur|€)?", re.IGNORECASE)
_SENTENCE = re.compile(r"[^\W\d_]{2,}.*[\s:].*|[-*=#_]{3,}.*")


def _is_summary(cells: list[str]) -> bool:
    """`Sum;;;312;140 400,00`: a word for a sum, few cells, nobody's address."""
    first = next((cell for cell in cells if cell), "").strip()
    return (
        _SUMMARY.fullmatch(first) is not None
        and cells.count("") * 2 >= len(cells) - 1
        and not any("@" in cell for cell in cells)
    )


def _may_close(line: Line) -> bool:
    """Whether the row may be a closing note or a bare row of totals, if it stands last."""
    filled = [cell.strip() for cell in line.cells if cell.strip()]
    if not line.cells[0].strip() and all(_NUMBERS_ONLY.fullmatch(cell) for cell in filled):
        return True
    return len(filled) == 1 and _SENTENCE.fullmatch(filled[0]) is not None and "@" not in filled[0]


def _without_footer(found: Iterator[Line], report: Report) -> Iterator[Line]:
    """Sets aside sums wherever they stand, and notes where nothing follows them."""
    waiting: list[Line] = []
    for line in found:
        cells = line.cells
        sparse = len(cells) < 4 or cells.count("") * 2 >= len(cells) - 1
        if sparse and _is_summary(cells):
            report.set_aside(line)
        elif sparse and _is_sparse(cells) and len(waiting) < HELD_BACK and _may_close(line):
            waiting.append(line)
        else:
            yield from waiting
            waiting.clear()
            yield line
    for line in waiting:
        report.set_aside(line)


def _is_sparse(cells: list[str]) -> bool:
    return len(cells) == 1 or (len(cells) >= 4 and cells.count("") >= len(cells) - 4)
