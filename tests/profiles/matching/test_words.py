"""What names and streets have in common beneath their spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.identity.matching import words


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("bill", "william"),
        ("anne kari", "kari"),
        ("per", "peter"),
        ("ann kristin", "annkristin"),
        ("jan", "johan"),
    ],
)
def test_variants_of_a_given_name_may_be_one_person(a: str, b: str) -> None:
    assert words.variants(a, b)
    assert words.variants(b, a)


@pytest.mark.parametrize(("a", "b"), [("kari", "ola"), ("nora", "nina"), ("a", "anne")])
def test_other_given_names_are_no_variants(a: str, b: str) -> None:
    assert not words.variants(a, b)


@pytest.mark.parametrize(
    ("line", "name", "number"),
    [
        ("Storgata 12 B, H0201", "stor g", "12b"),
        ("Storgt. 12", "stor g", "12"),
        ("12 High Street", "high str", "12"),
        ("3/14 High St", "high str", "14"),
        ("Rosenborggade 3, 2. tv", "rosenborg g", "3"),
        ("Kerkstraat 12-2", "kerk str", "12"),
        ("Østre Vei", "ostre v", ""),
        ("", "", ""),
    ],
)
def test_an_address_line_is_street_and_number(line: str, name: str, number: str) -> None:
    assert words.street(line) == (name, number)


@pytest.mark.parametrize(("a", "b"), [("christensen", "kristensen"), ("wik", "vik"), ("larssen", "larsen")])
def test_names_that_sound_alike_are_blocked_together(a: str, b: str) -> None:
    assert words.sound(a) == words.sound(b)


def test_a_swapped_name_is_blocked_with_the_right_one() -> None:
    assert words.names("ola", "hansen", "") == words.names("hansen", "ola", "")


def test_names_are_read_from_the_e_mail_where_they_are_unknown() -> None:
    assert words.names("", "", "ola.hansen84@example.org") == words.names("ola", "hansen", "")
    assert words.names("", "", "olahansen@example.org") == ""


@pytest.mark.parametrize(
    ("local", "handle"),
    [("olahansen84", "GF84"), ("hansenola", "FG"), ("ohansen", "IF"), ("olah", "GJ"), ("skihopp", "skihopp")],
)
def test_a_handle_is_a_local_part_without_the_names(local: str, handle: str) -> None:
    assert words.handle(local, "ola", "hansen") == handle


def test_a_handle_without_a_name_is_unknown() -> None:
    assert words.handle("olahansen", "", "") == ""


NAMES = st.text("abcdefghij", min_size=2, max_size=8)


@given(NAMES, NAMES, st.sampled_from(["{g}{f}", "{f}{g}7", "x{f}", "{g}99"]))
def test_a_handle_filled_with_its_owners_names_is_the_local_part(given: str, family: str, form: str) -> None:
    local = form.format(g=given, f=family)
    assert words.filled(words.handle(local, given, family), given, family) == local


def test_a_mailbox_is_one_however_it_is_written() -> None:
    assert words.mailbox("Ola.Hansen+tickets@googlemail.com") == words.mailbox("olahansen@gmail.com")
    assert words.mailbox("ola.hansen@example.org") != words.mailbox("olahansen@example.org")
