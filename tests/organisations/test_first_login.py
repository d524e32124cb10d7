"""The one-time link of a fresh installation."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from organisations import first_login
from organisations.models import FirstLogin, Organisation, User

pytestmark = pytest.mark.django_db
OLGA = {"name": "Olga", "email": "Olga@Example.org", "password": "a long password for Olga"}


def path(link: str) -> str:
    return link.removeprefix("http://foyer.test")


@pytest.fixture
def link() -> str:
    return path(first_login.make_link("http://foyer.test"))


def test_it_makes_the_reader_an_operator_who_is_signed_in(client: Client, link: str) -> None:
    assert client.get(link).status_code == 200
    client.post(link, OLGA)
    olga = User.objects.get(email="olga@example.org")
    assert olga.is_operator
    assert client.session["_auth_user_id"] == str(olga.pk)


def test_it_makes_them_administrator_of_example_organisations_only(
    client: Client, link: str, aurora: Organisation, borealis: Organisation
) -> None:
    Organisation.objects.filter(pk=borealis.pk).update(is_demo=True)
    client.post(link, OLGA)
    memberships = User.objects.get(email="olga@example.org").memberships.all()
    assert [(m.organisation, m.role) for m in memberships] == [(borealis, "administrator")]


def test_it_works_once(client: Client, link: str) -> None:
    client.post(link, OLGA)
    again = Client().post(link, OLGA | {"email": "second@example.org"})
    assert again.status_code == 404
    assert not User.objects.filter(email="second@example.org").exists()


def test_it_ends_after_a_day(client: Client, link: str) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        assert client.get(link).status_code == 404


def test_a_new_link_ends_the_one_before(client: Client, link: str) -> None:
    first_login.make_link("http://foyer.test")
    assert client.get(link).status_code == 404


def test_a_made_up_link_opens_nothing(client: Client) -> None:
    assert client.get("/welcome/AAAAAAAAAAAAAAAAAAAAAAAA/").status_code == 404


def test_the_database_does_not_hold_it(link: str) -> None:
    secret = link.split("/")[2]
    assert secret not in str(FirstLogin.objects.values_list())


def test_a_weak_password_does_not_use_it_up(client: Client, link: str) -> None:
    assert client.post(link, OLGA | {"password": "short"}).status_code == 200
    client.post(link, OLGA)
    assert User.objects.filter(email="olga@example.org").exists()


def test_an_address_with_an_account_does_not_use_it_up(client: Client, link: str, alice: User) -> None:
    answer = client.post(link, OLGA | {"email": alice.email})
    assert "already an account" in answer.content.decode()
    assert client.get(link).status_code == 200
    alice.refresh_from_db()
    assert not alice.is_operator


def test_the_command_prints_one(capsys: pytest.CaptureFixture[str], client: Client) -> None:
    call_command("first_login")
    printed = capsys.readouterr().out.strip()
    assert client.get("/" + printed.split("/", 3)[3]).status_code == 200
