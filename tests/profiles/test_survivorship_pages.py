"""Settings: which value counts."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from organisations.audit.models import AccessEntry
from organisations.models import Organisation, User
from profiles.identity import units
from profiles.identity.units import Rule
from profiles.models import Profile, RuleTrial, Source
from tests.conftest import ClientFor
from tests.profiles.test_survivorship_trial import people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


@pytest.fixture
def browser(client_for: ClientFor, alice: User, aurora: Organisation) -> Client:
    return client_for(alice, aurora)


def form(**changed: str) -> dict[str, str]:
    """What the page would post with the default rules, and what was changed on it."""
    given = {f"{key}-strategy-{n}": s for key in units.UNITS for n, s in enumerate(units.DEFAULT, 1)}
    return given | {name.replace("__", "-"): value for name, value in changed.items()}


def test_a_change_is_tried_applied_and_taken_back(browser: Client) -> None:
    people()
    shop = Source.objects.get(slug="shop")
    answer = browser.post(reverse("identity:survivorship_try"), form(address__source__1=str(shop.pk)))
    trial = RuleTrial.objects.get()
    assert answer["Location"] == reverse("identity:survivorship_trial", args=[trial.pk])
    shown = browser.get(answer["Location"]).content.decode()
    assert "<strong>2</strong> people would get another value." in shown
    assert "Shop is trusted more than Box." in shown
    browser.post(reverse("identity:survivorship_apply", args=[trial.pk]))
    assert Profile.objects.filter(city="Bergen").count() == 2
    assert "Bring the former rules back" in browser.get(answer["Location"]).content.decode()
    browser.post(reverse("identity:survivorship_undo", args=[trial.pk]))
    assert not Profile.objects.filter(city="Bergen").exists()
    assert units.rules()["address"] == Rule("address")


def test_whoever_sees_examples_is_in_the_access_log(browser: Client) -> None:
    people()
    shop = Source.objects.get(slug="shop")
    answer = browser.post(reverse("identity:survivorship_try"), form(address__source__1=str(shop.pk)))
    browser.get(answer["Location"])
    moved = Profile.objects.filter(email__in=["p1@example.no", "p3@example.no"])
    entry = AccessEntry.objects.get(screen="survivorship trial")
    assert set(entry.profile_ids) == {p.pk for p in moved}


def test_what_is_chosen_twice_counts_where_it_stands_first(browser: Client) -> None:
    people()
    browser.post(
        reverse("identity:survivorship_try"),
        form(name__strategy__1="recent", name__strategy__3="nonsense", email__source__1="99999"),
    )
    wanted = units.of_json(RuleTrial.objects.get().wanted)
    assert wanted["name"].strategies == ("recent", "complete")
    assert wanted["email"] == Rule("email")


def test_rules_that_count_already_are_not_tried(browser: Client) -> None:
    people()
    answer = browser.post(reverse("identity:survivorship_try"), form(), follow=True)
    assert "These are the rules that count already." in answer.content.decode()
    assert not RuleTrial.objects.exists()


def test_the_form_is_filled_with_what_was_tried(browser: Client) -> None:
    people()
    browser.post(reverse("identity:survivorship_try"), form(name__strategy__1="complete"))
    trial = RuleTrial.objects.get()
    page = browser.get(reverse("identity:survivorship"), {"trial": trial.pk})
    name = page.context["units"][0]
    assert next(str(word) for word in name.words) == "Most complete"
    assert browser.get(reverse("identity:survivorship"), {"trial": "x"}).status_code == 200


def test_a_trial_that_goes_on_is_asked_again(browser: Client) -> None:
    trial = RuleTrial.objects.create(rules="survivorship", before=[], wanted=[], total=9000, done=3000)
    page = browser.get(
        reverse("identity:survivorship_trial", args=[trial.pk]),
        headers={"HX-Request": "true", "HX-Target": "trial"},
    ).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "<html" not in page
