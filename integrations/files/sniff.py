"""Finding out how a file is laid out, from its first bytes.

Encoding, delimiter, quote and header row of a delimited file; sheet and header row of
a workbook. What is found is a suggestion: a mapping may fix any part of it.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import BinaryIO

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from integrations.files.dictionary import is_known_header
from integrations.files.layout import Layout, UnreadableFile
from integrations.files.read import csv_records
from integrations.files.workbook import sheet_names, workbook_records

SAMPLE_BYTES = 256 * 1024
HEADER_WITHIN = 30
DELIMITERS = ";,\t|"

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_WESTERN = frozenset("æøåÆØÅäöüÄÖÜßéèêëÉáàâãÁíìîïóòôõúùûñçÇðÐþÞýŠšŽž€–—’‘“”»«…·°§£½´`×¨•©®²³\u00a0")
_NEARBY = ("cp1252", "cp865", "cp850", "mac_roman", "cp1250", "iso8859_4")


def sniff(stream: BinaryIO, *, encoding: str = "", delimiter: str = "", sheet: str = "") -> Layout:
    """The layout of the file. `encoding`, `delimiter` and `sheet` are taken as given."""
    sample = stream.read(SAMPLE_BYTES)
    stream.seek(0)
    refuse(sample)
    if sample.startswith(b"PK\x03\x04"):
        return _workbook_layout(stream, sheet)
    return sniff_text(sample, encoding=encoding, delimiter=delimiter)


def refuse(sample: bytes) -> None:
    """Raises `UnreadableFile` for what is plainly no table, by its first bytes."""
    if not sample.strip(b"\x00 \r\n\t"):
        raise UnreadableFile(
            _("The file holds only zero bytes or blanks.") if sample else _("The file is empty.")
        )
    if sample.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(_("This is the old Excel format (.xls). Please save it as .xlsx or CSV."))
    if sample.startswith(b"%PDF"):
        raise UnreadableFile(_("This is a PDF. Foyer reads CSV and .xlsx."))
    if re.match(rb"\s*(?:<!doctype html|<html|<\?xml|<table)", sample, re.IGNORECASE):
        raise UnreadableFile(_("This is a web page or XML, not a table. Export it as CSV or .xlsx."))


def sniff_text(sample: bytes, *, encoding: str = "", delimiter: str = "") -> Layout:
    """The layout of a delimited file whose first bytes are `sample`."""
    encoding = encoding or find_encoding(sample)
    text = _whole_lines(sample, encoding)
    quote = _find_quote(text)
    delimiter = delimiter or find_delimiter(text, quote)
    rows = [line.cells for line in csv_records(StringIO(text, newline=""), delimiter=delimiter, quote=quote)]
    at = find_header(rows)
    header = _header(rows, at)
    return Layout("csv", encoding, delimiter, quote, at, "", header, _slack(rows[at + 1 :], len(header)))


def _workbook_layout(stream: BinaryIO, sheet: str) -> Layout:
    sheet = sheet or _first_filled(stream, sheet_names(stream))
    stream.seek(0)
    rows = [line.cells for line in islice(workbook_records(stream, sheet), 200)]
    stream.seek(0)
    at = find_header(rows)
    return Layout("xlsx", "", "", "", at, sheet, _header(rows, at))


def _header(rows: Sequence[Sequence[str]], at: int) -> tuple[str, ...]:
    return tuple(_trimmed(rows[at])) if at >= 0 else ("",) * _usual_width(rows)


def _slack(rows: Sequence[Sequence[str]], width: int) -> int:
    return max(0, _usual_width(rows) - width) if rows else 0


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    widths = Counter(len(row) for row in rows if any(row))
    return widths.most_common(1)[0][0] if widths else 0


def _first_filled(stream: BinaryIO, names: Sequence[str]) -> str:
    """The first sheet that looks like a table and not like a cover page."""
    for name in names:
        stream.seek(0)
        if sum(len(line.cells) > 2 for line in islice(workbook_records(stream, name), 40)) > 1:
            return name
    return names[0] if names else ""


def _trimmed(cells: Iterable[str]) -> list[str]:
    return [" ".join(cell.replace("\ufeff", "").split()) for cell in cells]


def _whole_lines(sample: bytes, encoding: str) -> str:
    """The sample as text, up to its last line break if it was cut."""
    try:
        text = sample.decode(encoding, errors="replace")
    except LookupError:
        raise UnreadableFile(_("There is no text encoding of this name.")) from None
    if len(sample) < SAMPLE_BYTES:
        return text
    cut = max(text.rfind("\n"), text.rfind("\r"))
    return text[: cut + 1] if cut > 0 else text


# --- encoding ----------------------------------------------------------------------


def find_encoding(sample: bytes) -> str:
    """By its mark, else UTF-8 if it is that, else the reading with the fewest odd letters."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    pairs = len(sample) // 2
    if pairs and sample[1::2].count(0) > pairs * 0.3:
        return "utf-16-le"
    if pairs and sample[0::2].count(0) > pairs * 0.3:
        return "utf-16-be"
    if _is_utf8(sample):
        return "utf-8"
    return _find_old_encoding(sample)


def _is_utf8(sample: bytes) -> bool:
    """UTF-8, but for a letter cut in two at the end or a few stray bytes among many good ones."""
    bad = sample.decode("utf-8", errors="replace").count("\ufffd")
    good = sum(byte >= 0xC2 for byte in sample)
    return bad == 0 or (bad == 1 and len(sample) >= SAMPLE_BYTES) or bad * 20 < good


def _find_old_encoding(sample: bytes) -> str:
    guesses = [guess.encoding for guess in from_bytes(sample, cp_isolation=list(_NEARBY))]
    ranked = {name: _oddness(sample, name) for name in dict.fromkeys((*_NEARBY, *guesses))}
    return min(ranked, key=lambda name: ranked[name])


def _oddness(sample: bytes, encoding: str) -> float:
    """Share of the non-ASCII characters that no Western text has, or that split a word oddly."""
    text = sample.decode(encoding, errors="replace")
    foreign = [c for c in text if c > "\x7f"]
    odd = sum(c not in _WESTERN for c in foreign)
    shouting = len(re.findall(r"[a-z][ÆØÅÄÖÜ][a-z]", text)) + len(
        re.findall(r"\w[–—’‘“”»«…·°§£½´¨•©®×]\w", text)
    )
    return (odd + shouting) / max(1, len(foreign))


# --- delimiter and quote -----------------------------------------------------------


def _find_quote(text: str) -> str:
    """A double quote, unless whole cells stand in single ones (`'+47…` is no such cell)."""
    singles = len(re.findall(r"(?:^|[;,\t|])'[^';,\t|\r\n]*'(?=[;,\t|\r\n]|$)", text, re.MULTILINE))
    doubles = len(re.findall(r'(?:^|[;,\t|])"', text, re.MULTILINE))
    return "'" if singles > doubles and singles > text.count("\n") / 2 else '"'


def find_delimiter(text: str, quote: str = '"') -> str:
    """The sign that cuts most lines into the same number of cells."""
    hint = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    if hint and hint[1] in DELIMITERS:
        return hint[1]
    lines = text.splitlines(keepends=True)[:400]
    ranked = {sign: _regularity(lines, sign, quote) for sign in DELIMITERS}
    return max(DELIMITERS, key=lambda sign: ranked[sign])


def _regularity(lines: list[str], sign: str, quote: str) -> tuple[float, int]:
    """(share of records of the usual width, that width). Read once as records, which may span lines,
    and once line by line, which one stray quotation mark cannot upset."""
    whole = list(_cut(lines, sign, quote))
    single = [row for line in lines for row in _cut([line], sign, quote)]
    return max(_usual(whole), _usual(single))


def _cut(lines: list[str], sign: str, quote: str) -> Iterator[int]:
    try:
        yield from (len(row) for row in csv.reader(lines, delimiter=sign, quotechar=quote) if any(row))
    except csv.Error:
        return


def _usual(widths: list[int]) -> tuple[float, int]:
    wide = Counter(width for width in widths if width > 1)
    if not wide:
        return 0.0, 0
    width = max(wide, key=lambda w: (wide[w], w))
    return round(wide[width] / len(widths), 1), width


# --- header ------------------------------------------------------------------------

_DATA = re.compile(r"[^@\s]+@[^@\s]+\.\w+|[-+'(]?[\d .,:/-]*\d[\d .,:/)%-]*|\d{4}-\d\d-\d\d.*")


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """Index of the row that names the columns, below any title lines; -1 if none does."""
    top = rows[:HEADER_WITHIN]
    usual = Counter(len(row) for row in rows if len(row) > 1).most_common(1)
    width = usual[0][0] if usual else 1
    ranked = [(_header_score(row, width), -at) for at, row in enumerate(top)]
    best, at = max(ranked, default=(0.0, 0))
    return -at if best > 0 else -1


def _header_score(row: Sequence[str], width: int) -> float:
    """Known words count most; a cell that looks like data speaks against a header."""
    cells = [cell.strip() for cell in row if cell.strip()]
    if not cells or (width > 1 and len(cells) < max(2, width * 0.4)):
        return 0.0
    known = sum(is_known_header(cell) for cell in cells)
    data = sum(_DATA.fullmatch(cell) is not None for cell in cells)
    if data > known or data * 3 > len(cells):
        return 0.0
    textual = sum(len(cell) < 60 for cell in cells) / len(cells)
    return known * 3 / len(cells) + len(cells) / max(width, len(cells)) + textual - data / len(cells) - 1.2
