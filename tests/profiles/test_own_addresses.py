"""The organisation's own addresses join nobody, from the first delivery on."""

from __future__ import annotations

from datetime import date

import pytest

from organisations.models import Membership, Organisation, User
from profiles import normalise, own_domains
from profiles.identity import own_addresses
from profiles.models import Identifier, IdentifierBlock, Profile
from tests.profiles.sample import deliver, ticket


@pytest.fixture
def at_theatre(in_aurora: Organisation) -> Organisation:
    for email in ("solveig@theatre.no", "solveig.at.home@gmail.com", "per@live.dk"):
        user = User.objects.create(email=email, name=email)
        Membership.objects.create(user=user, organisation=in_aurora, role="marketer")
    return in_aurora


def test_a_members_own_domain_is_the_houses_and_a_public_providers_is_not(at_theatre: Organisation) -> None:
    assert "theatre.no" in own_domains.domains()
    assert not {"gmail.com", "live.dk"} & own_domains.domains()


def test_what_the_box_office_types_for_itself_joins_nobody(at_theatre: Organisation) -> None:
    deliver(
        [ticket(1, email="post@theatre.no", name="Kari Li"), ticket(2, email="post@theatre.no", name="K Li")]
    )
    assert Identifier.objects.get(value="post@theatre.no").state == "blocked"
    assert Profile.objects.filter(state="active", email="").count() == 2


def test_another_houses_members_say_nothing_about_this_one(
    in_aurora: Organisation, borealis: Organisation
) -> None:
    user = User.objects.create(email="olav@borealis.no", name="Olav")
    Membership.objects.create(user=user, organisation=borealis, role="marketer")
    deliver([ticket(1, email="post@borealis.no")])
    assert Identifier.objects.get(value="post@borealis.no").state == "normal"


def test_addresses_that_came_in_before_come_apart(in_aurora: Organisation) -> None:
    deliver([ticket(1, email="post@theatre.no"), ticket(2, email="post@theatre.no", external_id="7")])
    assert Profile.objects.filter(state="active").count() == 1
    user = User.objects.create(email="solveig@theatre.no", name="Solveig")
    Membership.objects.create(user=user, organisation=in_aurora, role="marketer")
    assert own_addresses.adopt() == 2
    assert Profile.objects.filter(state="active").count() == 2
    assert own_addresses.adopt() == 0


def test_one_that_was_switched_off_stays_off(at_theatre: Organisation) -> None:
    assert "theatre.no" in own_domains.note()
    IdentifierBlock.objects.filter(pattern__contains="theatre").update(active=False)
    assert (own_domains.note(), own_addresses.adopt()) == ([], 0)
    deliver([ticket(1, email="post@theatre.no"), ticket(2, email="post@theatre.no", external_id="7")])
    assert Profile.objects.filter(state="active").count() == 1


def test_a_date_that_a_system_writes_for_no_date_is_nobodys_birth() -> None:
    assert normalise.birth_date(date(1900, 1, 1)) is None
    assert normalise.birth_date(date(1970, 1, 1)) == date(1970, 1, 1)


def test_a_placeholder_birth_date_keeps_nobody_apart(in_aurora: Organisation) -> None:
    deliver(
        [
            ticket(1, email="kari@example.no", birth_date=date(1980, 2, 3)),
            ticket(2, email="kari@example.no", birth_date=date(1900, 1, 1), external_id="7"),
        ]
    )
    person = Profile.objects.get(state="active")
    assert (person.birth_date, person.birth_year) == (date(1980, 2, 3), 1980)
