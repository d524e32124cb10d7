"""Reading never loses a record, and never takes more memory than a page."""

from __future__ import annotations

import csv
import tracemalloc
from datetime import datetime, time
from io import BytesIO, RawIOBase, StringIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from integrations.files.layout import Layout, UnreadableFile
from integrations.files.read import MAX_EMPTY, Line, Report, read
from integrations.files.sniff import sniff
from integrations.files.workbook import open_workbook, sheet_names

HEADER = "Ordrenr;Navn;E-post;Pris;Rad"


def rows_of(text: str | bytes) -> tuple[list[Line], Report]:
    content = text if isinstance(text, bytes) else text.encode()
    layout = sniff(BytesIO(content))
    report = Report()
    return list(read(BytesIO(content), layout, report)), report


def order(n: int) -> str:
    return f"{n};Kari;kari{n}@example.no;12,50;4"


def table(*lines: str) -> tuple[list[Line], Report]:
    return rows_of("\r\n".join([HEADER, *lines]) + "\r\n")


def test_lines_know_where_they_stood() -> None:
    lines, report = table(order(1), "", order(2))
    assert [(line.number, line.cells[0]) for line in lines] == [(2, "1"), (4, "2")]
    assert (report.titles, report.rows, report.empty) == (1, 2, 1)


@pytest.mark.parametrize(
    "summary",
    [
        "Totalt;;;140 400,50;",
        "Sum;;;12,50;",
        "SUM:;;;;",
        "I alt;2;;25,00;",
        "Gesamt;;;;",
        "Delsum;;;12,50;",
        "Antall rader: 2;;;;",
        "Totaal;;;12;",
        "Summa;;;12,50;",
        "Grand total;;;12.50;",
    ],
)
def test_a_sum_is_set_aside_wherever_it_stands_and_is_nobody(summary: str) -> None:
    lines, report = table(order(1), summary, order(2))
    assert [line.cells[0] for line in lines] == ["1", "2"]
    assert report.summaries == 1
    assert report.notes[0].startswith("3: ")


@pytest.mark.parametrize(
    "closing", ["Generert av DX 24.11.2026 07:02;;;;", "*** slutt ***", ";;;12,50;", "Utskrift: Kari"]
)
def test_a_closing_note_is_set_aside_only_at_the_end(closing: str) -> None:
    at_the_end, report = table(order(1), order(2), closing)
    assert (len(at_the_end), report.summaries) == (2, 1)
    in_between, report = table(order(1), closing, order(2))
    assert (len(in_between), report.summaries) == (3, 0)


def test_a_person_called_total_is_a_person() -> None:
    lines, report = table("Total;Totalt;total@example.no;12,50;4", order(2))
    assert (len(lines), report.summaries) == (2, 0)


@pytest.mark.parametrize("row", ["3;Kari;k@example.no", "3;Kari;Nordmann;k@example.no;12,50;4"])
def test_a_row_whose_cells_have_moved_is_failed_not_dropped(row: str) -> None:
    lines, report = table(order(1), row, order(2))
    assert [bool(line.fault) for line in lines] == [False, True, False]
    assert "cells where the header has 5" in lines[1].fault
    assert report.faults == 1


def test_a_delimiter_at_the_end_of_every_row_is_no_cell() -> None:
    lines, _report = rows_of("a navn;b epost\n" + "Kari;k@example.no;\n" * 5)
    assert [line.cells for line in lines] == [["Kari", "k@example.no"]] * 5
    assert not any(line.fault for line in lines)


def test_a_trailing_empty_header_may_be_left_out_by_rows() -> None:
    lines, _report = rows_of("Navn;E-post;\n" + "Kari;k@example.no\n" * 3)
    assert [line.cells for line in lines] == [["Kari", "k@example.no", ""]] * 3


def test_a_quote_that_never_closes_costs_one_line() -> None:
    lines, report = table(order(1), '2;"Kari;k@example.no;12,50;4', *[order(n) for n in range(3, 300)])
    assert len(lines) == 299
    assert [line.number for line in lines if line.fault] == [3]
    assert "never closes" in lines[1].fault
    assert report.faults == 1


def test_a_line_break_inside_quotes_is_part_of_the_value() -> None:
    lines, _report = table('1;"Kari\r\nNordmann";k@example.no;12,50;4', order(2))
    assert lines[0].cells[1] == "Kari\r\nNordmann"
    assert lines[1].number == 4


def test_bytes_that_windows_pasted_into_a_utf8_file_are_read() -> None:
    good = "\r\n".join([HEADER, *[f"{n};Åse Ødegård;å@example.no;1;1" for n in range(50)]]).encode()
    lines, _report = rows_of(good + "\r\n99;Bjørn;b@example.no;1;1\r\n".encode("cp1252"))
    assert lines[-1].cells[1] == "Bjørn"
    assert lines[0].cells[1] == "Åse Ødegård"


class Endless(RawIOBase):
    """Two gigabytes of the same byte, without holding them."""

    def __init__(self, head: bytes, filler: bytes, size: int = 2 * 2**30) -> None:
        self.head, self.filler, self.left = head, filler, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self.left)
        piece = (self.head + self.filler * wanted)[:wanted]
        self.head = self.head[wanted:]
        buffer[:wanted] = piece
        self.left -= wanted
        return wanted


@pytest.mark.parametrize("filler", [b"\x00", b"x", b" ", b"\n", b";\r\n"])
def test_two_gigabytes_of_nothing_stop_early_with_flat_memory(filler: bytes) -> None:
    from io import BufferedReader

    head = (HEADER + "\r\n" + order(1) + "\r\n").encode()
    layout = Layout(header=tuple(HEADER.split(";")), delimiter=";")
    stream = Endless(head, filler)
    tracemalloc.start()
    with pytest.raises(UnreadableFile):
        for _line in read(BufferedReader(stream), layout, Report()):
            pass
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()
    assert stream.left > 2**30, "it should not have read on"


def test_a_few_thousand_empty_lines_are_no_reason_to_stop() -> None:
    lines, report = table(order(1), *[""] * (MAX_EMPTY // 50), order(2))
    assert (len(lines), report.empty) == (2, MAX_EMPTY // 50)


# --- workbooks -----------------------------------------------------------------------


def workbook(*rows: list[Any], cover: bool = False) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if cover:
        sheet.append(["Rapport"])
        sheet = book.create_sheet("Salg")
    for row in rows:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_gives_the_text_a_careful_person_would_have_written() -> None:
    lines, report = rows_of(
        workbook(
            ["Salgsrapport"],
            ["Ordrenr", "Kjøpt", "Starter", "Postnr", "Telefon", "Pris", "Ja takk"],
            [
                71000001,
                datetime.fromisoformat("2026-11-22 19:30"),
                time(19, 30),
                155,
                4790000001.0,
                249.99999999999997,
                True,
            ],
            [],
            [71000002, datetime.fromisoformat("2026-11-22"), None, "0155", None, 250, False],
            ["Totalt", None, None, None, None, 500],
            cover=True,
        )
    )
    assert lines[0].cells == [
        "71000001",
        "2026-11-22 19:30:00",
        "19:30:00",
        "155",
        "4790000001",
        "250",
        "true",
    ]
    assert lines[1].cells == ["71000002", "2026-11-22", "", "0155", "", "250", "false"]
    assert (report.titles, report.empty, report.summaries) == (2, 1, 1)


def test_a_damaged_workbook_says_so() -> None:
    with pytest.raises(UnreadableFile, match="xlsx"):
        rows_of(workbook(["Navn", "E-post"], ["Kari", "k@example.no"])[:2000])


def repacked(name: str, *, size: int, role: str = "") -> bytes:
    """A good workbook with one more part of zeros, which a few kilobytes are enough for."""
    packed = BytesIO()
    good = ZipFile(BytesIO(workbook(["Navn", "E-post"], ["Kari", "k@example.no"])))
    with good, ZipFile(packed, "w", ZIP_DEFLATED) as bad:
        for part in good.namelist():
            content = good.read(part)
            if role and part == "[Content_Types].xml":
                override = f'<Override PartName="/{name}" ContentType="application/{role}"/></Types>'
                content = content.replace(b"sharedStrings", b"x").replace(b"</Types>", override.encode())
            if part != name:
                bad.writestr(part, content)
        with bad.open(name, "w") as trap:
            for _block in range(size // 2**20):
                trap.write(bytes(2**20))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("xl/styles.xml", ""),
        ("xl/worksheets/_rels/sheet1.xml.rels", ""),
        ("xl/media/words.xml", "vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"),
    ],
)
def test_a_workbook_that_would_fill_the_memory_is_refused(
    name: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.files.workbook.MAX_STRINGS", 65 * 2**20)
    with pytest.raises(UnreadableFile, match="too large"):
        open_workbook(BytesIO(repacked(name, size=66 * 2**20, role=role)))


SHEET = "vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


@pytest.mark.parametrize("name", ["docProps/core.xml", "xl/_rels/workbook.xml.rels"])
def test_a_part_read_whole_is_counted_even_if_it_calls_itself_a_sheet(name: str) -> None:
    with pytest.raises(UnreadableFile, match="too large"):
        open_workbook(BytesIO(repacked(name, size=66 * 2**20, role=SHEET)))


def test_a_sheet_that_is_a_chart_is_not_read() -> None:
    """It would be read whole, whatever its part calls itself."""
    trap = BytesIO(repacked("xl/chartsheets/sheet1.xml", size=66 * 2**20, role=SHEET))
    packed = BytesIO()
    with ZipFile(trap) as good, ZipFile(packed, "w", ZIP_DEFLATED) as bad:
        for part in good.namelist():
            content = good.read(part)
            if part == "xl/workbook.xml":
                content = content.replace(b"</sheets>", CHART_LISTED + b"</sheets>")
            if part == "xl/_rels/workbook.xml.rels":
                content = content.replace(b"</Relationships>", CHART_RELATED + b"</Relationships>")
            bad.writestr(part, content)
    assert sheet_names(packed) == ["Sheet"]


RELATIONS = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CHART_LISTED = b'<sheet xmlns:r="%s" name="Chart" sheetId="9" r:id="rId99"/>' % RELATIONS
CHART_RELATED = (
    b'<Relationship Id="rId99" Type="%s/chartsheet" Target="/xl/chartsheets/sheet1.xml"/>' % RELATIONS
)


def test_large_pictures_are_no_trap() -> None:
    picture = repacked("xl/media/poster.png", size=66 * 2**20)
    assert open_workbook(BytesIO(picture)).sheetnames == ["Sheet"]


# --- nothing is ever lost ------------------------------------------------------------

CELL = st.text(st.sampled_from('ab æ;"\n\r@1,.-'), max_size=8)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(CELL, max_size=7), max_size=25))
def test_every_record_is_somewhere(rows: list[list[str]]) -> None:
    """Rows, empty ones, sums and notes together are what csv itself counts in the file."""
    out = StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([HEADER.split(";"), *rows])
    layout = Layout(header=tuple(HEADER.split(";")), delimiter=";")
    report = Report()
    lines = list(read(BytesIO(out.getvalue().encode()), layout, report))
    counted = sum(1 for _row in csv.reader(StringIO(out.getvalue(), newline=""), delimiter=";"))
    assert report.titles + len(lines) + report.empty + report.summaries == counted
    assert report.rows == len(lines)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.sampled_from('ab;"'), min_size=1, max_size=12), min_size=1, max_size=30))
def test_no_line_of_a_broken_file_is_lost(texts: list[str]) -> None:
    """Whatever quotes do to it, every line number is covered by exactly one record."""
    content = "\r\n".join([HEADER, *texts]) + "\r\n"
    layout = Layout(header=tuple(HEADER.split(";")), delimiter=";")
    report = Report()
    lines = list(read(BytesIO(content.encode()), layout, report))
    assert len(lines) + report.empty + report.summaries >= 1
    seen = {line.number for line in lines}
    assert len(seen) == len(lines)
    told = "".join("".join(line.cells) for line in lines) + "".join(report.notes)
    assert told.count("a") >= sum(text.count("a") for text in texts if report.summaries == 0)
