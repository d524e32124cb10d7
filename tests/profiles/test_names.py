"""The guard of the exact rules: could two records be one person's, by what they are called?"""

import pytest

from profiles import normalise
from profiles.identity import names


def called(given: str, family: str = "") -> names.Called:
    return normalise.fold(given), normalise.fold(f"{given} {family}")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("Kari", "Nordmann"), ("", "Nordmann")),
        (("Kari", "Nordmann"), ("K.", "Nordmann")),
        (("Kari", "Nordmann"), ("Anne Kari", "Nordmann")),
        (("Lisbeth", "Holm"), ("Elisabeth", "Holm")),
        (("Bella", "Holm"), ("Isabella", "Holm")),
        (("Henk", "Mulder"), ("Hendrik", "Mulder")),
        (("Jens", "Lund"), ("Jnes", "Lund")),
        (("Finn", "Lund"), ("Finnn", "Lund")),
        (("Knut", "Olsen"), ("Olsen", "Knut")),
        (("Dorte", "Hnasen"), ("Hansen", "Dorte")),
        (("Åge", "Dam"), ("Dam", "")),
        (("Hanne", "Ødegård"), ("Hanne", "Oedegaard")),
    ],
)
def test_these_may_be_one_person(one: tuple[str, str], two: tuple[str, str]) -> None:
    assert names.may_be_one(called(*one), called(*two))
    assert names.may_be_one(called(*two), called(*one))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("Kari", "Nordmann"), ("Ola", "Nordmann")),
        (("Kari", "Nordmann"), ("O", "Nordmann")),
        (("Kari", "Nordmann"), ("Per", "Hansen")),
        (("Martin", "Hansen"), ("Hanne", "Martinsen")),
        (("Kari", "Nordmann"), ("Hansen", "")),
        (("Tor", "Lie"), ("Per", "Lie")),
    ],
)
def test_these_are_two_people(one: tuple[str, str], two: tuple[str, str]) -> None:
    assert not names.may_be_one(called(*one), called(*two))
    assert not names.may_be_one(called(*two), called(*one))


def test_a_name_that_says_too_little_could_be_either_of_a_couple() -> None:
    couple = [called("Kari", "Dam"), called("Knut", "Dam")]
    against = names.contradictions(couple)
    assert against == [(couple[0], couple[1])]
    for little in (called(""), called("K"), called("Dam")):
        assert names.is_anybodys(little, against)
    for enough in (called("Kari"), called("Anne Kari", "Dam"), called("Per", "Dam"), couple[0]):
        assert not names.is_anybodys(enough, against)


def test_where_nobody_contradicts_anybody_a_nameless_record_is_theirs() -> None:
    against = names.contradictions([called("Kari", "Dam"), called("K", "Dam"), called("")])
    assert against == []
    assert not names.is_anybodys(called(""), against)
