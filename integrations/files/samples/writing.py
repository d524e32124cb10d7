"""Writing a sample: rows of a preset's columns as CSV or as a workbook."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import TextIOWrapper
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from integrations.files.samples.people import Ticket, World

if TYPE_CHECKING:
    from integrations.files.presets.base import PresetMapping

END = date(2026, 11, 24)


def write(
    slug: str, stream: BinaryIO, *, rows: int = 300, seed: int = 1, end: date = END, traps: bool = True
) -> int:
    """Writes the sample and returns how many tickets (or customers) it holds.

    With `traps`, lines that no reader should choke on are mixed in: an empty one, and one
    in which a cell has moved.
    """
    from integrations.files.presets import PRESETS

    preset = PRESETS[slug]
    world = World(seed, end, shows=max(8, rows // 1000), buyers=max(60, rows * 3 // 10))
    tickets = list_of(preset, world, rows)
    if preset.sample.name.endswith(".xlsx"):
        return _write_workbook(preset, tickets, stream)
    return _write_csv(preset, tickets, stream, traps=traps)


def list_of(preset: PresetMapping, world: World, rows: int) -> Iterator[Ticket]:
    """Tickets, or for a customer export one row per buyer."""
    if preset.options.rows != "customers":
        return islice(world.tickets(), rows)
    made = world.tickets()
    first = next(made)
    return (_as_customer(world, first, number) for number in range(rows))


def _as_customer(world: World, ticket: Ticket, number: int) -> Ticket:
    return replace(ticket, buyer=world.buyer(number), number=number + 1, first=True)


def _write_csv(preset: PresetMapping, tickets: Iterator[Ticket], stream: BinaryIO, *, traps: bool) -> int:
    sample = preset.sample
    text = TextIOWrapper(stream, encoding=sample.encoding, errors="replace", newline="", write_through=True)
    quoting: Literal[0, 1] = csv.QUOTE_ALL if sample.quote_all else csv.QUOTE_MINIMAL
    out = csv.writer(text, delimiter=sample.delimiter, quoting=quoting, lineterminator="\r\n")
    for title in sample.titles:
        text.write(title + "\r\n")
    out.writerow([col.header for col in preset.columns])
    count, total = 0, Decimal(0)
    for ticket in tickets:
        count, total = count + 1, total + ticket.price
        cells = [str(col.cell(ticket)) for col in preset.columns]
        out.writerow(cells)
        if traps and count == 40:
            text.write(sample.delimiter * (len(cells) - 1) + "\r\n")
        if traps and count == 90:
            out.writerow([*cells[:3], "", *cells[3:]])
    summed = f"{total:.2f}".replace(".", ",")
    for line in sample.footer:
        text.write(line.format(rows=count, sum=summed).replace("|", sample.delimiter) + "\r\n")
    text.flush()
    text.detach()
    return count


def _write_workbook(preset: PresetMapping, tickets: Iterator[Ticket], stream: BinaryIO) -> int:
    """Numbers and dates as Excel keeps them: not as text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Rapport")
    for title in preset.sample.titles:
        sheet.append([title])
    sheet.append([col.header for col in preset.columns])
    count, total = 0, Decimal(0)
    for ticket in tickets:
        count, total = count + 1, total + ticket.price
        sheet.append([_cell(sheet, col.cell(ticket)) for col in preset.columns])
    for line in preset.sample.footer:
        sheet.append(line.format(rows=count, sum=total).split("|"))
    book.save(stream)
    return count


def _cell(sheet: object, value: object) -> object:
    cell = WriteOnlyCell(sheet, value=float(value) if isinstance(value, Decimal) else value)  # type: ignore[arg-type]
    if hasattr(value, "hour"):
        cell.number_format = "dd.mm.yyyy hh:mm"
    return cast(object, cell)
