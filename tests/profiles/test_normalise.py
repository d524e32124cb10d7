"""Cleaning values."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from profiles import normalise


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        (" Kari@Example.NO ", "kari@example.no"), ("<ola@example.no>", "ola@example.no"),
        ("mailto:ola@example.no", "ola@example.no"), ("åse@blåbær.no", "åse@xn--blbr-roah.no"),
        ("null", ""), ("-", ""), ("", ""),
    ],
)  # fmt: skip
def test_an_address_has_one_spelling(written: str, clean: str) -> None:
    assert normalise.email(written) == clean


@pytest.mark.parametrize("written", ["kari", "kari@", "kari@example", "a b@example.no", "kari@@example.no"])
def test_what_is_no_address_is_refused_with_a_reason(written: str) -> None:
    with pytest.raises(normalise.Unusable) as refused:
        normalise.email(written)
    assert refused.value.code == "email_invalid"


@pytest.mark.parametrize(
    ("written", "country", "clean"),
    [
        ("90 00 00 01", "NO", "+4790000001"), ("004790000001", "NO", "+4790000001"),
        ("'+4790000003", "NO", "+4790000003"), ('="90000001"', "NO", "+4790000001"),
        ("+45 21 23 45 67", "NO", "+4521234567"), ("070-174 06 05", "SE", "+46701740605"),
        ("0612345678", "NL", "+31612345678"), ("00000000", "NO", ""), ("-", "NO", ""), ("ukjent", "NO", ""),
    ],
)  # fmt: skip
def test_a_phone_number_is_read_in_the_sources_country(written: str, country: str, clean: str) -> None:
    assert normalise.phone(written, country) == clean


@pytest.mark.parametrize(
    ("written", "code"),
    [("4.79E+09", "phone_truncated"), ("12", "phone_invalid"), ("12345", "phone_invalid")],
)
def test_a_spoilt_phone_number_is_refused_with_a_reason(written: str, code: str) -> None:
    with pytest.raises(normalise.Unusable) as refused:
        normalise.phone(written, "NO")
    assert refused.value.code == code


@given(st.text("0123456789 -+().", min_size=1, max_size=16), st.sampled_from(("NO", "DK")))
def test_the_quick_way_says_what_the_library_says(written: str, country: str) -> None:
    quick = normalise._national_number(written, country)
    if quick:
        number = phonenumbers.parse(written, country)
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == quick


@given(
    st.integers(20_000_000, 99_999_999), st.sampled_from(("NO", "DK")), st.sampled_from(("", "+{}", "00{}"))
)
def test_a_number_is_taken_exactly_when_the_library_knows_it(digits: int, country: str, prefix: str) -> None:
    written = prefix.format({"NO": "47", "DK": "45"}[country]) + str(digits)
    number = phonenumbers.parse(written, country)
    if phonenumbers.is_valid_number(number):
        assert normalise.phone(written, country) == phonenumbers.format_number(
            number, phonenumbers.PhoneNumberFormat.E164
        )
    else:
        with pytest.raises(normalise.Unusable):
            normalise.phone(written, country)


@pytest.mark.parametrize(
    ("given_name", "family", "full", "expected"),
    [
        ("Kari", "Nordmann", "", ("Kari", "Nordmann")), ("", "", "Kari Nordmann", ("Kari", "Nordmann")),
        ("", "", "Nordmann, Kari", ("Kari", "Nordmann")), ("", "", "Fru Kari Nordmann", ("Kari", "Nordmann")),
        ("", "", "Jan van der Berg", ("Jan", "van der Berg")), ("", "", "Madonna", ("Madonna", "")),
    ],
)  # fmt: skip
def test_a_name_comes_apart(given_name: str, family: str, full: str, expected: tuple[str, str]) -> None:
    assert normalise.names(given_name, family, full) == expected


@pytest.mark.parametrize("spelling", ["Ødegård", "Odegaard", "Oedegård", "ØDEGÅRD"])
def test_nordic_letters_fold_to_one(spelling: str) -> None:
    assert normalise.fold(spelling) == "odegard"


@given(st.text())
@example("\U0001d6e2")  # a mathematical capital alpha
def test_folding_twice_changes_nothing_more(value: str) -> None:
    once = normalise.fold(value)
    assert normalise.fold(once) == once


@pytest.mark.parametrize(
    ("written", "country", "clean"),
    [("155", "NO", "0155"), ("NO-0155", "NO", "0155"), ("155.0", "NO", "0155"), ("1012 ab", "NL", "1012 AB")],
)
def test_a_postal_code_gets_its_zeros_back(written: str, country: str, clean: str) -> None:
    assert normalise.postal_code(written, country) == clean


def test_countries_are_read_in_the_languages_of_the_north() -> None:
    assert [normalise.country(c) for c in ("Norge", "no", "Tyskland", "Nederländerna", "Østrig")] == [
        "NO", "NO", "DE", "NL", "AT",
    ]  # fmt: skip
    with pytest.raises(normalise.Unusable):
        normalise.country("Narnia")
