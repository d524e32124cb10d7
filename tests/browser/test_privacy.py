"""Permissions of a person in a browser: asked in place, noted and undone, and by keys alone."""

from __future__ import annotations

import pytest
from django.db import connection
from django_tenants.utils import tenant_context
from playwright.sync_api import expect

from organisations.models import Organisation, User
from tests.browser.conftest import Open, Window
from tests.browser.test_screens import faults_of
from tests.consent import world


@pytest.fixture
def window(open_window: Open, alice: User, aurora: Organisation, transactional_db: None) -> Window:
    with tenant_context(aurora):
        anna = world.person("anna@example.no", "+4741229017", name="Anna Berg", street="Storgata 1")
        world.said(anna)
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    found = open_window(alice, aurora)
    found.page.emulate_media(reduced_motion="reduce")
    found.open(f"/people/{anna.profile.public_id}/?tab=permissions")
    return found


def test_why_not_is_asked_in_place_and_a_no_is_noted_and_undone(window: Window) -> None:
    page = window.page
    page.get_by_label("May we use this address for").select_option("survey")
    expect(page.locator(".why-answer")).to_contain_text("A survey counts as marketing")
    assert faults_of(page, with_axe=True) == []

    page.get_by_role("button", name="Note a no").click()
    page.get_by_label("All marketing, everywhere, for good").check()
    expect(page.locator("#take-back-purpose")).to_be_hidden()
    page.get_by_role("button", name="They said no").click()
    expect(page.locator(".permissions > .alert.bad")).to_contain_text("all marketing, everywhere")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".permissions > .alert.bad")).to_have_count(0)


def test_one_key_says_what_for_unless_shortcuts_are_off(window: Window) -> None:
    page = window.page
    page.keyboard.press("p")
    page.keyboard.press("1")
    expect(page.locator(".purpose-name")).to_have_text("Customer service")

    page.keyboard.press("?")
    page.get_by_label("Use single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.locator("details[data-purpose]")).not_to_have_attribute("open", "")
