"""Reading a table of links: one line says of two people that they must, or must never, be one.

Columns: `link` (must or never), `reason`, and for each side, `a_…` and `b_…`, one way of
naming somebody: `profile` (id), `source` with `external_id`, `email` or `phone`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from django.utils.translation import gettext as _

WAYS = ("profile", "source", "external_id", "email", "phone")
COLUMNS = ("link", *(f"{side}_{way}" for side in "ab" for way in WAYS), "reason")
ADDED = ("line", "problem")
"""What the file of lines left over has besides; passed over when it comes back."""
MOST_ROWS = 5000
MOST_BYTES = 5_000_000
ENCODINGS = ("utf-8-sig", "cp1252")
LINKS: Mapping[str, str] = {"must": "must", "never": "never", "cannot": "never"}

Row = dict[str, str]


class Unreadable(ValueError):
    """Not a table of links. `str` says why."""


def read(content: bytes) -> list[Row]:
    """The lines of a CSV file with a header, blanks around cells taken off. Errors: Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable(_("The file is too large."))
    try:
        return _read(_text(content))
    except csv.Error:
        raise Unreadable(_("The file is no table: a cell never ends, or is too long.")) from None


def _read(text: str) -> list[Row]:
    lines = csv.DictReader(io.StringIO(text), delimiter=_delimiter(text))
    names = {name: (name or "").strip().lower() for name in lines.fieldnames or ()}
    if "link" not in names.values():
        raise Unreadable(_("The column “link” is missing."))
    if unknown := sorted(set(names.values()) - {*COLUMNS, *ADDED}):
        raise Unreadable(_("These columns are not known: %(names)s.") % {"names": ", ".join(unknown)})
    rows = [_row(line, names) for line in lines]
    rows = [row for row in rows if any(row.values())]
    if not rows:
        raise Unreadable(_("The file has no lines."))
    if len(rows) > MOST_ROWS:
        raise Unreadable(_("At most %(most)d lines at once.") % {"most": MOST_ROWS})
    return rows


def _row(line: Mapping[str, str | None], names: Mapping[str, str]) -> Row:
    return {
        names[name]: (value or "").strip().replace("\x00", "")
        for name, value in line.items()
        if names.get(name, ADDED[0]) not in ADDED
    }


def _text(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("The file is not text."))


def _delimiter(text: str) -> str:
    """Whichever of the usual ones the header has most of."""
    header = text.splitlines()[0] if text else ""
    return max(";,\t", key=header.count)
