""" "Why one person?" in a browser: drawn, traced by mouse and keys, readable on a phone and in the dark."""

from __future__ import annotations

import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from organisations.models import Organisation, User
from profiles.models import Profile
from tests.browser.conftest import Open, Window
from tests.browser.test_screens import MODES, NEXT_FRAMES, faults_of
from tests.profiles.one_person import joined, set_aside


@pytest.fixture
def person(aurora: Organisation, transactional_db: None) -> Profile:
    with tenant_context(aurora):
        found = joined()
        set_aside(found)
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    return found


@pytest.fixture
def window(open_window: Open, alice: User, aurora: Organisation, person: Profile) -> Window:
    found = open_window(alice, aurora)
    found.page.emulate_media(reduced_motion="reduce")
    found.open(f"/people/{person.public_id}/")
    return found


def test_the_tab_opens_without_leaving_the_page_and_draws(window: Window) -> None:
    window.page.get_by_role("link", name="Why one person?").click()
    drawing = window.page.locator("svg.why")
    drawing.wait_for()
    assert window.path().endswith("?tab=why")
    assert drawing.locator(".why-box").count() == 17
    assert drawing.locator(".why-box.aside").count() == 2
    assert (
        window.page.locator(".why-sentence").inner_text().startswith("These 5 records are one person because")
    )


def test_a_box_shows_its_lines_when_it_is_pointed_at_or_reached_by_key(window: Window) -> None:
    window.open(window.path() + "?tab=why")
    word = window.page.locator(".why-box.word")
    word.hover()
    assert window.page.locator(".why-line.lit").count() == 4
    window.page.mouse.move(5, 5)
    assert window.page.locator(".why-line.lit").count() == 0
    word.focus()
    assert window.page.locator(".why-line.lit").count() == 4
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("document.activeElement.classList.contains('why-box')")


def test_enter_on_a_box_leads_to_its_row_in_the_table(window: Window) -> None:
    window.open(window.path() + "?tab=why")
    assert not window.page.locator(".why-table table").first.is_visible()
    window.page.locator(".why-box.word").focus()
    window.page.keyboard.press("Enter")
    row = window.page.locator("tr:target")
    row.wait_for()
    assert "Same person at the desk." in row.inner_text()


def test_it_fits_and_can_be_read_by_everybody(window: Window) -> None:
    window.open(window.path() + "?tab=why")
    window.page.locator(".why-table summary").click()
    faults = []
    for width, scheme, with_axe in MODES:
        window.page.set_viewport_size({"width": width, "height": 900})
        window.page.emulate_media(color_scheme=scheme)
        window.page.evaluate(NEXT_FRAMES)
        faults += [f"{width} {scheme}: {fault}" for fault in faults_of(window.page, with_axe=with_axe)]
    assert faults == []
    frame = window.page.locator(".why-frame")
    assert frame.evaluate("box => box.scrollWidth > box.clientWidth"), "it scrolls inside its own box"


def test_no_words_run_out_of_their_box(window: Window) -> None:
    window.open(window.path() + "?tab=why")
    sticks_out = """() => [...document.querySelectorAll('.why-box')].filter(box => {
      const edge = box.querySelector('rect').getBoundingClientRect().right;
      return [...box.querySelectorAll('text')].some(text => text.getBoundingClientRect().right > edge - 4);
    }).map(box => box.textContent)"""
    assert window.page.evaluate(sticks_out) == []
