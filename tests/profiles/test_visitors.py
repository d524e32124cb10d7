"""Visitors without a name: who they are, what they are not, and how they become the customer they are."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from organisations.models import Organisation, User
from profiles import listing, search
from profiles.ingest import undo_intake
from profiles.models import (
    DailyCount,
    HeldRow,
    Identifier,
    IdentifierKind,
    Profile,
    SourceRecord,
)
from profiles.person_page import resolved
from profiles.timeline import timeline
from tests.conftest import ClientFor
from tests.profiles.sample import START, a_source, deliver, ticket
from tests.profiles.visits import pages_of, profile_of, together, visit, website

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]

C1, C2, D1 = ("cookie", "c1"), ("cookie", "c2"), ("device", "d1")
KARI = ("login", "kari")
OLA = ("login", "ola")


def test_a_row_with_a_cookie_alone_is_a_visitor_with_events() -> None:
    deliver([visit(1, C1), visit(2, C1, day=1)], website())
    record = SourceRecord.objects.get()
    assert (record.external_id, record.is_customer) == ("cookie:c1", False)
    assert (record.profile.is_visitor, record.profile.is_customer, record.profile.name) == (True, False, "")
    assert pages_of(record.profile) == ["m1", "m2"]


def test_a_visitor_keeps_record_and_id_from_one_delivery_to_the_next() -> None:
    deliver([visit(1, C1)], website())
    before = Profile.objects.get()
    deliver([visit(2, C1, D1, day=1)], website())
    deliver([visit(3, D1, day=2)], website())
    assert together() == {frozenset({"cookie:c1", "device:d1"})}
    assert profile_of("cookie:c1") == before
    assert pages_of(before) == ["m1", "m2", "m3"]


def test_a_kind_of_the_organisations_own_names_a_visitor_too() -> None:
    IdentifierKind.objects.create(key="ad-id", label="Advertising id", role="anonymous", priority=95)
    deliver([visit(1, ("ad-id", "38400000-8cf0"))], website())
    assert SourceRecord.objects.get().external_id == "ad-id:38400000-8cf0"
    assert Profile.objects.get().is_visitor


def test_a_placeholder_cookie_names_nobody() -> None:
    deliver([visit(1, ("cookie", "null"))], website())
    assert not SourceRecord.objects.exists()
    assert [reason["code"] for reason in HeldRow.objects.get().reasons] == ["no_identity"]


def test_a_placeholder_address_makes_no_customer_of_a_visitor() -> None:
    deliver([visit(1, C1, email="test@test.no")], website())
    assert Profile.objects.get().is_visitor


def test_a_name_typed_on_a_shared_device_is_a_person_of_its_own() -> None:
    deliver([visit(1, C1, full_name="Kari Li"), visit(2, C1, full_name="Ola Li"), visit(3, C1)], website())
    assert together() == {
        frozenset({"cookie:c1|kari li"}), frozenset({"cookie:c1|ola li"}), frozenset({"cookie:c1"}),
    }  # fmt: skip


def test_whoever_logs_in_is_known_without_address_or_name() -> None:
    deliver([visit(1, KARI)], website())
    record = SourceRecord.objects.get()
    assert (record.external_id, record.profile.is_visitor, record.is_customer) == ("login:kari", False, True)


# --- becoming known -----------------------------------------------------------

BROWSED, BROWSED_MORE = visit(1, C1), visit(2, C1, day=1)
LOGGED_IN = visit(3, C1, KARI, day=2)
BOUGHT = ticket(4, email="kari@example.no", identifiers=(KARI,))
BOUGHT = dataclasses.replace(BOUGHT, key="bought")
STORY = (BROWSED, BROWSED_MORE, LOGGED_IN, BOUGHT)


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=lambda order: "".join(map(str, order)))
def test_whoever_logs_in_becomes_known_with_the_history_in_whatever_order_it_is_delivered(
    order: tuple[int, ...],
) -> None:
    for n in order:
        deliver([STORY[n]], website())
    assert together() == {frozenset({"cookie:c1", "login:kari", "email:kari@example.no|kari nordmann"})}
    person = Profile.objects.get(state="active")
    assert (person.name, person.is_visitor, person.is_customer) == ("Kari Nordmann", False, True)
    assert pages_of(person) == ["m1", "m2", "m3"]
    told = [moment.title for _day, day in timeline(person).days for moment in day]
    assert [str(title) for title in told] == ["Purchase", "Page view", "Page view", "Page view"]


@pytest.mark.parametrize(
    "known",
    [{"external_id": "77"}, {"email": "kari@example.no"}, {"phone": "90000001"}],
    ids=["customer number", "e-mail", "phone"],
)
def test_a_customer_number_or_an_address_beside_the_cookie_is_as_good_as_a_log_in(
    known: dict[str, Any],
) -> None:
    deliver([visit(1, C1), visit(2, C1, day=1, **known)], website())
    assert len(together()) == 1
    assert pages_of(Profile.objects.get(state="active")) == ["m1", "m2"]


def test_two_known_people_on_one_device_stay_two_and_the_visitor_is_neither() -> None:
    deliver([visit(1, C1), visit(2, C1, KARI, day=1), visit(3, C1, OLA, day=2)], website())
    assert together() == {frozenset({"cookie:c1"}), frozenset({"login:kari"}), frozenset({"login:ola"})}
    assert profile_of("cookie:c1").is_visitor


def test_a_second_person_on_the_device_gives_the_visitor_its_own_id_back() -> None:
    deliver([visit(9, KARI)], website())
    known = Profile.objects.get()
    deliver([visit(1, C1)], website())
    visitor = profile_of("cookie:c1")
    deliver([visit(2, C1, KARI, day=1)], website())
    visitor.refresh_from_db()
    assert (visitor.state, visitor.merged_into, visitor.is_visitor) == ("merged", known, False)
    deliver([visit(3, C1, OLA, day=2)], website())
    visitor.refresh_from_db()
    assert (visitor.state, visitor.merged_into, visitor.is_visitor) == ("active", None, True)
    assert pages_of(visitor) == ["m1"]
    assert pages_of(known) == ["m9", "m2"]


def test_a_customer_outlives_a_visitor_with_more_devices() -> None:
    deliver([visit(1, C1), visit(2, C1, D1, day=1), visit(3, D1, C2, day=1), visit(4, D1, day=1)], website())
    deliver([ticket(5, email="kari@example.no", identifiers=(KARI,))])
    known = Profile.objects.get(email="kari@example.no")
    assert Profile.objects.count() == 2
    deliver([visit(6, C1, day=2, email="kari@example.no", full_name="Kari Nordmann")], website())
    assert Profile.objects.get(state="active") == known


def test_an_undone_log_in_makes_a_visitor_of_them_again() -> None:
    deliver([visit(1, C1)], website())
    visitor = Profile.objects.get()
    intake, _result = deliver([visit(2, C1, KARI, day=1)], website())
    assert not Profile.objects.get(state="active").is_visitor
    undo_intake(intake=intake, revoke=lambda _pk: 0, actor="alice@example.org")
    assert together() == {frozenset({"cookie:c1"})}
    again = resolved(visitor.public_id)
    assert again == profile_of("cookie:c1")
    assert again.is_visitor


# --- five a week, sliding -----------------------------------------------------


def cookies(days: list[float]) -> None:
    """Kari logs in with another cookie each time, on these days; each had visited before."""
    for n, day in enumerate(days):
        shown = ("cookie", f"k{n}")
        deliver([visit(n, shown, day=day), visit(100 + n, shown, KARI, day=day)], website())


def test_the_sixth_device_within_a_week_is_left_alone() -> None:
    cookies([0, 1, 2, 3, 4, 5])
    sizes = sorted(len(group) for group in together())
    assert sizes[0] == 1, "more than five devices a week are a counter or a library"


def test_any_number_of_devices_over_many_weeks_are_one_persons() -> None:
    cookies([0, 2, 4, 6, 8, 10, 12, 14])
    assert len(together()) == 1


# --- what they are not --------------------------------------------------------


@pytest.fixture
def browser(alice: User, aurora: Organisation, client_for: ClientFor) -> Client:
    return client_for(alice, aurora)


def test_visitors_are_no_people_in_list_search_and_numbers(browser: Client) -> None:
    deliver([visit(1, ("cookie", "kari-77")), ticket(2, email="kari@example.no")], website())
    assert listing.everybody() == 1
    people = browser.get(reverse("profiles:people")).context["listing"]
    assert [person.email for person in people.people] == ["kari@example.no"]
    assert people.total == 1
    assert sum(DailyCount.objects.filter(measure="new_people").values_list("value", flat=True)) == 1
    found = browser.get(reverse("profiles:people"), {"q": "kari"}).context["listing"]
    assert [person.email for person in found.people] == ["kari@example.no"]


def test_a_filter_shows_the_visitors_alone(browser: Client) -> None:
    deliver([visit(1, C1), visit(2, C2), ticket(3, email="kari@example.no")], website())
    answer = browser.get(reverse("profiles:people"), {"visitors": "yes"})
    shown = answer.context["listing"]
    assert {person.is_visitor for person in shown.people} == {True}
    assert (shown.total, shown.visitors) == (2, True)
    assert "2 visitors without a name" in answer.content.decode()
    narrowed = browser.get(reverse("profiles:people"), {"visitors": "yes", "q": "c2"}).context["listing"]
    assert narrowed.people == []
    deliver([visit(4, ("cookie", "ga1-4711"))], website())
    narrowed = browser.get(reverse("profiles:people"), {"visitors": "yes", "q": "ga1-4711"}).context[
        "listing"
    ]
    assert narrowed.people == [profile_of("cookie:ga1-4711")]


def test_the_beginning_of_a_cookie_finds_nobody_and_hides_nobody() -> None:
    rows = [visit(n, ("cookie", f"4711{n:04}")) for n in range(search.MOST + 5)]
    deliver([*rows, ticket(999, external_id="47110", email="kari@example.no")], website())
    found = search.find("4711", country="NO")
    assert found.ids == {Profile.objects.get(email="kari@example.no").pk}
    assert not found.more


def test_a_visitors_page_says_what_it_is(browser: Client) -> None:
    deliver([visit(1, C1)], website())
    text = browser.get(reverse("profiles:person", args=[Profile.objects.get().public_id])).content.decode()
    assert "Whoever it is has not logged in yet." in text
    assert "cookie:c1" not in text, "a derived id is no customer number"


def test_a_visitor_who_becomes_known_is_a_new_person_on_the_day_of_the_first_visit() -> None:
    deliver([visit(1, C1)], website())
    assert not DailyCount.objects.filter(measure="new_people").exists()
    deliver([visit(2, C1, KARI, day=1)], website())
    assert DailyCount.objects.get(measure="new_people").day == (START - timedelta(days=20)).date()


def test_what_a_visitor_shows_is_seen_when_it_happened_not_when_it_arrived() -> None:
    deliver([visit(1, C1), visit(2, C1, day=3)], website())
    shown = Identifier.objects.get(value="c1").recordidentifier_set.get()
    first = START - timedelta(days=20)
    assert (shown.first_seen, shown.last_seen) == (first, first + timedelta(days=3))


def test_the_same_visits_again_change_nothing() -> None:
    rows = [visit(1, C1), visit(2, C1, KARI, day=1)]
    deliver(rows, website())
    before = Profile.objects.get(state="active").updated_at
    intake, _result = deliver(rows, website())
    assert intake.equation()["unchanged"] == 2
    assert Profile.objects.get(state="active").updated_at == before


def test_sources_do_not_share_cookies() -> None:
    deliver([visit(1, C1)], website())
    deliver([visit(1, C1, KARI)], a_source("shop"))
    assert together() == {frozenset({"cookie:c1"}), frozenset({"login:kari"})}
