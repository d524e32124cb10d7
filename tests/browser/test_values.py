"""Which value counts: chosen on the person page and ruled in the settings, without a mouse or script."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django_tenants.utils import tenant_context

from organisations.models import Organisation, User
from profiles.models import Profile, RuleTrial
from tests.browser.conftest import Open
from tests.browser.test_screens import faults_of
from tests.profiles.sample import a_source, deliver, ticket
from tests.profiles.test_survivorship_trial import people


@pytest.fixture
def kari(aurora: Organisation, transactional_db: None) -> Profile:
    with tenant_context(aurora):
        deliver([ticket(1, email="kari@example.no", city="Oslo")], a_source("box", trust=50))
        deliver([ticket(1, email="kari@example.no", city="Bergen", external_id="7")], a_source("shop"))
        return Profile.objects.get(state="active")


def city(aurora: Organisation, person: Profile) -> str:
    with tenant_context(aurora):
        person.refresh_from_db()
        return person.city


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["script", "no script"])
def test_a_value_is_chosen_and_undone_by_keyboard(
    open_window: Open, alice: User, aurora: Organisation, kari: Profile, options: dict[str, Any]
) -> None:
    window = open_window(alice, aurora, **options)
    window.open(reverse("profiles:person", args=[kari.public_id]))
    page = window.page
    page.locator("#value-address > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#value-address").get_by_text("Box is trusted more than Shop.").is_visible()
    if not options:
        assert faults_of(page, with_axe=True) == []
    page.locator("#value-address > summary").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Use this: Bergen"
    page.keyboard.press("Enter")
    page.wait_for_url("**#value-address")
    assert city(aurora, kari) == "Bergen"
    page.locator("#value-address > summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Let the rules decide").focus()
    page.keyboard.press("Enter")
    page.get_by_text("The rules decide again.").wait_for()
    assert city(aurora, kari) == "Oslo"


def test_a_rule_is_tried_and_applied(
    open_window: Open, alice: User, aurora: Organisation, transactional_db: None
) -> None:
    with tenant_context(aurora):
        people(6)
    window = open_window(alice, aurora)
    window.open(reverse("identity:survivorship"))
    page = window.page
    page.locator("summary", has_text="Address").click()
    page.locator("select[name=address-strategy-1]").select_option("recent")
    page.locator("select[name=address-strategy-2]").select_option("source")
    page.get_by_role("button", name="Try the change").click()
    page.get_by_text("people would get another value.").wait_for()
    assert page.locator("table").last.locator("tbody tr").count() == 3
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert faults_of(page, with_axe=True) == []
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("button", name="Bring the former rules back").wait_for()
    with tenant_context(aurora):
        assert Profile.objects.filter(city="Bergen").count() == 3
        assert RuleTrial.objects.get().state == "applied"
    assert window.complaints == []
