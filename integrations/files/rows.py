"""A row as it waits in a parcel: the mapped cells as a list, or a broken one as an object.

A broken row (cells moved, a quotation mark that never closes) keeps all its cells as they
stood, so that a person can put it right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from integrations.connectors import Raw
from integrations.files.read import Line
from profiles.rows import CanonicalRow

AS_READ = "#"
"""Name under which a broken row's text is shown beside the cells to be filled in."""


def packed(line: Line, pack: Callable[[Sequence[str]], list[str]]) -> Raw:
    if line.fault:
        return {"line": line.number, "fault": line.fault, "cells": line.cells}
    return pack(line.cells)


def broken(raw: Mapping[str, Any], number: int) -> CanonicalRow:
    return CanonicalRow(number=number, raw=dict(raw), fatal=_("Line %(line)d: %(fault)s") % raw)


def as_cells(raw: Raw, titles: Sequence[str]) -> dict[str, str]:
    if isinstance(raw, dict):
        return {AS_READ: " ¦ ".join(raw["cells"])} | dict.fromkeys(titles, "")
    return dict(zip(titles, map(str, raw), strict=False))


def put_together(raw: Raw, titles: Sequence[str], changes: Mapping[str, str]) -> Raw:
    """A broken row becomes a whole one as soon as somebody has filled in any of its cells."""
    filled = {title: text for title, text in changes.items() if title in titles}
    if isinstance(raw, dict) and not any(filled.values()):
        return raw
    return [text for title, text in (as_cells(raw, titles) | filled).items() if title != AS_READ]
