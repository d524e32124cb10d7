"""Who else a person may be, on the person page: questions of the merge queue, and weak evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organisations.audit.models import AccessEntry
from organisations.models import Organisation, User
from profiles.models import Household, HouseholdMember, MatchPair, Profile, SourceRecord
from tests.conftest import ClientFor
from tests.profiles.sample import a_source, deliver, ticket
from tests.profiles.visits import profile_of, visit, website

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]

HOME = "203.0.113.9"


@pytest.fixture
def browser(alice: User, aurora: Organisation, client_for: ClientFor) -> Client:
    return client_for(alice, aurora)


def page(browser: Client, person: Profile) -> str:
    return browser.get(reverse("profiles:person", args=[person.public_id])).content.decode()


def a_pair(state: str = "open") -> tuple[Profile, Profile]:
    deliver([ticket(1, email="solveig@example.no", name="Solveig Ødegård")], a_source("one"))
    deliver([ticket(2, email="s.odegaard@example.com", name="Solveig Odegaard")], a_source("two"))
    one, two = Profile.objects.order_by("pk")
    evidence = [
        {
            "comparison": "name",
            "level": "family name nearly the same",
            "weight": 6.1,
            "left": "a",
            "right": "b",
        },
        {"comparison": "prior", "level": "", "weight": -9.0},
    ]
    records = [SourceRecord.objects.get(profile=each) for each in (one, two)]
    MatchPair.objects.create(
        profile_a=one, profile_b=two, record_a=records[0], record_b=records[1], weight=4.0, probability=0.942,
        evidence=evidence, state=state,
    )  # fmt: skip
    return one, two


def test_an_open_question_is_shown_on_both_pages_with_its_certainty(browser: Client) -> None:
    one, two = a_pair()
    for person, other in ((one, two), (two, one)):
        text = page(browser, person)
        assert "Possibly the same person" in text
        assert "94 %" in text
        assert reverse("profiles:person", args=[other.public_id]) in text
        assert set(AccessEntry.objects.latest("pk").profile_ids) == {one.pk, two.pk}, "who saw whom"


@pytest.mark.parametrize("state", ["apart", "merged", "gone"])
def test_an_answered_question_is_no_question_any_more(browser: Client, state: str) -> None:
    one, _two = a_pair(state)
    assert "Possibly the same person" not in page(browser, one)
    assert AccessEntry.objects.latest("pk").profile_ids == [one.pk]


def test_weak_evidence_is_called_weak_and_a_log_in_ends_it(browser: Client) -> None:
    early, late = (timezone.now() - timedelta(days=days) for days in (5, 3))
    deliver([visit(1, ("login", "kari"), at=early, network=HOME, full_name="Kari Li")], website())
    deliver([visit(2, ("cookie", "c1"), at=late, network=HOME)], website())
    known, visitor = profile_of("login:kari"), profile_of("cookie:c1")
    text = page(browser, visitor)
    assert "Possibly the same visitor as" in text
    assert "Kari Li" in text
    assert "only a log-in settles it" in text
    assert set(AccessEntry.objects.latest("pk").profile_ids) == {known.pk, visitor.pk}
    assert "A visitor without a name" in page(browser, known)
    assert HOME not in text
    deliver(
        [visit(3, ("cookie", "c1"), ("login", "kari"), at=timezone.now(), full_name="Kari Li")], website()
    )
    assert "Possibly the same" not in page(browser, known)


def test_a_household_is_shown_with_what_it_shares_and_nobody_is_merged(browser: Client) -> None:
    rows = [
        ticket(n, email=f"{name}@example.no", name=f"{name} Li") for n, name in enumerate(("kari", "ola"))
    ]
    deliver(rows)
    kari, ola = (Profile.objects.get(email=f"{name}@example.no") for name in ("kari", "ola"))
    assert "Household" not in page(browser, kari)
    home = Household.objects.create()
    for person in (kari, ola):
        HouseholdMember.objects.create(profile=person, household=home, basis=["address", "phone"])
    text = page(browser, kari)
    assert "Household" in text
    assert "ola Li" in text
    assert "same address, shared telephone" in text
    assert set(AccessEntry.objects.latest("pk").profile_ids) == {kari.pk, ola.pk}
