"""The mapping editor by keyboard: search a field, choose it, see the rows follow."""

from __future__ import annotations

from io import BytesIO

import pytest
from django_tenants.utils import tenant_context
from playwright.sync_api import Page, expect

from integrations.files.models import Mapping
from integrations.files.uploading import receive
from organisations.models import Organisation, User
from tests.browser.conftest import Open
from tests.files.making import connection_of, table


@pytest.fixture
def editor(open_window: Open, alice: User, aurora: Organisation) -> Page:
    with tenant_context(aurora):
        connection = connection_of("upload")
        content = table(1, 2).replace(b"Kj\xc3\xb8pt", b"Merknad").replace(b"22.11.2026 19:30", b"Ja")
        receive(connection=connection, name="salg.csv", stream=BytesIO(content), actor=None)
    window = open_window(alice, aurora)
    window.open(f"/connections/{connection.slug}/mapping/")
    return window.page


def test_a_field_is_found_by_typing_and_the_rows_follow(editor: Page) -> None:
    price = editor.get_by_role("combobox", name="Pris", exact=True)
    expect(price).to_have_value("Price")
    price.fill("fee")
    editor.keyboard.press("Enter")
    expect(editor.locator("#preview thead")).to_contain_text("Fee")
    expect(editor.locator("#preview tbody tr").first).to_contain_text("250.00")
    expect(editor.get_by_role("combobox", name="Pris", exact=True)).to_have_value("Fee")
    expect(editor.get_by_role("combobox", name="Pris", exact=True)).to_be_focused()


def test_arrows_walk_and_escape_leaves_everything_as_it_was(editor: Page) -> None:
    price = editor.get_by_role("combobox", name="Pris", exact=True)
    price.press("ArrowDown")
    expect(editor.get_by_role("listbox")).to_be_visible()
    price.press("ArrowDown")
    price.press("Escape")
    expect(price).to_have_value("Price")
    expect(editor.get_by_role("listbox")).to_have_count(0)


def test_a_permission_column_asks_its_questions_and_what_is_answered_is_saved(
    editor: Page, aurora: Organisation
) -> None:
    editor.get_by_role("combobox", name="Merknad", exact=True).fill("yes or no")
    editor.keyboard.press("Enter")
    expect(editor.get_by_text("What does an answer in this column mean?")).to_be_visible()
    editor.get_by_label("SMS").check()
    editor.get_by_text("is what the buyer answered").click()
    editor.get_by_label("The words beside the box").fill("Ja takk til nyhetsbrev")
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.get_by_text("Version 1 is in force")).to_be_visible()
    with tenant_context(aurora):
        column = Mapping.objects.get().read().columns[2]
    assert column.consent is not None
    assert (column.consent.channels, column.consent.no_is_refusal) == (("email", "sms"), True)


def test_a_column_is_found_among_many(editor: Page) -> None:
    editor.get_by_placeholder("Find a column").fill("kari1")
    expect(editor.locator("[data-column]:visible")).to_have_count(1)
