"""A record's features, and many of them as columns."""

import subprocess
import sys
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiles.identity.matching.table import COLUMNS, Column, Features, Person, Table, features, text_hashes
from tests.profiles.matching.people import shown

TEXTS = st.lists(st.text(max_size=12), min_size=len(COLUMNS), max_size=len(COLUMNS))


def test_values_are_made_comparable() -> None:
    found = shown(
        full_name="Ødegård, Kari Anne", email="Kari.Odegard+x@Gmail.com", phone="+4790000001",
        street="Storgata 12 B", postal_code="0155", city="Oslo", birth_date=date(1980, 2, 3),
    )  # fmt: skip
    assert (found.given, found.family) == ("kari anne", "odegard")
    assert (found.email, found.local, found.handle) == ("kariodegard@gmail.com", "kariodegard", "GF")
    assert (found.street, found.number, found.phone) == ("stor g", "12b", "4790000001")
    assert (found.birth, found.year) == ("19800203", "1980")


def test_a_birth_date_that_is_no_day_is_kept_as_written() -> None:
    assert shown(birth_text="19371233").birth == "19371233"
    assert shown(birth_text="1937").birth == ""


def test_accounts_are_in_one_order() -> None:
    one, two = ("card", "", "7"), ("customer", "shop", "9")
    assert (
        shown(accounts=(one, two)).accounts
        == shown(accounts=(two, one)).accounts
        == "card\t\t7\ncustomer\tshop\t9"
    )


def test_nothing_known_is_nothing_compared() -> None:
    assert features(Person()).texts() == [""] * len(COLUMNS)


@given(TEXTS)
def test_features_come_back_from_their_texts(texts: list[str]) -> None:
    assert Features.of(texts).texts() == texts


@given(st.lists(TEXTS, max_size=5))
def test_rows_come_back_from_the_columns(rows: list[list[str]]) -> None:
    table = Table.of((n, 0, str(n), row) for n, row in enumerate(rows))
    assert [table.row(n).texts() for n in range(len(table))] == rows


@given(st.lists(st.text(max_size=5)))
def test_equal_values_have_equal_codes_and_hashes(texts: list[str]) -> None:
    column = Column.of(texts)
    known = np.array([text != "" for text in texts], np.bool_)
    assert ((column.codes >= 0) == known).all()
    assert ((column.hashes != 0) == known).all()
    assert len(set(column.hashes[known].tolist())) == len(set(texts) - {""})
    assert column.counts.sum() == known.sum()


def test_hashes_are_the_same_in_every_process() -> None:
    code = "from profiles.identity.matching.table import text_hashes as h; print(h(['ola', 'kari']).tolist())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str(text_hashes(["ola", "kari"]).tolist())
