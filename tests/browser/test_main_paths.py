"""What people do every day, with mouse and keyboard, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from organisations.models import Organisation, User
from tests.browser.conftest import Open
from tests.template import PASSWORD

pytestmark = pytest.mark.usefixtures("crowd")


def test_somebody_signs_in_and_is_home(open_window: Open) -> None:
    window = open_window()
    window.open("/people/")
    window.page.locator("[name=login]").fill("alice@example.org")
    window.page.locator("[name=password]").fill(PASSWORD)
    window.page.keyboard.press("Enter")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("People")
    window.page.wait_for_load_state()
    window.page.keyboard.press("g")
    window.page.keyboard.press("h")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Home")


def test_a_caller_is_found_with_the_keyboard_alone(
    open_window: Open, alice: User, aurora: Organisation
) -> None:
    window = open_window(alice, aurora)
    window.open("/")
    keyboard = window.page.keyboard
    keyboard.press("/")
    keyboard.type("41 22 90")
    expect(window.page.locator("#found a").first).to_contain_text("Solveig")
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(window.page.get_by_role("heading", level=1)).to_contain_text("Ødegård")
    window.page.get_by_role("link", name="Orders").click()
    expect(window.page.locator("#tab")).to_contain_text("A-4711")
    window.page.wait_for_url("**?tab=orders")


def test_rows_are_walked_with_j_and_k(open_window: Open, alice: User, aurora: Organisation) -> None:
    window = open_window(alice, aurora)
    window.open("/people/")
    for key in ("j", "j", "j", "k"):
        window.page.keyboard.press(key)
    rows = window.page.locator("[data-row]")
    expect(rows.nth(1)).to_have_attribute("data-current", "")
    name = rows.nth(1).locator(".row-link").inner_text()
    window.page.keyboard.press("Enter")
    expect(window.page.get_by_role("heading", level=1)).to_have_text(name)


def test_shortcuts_are_listed_and_can_be_switched_off(
    open_window: Open, alice: User, aurora: Organisation
) -> None:
    window = open_window(alice, aurora)
    window.open("/people/")
    window.page.keyboard.press("?")
    dialog = window.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    dialog.get_by_role("switch").uncheck()
    window.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    window.page.keyboard.press("/")
    expect(window.page.locator("#find")).not_to_be_focused()
    window.page.reload()
    window.page.keyboard.press("?")
    expect(dialog).to_be_hidden()


def test_typing_is_never_taken_for_a_shortcut(open_window: Open, alice: User, aurora: Organisation) -> None:
    window = open_window(alice, aurora)
    window.open("/people/")
    window.page.locator("#q").click()
    window.page.keyboard.type("g h?/jk")
    expect(window.page.locator("#q")).to_have_value("g h?/jk")
    assert window.path().startswith("/people/")


def test_search_replaces_only_the_table_and_the_address_follows(
    open_window: Open, alice: User, aurora: Organisation
) -> None:
    window = open_window(alice, aurora)
    window.open("/people/")
    window.page.locator("#q").evaluate("box => box.dataset.same = 'yes'")
    window.page.locator("#q").fill("solv")
    expect(window.page.locator("[data-row]")).to_have_count(1)
    expect(window.page.locator("#q")).to_have_attribute("data-same", "yes")
    window.page.wait_for_url("**q=solv**")
    window.page.reload()
    expect(window.page.locator("[data-row]")).to_have_count(1)


def test_a_chosen_theme_stays(open_window: Open, alice: User, aurora: Organisation) -> None:
    window = open_window(alice, aurora, color_scheme="light")
    window.open("/")
    window.page.get_by_role("button", name="Your account").click()
    window.page.get_by_role("button", name="Dark").click()
    window.page.reload()
    assert window.page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert window.page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_the_menu_opens_on_a_phone_without_any_script(
    open_window: Open, alice: User, aurora: Organisation
) -> None:
    window = open_window(alice, aurora, java_script_enabled=False, viewport={"width": 390, "height": 844})
    window.open("/")
    menu = window.page.get_by_role("navigation", name="Main menu")
    expect(menu).to_be_hidden()
    window.page.get_by_role("button", name="Open the menu").click()
    expect(menu).to_be_visible()
    menu.get_by_role("link", name="People").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("People")


def test_nothing_of_a_page_is_kept_in_the_browsers_storage(
    open_window: Open, alice: User, aurora: Organisation
) -> None:
    """Personal data must not survive signing out (htmx would keep whole pages)."""
    window = open_window(alice, aurora)
    window.open("/people/")
    window.page.locator("#q").fill("solv")
    expect(window.page.locator("[data-row]")).to_have_count(1)
    kept = window.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Solveig" not in kept
    assert "example.no" not in kept


def test_back_leads_from_a_search_to_what_was_there_before(
    open_window: Open, alice: User, aurora: Organisation
) -> None:
    window = open_window(alice, aurora)
    window.open("/people/")
    window.page.locator("#q").fill("solv")
    expect(window.page.locator("[data-row]")).to_have_count(1)
    window.page.wait_for_url("**q=solv**")
    window.page.go_back()
    expect(window.page.locator("[data-row]")).to_have_count(50)
    window.page.keyboard.press("?")
    expect(window.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_what_does_not_exist_says_so_in_plain_words(
    open_window: Open, alice: User, aurora: Organisation
) -> None:
    window = open_window(alice, aurora)
    answer = window.open("/people/00000000-0000-4000-8000-000000000000/")
    assert answer.status == 404
    expect(window.page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    window.complaints.clear()  # the browser notes every 404 by itself
