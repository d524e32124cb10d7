"""Signing in, and the ways to fail at it."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from organisations.models import Organisation, User
from tests.conftest import ClientFor
from tests.template import PASSWORD

LOGIN = reverse("account_login")
pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str = PASSWORD) -> int:
    return client.post(LOGIN, {"login": email, "password": password}).status_code


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_right_password_lets_in(client: Client, alice: User) -> None:
    answer = client.post(LOGIN, {"login": alice.email, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client)


def test_the_address_may_be_written_in_capitals(client: Client, alice: User) -> None:
    sign_in(client, alice.email.upper())
    assert signed_in(client)


def test_a_wrong_password_does_not(client: Client, alice: User) -> None:
    assert sign_in(client, alice.email, "wrong") == 200
    assert not signed_in(client)


def test_a_closed_account_does_not_get_in(client: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    sign_in(client, alice.email)
    assert not signed_in(client)


def test_an_account_that_is_closed_is_out_at_once(
    alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    client = client_for(alice, aurora)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get(reverse("settings_account")).status_code == 302


def test_unknown_and_known_addresses_fail_alike(client: Client, alice: User) -> None:
    def page(email: str) -> str:
        text = client.post(LOGIN, {"login": email, "password": "wrong"}).content.decode()
        return re.sub(r'"[A-Za-z0-9]{64}"|value="[^"]*"', "", text)

    assert page(alice.email) == page("stranger@example.org")


def test_after_five_wrong_passwords_the_right_one_waits_too(client: Client, alice: User) -> None:
    for _ in range(5):
        sign_in(client, alice.email, "wrong")
    sign_in(client, alice.email)
    assert not signed_in(client)


def test_the_limit_is_per_account(client: Client, alice: User, bob: User) -> None:
    for _ in range(5):
        sign_in(client, alice.email, "wrong")
    sign_in(client, bob.email)
    assert signed_in(client)


def test_one_address_cannot_try_many_accounts(client: Client, alice: User) -> None:
    for number in range(10):
        sign_in(client, f"someone{number}@example.org", "wrong")
    sign_in(client, alice.email)
    assert not signed_in(client)


@pytest.mark.parametrize("name", ["account_signup", "account_email"])
def test_nobody_signs_up_by_themselves(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 404
    data = {"email": "stranger@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse(name), data)
    assert not User.objects.filter(email="stranger@example.org").exists()


def test_signing_out_takes_a_post(alice: User, aurora: Organisation, client_for: ClientFor) -> None:
    client = client_for(alice, aurora)
    client.get(reverse("account_logout"))
    assert signed_in(client)
    client.post(reverse("account_logout"))
    assert not signed_in(client)


def ask_for_reset(client: Client, email: str) -> None:
    client.post(reverse("account_reset_password"), {"email": email})


def reset_link() -> str:
    found = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_a_forgotten_password_is_reset_by_mail(client: Client, alice: User) -> None:
    ask_for_reset(client, alice.email)
    assert mail.outbox[-1].to == [alice.email]
    page = client.get(reset_link(), follow=True)
    new = "quite another long password"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert sign_in(Client(), alice.email) == 200
    sign_in(client, alice.email, new)
    assert signed_in(client)


def test_a_reset_link_works_once(client: Client, alice: User) -> None:
    ask_for_reset(client, alice.email)
    link = reset_link()
    page = client.get(link, follow=True)
    new = "quite another long password"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert "no longer works" in Client().get(link).content.decode()


def test_a_reset_ends_the_visits_of_whoever_had_the_old_password(
    alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    thief = client_for(alice, aurora)
    alice.set_password("quite another long password")
    alice.save()
    assert thief.get(reverse("settings_account")).status_code == 302


def test_the_reset_link_does_not_come_from_the_host_header(
    client: Client, alice: User, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    data = {"email": alice.email}
    client.post(reverse("account_reset_password"), data, headers={"Host": "evil.example.org"})
    assert f"{settings.FOYER_BASE_URL}/accounts/password/reset/key/" in str(mail.outbox[-1].body)
    assert "evil" not in str(mail.outbox[-1].body)


def test_nothing_is_mailed_to_an_unknown_address(client: Client) -> None:
    ask_for_reset(client, "stranger@example.org")
    assert mail.outbox == []


def test_a_short_password_is_refused(alice: User, aurora: Organisation, client_for: ClientFor) -> None:
    data = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    answer = client_for(alice, aurora).post(reverse("account_change_password"), data)
    assert answer.status_code == 200
    assert "at least 12 characters" in answer.content.decode()


def test_the_login_sends_nobody_to_another_site(client: Client, alice: User) -> None:
    data = {"login": alice.email, "password": PASSWORD, "next": "https://evil.example.org/"}
    assert client.post(LOGIN, data)["Location"] == "/"


def test_its_cookies_are_closed_to_scripts_and_other_sites(
    client: Client, alice: User, settings: Settings
) -> None:
    sign_in(client, alice.email)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize(
    "name", ["account_login", "account_reset_password", "account_reset_password_done", "account_inactive"]
)
def test_its_pages_allow_no_inline_code(client: Client, name: str) -> None:
    answer = client.get(reverse(name))
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    text = answer.content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
