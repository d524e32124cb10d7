"""Two-factor sign-in, with the codes a real phone would show."""

import re
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse
from django_tenants.utils import tenant_context

from organisations import verbs
from organisations.audit.models import AuditEntry
from organisations.models import Organisation, User
from organisations.roles import Role
from tests.conftest import ClientFor
from tests.organisations.totp import code
from tests.template import PASSWORD

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def phone(alice: User) -> str:
    """Alice has set up an authenticator app; this is its secret."""
    TOTP.activate(alice, SECRET)
    RecoveryCodes.activate(alice)
    return SECRET


def password(client: Client, user: User) -> None:
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def second_step(client: Client, typed: str) -> None:
    client.post(reverse("mfa_authenticate"), {"code": typed})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_codes_are_those_of_rfc_6238() -> None:
    """Appendix B, SHA-1, the last six of eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert code(secret, at=59) == "287082"
    assert code(secret, at=1111111109) == "081804"


def test_the_password_alone_lets_nobody_in(client: Client, alice: User, phone: str) -> None:
    password(client, alice)
    assert not signed_in(client)


def test_password_and_code_do(client: Client, alice: User, phone: str) -> None:
    password(client, alice)
    second_step(client, code(phone))
    assert signed_in(client)


def test_a_wrong_code_does_not(client: Client, alice: User, phone: str) -> None:
    password(client, alice)
    second_step(client, "000000" if code(phone) != "000000" else "111111")
    assert not signed_in(client)


def test_a_code_of_five_minutes_ago_does_not(client: Client, alice: User, phone: str) -> None:
    password(client, alice)
    second_step(client, code(phone, at=time.time() - 300))
    assert not signed_in(client)


def test_a_code_works_once(client: Client, alice: User, phone: str) -> None:
    """Whoever looks over a shoulder cannot use what was typed."""
    with time_machine.travel(1_800_000_000, tick=False):
        typed = code(phone)
        password(client, alice)
        second_step(client, typed)
        other = Client()
        password(other, alice)
        second_step(other, typed)
    assert signed_in(client)
    assert not signed_in(other)


def test_a_recovery_code_works_once(client: Client, alice: User, phone: str) -> None:
    codes = Authenticator.objects.get(user=alice, type=Authenticator.Type.RECOVERY_CODES).wrap()
    spare = codes.get_unused_codes()[0]
    password(client, alice)
    second_step(client, spare)
    assert signed_in(client)
    other = Client()
    password(other, alice)
    second_step(other, spare)
    assert not signed_in(other)


def test_guessing_codes_is_limited(client: Client, alice: User, phone: str) -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        password(client, alice)
        wrong = "000000" if code(phone) != "000000" else "111111"
        for _ in range(5):
            second_step(client, wrong)
        second_step(client, code(phone))
    assert not signed_in(client)


def test_the_secret_is_encrypted_in_the_database(alice: User, phone: str) -> None:
    stored = Authenticator.objects.get(user=alice, type=Authenticator.Type.TOTP)
    assert phone not in str(stored.data)


def test_it_is_set_up_in_the_browser(alice: User, aurora: Organisation, client_for: ClientFor) -> None:
    client = client_for(alice, aurora)
    url = reverse("mfa_activate_totp")
    assert client.get(url)["Location"].startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": url})
    found = re.search(r'<code id="secret">([A-Z2-7]+)</code>', client.get(url).content.decode())
    assert found
    answer = client.post(url, {"code": code(found[1])})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    assert client.get(reverse("mfa_view_recovery_codes")).content.decode().count("<li>") >= 10
    assert Authenticator.objects.filter(user=alice, type=Authenticator.Type.TOTP).exists()


class TestRequiredForAdministrators:
    @pytest.fixture(autouse=True)
    def required(self, alice: User, aurora: Organisation) -> None:
        verbs.change_organisation(actor=alice, organisation=aurora, two_factor_required=True)

    def test_it_sends_an_administrator_without_to_set_it_up(
        self, alice: User, aurora: Organisation, client_for: ClientFor
    ) -> None:
        answer = client_for(alice, aurora).get(reverse("settings_members"))
        assert answer["Location"] == reverse("mfa_activate_totp")

    def test_it_moves_the_whole_page_when_htmx_asks(
        self, alice: User, aurora: Organisation, client_for: ClientFor
    ) -> None:
        answer = client_for(alice, aurora).get(reverse("settings_members"), headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == reverse("mfa_activate_totp")

    def test_it_lets_one_with_it_through(
        self, alice: User, aurora: Organisation, phone: str, client_for: ClientFor
    ) -> None:
        assert client_for(alice, aurora).get(reverse("settings_members")).status_code == 200

    def test_it_does_not_ask_a_marketer(self, bob: User, aurora: Organisation, client_for: ClientFor) -> None:
        assert client_for(bob, aurora).get(reverse("settings_account")).status_code == 200

    def test_it_does_not_ask_in_another_organisation(
        self, charlie: User, borealis: Organisation, client_for: ClientFor
    ) -> None:
        assert client_for(charlie, borealis).get(reverse("settings_members")).status_code == 200

    @pytest.mark.parametrize("name", ["organisation", "account_logout", "mfa_index"])
    def test_it_leaves_a_way_out(
        self, name: str, alice: User, aurora: Organisation, client_for: ClientFor
    ) -> None:
        assert client_for(alice, aurora).get(reverse(name)).status_code == 200


def test_an_operator_resets_it_for_somebody_who_lost_everything(alice: User, phone: str) -> None:
    from django.core.management import call_command

    call_command("reset_two_factor", alice.email.upper())
    assert not Authenticator.objects.filter(user=alice).exists()


def test_every_organisation_of_theirs_sees_that_it_was_reset(
    alice: User, phone: str, aurora: Organisation, borealis: Organisation
) -> None:
    from django.core.management import call_command

    verbs.add_member(actor=None, organisation=borealis, user=alice, role=Role.MARKETER)
    for _again in range(2):  # the second time there is nothing to switch off
        call_command("reset_two_factor", alice.email)
    for organisation in (aurora, borealis):
        with tenant_context(organisation):
            entry = AuditEntry.objects.get(verb="member.two_factor_reset")
            assert (entry.target, entry.actor_label) == (alice.email, "Foyer")
            assert entry.verb_label == "Two-factor sign-in reset"
