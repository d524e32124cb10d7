"""The morning in a real browser: connect, run, watch, correct, take back. Looked at by axe on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django_tenants.utils import tenant_context
from playwright.sync_api import expect

from integrations import connectors, runs
from integrations.models import Connection, Run, Trigger
from organisations.models import Organisation, User
from profiles.models import Order
from tests.browser.conftest import Open, Window
from tests.fakes.till import Till, till
from tests.integrations.conftest import connect, work

NARROW = {"width": 390, "height": 844}


@pytest.fixture
def box_office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    ours = ("tests.fakes.till_connector.TillConnector",)
    monkeypatch.setattr(connectors, "CONNECTORS", (*connectors.CONNECTORS, *ours))
    connectors.registry.cache_clear()
    with till() as running:
        yield running
    connectors.registry.cache_clear()


def is_usable(window: Window) -> None:
    """In light on a desk and in dark on a phone."""
    faults = []
    for scheme, size in (("light", {"width": 1440, "height": 900}), ("dark", NARROW)):
        window.page.set_viewport_size(size)  # type: ignore[arg-type]
        window.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        if window.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"{scheme}: scrolls sideways")
        found = Axe().run(window.page).response["violations"]
        faults += [f"{scheme} {each['id']}: {each['nodes'][0]['html'][:140]}" for each in found]
    assert faults == []
    window.page.set_viewport_size({"width": 1440, "height": 900})


def test_a_system_is_tried_before_it_is_connected(
    open_window: Open, alice: User, aurora: Organisation, box_office: Till
) -> None:
    window = open_window(alice, aurora)
    window.open("/connections/new/till/")
    page = window.page
    is_usable(window)
    page.get_by_label("Address").fill(box_office.url)
    page.get_by_label("Key", exact=True).fill("wrong")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#checked")).to_contain_text("refused the key")
    page.get_by_label("Key", exact=True).fill("right")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#checked")).to_contain_text("It works")
    page.get_by_label("Name").fill("Box office")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Box office")
    is_usable(window)


def test_a_run_is_watched_corrected_and_taken_back(
    open_window: Open, alice: User, aurora: Organisation, box_office: Till
) -> None:
    box_office.sell(3)
    box_office.sell(1, bought="yesterday-ish")
    with tenant_context(aurora):
        connect(box_office)
    window = open_window(alice, aurora)
    page = window.page
    window.open("/connections/till/")
    page.get_by_role("button", name="Run now").click()
    expect(page.locator("#run")).to_contain_text("Queued")
    with tenant_context(aurora):
        run = work(Run.objects.get())
    # The page asks every two seconds and, when all is over, shows the rows that need a look.
    expect(page.locator("#held")).to_contain_text("1 row needs a look", timeout=15_000)
    expect(page.locator("#held-rows")).to_contain_text("Did not go in")
    # No single cell is at fault, so the whole row is open already.
    is_usable(window)
    page.locator("[name='cell:bought']").fill("2026-11-20T18:00:00+01:00")
    page.get_by_role("button", name="Run it again").click()
    expect(page.locator("#held-rows")).to_contain_text("Corrected and taken in")

    window.open(f"/runs/{run.pk}/")
    page.get_by_role("link", name="Undo").click()
    expect(page.locator("form.card")).to_contain_text("Orders removed")
    is_usable(window)
    page.get_by_role("button", name="Undo the run").click()
    expect(page.locator("#run")).to_contain_text("What the undo did")
    is_usable(window)
    with tenant_context(aurora):
        assert not Order.objects.exists()


def test_what_is_broken_is_seen_first_and_tried_again(
    open_window: Open, alice: User, aurora: Organisation, box_office: Till
) -> None:
    with tenant_context(aurora):
        tills = connect(box_office)
        box_office.key = "changed"
        run = work(runs.start(connection=tills, trigger=Trigger.MANUAL))
    window = open_window(alice, aurora)
    window.open("/runs/")
    is_usable(window)
    window.page.get_by_role("link", name="Waits for you").click()
    window.page.get_by_role("link", name="till", exact=True).last.click()
    window.page.wait_for_url(f"**/runs/{run.pk}/")
    expect(window.page.locator("#run")).to_contain_text("refused the key")
    is_usable(window)
    window.page.get_by_role("button", name="Try again").click()
    expect(window.page.locator("#run")).to_contain_text("Queued")


def test_a_table_is_uploaded_by_hand(
    open_window: Open, alice: User, aurora: Organisation, tmp_path: Path
) -> None:
    table = tmp_path / "people.csv"
    table.write_text("email;name;birth_date;shoe_size\nase@example.no;Åse Ødegård;someday;39\n")
    window = open_window(alice, aurora)
    page = window.page
    window.open("/by-hand/")
    page.get_by_role("link", name="Upload").first.click()
    is_usable(window)
    page.locator("input[type=file]").set_input_files(table)
    page.get_by_role("button", name="Look at it first").click()
    expect(page.locator("table")).to_contain_text("Åse Ødegård")
    expect(page.locator(".alert")).to_contain_text("shoe_size")
    is_usable(window)
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Uploaded by hand")
    window.open("/by-hand/people/download/")
    is_usable(window)
    with tenant_context(aurora):
        assert Connection.objects.get().connector == "by_hand"
