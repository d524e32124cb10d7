"""Any delimited file with a column that tells who is who, through a small map of its columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

from benchmarks.identity.dataset import FIELDS, Clean, clean
from integrations.files.layout import UnreadableFile
from integrations.files.sniff import find_encoding

SAMPLE = 256 * 1024


class NotUsable(ValueError):
    """The file or the map cannot be used. The text says what to change."""


def read(path: Path, truth: str, columns: Mapping[str, str]) -> Clean:
    """Cleans a file. `columns` names for each of its columns Foyer's field. Errors: NotUsable."""
    header, rows = _rows(path)
    missing = [name for name in (truth, *columns) if name not in header]
    if missing:
        raise NotUsable(f"{path} has no column {_listed(missing)}. It has {_listed(header)}.")
    if not rows:
        raise NotUsable(f"{path} has a heading and no rows.")
    answers = [row[header.index(truth)].strip() for row in rows]
    if not any(answers):
        raise NotUsable(f"The column {truth!r} is empty everywhere: nothing tells who is who.")
    known = [f"known {answer}" if answer else f"alone {n}" for n, answer in enumerate(answers)]
    return clean(path.name, _fields(header, rows, columns), known)


def _fields(header: list[str], rows: list[list[str]], columns: Mapping[str, str]) -> dict[str, list[str]]:
    """Columns by field; several columns of one field are joined by a space, empty cells left out."""
    found: dict[str, list[str]] = {}
    for field in dict.fromkeys(columns.values()):
        at = [header.index(column) for column, of in columns.items() if of == field]
        found[field] = [" ".join(filter(None, (row[n].strip() for n in at))) for row in rows]
    return found


def read_map(path: Path) -> dict[str, str]:
    """Column → field, from JSON or from lines `column = field` (`#` begins a comment). Errors: NotUsable."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NotUsable(f"The map {path} cannot be read: {error}.") from None
    found = _from_json(path, text) if text.lstrip().startswith("{") else _from_lines(path, text)
    if not found:
        raise NotUsable(f"The map {path} names no column.")
    unknown = [field for field in found.values() if field not in FIELDS]
    if unknown:
        raise NotUsable(f"Foyer has no field {_listed(unknown)}. It has {_listed(FIELDS)}.")
    return found


def _from_json(path: Path, text: str) -> dict[str, str]:
    """Either {"column": "field"} or {"field": ["column", …]}."""
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotUsable(f"The map {path} is not valid JSON: {error}.") from None
    found: dict[str, str] = {}
    for one, other in told.items():
        if isinstance(other, list) and all(isinstance(column, str) for column in other):
            found |= dict.fromkeys(other, one)
        elif isinstance(other, str):
            found[one] = other
        else:
            raise NotUsable(f"The map {path} gives {one!r} neither a name nor a list of names.")
    return found


def _from_lines(path: Path, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        column, equals, field = (part.strip() for part in line.rpartition("="))
        if not equals or not column or not field:
            raise NotUsable(f"Line {number} of the map {path} is not `column = field`.")
        found[column] = field
    return found


def _rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """The heading and the rows, each made as wide as the heading; rows without a value are left out."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotUsable(f"{path} cannot be read: {error.strerror}.") from None
    if not content.strip():
        raise NotUsable(f"{path} is empty.")
    text = content.decode(_encoding(content), errors="replace").removeprefix("\ufeff")
    csv.field_size_limit(10**9)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text))
    header = [" ".join(cell.split()) for cell in next(reader, [])]
    width = len(header)
    rows = [(row + [""] * width)[:width] for row in reader if any(map(str.strip, row))]
    return header, rows


def _encoding(content: bytes) -> str:
    """UTF-8 where the whole file is; else what the file connector makes of its beginning."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return find_encoding(content[:SAMPLE]) or "cp1252"
        except UnreadableFile:
            return "cp1252"
    return "utf-8"


def delimiter(text: str) -> str:
    """The mark that cuts the first line into the most columns, as long as the second agrees."""
    lines = text[:SAMPLE].splitlines()[:2]

    def columns(mark: str) -> tuple[bool, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark)]
        return len(set(widths)) == 1, widths[0] if widths else 0

    return max(",;\t|", key=columns) if any(columns(mark)[1] > 1 for mark in ",;\t|") else ","


def _listed(names: object) -> str:
    return ", ".join(repr(name) for name in names)  # type: ignore[attr-defined]
