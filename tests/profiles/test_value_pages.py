"""The person page says where every value comes from, and lets a person choose another."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from organisations.models import Organisation, User
from profiles.models import Pin, Profile, SourceRecord
from tests.conftest import ClientFor
from tests.profiles.sample import a_source, deliver, ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_for: ClientFor, bob: User, in_aurora: Organisation) -> Client:
    """Bob, a marketer: whoever may correct people may choose."""
    return client_for(bob, in_aurora)


@pytest.fixture
def kari(in_aurora: Organisation) -> Profile:
    deliver([ticket(1, email="kari@example.no", city="Oslo")], a_source("box", trust=50))
    deliver([ticket(1, email="kari@example.no", city="Bergen", external_id="7")], a_source("shop"))
    return Profile.objects.get(state="active")


def page(browser: Client, person: Profile) -> str:
    return browser.get(reverse("profiles:person", args=[person.public_id])).content.decode()


def post(browser: Client, name: str, person: Profile, **data: object) -> str:
    answer = browser.post(reverse(f"identity:{name}", args=[person.public_id]), data)
    assert answer.status_code == 302
    return str(answer["Location"])


def test_another_value_is_chosen_and_left_to_the_rules_again(browser: Client, kari: Profile) -> None:
    shown = page(browser, kari)
    assert "1 other value" in shown
    assert "Box is trusted more than Shop." in shown
    shop = SourceRecord.objects.get(source__slug="shop")
    where = post(browser, "use_value", kari, unit="address", record=shop.pk)
    assert where == reverse("profiles:person", args=[kari.public_id]) + "#value-address"
    kari.refresh_from_db()
    assert kari.city == "Bergen"
    shown = page(browser, kari)
    assert "Chosen by bob@example.org" in shown
    assert "Let the rules decide" in shown
    post(browser, "use_rules", kari, unit="address")
    kari.refresh_from_db()
    assert kari.city == "Oslo"


@pytest.mark.parametrize(
    "data", [{"unit": "address", "record": "1; drop"}, {"unit": "address"}, {"record": ""}]
)
def test_nonsense_chooses_nothing(browser: Client, kari: Profile, data: dict[str, str]) -> None:
    answer = browser.post(reverse("identity:use_value", args=[kari.public_id]), data)
    assert answer.status_code == 404
    assert not Pin.objects.exists()


def test_a_choice_that_cannot_be_made_is_told(browser: Client, kari: Profile) -> None:
    shop = SourceRecord.objects.get(source__slug="shop")
    post(browser, "use_value", kari, unit="company", record=shop.pk)
    assert "That record says nothing of this." in page(browser, kari)


def test_values_are_text_and_never_markup(browser: Client, in_aurora: Organisation) -> None:
    deliver([ticket(1, email="kari@example.no", city="<b>Oslo")], a_source("box", trust=50))
    deliver([ticket(1, email="kari@example.no", city="<i>Bergen", external_id="7")], a_source("shop"))
    shown = page(browser, Profile.objects.get(state="active"))
    assert "&lt;b&gt;Oslo" in shown
    assert "&lt;i&gt;Bergen" in shown
    assert "<b>Oslo" not in shown
    assert "<i>Bergen" not in shown


def test_a_country_that_nobody_disputes_stands_in_the_address(
    browser: Client, in_aurora: Organisation
) -> None:
    deliver([ticket(1, email="kari@example.no", city="Oslo", country="NO")])
    person = Profile.objects.get(state="active")
    answer = browser.get(reverse("profiles:person", args=[person.public_id]))
    assert [each.unit for each in answer.context["values"]] == ["name", "email", "address"]
    assert "Oslo, NO" in " ".join(answer.content.decode().split())
