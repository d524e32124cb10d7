"""The first rows of a file as they would come out, cell by cell, with what is wrong marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from integrations.files import meanings
from integrations.files.cellwise import Defaults, parser_for
from integrations.files.editing import Editor
from integrations.files.mapper import Mapper
from integrations.files.read import Line
from integrations.files.spec import SEVERAL, Column, bind
from integrations.files.targets import BY_KEY, Label
from integrations.files.values import BadValue, clean
from profiles import normalise
from profiles.rows import CanonicalRow

ROWS = 20


@dataclass(slots=True)
class Cell:
    """`text` as it would come out; `raw` where that differs from what the file says."""

    text: str
    raw: str = ""
    error: str = ""


@dataclass(slots=True)
class Row:
    number: int
    state: str
    message: str = ""
    cells: list[Cell] = field(default_factory=list)


@dataclass(slots=True)
class Preview:
    """`headings`: what the column becomes, and its name in the file."""

    headings: list[tuple[Label, str]]
    rows: list[Row]

    @property
    def troubled(self) -> int:
        return sum(row.state != "ok" for row in self.rows)


def preview(editor: Editor, defaults: Defaults) -> Preview:
    """Only the mapped columns. Nothing is stored."""
    columns = [column for _at, column in editor.spec.pairs]
    bound = bind(editor.spec, editor.draft.layout.header)
    if bound.missing or not columns:
        return Preview([], [])
    pack, mapper = bound.packer(), Mapper(editor.spec, defaults)
    show = [_shower(column, defaults) for column in columns]
    rows = [_row(line, pack, mapper, show) for line in editor.draft.sample[:ROWS]]
    return Preview([(BY_KEY[column.target].label, column.title) for column in columns], rows)


Show = Callable[[str], Cell]


def _row(line: Line, pack: Callable[[Sequence[str]], list[str]], mapper: Mapper, show: list[Show]) -> Row:
    if line.fault:
        return Row(line.number, "failed", line.fault, [Cell(cell) for cell in line.cells[: len(show)]])
    cells = pack(line.cells)
    shown = [one(cell) for one, cell in zip(show, cells, strict=True)]
    mapped: CanonicalRow = mapper.row(cells, line.number, cells)
    if mapped.fatal:
        return Row(line.number, "failed", mapped.fatal, shown)
    wrong = sum(bool(cell.error) for cell in shown)
    return Row(line.number, "held" if wrong else "ok", "", shown)


def _shower(column: Column, defaults: Defaults) -> Show:
    """How one column's cells look when read, checked as far as taking them in would."""
    parse = parser_for(column, defaults)
    check = _check_for(column.target, defaults.country)
    if column.target == "consent.answer":
        return lambda raw: _answer(column, raw)

    def show(raw: str) -> Cell:
        text = clean(raw)
        try:
            value = parse(text)
            said = check(_said(value, defaults.zone))
        except BadValue as error:
            return Cell(raw, error=str(error.message))
        except normalise.Unusable as error:
            return Cell(raw, error=str(error))
        return Cell(said, raw if said != raw.strip() else "")

    return show


def _check_for(target: str, country: str) -> Callable[[str], str]:
    if target.endswith(".email"):
        return lambda text: str(normalise.email(text)) if text else ""
    if BY_KEY[target].kind == "phone":
        return lambda text: str(normalise.phone(text, country)) if text else ""
    if target == "buyer.postal_code":
        return lambda text: meanings.postal(text, country)
    return lambda text: text


def _said(value: Any, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        local = value[0].astimezone(zone)
        return f"{local:%Y-%m-%d %H:%M}" if value[1] else f"{local:%Y-%m-%d}"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _answer(column: Column, raw: str) -> Cell:
    answers = [meanings.answer(clean(part)) for part in raw.split(SEVERAL)]
    if "unreadable" in answers:
        return Cell(raw, error=_("Neither a yes nor a no. The purchase is kept."))
    setup = column.consent
    inverted = bool(setup and setup.inverted)
    if "no" in answers and not inverted:
        refusal = bool(setup and setup.no_is_refusal)
        return Cell(_("no, refused") if refusal else _("no, left empty"), raw)
    if "yes" in answers:
        return Cell(_("no, refused") if inverted else _("yes"), raw)
    return Cell(_("not known"), raw)
