"""Reviewing pairs in a real browser, mostly with the keyboard."""

from __future__ import annotations

import pytest
from django.db import connection
from django_tenants.utils import tenant_context
from playwright.sync_api import Page, expect

from organisations.models import Organisation, User
from profiles.models import MatchPair, Profile
from tests.browser.conftest import Open, Window
from tests.browser.test_screens import MODES, NEXT_FRAMES, faults_of
from tests.profiles.pairs import a_queue, ask, two_people

SEEN = 700
"""Milliseconds: a pair must have been on the screen for a moment before a key answers it."""


@pytest.fixture
def pairs(aurora: Organisation, transactional_db: None) -> list[int]:
    """Solveig and Solveig, then two easier ones."""
    with tenant_context(aurora):
        first = ask(*two_people(phone="+47 41 22 90 71", company="Ødegård Design"), probability=0.97)
        rest = a_queue([0.95, 0.9])
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    return [first.pk, *(pair.pk for pair in rest)]


def state(aurora: Organisation, pk: int) -> tuple[str, str]:
    with tenant_context(aurora):
        pair = MatchPair.objects.get(pk=pk)
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    return pair.state, pair.reason


def at(window: Window, pk: int) -> Page:
    window.page.wait_for_url(f"**/identity/review/{pk}/**")
    window.page.wait_for_timeout(SEEN)
    return window.page


def test_pairs_are_reviewed_with_the_keyboard_alone(
    open_window: Open, alice: User, aurora: Organisation, pairs: list[int]
) -> None:
    window = open_window(alice, aurora)
    window.open("/")
    keyboard = window.page.keyboard
    keyboard.press("g")
    keyboard.press("m")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Merge review")
    window.page.wait_for_load_state()
    keyboard.press("r")
    at(window, pairs[0])
    keyboard.press("m")
    page = at(window, pairs[1])
    expect(page.locator(".toast")).to_contain_text("are one person now")
    assert state(aurora, pairs[0]) == ("merged", "")
    keyboard.press("n")
    expect(page.get_by_role("button", name="Two people in one household")).to_be_focused()
    keyboard.press("3")
    at(window, pairs[2])
    assert state(aurora, pairs[1]) == ("apart", "namesake")
    keyboard.press("u")
    page = at(window, pairs[1])
    expect(page.locator(".toast")).to_contain_text("Taken back")
    assert state(aurora, pairs[1]) == ("open", "")
    keyboard.press("s")
    at(window, pairs[2])
    assert state(aurora, pairs[2]) == ("open", "")


def test_the_result_follows_the_choice(
    open_window: Open, alice: User, aurora: Organisation, pairs: list[int]
) -> None:
    window = open_window(alice, aurora)
    window.open(f"/identity/review/{pairs[0]}/")
    page = at(window, pairs[0])
    row = page.locator("[data-unit=name]")
    expect(row.locator(".review-result")).to_have_text("Solveig Ødegård", use_inner_text=True)
    row.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    expect(row.locator(".review-result")).to_have_text("Solveig Odegaard", use_inner_text=True)
    expect(page.locator("[data-told]")).to_have_text("Result: Name, Solveig Odegaard")
    page.keyboard.press("Shift+Digit1")
    expect(row.locator(".review-result")).to_have_text("Solveig Ødegård", use_inner_text=True)
    page.keyboard.press("Shift+Digit2")
    page.keyboard.press("m")
    at(window, pairs[1])
    with tenant_context(aurora):
        assert Profile.objects.get(state="active", name__startswith="Solveig").name == "Solveig Odegaard"
    connection.set_schema_to_public()  # type: ignore[attr-defined]


def test_a_reason_in_own_words_never_merges(
    open_window: Open, alice: User, aurora: Organisation, pairs: list[int]
) -> None:
    window = open_window(alice, aurora)
    window.open(f"/identity/review/{pairs[0]}/")
    page = at(window, pairs[0])
    page.keyboard.press("n")
    page.get_by_label("Another reason").fill("m n s: twins")
    page.keyboard.press("Enter")
    at(window, pairs[1])
    assert state(aurora, pairs[0]) == ("apart", "m n s: twins")


def test_a_key_that_was_pressed_twice_does_not_answer_what_nobody_has_seen(
    open_window: Open, alice: User, aurora: Organisation, pairs: list[int]
) -> None:
    window = open_window(alice, aurora)
    window.open(f"/identity/review/{pairs[0]}/")
    page = at(window, pairs[0])
    page.keyboard.press("m")
    page.wait_for_url(f"**/identity/review/{pairs[1]}/**")
    page.keyboard.press("m")
    page.wait_for_timeout(SEEN)
    assert window.path().startswith(f"/identity/review/{pairs[1]}/")
    assert state(aurora, pairs[1]) == ("open", "")


def test_shortcuts_that_are_switched_off_answer_nothing(
    open_window: Open, alice: User, aurora: Organisation, pairs: list[int]
) -> None:
    window = open_window(alice, aurora)
    window.open(f"/identity/review/{pairs[0]}/")
    window.page.evaluate("localStorage.setItem('foyer-shortcuts', 'off')")
    window.page.reload()
    page = at(window, pairs[0])
    for key in ("m", "s", "n", "Shift+Digit2"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert state(aurora, pairs[0]) == ("open", "")
    expect(page.locator("[data-unit=name]").get_by_role("radio").first).to_be_checked()


def test_without_script_it_is_plain_forms(
    open_window: Open, alice: User, aurora: Organisation, pairs: list[int]
) -> None:
    window = open_window(alice, aurora, java_script_enabled=False)
    window.open(f"/identity/review/{pairs[0]}/")
    page = window.page
    row = page.locator("[data-unit=name]")
    row.get_by_role("radio").nth(1).check()
    expect(row.locator(".result-right")).to_be_visible()
    expect(row.locator(".result-left")).to_be_hidden()
    page.get_by_role("button", name="Merge m").click()
    page.wait_for_url(f"**/identity/review/{pairs[1]}/**")
    page.get_by_text("Not the same", exact=False).first.click()
    page.get_by_role("button", name="Parent and child").click()
    page.wait_for_url(f"**/identity/review/{pairs[2]}/**")
    assert state(aurora, pairs[0]) == ("merged", "")
    assert state(aurora, pairs[1]) == ("apart", "parent")


def test_a_long_queue_fits_every_screen_and_can_be_used_by_everybody(
    open_window: Open, alice: User, aurora: Organisation, pairs: list[int]
) -> None:
    window = open_window(alice, aurora)
    window.page.emulate_media(reduced_motion="reduce")
    faults = []
    for path in ("/identity/review/", f"/identity/review/{pairs[0]}/"):
        window.open(path)
        window.page.wait_for_timeout(SEEN)
        if path != "/identity/review/":
            window.page.keyboard.press("n")
        for width, scheme, with_axe in MODES:
            window.page.set_viewport_size({"width": width, "height": 900})
            window.page.emulate_media(color_scheme=scheme)
            window.page.evaluate(NEXT_FRAMES)
            faults += [
                f"{path} {width} {scheme}: {each}" for each in faults_of(window.page, with_axe=with_axe)
            ]
    assert faults == []
