"""A first proposal for a file: layout, columns, styles, permission questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO

from integrations.files.dictionary import Suggestion, consent_hint, suggest
from integrations.files.judge import SAMPLE_ROWS, Look, judge
from integrations.files.layout import Layout, occurrences
from integrations.files.points import point_key
from integrations.files.presets import PRESETS, PresetMapping
from integrations.files.read import Line, Report, read
from integrations.files.sniff import sniff
from integrations.files.spec import Column, ConsentSetup, Options, RowKind, Spec
from integrations.models import Connection


@dataclass(frozen=True, slots=True)
class Draft:
    """Columns of the spec stand in the header's order; equally named permission columns are one."""

    layout: Layout
    spec: Spec
    looks: tuple[Look, ...]
    suggestions: tuple[Suggestion, ...]
    sample: tuple[Line, ...]
    report: Report


def draft(
    connection: Connection, stream: BinaryIO, *, preset: str | None = None, options: Options | None = None
) -> Draft:
    """`preset` overrules the connection's; `options` are what a person has fixed already."""
    chosen = PRESETS.get(str(connection.config.get("preset") or "") if preset is None else preset)
    given = options or (chosen.options if chosen else Options())
    layout = sniff(stream, encoding=given.encoding, delimiter=given.delimiter, sheet=given.sheet)
    stream.seek(0)
    report = Report()
    sample = tuple(islice(read(stream, layout, report), SAMPLE_ROWS))
    country = given.country or connection.source.country
    whole = [line.cells for line in sample if not line.fault]
    looks = judge(whole, layout.width, country=country, delimiter=layout.delimiter)
    suggestions = proposed(layout, looks, chosen)
    columns = [
        _column(connection, name, nth, look, suggestion, chosen)
        for (name, nth), look, suggestion in zip(occurrences(layout.header), looks, suggestions, strict=True)
    ]
    rows = given.rows if options or chosen else _row_kind(suggestions)
    return Draft(
        layout,
        Spec(tuple(_folded(columns)), replace(given, rows=rows)),
        tuple(looks),
        tuple(suggestions),
        sample,
        report,
    )


def proposed(layout: Layout, looks: Sequence[Look], preset: PresetMapping | None) -> list[Suggestion]:
    """The preset's own columns first; the dictionary for what it does not name."""
    found = suggest(layout.header, looks)
    if preset is None:
        return found
    known = preset.places(layout.header)
    taken = set(known.values())

    def chosen(at: int, one: Suggestion) -> Suggestion:
        if at in known:
            return Suggestion(known[at], 1.0)
        unwanted = one.target in taken or (preset.closed and one.target != "consent.answer")
        return Suggestion(never=one.never) if unwanted else one

    return [chosen(at, one) for at, one in enumerate(found)]


def _column(
    connection: Connection,
    name: str,
    nth: int,
    look: Look,
    suggestion: Suggestion,
    preset: PresetMapping | None,
) -> Column:
    column = Column(name, nth, suggestion.target, dates=look.dates, decimal=look.decimal)
    if suggestion.target != "consent.answer":
        return column
    return replace(column, consent=asked(connection, column, preset))


def asked(connection: Connection, column: Column, preset: PresetMapping | None = None) -> ConsentSetup:
    """A permission question as its header words it. Nobody vouches for it yet."""
    hint = consent_hint(column.header)
    setup = ConsentSetup(
        point=point_key(connection, column),
        purpose=hint.purpose,
        channels=hint.channels,
        words=column.header if len(column.header.split()) > 3 else "",
        inverted=hint.inverted,
        no_is_refusal=hint.inverted,
    )
    return preset.consent(setup) if preset else setup


def _folded(columns: Sequence[Column]) -> list[Column]:
    """Permission columns of one name are one question, asked once: the first stands for all."""
    seen: set[str] = set()
    folded = []
    for column in columns:
        if column.target == "consent.answer":
            if column.header in seen:
                continue
            twice = sum(other.header == column.header for other in columns) > 1
            seen.add(column.header)
            column = replace(column, nth=0) if twice else column
        folded.append(column)
    return folded


def _row_kind(suggestions: Sequence[Suggestion]) -> RowKind:
    targets = {one.target for one in suggestions}
    if not targets & {"order.number", "ticket.id", "ticket.barcode"}:
        return "customers"
    ticket = {
        "ticket.id",
        "ticket.barcode",
        "ticket.seat",
        "ticket.price_type",
        "ticket.category",
        "ticket.price",
    }
    return "tickets" if targets & ticket else "orders"
