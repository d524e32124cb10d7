"""What a file says about itself: letters, delimiter, quotes, header."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.files.layout import Layout, UnreadableFile, labels
from integrations.files.sniff import SAMPLE_BYTES, find_delimiter, find_encoding, sniff

TEXT = "Ordrenr;Navn;By;Pris\r\n" + "".join(f"{n};Åse Ødegård-Bjørnæs;Tromsø;1 250,50\r\n" for n in range(20))


def found(content: bytes) -> Layout:
    return sniff(BytesIO(content))


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252"), ("latin-1", "cp1252"), ("cp865", "cp865"),
        ("mac_roman", "mac_roman"),
    ],
)  # fmt: skip
def test_it_finds_the_letters(encoding: str, expected: str) -> None:
    layout = found(TEXT.encode(encoding))
    assert layout.encoding == expected
    assert layout.header == ("Ordrenr", "Navn", "By", "Pris")


@pytest.mark.parametrize(
    "sentence", ["Malmö Åkesson Köpenhamn", "Ærø Sønderborg Ålborg", "Größe Straße Müller", "Café Élise Noël"]
)
def test_it_reads_each_neighbour_s_letters_as_windows_wrote_them(sentence: str) -> None:
    content = ("Navn;By\r\n" + f"{sentence};{sentence}\r\n" * 3).encode("cp1252")
    assert content.decode(find_encoding(content)) == content.decode("cp1252")


def test_a_letter_cut_in_two_at_the_end_of_the_sample_is_still_utf8() -> None:
    content = ("æ" * SAMPLE_BYTES).encode()[: SAMPLE_BYTES - 1] + b"\xc3"
    assert find_encoding(content[:SAMPLE_BYTES]) == "utf-8"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_it_finds_the_delimiter(delimiter: str) -> None:
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["Ordrenr", "Navn", "Merknad", "Pris"])
    writer.writerows([n, "Åse, eller Ås", "a;b|c", "12,50"] for n in range(10))
    assert find_delimiter(out.getvalue()) == delimiter


def test_a_decimal_comma_is_no_delimiter() -> None:
    assert find_delimiter("Navn;Pris\n" + "Åse;12,50\n" * 10) == ";"


def test_excel_s_own_hint_is_taken() -> None:
    layout = found(b"sep=,\r\nNavn,E-post\r\nKari,kari@example.no\r\n")
    assert (layout.delimiter, layout.header_at, layout.header) == (",", 1, ("Navn", "E-post"))


def test_single_quotes_are_quotes_only_when_they_stand_around_cells() -> None:
    assert found(b"navn;epost\n" + b"'Kari; Ola';'k@example.no'\n" * 9).quote == "'"
    assert found(b"Navn;Telefon\n" + b"Kari;'+4790000001\n" * 9).quote == '"'


@pytest.mark.parametrize(
    ("above", "at"),
    [
        ([], 0),
        (["Salgsrapport"], 1),
        (["Salgsrapport", "Periode: 1.11.2026 - 24.11.2026", ""], 3),
        (["Rapport;;;", ";;;", "Teater;Nord;;"], 3),
    ],
)
def test_it_finds_the_header_below_title_lines(above: list[str], at: int) -> None:
    lines = [*above, "Ordrenr;Kjøper;E-post;Pris", *["7;Kari;k@example.no;12,50"] * 5]
    layout = found("\r\n".join(lines).encode())
    assert (layout.header_at, layout.header[0]) == (at, "Ordrenr")


def test_a_file_without_a_header_has_none() -> None:
    layout = found(b"71000001;k@example.no;22.11.2026;12,50\r\n" * 8)
    assert layout.header_at == -1
    assert layout.labels == ("#1", "#2", "#3", "#4")


def test_equal_headers_are_kept_apart() -> None:
    assert labels(("Ja takk", "Ja takk", "", "Ja takk", "")) == (
        "Ja takk",
        "Ja takk (2)",
        "#3",
        "Ja takk (3)",
        "#5",
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"), (b"\x00" * 5000, "zero bytes"), (b"\r\n  \r\n", "blanks"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel"), (b"%PDF-1.7", "PDF"), (b"<!DOCTYPE html><table>", "web page"),
        (b"PK\x03\x04 but no workbook", "xlsx"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_plain_words(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        found(content)


WORDS = (
    st.text(st.sampled_from("abcdefghijklmnoprstuvæøåÆØÅäö "), min_size=2, max_size=12)
    .map(str.strip)
    .filter(bool)
)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(1, 10**8), WORDS, WORDS, st.integers(0, 99_999)), min_size=5, max_size=40
    ),
    delimiter=st.sampled_from(";\t|,"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    titles=st.lists(st.sampled_from(["Rapport", "Periode november", ""]), max_size=3),
)
def test_whatever_was_written_is_found_again(
    rows: list[tuple[int, str, str, int]], delimiter: str, encoding: str, titles: list[str]
) -> None:
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    for title in titles:
        out.write(title + "\r\n")
    writer.writerow(["Ordrenummer", "Fornavn", "Etternavn", "Pris"])
    writer.writerows((n, a, b, f"{p / 100:.2f}".replace(".", ",")) for n, a, b, p in rows)
    layout = found(out.getvalue().encode(encoding))
    assert layout.delimiter == delimiter
    assert layout.header == ("Ordrenummer", "Fornavn", "Etternavn", "Pris")
    assert layout.header_at == len(titles)
