"""Any CSV file with a truth column."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from benchmarks.identity import csv_file, dataset

LINES = """pid;Fornavn;Etternavn;Adr1;Nr;Født;Epost
1;Åse;Ødegård;Storgata;4;03.04.1980;ase@nordmann.no
1;Aase;Oedegaard;Storgt.;4;31.12.1980;
2;Ola;Berg;;;;noreply@x.no
"""
MAP = """Fornavn = given_name
Etternavn = family_name
# the address
Adr1 = street
Nr = street
Født = birth_date
Epost = email
"""


def _files(folder: Path, text: str = LINES, mapping: str = MAP, encoding: str = "utf-8") -> tuple[Path, Path]:
    file, map_ = folder / "people.csv", folder / "people.map"
    file.write_bytes(text.encode(encoding))
    map_.write_text(mapping, encoding="utf-8")
    return file, map_


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str) -> None:
    file, map_ = _files(tmp_path, encoding=encoding)
    data = csv_file.read(file, "pid", csv_file.read_map(map_))
    assert data.features["given"] == ["ase", "ase", "ola"]
    assert data.truth.tolist() == [0, 0, 1]


def test_several_columns_of_one_field_are_joined_by_a_space(tmp_path: Path) -> None:
    file, map_ = _files(tmp_path)
    data = csv_file.read(file, "pid", csv_file.read_map(map_))
    assert data.raw["email"] == ["ase@nordmann.no", "", "noreply@x.no"]
    assert data.features["number"] == ["4", "4", ""]


def test_dates_are_read_in_the_order_the_file_gives_away(tmp_path: Path) -> None:
    file, map_ = _files(tmp_path)
    assert csv_file.read(file, "pid", csv_file.read_map(map_)).features["birth"][0] == "19800403"
    american = LINES.replace("31.12.1980", "12/31/1980").replace("03.04.1980", "03/04/1980")
    file, map_ = _files(tmp_path, american)
    assert csv_file.read(file, "pid", csv_file.read_map(map_)).features["birth"][0] == "19800304"


def test_values_blocked_from_the_start_are_left_out(tmp_path: Path) -> None:
    file, map_ = _files(tmp_path)
    assert csv_file.read(file, "pid", csv_file.read_map(map_)).identifiers["email"][2] == ""


@pytest.mark.parametrize(
    "mapping",
    [
        '{"Fornavn": "given_name", "Adr1": "street", "Nr": "street"}',
        '{"given_name": ["Fornavn"], "street": ["Adr1", "Nr"]}',
    ],
)  # fmt: skip
def test_a_map_may_be_json_either_way_round(tmp_path: Path, mapping: str) -> None:
    map_ = _files(tmp_path, mapping=mapping)[1]
    assert csv_file.read_map(map_) == {"Fornavn": "given_name", "Adr1": "street", "Nr": "street"}


@pytest.mark.parametrize(
    ("text", "mapping", "says"),
    [
        ("", MAP, "is empty"),
        ("pid;Fornavn\n", "Fornavn = given_name", "no rows"),
        (LINES, "Navn = full_name", "no column 'Navn'"),
        (LINES, "Fornavn = firstname", "no field 'firstname'"),
        (LINES, "Fornavn", "not `column = field`"),
        (LINES, "", "names no column"),
        (LINES, "{", "not valid JSON"),
        ("pid;Fornavn\n;Ola\n;Kari\n", "Fornavn = given_name", "nothing tells who is who"),
    ],
)
def test_what_cannot_be_used_is_said_plainly(tmp_path: Path, text: str, mapping: str, says: str) -> None:
    file, map_ = _files(tmp_path, text, mapping)
    with pytest.raises(csv_file.NotUsable, match=says):
        csv_file.read(file, "pid", csv_file.read_map(map_))


def test_a_record_without_truth_is_nobody_elses(tmp_path: Path) -> None:
    file, map_ = _files(tmp_path, LINES + ";Kari;Lie;;;;\n;Nils;Moe;;;;\n")
    assert len(set(csv_file.read(file, "pid", csv_file.read_map(map_)).truth.tolist())) == 4


def test_a_day_that_does_not_exist_is_kept_as_digits() -> None:
    assert dataset.birth("19301332", "dmy") == (None, "19301332")
    assert dataset.birth("1900-01-01", "dmy") == (None, "")


@pytest.mark.parametrize(
    ("text", "born", "digits"),
    [
        ("12/31/1999", date(1999, 12, 31), ""),
        ("19850203.0", date(1985, 2, 3), ""),
        ("30.02.1980", None, "19800230"),
        ("0000-00-00", None, ""),
        ("1985", None, ""),
    ],
)
def test_dates_in_other_shapes_are_read(text: str, born: date | None, digits: str) -> None:
    assert dataset.birth(text, "dmy") == (born, digits)


def test_the_home_country_is_what_most_records_or_telephones_say() -> None:
    assert dataset.home_country(["", "Norge", "NO", "SE", "NO"], []) == "NO"
    assert dataset.home_country([""], ["+31612345678", "0031612345679", "12345678"]) == "NL"
    assert dataset.home_country([""], ["12345678"]) == ""
