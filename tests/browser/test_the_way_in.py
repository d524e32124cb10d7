"""First sign-in, invitation, two-factor, tokens and members, in a real browser."""

from __future__ import annotations

import re

from django.core import mail
from playwright.sync_api import expect

from organisations import first_login
from organisations.models import Organisation, User
from tests.browser.conftest import Open, Window
from tests.organisations.totp import code
from tests.template import PASSWORD

NEW = "an unrelated horse staple"


def heading(window: Window, text: str) -> None:
    expect(window.page.get_by_role("heading", level=1)).to_have_text(text)


def sign_in(window: Window, email: str, password: str = PASSWORD) -> None:
    window.open("/settings/account/")
    window.page.get_by_label("Email").fill(email)
    window.page.get_by_label("Password").fill(password)
    window.page.get_by_role("button", name="Sign in").click()


def test_the_first_link_leads_to_an_account(open_window: Open, aurora: Organisation) -> None:
    Organisation.objects.update(is_demo=True)
    window = open_window()
    window.open(first_login.make_link(""))
    window.page.get_by_label("Your name").fill("Olga Operatør")
    window.page.get_by_label("E-mail").fill("olga@example.org")
    window.page.get_by_label("Password").fill(NEW)
    window.page.get_by_role("button", name="Begin").click()
    heading(window, "Where do you want to work?")
    window.page.get_by_role("button", name=re.compile("Aurora")).click()
    window.open("/platform/")
    heading(window, "Platform")


def test_a_colleague_is_invited_accepts_and_is_removed(
    open_window: Open, alice: User, aurora: Organisation
) -> None:
    alices = open_window(alice, aurora)
    alices.open("/settings/members/")
    alices.page.get_by_label("E-mail").fill("dagny@example.org")
    alices.page.get_by_label("Role").select_option("customer_service")
    alices.page.get_by_role("button", name="Send invitation").click()
    expect(alices.page.get_by_text("is on its way")).to_be_visible()
    link = re.search(r"/invitation/\S+", str(mail.outbox[-1].body))
    assert link

    dagnys = open_window()
    dagnys.open(link[0])
    dagnys.page.get_by_label("Your name").fill("Dagny")
    dagnys.page.get_by_label("Password").fill(NEW)
    dagnys.page.get_by_role("button", name="Accept").click()
    expect(dagnys.page.get_by_text("Welcome to Aurora Scene")).to_be_visible()

    alices.open("/settings/members/")
    alices.page.get_by_role("link", name="Dagny").click()
    alices.page.locator("details.drop summary", has_text="Remove").click()
    alices.page.get_by_role("button", name="Yes, remove").click()
    expect(alices.page.get_by_text("Dagny is no longer a member")).to_be_visible()
    dagnys.open("/settings/")
    expect(dagnys.page.get_by_text("Aurora Scene")).to_have_count(0)


def test_two_factor_is_set_up_and_asked_for(open_window: Open, alice: User, aurora: Organisation) -> None:
    window = open_window()
    sign_in(window, alice.email)
    heading(window, "My account")
    window.page.get_by_role("link", name="Set up").click()
    window.page.get_by_role("link", name="Set up").click()
    heading(window, "Is it you?")
    window.page.get_by_label("Password").fill(PASSWORD)
    window.page.get_by_role("button", name="Go on").click()
    secret = window.page.locator("#secret").inner_text()
    window.page.get_by_label("Authenticator code").fill(code(secret))
    window.page.get_by_role("button", name="Switch on").click()
    heading(window, "Recovery codes")
    spare = window.page.locator("#codes li").first.inner_text()

    again = open_window()
    sign_in(again, alice.email)
    heading(again, "One more step")
    again.page.get_by_label("Code").fill(spare)
    again.page.get_by_role("button", name="Sign in").click()
    heading(again, "My account")


def test_a_token_is_shown_once_and_revoked(open_window: Open, alice: User, aurora: Organisation) -> None:
    window = open_window(alice, aurora)
    window.open("/settings/tokens/new/")
    window.page.get_by_role("textbox", name="Name").fill("Web shop")
    window.page.get_by_label("Read the organisation").check()
    window.page.get_by_role("button", name="Make the token").click()
    token = window.page.locator("#token").inner_text()

    def ask() -> int:
        asked = window.page.request.get(
            window.base + "/api/v1/me", headers={"Authorization": f"Bearer {token}"}
        )
        return asked.status

    assert ask() == 200
    window.page.get_by_role("link", name="I have copied it").click()
    expect(window.page.get_by_text(token)).to_have_count(0)
    window.page.locator("details.drop summary", has_text="Revoke").click()
    window.page.get_by_role("button", name="Yes, revoke").click()
    expect(window.page.get_by_text("opens nothing any more")).to_be_visible()
    assert ask() == 401
