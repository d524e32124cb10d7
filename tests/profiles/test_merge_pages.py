"""Merging, taking apart and taking back from the person page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from organisations.audit.models import AccessEntry
from organisations.models import Organisation, User
from profiles.identity import thresholds, verbs
from profiles.models import IdentityAct, SourceRecord
from tests.conftest import ClientFor
from tests.profiles.acts import WHO, a_record, groups, ids, people, person_of, the_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


@pytest.fixture
def browser(bob: User, aurora: Organisation, client_for: ClientFor) -> Client:
    return client_for(bob, aurora)


@pytest.fixture(autouse=True)
def two(in_aurora: Organisation) -> None:
    a_record("a", email="a@example.no", name="Kari Li")
    a_record("b", email="b@example.no", name="Kari Lie")


def merge_url(key: str) -> str:
    return reverse("identity:merge", args=[person_of(key).public_id])


def apart_url(key: str) -> str:
    return reverse("identity:apart", args=[person_of(key).public_id])


def test_somebody_is_looked_up_compared_merged_and_taken_back(browser: Client) -> None:
    found = browser.post(merge_url("a"), {"q": "kari lie"})
    assert [each.pk for each in found.context["candidates"]] == [person_of("b").pk]
    other = str(person_of("b").public_id)
    page = browser.get(merge_url("a"), {"with": other})
    assert {record.id for record in page.context["preview"].after[0].records} == set(ids("ab"))
    assert people() == groups("a", "b")
    done = browser.post(merge_url("a"), {"with": other, "reason": "same telephone voice"}, follow=True)
    assert people() == groups("ab")
    assert "are one person now" in done.content.decode()
    act = IdentityAct.objects.get()
    assert (act.actor, act.reason) == ("bob@example.org", "same telephone voice")
    assert reverse("identity:undo", args=[act.pk]) in done.content.decode()
    browser.post(reverse("identity:undo", args=[act.pk]))
    assert people() == groups("a", "b")


def test_what_somebody_types_to_find_a_person_never_stands_in_an_address(browser: Client) -> None:
    page = browser.post(merge_url("a"), {"q": "b@example.no"})
    assert b'method="post"' in page.content
    assert "b@example.no" not in page.request["QUERY_STRING"]


def test_merging_says_which_former_word_it_lifts(browser: Client) -> None:
    verbs.apart(profiles=[person_of("a"), person_of("b")], actor=WHO, reason="mother and daughter")
    page = browser.get(merge_url("a"), {"with": str(person_of("b").public_id)}).content.decode()
    assert "mother and daughter" in page
    assert "The latest word counts" in page


def test_records_are_chosen_looked_at_and_taken_apart_with_a_reason(browser: Client) -> None:
    verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    go = {"go": the_record("b").pk}
    page = browser.get(apart_url("a"), go)
    assert [len(each.records) for each in page.context["preview"].after] == [1, 1]
    browser.post(apart_url("a"), go)
    assert people() == groups("ab")  # nobody said why
    browser.post(apart_url("a"), go | {"reason": "two people"})
    assert people() == groups("a", "b")


def test_what_fits_both_is_asked_about_before_it_is_done(browser: Client) -> None:
    verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    a_record("both", email="a@example.no", name="Kari Li", phone="41229017")
    a_record("b", email="b@example.no", name="Kari Li", phone="41229017")
    go = {"go": the_record("b").pk}
    page = browser.get(apart_url("a"), go)
    both = the_record("both").pk
    assert [record.id for record in page.context["preview"].ambiguous] == [both]
    assert f"answer-{both}" in page.content.decode()
    answer = browser.post(apart_url("a"), go | {"reason": "two people"})
    assert answer.status_code == 200
    browser.post(apart_url("a"), go | {"reason": "two people", f"answer-{both}": "go"})
    assert people() == {frozenset("a"), frozenset(["b", "both"])}


def test_a_former_merge_chooses_what_it_had_brought(browser: Client) -> None:
    act = verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    page = browser.get(apart_url("a"), {"act": act.pk})
    assert page.context["go"] == sorted(verbs.records_of_act(act))
    assert page.context["preview"]


def test_every_look_is_logged(browser: Client) -> None:
    browser.get(merge_url("a"), {"with": str(person_of("b").public_id)})
    browser.get(apart_url("a"))
    looks = dict(AccessEntry.objects.values_list("screen", "profile_ids"))
    assert set(looks["merge preview"]) == {person_of("a").pk, person_of("b").pk}
    assert looks["take apart"] == [person_of("a").pk]


def test_whoever_only_merges_people_does_not_take_rules_back(browser: Client, alice: User) -> None:
    act = thresholds.change(thresholds.Thresholds(0.99, 0.6), actor=alice)
    assert browser.post(reverse("identity:undo", args=[act.pk])).status_code == 403


@pytest.mark.parametrize("junk", [{"with": "x"}, {"with": "00000000-0000-0000-0000-000000000000"}])
def test_nobody_is_404(browser: Client, junk: dict[str, str]) -> None:
    assert browser.get(merge_url("a"), junk).status_code == 404


@pytest.mark.parametrize(
    "junk", [{"go": "x"}, {"go": "999999999"}, {"go": "0", "answer-1": "go"}, {"act": "x"}]
)
def test_records_that_are_not_the_persons_are_refused_in_words(browser: Client, junk: dict[str, str]) -> None:
    page = browser.get(apart_url("a"), junk)
    assert page.status_code == 200
    assert "preview" not in page.context
    assert SourceRecord.objects.count() == 2
