"""From the invitation to the first page."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from organisations import verbs
from organisations.errors import Refused
from organisations.models import Invitation, Membership, Organisation, User
from organisations.roles import Role
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db
DAGNY = "dagny@example.org"
FORM = {"name": "Dagny", "password": "a long password for Dagny"}


def invite(actor: User, organisation: Organisation, email: str = DAGNY) -> str:
    """Answers the path of the link that was mailed."""
    verbs.invite(
        actor=actor,
        organisation=organisation,
        email=email,
        role=Role.CUSTOMER_SERVICE,
        base_url="https://foyer.test",
    )
    assert mail.outbox[-1].to == [email.lower()]
    found = re.search(r"https://foyer\.test(/invitation/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def role_of(email: str, organisation: Organisation) -> str | None:
    return (
        Membership.objects.filter(user__email=email, organisation=organisation)
        .values_list("role", flat=True)
        .first()
    )


def test_a_colleague_accepts_and_is_in(client: Client, alice: User, aurora: Organisation) -> None:
    link = invite(alice, aurora)
    assert "Aurora Scene" in client.get(link).content.decode()
    client.post(link, FORM)
    assert role_of(DAGNY, aurora) == "customer_service"
    assert client.get(reverse("settings")).context["organisation"] == aurora


def test_the_address_is_the_invited_one_whatever_is_posted(
    client: Client, alice: User, aurora: Organisation
) -> None:
    client.post(invite(alice, aurora), FORM | {"email": "other@example.org", "role": "administrator"})
    assert role_of(DAGNY, aurora) == "customer_service"
    assert not User.objects.filter(email="other@example.org").exists()


def test_a_link_works_once(client: Client, alice: User, aurora: Organisation) -> None:
    link = invite(alice, aurora)
    client.post(link, FORM)
    assert Client().get(link).status_code == 404


def test_a_link_ends_after_a_week(client: Client, alice: User, aurora: Organisation) -> None:
    link = invite(alice, aurora)
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        assert client.get(link).status_code == 404


def test_inviting_again_replaces_the_link(client: Client, alice: User, aurora: Organisation) -> None:
    first, second = invite(alice, aurora), invite(alice, aurora)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_a_withdrawn_link_is_dead(
    client: Client, alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    link = invite(alice, aurora)
    invitation = Invitation.objects.get(email=DAGNY)
    client_for(alice, aurora).post(reverse("settings_invitation_withdraw", args=[invitation.pk]))
    assert client.get(link).status_code == 404


def test_somebody_with_an_account_signs_in_first(
    client: Client, alice: User, charlie: User, aurora: Organisation
) -> None:
    link = invite(alice, aurora, charlie.email)
    page = client.get(link).content.decode()
    assert f"{reverse('account_login')}?next={link}" in page
    client.post(link, FORM)
    assert role_of(charlie.email, aurora) is None


def test_somebody_signed_in_as_the_invited_accepts_with_a_click(
    alice: User, charlie: User, aurora: Organisation, borealis: Organisation, client_for: ClientFor
) -> None:
    link = invite(alice, aurora, charlie.email)
    client_for(charlie, borealis).post(link)
    assert role_of(charlie.email, aurora) == "customer_service"
    assert role_of(charlie.email, borealis) == "administrator"


def test_somebody_else_cannot_take_it(
    alice: User, charlie: User, aurora: Organisation, borealis: Organisation, client_for: ClientFor
) -> None:
    """Charlie found Dagny's link."""
    link = invite(alice, aurora)
    client_for(charlie, borealis).post(link)
    assert role_of(charlie.email, aurora) is None
    assert Client().get(link).status_code == 200


def test_a_member_is_not_invited_twice(alice: User, bob: User, aurora: Organisation) -> None:
    with pytest.raises(Refused, match="already a member"):
        invite(alice, aurora, bob.email.upper())


def test_a_mail_that_cannot_be_sent_is_told(
    alice: User, aurora: Organisation, client_for: ClientFor, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    data = {"email": DAGNY, "role": "marketer"}
    answer = client_for(alice, aurora).post(reverse("settings_members"), data)
    assert "could not be sent" in answer.content.decode()
    assert Invitation.objects.open().filter(email=DAGNY).exists()


def test_the_link_does_not_come_from_the_host_header(
    alice: User, aurora: Organisation, client_for: ClientFor, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    data = {"email": DAGNY, "role": "marketer"}
    client_for(alice, aurora).post(reverse("settings_members"), data, headers={"Host": "evil.example.org"})
    assert f"{settings.FOYER_BASE_URL}/invitation/" in str(mail.outbox[-1].body)


def test_the_database_does_not_hold_the_link(alice: User, aurora: Organisation) -> None:
    secret = invite(alice, aurora).split("/")[2]
    assert secret not in str(Invitation.objects.values_list())


@pytest.mark.django_db(transaction=True)
def test_of_two_acceptances_at_once_one_wins(alice: User, aurora: Organisation) -> None:
    invite(alice, aurora)
    invitation = Invitation.objects.get(email=DAGNY)
    start = threading.Barrier(2)
    refused: list[Refused] = []

    def accept() -> None:
        start.wait()
        try:
            verbs.accept_invitation(invitation=invitation, name="Dagny", password=FORM["password"])
        except Refused as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Membership.objects.filter(user__email=DAGNY).count() == 1
