"""Every screen in light and dark, on a desk and on a phone: it fits, it can be used, nothing is blocked.

The screens are those of the permission table, so that a new page is looked at without
anybody having to remember it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django_tenants.utils import tenant_context
from playwright.sync_api import Page as BrowserPage

from organisations.models import Organisation, User
from tests.browser.conftest import Open
from tests.organisations.access_table import Page, all_pages

SCREENS = [page for page in all_pages() if page.method == "get" and page.needs != "operator"]
# Axe asks about colours once in each theme and about layout once at each width.
MODES: tuple[tuple[int, Any, bool], ...] = (
    (1440, "light", True),
    (1440, "dark", False),
    (1024, "light", False),
    (768, "dark", False),
    (390, "light", False),
    (390, "dark", True),
)
NEXT_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

# What sticks out of the window to the right, by name; scrolling boxes and closed menus may.
STICKS_OUT = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility()
    && !e.closest('.table-wrap, .tabs, svg, .visually-hidden'))
  .map(e => e.tagName + '.' + e.className).slice(0, 5)"""


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_a_screen_fits_and_can_be_used_by_everybody(
    screen: Page, open_window: Open, alice: User, aurora: Organisation, crowd: None
) -> None:
    with tenant_context(aurora):
        url = reverse(screen.name, kwargs=screen.about(aurora))
        data = screen.data() if callable(screen.data) else screen.data
    url += f"?{urlencode(data)}" if data else screen.query
    window = open_window(alice, aurora)
    answer = window.page.request.get(window.base + url)
    assert answer.ok, answer.status
    if "text/html" not in answer.headers["content-type"] or "<html" not in answer.text():
        pytest.skip("a download or a part of a page")
    window.page.emulate_media(reduced_motion="reduce")
    window.open(url)
    faults = []
    for width, scheme, with_axe in MODES:
        window.page.set_viewport_size({"width": width, "height": 900})
        window.page.emulate_media(color_scheme=scheme)
        window.page.evaluate(NEXT_FRAMES)
        faults += [f"{width} {scheme}: {fault}" for fault in faults_of(window.page, with_axe=with_axe)]
    assert faults == []


def faults_of(page: BrowserPage, *, with_axe: bool) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    faults = [f"sticks out: {each}" for each in page.evaluate(STICKS_OUT)] if wide else []
    if page.locator("h1").count() != 1:
        faults.append("not exactly one h1")
    if not with_axe:
        return faults
    violations = Axe().run(page).response["violations"]
    return faults + [f"{found['id']}: {found['nodes'][0]['html'][:140]}" for found in violations]
