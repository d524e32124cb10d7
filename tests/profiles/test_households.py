"""Who lives together, without being one person."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django_tenants.utils import tenant_context

from organisations.models import Organisation
from profiles.identity import features, households, verbs
from profiles.identity.households import ADDRESS, MOST_PEOPLE, Home, Tie, at_address, homes, household_of
from profiles.models import Household, HouseholdMember, Identifier, Profile, SourceRecord
from tests.profiles.nights import HOME, tell

# --- pure ---------------------------------------------------------------------------


def people(found: list[Home]) -> list[set[int]]:
    return [set(home.people) for home in found]


def test_a_family_at_one_address_is_one_home() -> None:
    assert at_address([1, 2, 3], ["hansen", "hansen", "hansen"]) == [[1, 2, 3]]


def test_a_couple_with_two_names_is_one_home() -> None:
    assert at_address([1, 2], ["hansen", "berg"]) == [[1, 2]]


def test_an_address_with_many_families_splits_by_name() -> None:
    """A block of flats whose flats are not told."""
    families = ["hansen", "berg", "vik", "hansen", "lund", "vik", ""]
    assert at_address([1, 2, 3, 4, 5, 6, 7], families) == [[1, 4], [3, 6]]


def test_spellings_of_a_family_name_are_one() -> None:
    families = ["christensen", "kristensen", "berg", "vik"]
    assert at_address([1, 2, 3, 4], families) == [[1, 2]]


def test_a_name_that_is_too_common_at_an_address_says_nothing() -> None:
    families = ["hansen"] * (MOST_PEOPLE + 1) + ["berg", "vik"]
    assert at_address(list(range(len(families))), families) == []


def test_ties_bring_people_to_a_home() -> None:
    found = homes([[1, 2]], [Tie(2, 3, "email"), Tie(4, 5, "phone")])
    assert people(found) == [{1, 2, 3}, {4, 5}]
    assert found[0].people == {1: {ADDRESS}, 2: {ADDRESS, "email"}, 3: {"email"}}


def test_two_homes_never_become_one_by_a_shared_contact() -> None:
    """A grown-up child's old mailbox does not weld two homes together."""
    found = homes([[1, 2], [3, 4]], [Tie(2, 3, "email")])
    assert people(found) == [{1, 2}, {3, 4}]
    assert found[0].people[2] == {ADDRESS}


def test_who_ties_two_homes_together_goes_to_the_stronger() -> None:
    found = homes([[1, 2], [3, 4]], [Tie(2, 9, "probable", 0.91), Tie(3, 9, "email", 1.5)])
    assert people(found) == [{1, 2}, {3, 4, 9}]


def test_a_chain_ends_at_the_most_people_a_home_may_have() -> None:
    found = homes([], [Tie(a, b, "phone") for a, b in pairwise(range(40))])
    assert max(len(home.people) for home in found) <= MOST_PEOPLE
    assert sorted(p for home in found for p in home.people) == list(range(40))


def test_the_order_of_what_is_told_does_not_matter() -> None:
    ties = [Tie(2, 3, "email"), Tie(3, 7, "probable", 0.95), Tie(8, 9, "phone"), Tie(5, 9, "probable", 0.92)]
    assert homes([[1, 2], [5, 6]], ties) == homes([[6, 5], [2, 1]], ties[::-1])


def test_nobody_is_no_home() -> None:
    assert homes([], []) == []


# --- in the database ------------------------------------------------------------------


@pytest.fixture
def family(in_aurora: Organisation) -> list[Profile]:
    """Kari, Ola and little Siri at one address, and Per next door."""
    records = [
        tell("tickets", number, f"{name} Nordmann", f"{name.lower()}@post.no", **HOME)
        for number, name in enumerate(("Kari", "Ola", "Siri"), 100)
    ]
    next_door: dict[str, Any] = {**HOME, "street": "Storgata 7"}
    records.append(tell("tickets", 110, "Per Nordmann", "per@post.no", **next_door))
    features.freshen()
    return [record.profile for record in records]


def at_home() -> dict[int, int]:
    return dict(HouseholdMember.objects.values_list("profile", "household"))


def test_people_of_one_address_are_a_household_and_stay_several_people(family: list[Profile]) -> None:
    done = households.rebuild()
    assert (done.households, done.people, done.written, done.ended) == (1, 3, 3, 0)
    lives = household_of(family[0])
    assert lives
    assert [other.pk for other, _basis in lives.others] == [family[1].pk, family[2].pk]
    assert lives.basis == {ADDRESS}
    assert household_of(family[3]) is None
    assert Profile.objects.filter(state=Profile.State.ACTIVE).count() == 4


def test_the_same_night_twice_writes_nothing(family: list[Profile]) -> None:
    households.rebuild()
    before = at_home()
    done = households.rebuild()
    assert (done.written, done.ended) == (0, 0)
    assert at_home() == before


def test_a_household_keeps_its_id_when_somebody_moves_out(family: list[Profile]) -> None:
    households.rebuild()
    before = at_home()
    new_home: dict[str, Any] = {**HOME, "street": "Fjellveien 9"}
    tell("tickets", 102, "Siri Nordmann", "siri@post.no", day=5, **new_home)
    features.freshen()
    done = households.rebuild()
    assert done.ended == 1
    assert at_home() == {p.pk: before[p.pk] for p in family[:2]}


def test_a_household_that_nobody_is_of_is_gone(family: list[Profile]) -> None:
    households.rebuild()
    SourceRecord.objects.update(street="")
    features.freshen()
    households.rebuild()
    assert not Household.objects.exists()
    assert not HouseholdMember.objects.exists()


def test_a_shared_mailbox_makes_a_household(in_aurora: Organisation) -> None:
    one = tell("tickets", 100, "Kari Vik", "familien@post.no")
    two = tell("tickets", 101, "Ola Berg", "familien@post.no")
    assert one.profile != two.profile
    households.rebuild()
    lives = household_of(one.profile)
    assert lives
    assert [(other.pk, basis) for other, basis in lives.others] == [(two.profile.pk, frozenset({"email"}))]
    Identifier.objects.filter(value="familien@post.no").update(state="shared")
    assert households.rebuild().written == 0
    Identifier.objects.filter(value="familien@post.no").update(state="held")
    assert households.rebuild().ended == 2


def test_a_telephone_of_many_is_an_office_and_no_home(in_aurora: Organisation) -> None:
    names = ("Kari", "Ola", "Siri", "Per", "Nils", "Åse", "Bjørn", "Gro", "Tor")
    for number, name in enumerate(names, 100):
        tell("tickets", number, f"{name} Vik", "", phone="+4722334455")
    assert SourceRecord.objects.values("profile").distinct().count() == len(names)
    assert households.rebuild().households == 0


def test_the_matcher_s_pairs_count_and_are_kept_until_it_runs_again(in_aurora: Organisation) -> None:
    one = tell("tickets", 100, "Kari Vik", "kari@vik.no")
    two = tell("tickets", 101, "Ola Vik", "ola@vik.no")
    households.rebuild([(one.pk, two.pk, 0.97)])
    assert set(at_home()) == {one.profile_id, two.profile_id}
    assert households.rebuild().ended == 0
    assert households.rebuild([]).ended == 2


def test_who_was_merged_away_is_not_shown(family: list[Profile]) -> None:
    households.rebuild()
    verbs.merge(profiles=[family[1], family[2]], actor="alice@example.org")
    lives = household_of(family[0])
    assert lives
    assert len(lives.others) == 1
    households.rebuild()
    assert len(at_home()) == 2


def test_visitors_and_other_organisations_live_elsewhere(
    family: list[Profile], borealis: Organisation
) -> None:
    Profile.objects.filter(pk=family[2].pk).update(is_visitor=True)
    households.rebuild()
    assert set(at_home()) == {family[0].pk, family[1].pk}
    with tenant_context(borealis):
        assert households.rebuild().households == 0
        assert not HouseholdMember.objects.exists()
