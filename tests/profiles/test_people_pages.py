"""Looking for people, the list of them, and one person's page."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organisations.audit.models import AccessEntry
from organisations.models import Organisation, User
from profiles import listing, panels, search
from profiles.ingest import undo_intake
from profiles.models import Profile, SourceRecord, Tag
from profiles.panels import Panel, Stream
from profiles.rows import CanonicalRow, EventRow, PersonRow
from tests.conftest import ClientFor
from tests.profiles.sample import START, a_source, deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


@pytest.fixture
def browser(alice: User, aurora: Organisation, client_for: ClientFor) -> Client:
    return client_for(alice, aurora)


def found(text: str) -> set[str]:
    ids = search.find(text, country="NO").ids
    return set(Profile.objects.filter(pk__in=ids).values_list("name", flat=True))


def a_crowd() -> None:
    rows = [
        ticket(1, order="A-4711", email="solveig@example.no", name="Solveig Ødegård", phone="41 22 90 17"),
        ticket(2, email="solbakken@example.no", name="Per Hansen", external_id="C-900123"),
        ticket(3, email="anne@example.no", name="Anne Marie van der Berg"),
    ]
    deliver(rows)


@pytest.mark.parametrize(
    "text",
    ["solveig", "SOLV", "Ødegård", "odegaard", "ødeg solv", "Solveig Ødegård", "solveig@example.no",
     "solveig@", "41229017", "412 29 0", "+47 41 22 90 17", "004741229017", "A-4711", "a-4711", "#A-4711"],
)  # fmt: skip
def test_any_scrap_finds_the_person(text: str) -> None:
    a_crowd()
    assert found(text) == {"Solveig Ødegård"}


def test_a_customer_number_finds_its_person_from_its_beginning() -> None:
    a_crowd()
    assert found("C-9001") == {"Per Hansen"}
    assert found("c-900123") == {"Per Hansen"}


@pytest.mark.parametrize("text", ["31234567", "31 23 45 67", "+45 31234567"])
def test_a_guest_from_next_door_says_the_number_without_its_country(text: str) -> None:
    deliver([ticket(1, email="per@example.dk", name="Per Sørensen", phone="+45 31 23 45 67")])
    assert found(text) == {"Per Sørensen"}


def test_every_word_must_match_and_their_order_does_not_matter() -> None:
    a_crowd()
    assert found("berg anne") == {"Anne Marie van der Berg"}
    assert found("berg per") == set()


@pytest.mark.parametrize("text", ["", " ", "%", "_", "a", "'; drop table x; --", "\x00", "@", "+", "0"])
def test_what_means_nothing_finds_nobody(text: str) -> None:
    a_crowd()
    assert found(text.replace("\x00", "")) == set()


def test_a_wildcard_is_an_ordinary_letter() -> None:
    a_crowd()
    assert found("sol%@example") == set()
    assert found("s_lveig@example.no") == set()


def test_a_name_typed_in_full_comes_before_those_it_begins() -> None:
    deliver([
        ticket(1, email="pernille@example.no", name="Pernille Vik", day=5),
        ticket(2, email="per@example.no", name="Per Vik"),
    ])  # fmt: skip
    shown = listing.people(text="per", choices=[], order="", after="", country="NO").people
    assert [person.name for person in shown] == ["Per Vik", "Pernille Vik"]


def test_the_list_pages_by_key_without_losing_or_repeating_anybody(browser: Client) -> None:
    deliver([ticket(n, email=f"p{n}@example.no", name=f"Person {n:03}") for n in range(1, 121)])
    seen: list[str] = []
    after = ""
    for _page in range(3):
        shown = listing.people(text="", choices=[], order="", after=after, country="NO")
        seen += [person.email for person in shown.people]
        after = shown.after
    assert after == ""
    assert sorted(seen) == sorted(f"p{n}@example.no" for n in range(1, 121))


BEYOND = (
    "9999-12-31T23:59:59-23:59~1",
    "0001-01-01T00:00:00+23:59~1",
    "2026-01-01T00:00:00+00:00~99999999999999999999",
)
"""What no clock shows in UTC, and a number that no column holds."""


def test_a_page_key_that_somebody_changed_begins_at_the_beginning(browser: Client) -> None:
    a_crowd()
    for after in ("x", "2026-13-40~1", "2026-01-01T00:00:00~1", "~", "2026-01-01T00:00:00+00:00~x", *BEYOND):
        answer = browser.get(reverse("profiles:people"), {"after": after})
        assert answer.context["listing"].total == 3


def test_filters_narrow_the_list_and_unknown_values_do_nothing(browser: Client) -> None:
    a_crowd()
    deliver([ticket(9, email="ola@example.no", name="Ola Nordmann", status="pending")], a_source("shop"))
    tag = Tag.objects.get()

    def emails(**query: str) -> set[str]:
        answer = browser.get(reverse("profiles:people"), query)
        return {person.email for person in answer.context["listing"].people}

    assert emails(source="shop") == {"ola@example.no"}
    assert len(emails(orders="yes")) == 3
    assert len(emails(tag=tag.key)) == 3
    assert emails(tag="no such tag") == set()
    assert len(emails(source="nowhere", new="soon")) == 4


def test_htmx_gets_the_table_alone(browser: Client) -> None:
    a_crowd()
    url = reverse("profiles:people")
    part = browser.get(url, {"q": "per"}, headers={"HX-Request": "true", "HX-Target": "people"})
    assert b"Per Hansen" in part.content
    assert b"<html" not in part.content
    assert b"<html" in browser.get(url, {"q": "per"}).content


def test_nobody_found_says_what_to_try(browser: Client) -> None:
    assert b"Nobody matches" in browser.get(reverse("profiles:people"), {"q": "zzzz"}).content
    assert b"Nobody here yet" in browser.get(reverse("profiles:people")).content


def test_names_from_outside_are_never_markup(browser: Client) -> None:
    deliver([ticket(1, email="x@example.no", name="<script>alert(1)</script>", show="<b>Hamlet</b>")])
    person = Profile.objects.get()
    for url in (
        reverse("profiles:people"),
        reverse("profiles:find") + "?q=x@example",
        reverse("profiles:person", args=[person.public_id]),
        reverse("profiles:person", args=[person.public_id]) + "?tab=orders",
    ):
        body = browser.get(url).content
        assert b"<script>alert" not in body
        assert b"<b>Hamlet" not in body


def test_every_look_is_logged_with_its_purpose(browser: Client, alice: User) -> None:
    a_crowd()
    person = Profile.objects.get(name="Per Hansen")
    browser.get(reverse("profiles:people"))
    browser.get(reverse("profiles:find"), {"q": "per h"})
    browser.post(reverse("profiles:purpose"), {"purpose": "privacy", "next": "/people/"})
    browser.get(reverse("profiles:person", args=[person.public_id]))
    looks = list(AccessEntry.objects.order_by("pk").values_list("screen", "purpose", "result_size"))
    assert looks == [("people", "administration", 3), ("find", "administration", 1), ("person", "privacy", 1)]
    last = AccessEntry.objects.latest("pk")
    assert (last.user_id, last.profile_ids) == (alice.pk, [person.pk])


def test_the_way_back_from_choosing_a_purpose_stays_in_the_house(browser: Client) -> None:
    answer = browser.post(reverse("profiles:purpose"), {"purpose": "service", "next": "https://example.org/"})
    assert answer["Location"] == "/people/"


def test_the_page_shows_contact_identifiers_orders_and_what_lost(browser: Client) -> None:
    shop = a_source("shop", trust=10)
    deliver([ticket(1, order="A-1", email="kari@example.no", name="Kari Nordmann")], shop)
    late = a_source("desk", trust=200)
    deliver([ticket(2, order="B-1", email="kari@example.no", name="Kari Normann")], late)
    person = Profile.objects.get(state="active")
    url = reverse("profiles:person", args=[person.public_id])
    page = browser.get(url)
    name = next(each for each in page.context["values"] if each.unit == "name")
    assert [(lost.text, lost.source) for lost in name.losers] == [("Kari Normann", "Desk")]
    assert "Shop is trusted more than Desk." in page.content.decode()
    assert [known.value for known in page.context["known_as"]] == ["kari@example.no"]
    assert set(page.context["known_as"][0].sources) == {"Shop", "Desk"}
    orders = browser.get(url, {"tab": "orders"}).content.decode()
    assert "A-1" in orders
    assert "B-1" in orders


def test_the_timeline_merges_streams_newest_first_and_pages(browser: Client) -> None:
    events = tuple(
        EventRow(f"m{n}", "page_viewed", START + timedelta(hours=n), {"items": n}) for n in range(70)
    )
    buyer = PersonRow(email="kari@example.no", full_name="Kari Nordmann", observed_at=START)
    deliver([ticket(1, email="kari@example.no"), CanonicalRow(2, ["2"], buyer=buyer, events=events)])
    person = Profile.objects.get(state="active")
    url = reverse("profiles:person", args=[person.public_id])
    first = browser.get(url).context["tab"].data["timeline"]
    moments = [moment for _day, each in first.days for moment in each]
    assert len(moments) == 50
    assert [m.at for m in moments] == sorted((m.at for m in moments), reverse=True)
    second = browser.get(url, {"before": first.before}).context["tab"].data["timeline"]
    rest = [moment for _day, each in second.days for moment in each]
    assert len(moments) + len(rest) == 71
    assert second.before == ""
    purchases = browser.get(url, {"show": "purchases"}).context["tab"].data["timeline"]
    assert sum(len(each) for _day, each in purchases.days) == 1


def test_an_id_that_was_merged_away_leads_to_who_it_became(browser: Client) -> None:
    a_crowd()
    first, second, third = Profile.objects.order_by("pk")
    Profile.objects.filter(pk=first.pk).update(state="merged", merged_into=second)
    Profile.objects.filter(pk=second.pk).update(state="merged", merged_into=third)
    answer = browser.get(reverse("profiles:person", args=[first.public_id]))
    assert answer["Location"] == reverse("profiles:person", args=[third.public_id])


def test_an_unknown_id_is_404(browser: Client) -> None:
    assert browser.get(reverse("profiles:person", args=[uuid.uuid4()])).status_code == 404


def queries(browser: Client, url: str) -> int:
    """By day: at night looks are added up (`profiles.looks`)."""
    with (
        mock.patch("profiles.looks.is_odd", return_value=False),
        CaptureQueriesContext(connection) as captured,
    ):
        assert browser.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("tab", ["timeline", "orders"])
def test_the_page_costs_the_same_queries_for_one_order_and_for_sixty(browser: Client, tab: str) -> None:
    deliver([ticket(1, email="small@example.no", name="Small Fish")])
    many = [
        ticket(n, email="big@example.no", name=f"Big Fish{n % 3}", show=f"Show {n}", price=str(Decimal(n)))
        for n in range(100, 160)
    ]
    deliver(many)
    urls = {
        name: reverse("profiles:person", args=[Profile.objects.get(email=f"{name}@example.no").public_id])
        for name in ("small", "big")
    }
    browser.get(urls["small"])
    small = queries(browser, f"{urls['small']}?tab={tab}")
    assert queries(browser, f"{urls['big']}?tab={tab}") == small
    assert small <= 84


def test_the_list_costs_the_same_queries_for_three_and_for_fifty(browser: Client) -> None:
    a_crowd()
    url = reverse("profiles:people")
    browser.get(url)
    few = queries(browser, url)
    deliver([ticket(n, email=f"p{n}@example.no", name=f"Person {n}") for n in range(10, 80)])
    assert queries(browser, url) == few


@pytest.fixture
def registered() -> Any:
    """Puts the registry back as it was."""
    before = {name: dict(getattr(panels._registry, name)) for name in ("panels", "streams")}
    yield panels.register
    for name, parts in before.items():
        setattr(panels._registry, name, parts)


def test_other_rooms_add_cards_and_moments(browser: Client, registered: Any) -> None:
    def note(person: Profile, before: Any, limit: int) -> list[panels.Moment]:
        return [panels.Moment(START, "info", f"A note on {person.name}")]

    registered(Stream("notes", "Notes", note))
    registered(Panel("card", "An extra card", "profiles/_contact.html", lambda person: {}, "right"))
    a_crowd()
    person = Profile.objects.get(name="Per Hansen")
    body = browser.get(reverse("profiles:person", args=[person.public_id])).content.decode()
    assert "A note on Per Hansen" in body
    assert "An extra card" in body


def test_the_outsider_sees_nobody_of_aurora(
    charlie: User, borealis: Organisation, client_for: ClientFor
) -> None:
    a_crowd()
    person = Profile.objects.get(name="Per Hansen")
    outsider = client_for(charlie, borealis)
    assert outsider.get(reverse("profiles:person", args=[person.public_id])).status_code == 404
    for query in ("per", "solbakken", "C-900123", ""):
        for name in ("profiles:people", "profiles:find"):
            assert b"Per Hansen" not in outsider.get(reverse(name), {"q": query}).content
    assert SourceRecord.objects.count() == 3


@pytest.mark.parametrize("tab", ["timeline", "orders"])
def test_a_person_without_records_still_has_a_page(browser: Client, tab: str) -> None:
    """Their id may be known elsewhere; so may the id of somebody merged into them."""
    intake, _ = deliver([ticket(1, email="kari@example.no", name="Kari Li", external_id="7")])
    person = Profile.objects.get()
    gone = Profile.objects.create(state="merged", merged_into=person)
    undo_intake(intake=intake, revoke=lambda _: 0, actor="alice@example.org")
    person.refresh_from_db()
    assert person.state == "empty"
    for each in (person, gone):
        url = reverse("profiles:person", args=[each.public_id])
        page = browser.get(url, {"tab": tab}, follow=True)
        assert page.status_code == 200
        assert "No record left" in page.content.decode()
        assert "Kari" not in page.content.decode()
