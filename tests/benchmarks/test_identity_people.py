"""The generated people of the identity benchmark."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from benchmarks.identity import people
from benchmarks.identity.people import COLUMNS, Row


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return people.generate(5_000, 3)


def test_the_same_seed_gives_the_same_records_and_another_gives_others(rows: list[Row]) -> None:
    assert people.generate(5_000, 3) == rows
    assert people.generate(5_000, 4) != rows


def test_there_are_exactly_as_many_records_as_asked_for(rows: list[Row]) -> None:
    assert len(rows) == 5_000
    assert {len(row) for row in rows} == {len(COLUMNS)}


def test_a_customer_number_belongs_to_one_person(rows: list[Row]) -> None:
    at, truth = COLUMNS.index("customer_number"), COLUMNS.index("truth")
    owners = defaultdict(set)
    for row in rows:
        if row[at]:
            owners[row[at]].add(row[truth])
    assert owners
    assert all(len(people) == 1 for people in owners.values())


def test_households_hold_several_people_and_people_several_records(rows: list[Row]) -> None:
    truth, household = COLUMNS.index("truth"), COLUMNS.index("household")
    homes = defaultdict(set)
    for row in rows:
        homes[row[household]].add(row[truth])
    assert sum(len(home) > 1 for home in homes.values()) > 300
    assert sum(n > 1 for n in Counter(row[truth] for row in rows).values()) > 800


def test_placeholders_sit_on_many_people(rows: list[Row]) -> None:
    email = COLUMNS.index("email")
    assert Counter(row[email].lower() for row in rows).most_common(1)[0][1] > 15
