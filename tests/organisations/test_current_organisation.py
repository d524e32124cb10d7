"""Which organisation a request is about, and that it is never another."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_tenants.utils import tenant_context

from cdp.lib.tenancy import current_schema
from organisations.audit.verbs import record
from organisations.middleware import SESSION_KEY, PublicFirst
from organisations.models import Membership, Organisation, User
from organisations.roles import Role
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db


def trace(organisation: Organisation, word: str) -> None:
    """A line in the organisation's own audit log."""
    with tenant_context(organisation):
        record(actor=None, verb="test.done", target=word)


@pytest.fixture
def both(alice: User, aurora: Organisation, borealis: Organisation) -> None:
    """Alice is an administrator of both; each has a trace of its own."""
    Membership.objects.create(user=alice, organisation=borealis, role="administrator")
    trace(aurora, "only-in-aurora")
    trace(borealis, "only-in-borealis")


def shown(client: Client) -> set[str]:
    page = client.get(reverse("settings_audit")).content.decode()
    # The address breaks at dashes, so that long ones wrap.
    return {word for word in ("only-in-aurora", "only-in-borealis") if word in page.replace("<wbr>", "")}


def choose(client: Client, slug: str, target: str = "") -> str:
    answer = client.post(reverse("organisation"), {"organisation": slug, "next": target})
    return str(answer.headers.get("Location", answer.status_code))


def test_switching_there_and_back_shows_each_its_own(both: None, alice: User, client_for: ClientFor) -> None:
    client = client_for(alice, None)
    for slug in ("aurora", "borealis", "aurora", "borealis"):
        choose(client, slug)
        assert shown(client) == {f"only-in-{slug}"}


def test_with_several_to_choose_from_it_asks(both: None, alice: User, client_for: ClientFor) -> None:
    answer = client_for(alice, None).get(reverse("settings_audit"))
    assert answer["Location"] == f"{reverse('organisation')}?next=%2Fsettings%2Faudit%2F"


def test_with_one_it_does_not_ask(alice: User, client_for: ClientFor) -> None:
    client = client_for(alice, None)
    assert client.get(reverse("settings_audit")).status_code == 200
    assert "_auth_user_id" in client.session


def test_nobody_enters_an_organisation_they_do_not_belong_to(
    charlie: User, borealis: Organisation, client_for: ClientFor
) -> None:
    client = client_for(charlie, borealis)
    assert choose(client, "aurora") == "404"
    assert client.session[SESSION_KEY] == borealis.pk


def test_choosing_goes_on_to_where_one_was_going(both: None, alice: User, client_for: ClientFor) -> None:
    client = client_for(alice, None)
    assert choose(client, "aurora", "/settings/audit/") == "/settings/audit/"
    assert choose(client, "aurora", "https://evil.example.org/") == "/"
    assert choose(client, "aurora", "//evil.example.org/") == "/"


def test_another_sign_in_does_not_inherit_the_choice(
    client: Client, alice: User, charlie: User, aurora: Organisation
) -> None:
    client.force_login(alice)
    session = client.session
    session[SESSION_KEY] = aurora.pk
    session.save()
    client.force_login(charlie)
    answer = client.get(reverse("settings"))
    assert answer.context["organisation"].slug == "borealis"


def test_the_schema_is_public_again_after_the_request(
    alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    client = Client()
    client.cookies = client_for(alice, aurora).cookies
    client.get(reverse("settings_audit"))
    assert current_schema() == "public"


def test_the_schema_is_public_again_after_a_failure(aurora: Organisation) -> None:
    def fail(request: object) -> None:
        connection.set_tenant(aurora)  # type: ignore[attr-defined]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        PublicFirst(fail)(None)  # type: ignore[arg-type]
    assert current_schema() == "public"


@pytest.mark.django_db(transaction=True)
def test_many_requests_at_once_never_mix(
    both: None, alice: User, aurora: Organisation, borealis: Organisation, client_for: ClientFor
) -> None:
    cookies = {
        slug: client_for(alice, org).cookies for slug, org in (("aurora", aurora), ("borealis", borealis))
    }

    def visit(number: int) -> bool:
        slug = ("aurora", "borealis")[number % 2]
        client = Client()
        client.cookies = cookies[slug]
        try:
            return shown(client) == {f"only-in-{slug}"}
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(visit, range(40)))


def test_htmx_moves_the_whole_page_to_the_login_and_back(client: Client) -> None:
    """A visit that ended while a page was open must not show the login inside a fragment."""
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/settings/members/?x=1"}
    answer = client.get(reverse("settings_audit"), headers=headers)
    assert answer["HX-Redirect"] == f"{reverse('account_login')}?next=/settings/members/"
    assert answer.content == b""


@pytest.mark.parametrize("path", ["/", "/runs/", "/connections/", "/settings/members/"])
def test_no_cache_keeps_a_page_of_an_organisation(
    path: str, alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    assert "no-store" in client_for(alice, aurora).get(path).headers["Cache-Control"]


def answer_to_a_large_body(client: Client, path: str = "/by-hand/people/upload/") -> int:
    """Only its length is told; nothing of it is sent."""
    kind = "multipart/form-data; boundary=x"
    return client.generic("POST", path, b"", kind, CONTENT_LENGTH=str(6 * 2**20)).status_code


def test_nobody_fills_the_disk_without_signing_in(client: Client) -> None:
    """Django would write the file down first and ask later."""
    assert answer_to_a_large_body(client, "/accounts/login/") == 413
    assert answer_to_a_large_body(client) == 413


def test_large_bodies_are_for_those_who_import(
    bob: User, aurora: Organisation, client_for: ClientFor, settings: Any
) -> None:
    assert answer_to_a_large_body(client_for(bob, aurora)) == 200  # the form again: the file is missing
    settings.FOYER_FILES_MOST_MB = 0
    assert answer_to_a_large_body(client_for(bob, aurora)) == 413


def test_somebody_who_imports_nothing_sends_no_large_body(
    bob: User, aurora: Organisation, client_for: ClientFor
) -> None:
    Membership.objects.filter(user=bob).update(role=Role.CUSTOMER_SERVICE)
    assert answer_to_a_large_body(client_for(bob, aurora)) == 413


@pytest.mark.parametrize(
    "path", ["/people/?q=%00", "/people/find/?q=a%00b", "/runs/?connection=%00", "/hooks/a%00b/c/d/"]
)
def test_an_address_with_a_zero_byte_is_the_callers_fault(
    path: str, alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    assert client_for(alice, aurora).get(path).status_code == 400


def test_where_htmx_is_may_be_no_address(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://[x"}
    answer = client.get(reverse("settings_audit"), headers=headers)
    assert answer["HX-Redirect"] == f"{reverse('account_login')}?next={reverse('settings_audit')}"
