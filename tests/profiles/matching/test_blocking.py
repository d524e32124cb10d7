"""Which pairs are worth comparing."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.identity.matching import blocking
from profiles.identity.matching.table import Table
from tests.profiles.matching.people import population, shown


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_one_records_keys_are_the_tables(seed: int) -> None:
    table, _ = population(5, seed)
    whole = blocking.keys_of(table)
    for row in range(len(table)):
        assert blocking.keys(table.row(row)) == sorted({int(k) for k in whole[row] if k})


def test_a_record_that_says_nothing_has_no_key() -> None:
    assert blocking.keys(shown()) == []


def test_a_record_has_few_keys_for_the_database() -> None:
    table, _ = population(200)
    assert max(len(blocking.keys(table.row(n))) for n in range(len(table))) <= 13


def test_pairs_are_met_once_the_first_row_first() -> None:
    table, _ = population(300)
    found = blocking.candidates(table)
    assert (found.i < found.j).all()
    assert len(set(zip(found.i.tolist(), found.j.tolist(), strict=True))) == len(found)


def test_nearly_every_pair_of_one_person_is_found() -> None:
    table, truth = population(500)
    found = blocking.candidates(table)
    i, j = np.triu_indices(len(table), 1)
    assert (truth[found.i] == truth[found.j]).sum() > 0.98 * (truth[i] == truth[j]).sum()


def test_swapped_names_meet() -> None:
    one, two = shown(given_name="Ola", family_name="Hansen"), shown(given_name="Hansen", family_name="Ola")
    assert set(blocking.keys(one)) & set(blocking.keys(two))


def test_an_e_mail_that_spells_a_name_meets_its_owner() -> None:
    one, two = shown(given_name="Ola", family_name="Hansen"), shown(email="ola.hansen@example.org")
    assert set(blocking.keys(one)) & set(blocking.keys(two))


def test_blocks_above_the_cap_are_reported_not_compared() -> None:
    same = shown(phone="+4790000001")
    table = Table.of((n, 0, str(n), same) for n in range(9))
    assert len(blocking.candidates(table, cap=9)) == 36
    skipped = blocking.candidates(table, cap=8)
    assert len(skipped) == 0
    assert [(s.key, s.size, s.blocks) for s in skipped.skipped] == [("phone", 9, 1)]


def test_no_records_have_no_pairs() -> None:
    assert len(blocking.candidates(Table.of([]))) == 0
