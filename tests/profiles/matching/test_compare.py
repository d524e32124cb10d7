"""How alike two records are."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.identity.matching import compare
from tests.profiles.matching.people import pair, population


def level(
    comparison: str, a: dict[str, Any], b: dict[str, Any], sources: tuple[int, int] = (1, 2)
) -> str | None:
    """The name of one comparison's level; None where it cannot be made."""
    number = compare.NAMES.index(comparison)
    found = int(compare.levels(pair(a, b, sources), np.array([0]), np.array([1]))[0, number])
    return compare.COMPARISONS[number].levels[found] if found >= 0 else None


def named(given: str, family: str) -> dict[str, str]:
    return {"given_name": given, "family_name": family}


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (("Ola", "Hansen"), ("Ola", "Hansen"), "given name same, family name same"),
        (("Ole", "Hansen"), ("Olav", "Hansen"), "given name's variant, family name same"),
        (("Ola", "Hansen"), ("O", "Hansen"), "initial fits, family name same"),
        (
            ("Kristine", "Hansen"), ("Kristne", "Hanssen"),
            "given name nearly the same, family name nearly the same",
        ),
        (("Kari", "Hansen"), ("Ola", "Hansen"), "given name differs, family name same"),
        (("Kari", "Berg"), ("Kari", "Hansen Berg"), "given name same, part of family name"),
        (("Ola", "Hansen"), ("Hansen", "Ola"), "names swapped"),
        (("Marit", "Hansen"), ("Hanssen", "Marit"), "names swapped, nearly the same"),
        (("Marit", "Hansen"), ("Hansen", "Kari"), "one name in the other's place"),
        (("Ola", ""), ("Ola", "Hansen"), "given name same"),
        (("", "Hansen"), ("Ola", "Hansen"), "family name same"),
        (("Hansen", ""), ("Ola", "Hansen"), "family name same"),
        (("Kari", "Vik"), ("Ola", "Hansen"), "given name differs, family name differs"),
        (("", ""), ("Ola", "Hansen"), None),
    ],
)  # fmt: skip
def test_names(a: tuple[str, str], b: tuple[str, str], expected: str | None) -> None:
    assert level("name", named(*a), named(*b)) == expected
    assert level("name", named(*b), named(*a)) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("19800203", "19800203", "birth date same"),
        ("19800203", "19800302", "day and month swapped"),
        ("19800203", "19800213", "birth date one slip apart"),
        ("19800203", "19930203", "birth date two slips apart"),
        ("19800203", "19741119", "birth date differs"),
        ("19801103", "19800529", "same birth year, other day"),
    ],
)
def test_birth_dates(a: str, b: str, expected: str) -> None:
    assert level("birth", {"birth_text": a}, {"birth_text": b}) == expected


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (1980, "same birth year, day unknown"),
        (1981, "birth year one apart"),
        (1970, "birth year differs"),
        (None, None),
    ],
)
def test_birth_years(year: int | None, expected: str | None) -> None:
    assert level("birth", {"birth_text": "19800203"}, {"birth_year": year}) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("ola@example.org", "ola@example.org", "e-mail same"),
        ("ola.hansen@example.org", "olahansen@example.com", "local part same"),
        ("ola.hansen@example.org", "ola.hansne@example.org", "local part nearly the same"),
        ("ola.hansen@example.org", "kari@example.org", "e-mail differs"),
        ("", "kari@example.org", None),
    ],
)
def test_e_mails(a: str, b: str, expected: str | None) -> None:
    assert level("email", {"email": a}, {"email": b}) == expected


def test_phones() -> None:
    assert level("phone", {"phone": "+4790000001"}, {"phone": "+4790000001"}) == "phone same"
    assert level("phone", {"phone": "+4790000001"}, {"phone": "+4790000010"}) == "phone one slip apart"
    assert level("phone", {"phone": "+4790000001"}, {"phone": "+4745671234"}) == "phone differs"


def test_accounts_compare_within_one_kind_and_source() -> None:
    card, customer = ("card", "", "7"), ("customer", "shop", "9")
    one = {"accounts": (card, customer)}
    assert level("account", one, {"accounts": (("customer", "box office", "9"),)}) is None
    assert level("account", one, {"accounts": (card,)}) == "account same, other source"
    assert level("account", one, {"accounts": (("customer", "shop", "8"),)}, (1, 1)) == "account differs"


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (
            ("Storgata 1", "0155", "Oslo"), ("Storgt. 1", "0155", "Oslo"),
            "street and number same, postal code and city same",
        ),
        (
            ("Storgata 1", "0155", "Oslo"), ("Storgata 2", "0155", "Oslo"),
            "same street, other number, postal code and city same",
        ),
        (
            ("Bjerkealleen 1", "0155", "Oslo"), ("Bjerkeallen 1", "0155", ""),
            "street nearly the same, same number, postal code same, city unknown",
        ),
        (
            ("Storgata", "0155", "Oslo"), ("Storgata 2", "0156", "Oslo"),
            "street same, number unknown, city and postal code nearly the same",
        ),
        (("", "0155", "Oslo"), ("Storgata 2", "0155", "Oslo"), "postal code and city same"),
        (("Storgata 1", "", ""), ("Parkveien 7", "", ""), "street differs"),
        (("Storgata 1", "0155", "Oslo"), ("Parkveien 7", "5003", "Bergen"), "street differs, place differs"),
    ],
)  # fmt: skip
def test_addresses(a: tuple[str, str, str], b: tuple[str, str, str], expected: str) -> None:
    one, two = (dict(zip(("street", "postal_code", "city"), values, strict=True)) for values in (a, b))
    assert level("address", one, two) == expected


def test_address_lines_may_have_changed_places() -> None:
    one = {"street": "12 High Street", "street2": "Rose Cottage", "postal_code": "2020"}
    two = {"street": "Rose Cottage", "house_number": "12", "street2": "High Street", "postal_code": "2020"}
    assert level("address", one, two) == "street and number same, postal code same, city unknown"
    assert level("second_line", one, two) is None


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_levels_are_symmetric_and_within_bounds(seed: int) -> None:
    table, _ = population(8, seed)
    i, j = np.triu_indices(len(table), 1)
    found = compare.levels(table, i, j)
    assert (found == compare.levels(table, j, i)).all()
    assert (found >= -1).all()
    assert (found < [len(c.levels) for c in compare.COMPARISONS]).all()


def test_many_distinct_values_compare_as_few_do() -> None:
    table, _ = population(60)
    i, j = np.triu_indices(len(table), 1)
    one_by_one = [compare.levels(table, i[n : n + 1], j[n : n + 1])[0] for n in range(0, len(i), 97)]
    assert (np.array(one_by_one) == compare.levels(table, i, j)[::97]).all()


def test_every_level_has_a_group_and_a_name_of_its_own() -> None:
    for comparison in compare.COMPARISONS:
        assert len(comparison.groups) == len(comparison.levels) == len(set(comparison.levels))
