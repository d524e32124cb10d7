"""API tokens: issued once, kept as a hash, good for one organisation and its scopes."""

from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_tenants.utils import tenant_context

from cdp.lib.tenancy import current_schema
from organisations import scopes, verbs
from organisations.audit.models import AuditEntry
from organisations.models import ApiToken, Organisation, User
from organisations.tokens import token_required
from organisations.verbs import IssuedToken
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db
ME = reverse("api_me")


@pytest.fixture
def issued(alice: User, aurora: Organisation) -> IssuedToken:
    return verbs.issue_token(
        actor=alice, organisation=aurora, name="Shop", scopes_granted=["organisation:read"]
    )


def ask(client: Client, plaintext: str, scheme: str = "Bearer") -> int:
    return client.get(ME, headers={"Authorization": f"{scheme} {plaintext}"}).status_code


def test_it_opens_its_organisation(client: Client, issued: IssuedToken) -> None:
    answer = client.get(ME, headers={"Authorization": f"Bearer {issued.plaintext}"})
    assert answer.json() == {
        "organisation": {"slug": "aurora", "name": "Aurora Scene"},
        "token": {"name": "Shop", "prefix": issued.token.prefix},
        "scopes": ["organisation:read"],
    }
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer foyer_abc", "Basic YTpi", "Bearer foyer_x_y"])
def test_anything_else_does_not(client: Client, issued: IssuedToken, header: str) -> None:
    answer = client.get(ME, headers={"Authorization": header})
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_the_right_prefix_with_a_wrong_secret_does_not(client: Client, issued: IssuedToken) -> None:
    assert ask(client, issued.plaintext[:-1] + "_") == HTTPStatus.UNAUTHORIZED


def test_a_signed_in_browser_is_not_a_token(alice: User, aurora: Organisation, client_for: ClientFor) -> None:
    assert client_for(alice, aurora).get(ME).status_code == HTTPStatus.UNAUTHORIZED


def test_a_revoked_token_is_shut_out(client: Client, alice: User, issued: IssuedToken) -> None:
    verbs.revoke_token(actor=alice, token=issued.token)
    assert ask(client, issued.plaintext) == HTTPStatus.UNAUTHORIZED


def test_an_expired_token_is_shut_out(client: Client, alice: User, aurora: Organisation) -> None:
    issued = verbs.issue_token(
        actor=alice,
        organisation=aurora,
        name="Shop",
        scopes_granted=["organisation:read"],
        expires_at=timezone.now() + timedelta(days=1),
    )
    assert ask(client, issued.plaintext) == HTTPStatus.OK
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert ask(client, issued.plaintext) == HTTPStatus.UNAUTHORIZED


def test_only_the_hash_is_kept(issued: IssuedToken) -> None:
    secret = issued.plaintext.split("_", 2)[2]
    assert secret not in str(ApiToken.objects.filter(pk=issued.token.pk).values())


def test_it_notes_its_use_once_a_minute(client: Client, issued: IssuedToken) -> None:
    def used() -> object:
        return ApiToken.objects.get(pk=issued.token.pk).last_used_at

    with time_machine.travel(timezone.now(), tick=False) as clock:
        ask(client, issued.plaintext)
        first = used()
        assert first == timezone.now()
        clock.shift(30)
        ask(client, issued.plaintext)
        assert used() == first
        clock.shift(31)
        ask(client, issued.plaintext)
        assert used() == timezone.now()


def test_a_route_refuses_a_token_without_its_scope(issued: IssuedToken) -> None:
    @token_required("people:read")
    def people(request: HttpRequest) -> JsonResponse:
        return JsonResponse({})

    request = RequestFactory().get("/", headers={"Authorization": f"Bearer {issued.plaintext}"})
    assert people(request).status_code == HTTPStatus.FORBIDDEN


def test_a_route_runs_inside_the_tokens_organisation(issued: IssuedToken) -> None:
    @token_required("organisation:read")
    def where(request: HttpRequest) -> JsonResponse:
        return JsonResponse({"schema": current_schema()})

    request = RequestFactory().get("/", headers={"Authorization": f"Bearer {issued.plaintext}"})
    assert b'"aurora"' in where(request).content  # type: ignore[attr-defined]
    assert current_schema() == "public"


def test_after_many_failures_even_a_good_token_waits(client: Client, issued: IssuedToken) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for _ in range(30):
            ask(client, "foyer_wrong_token")
        assert ask(client, issued.plaintext) == HTTPStatus.TOO_MANY_REQUESTS
        clock.shift(600)
        assert ask(client, issued.plaintext) == HTTPStatus.OK


def test_good_requests_do_not_count_as_failures(client: Client, issued: IssuedToken) -> None:
    assert [ask(client, issued.plaintext) for _ in range(35)] == [HTTPStatus.OK] * 35


def test_the_page_shows_it_once(alice: User, aurora: Organisation, client_for: ClientFor) -> None:
    client = client_for(alice, aurora)
    data = {"name": "Till", "scopes": ["organisation:read"], "days": "30"}
    answer = client.post(reverse("settings_token_new"), data)
    token = ApiToken.objects.get(name="Till")
    assert f"foyer_{token.prefix}_" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert token.expires_at is not None
    listed = client.get(reverse("settings_tokens")).content.decode()
    assert token.prefix in listed
    assert answer.context["issued"].plaintext not in listed


@pytest.mark.parametrize("wanted", [[], ["everything"]])
def test_unknown_or_no_scopes_are_refused(alice: User, aurora: Organisation, wanted: list[str]) -> None:
    with pytest.raises(ValidationError):
        verbs.issue_token(actor=alice, organisation=aurora, name="Shop", scopes_granted=wanted)


def test_issue_and_revocation_are_in_the_audit_log(
    alice: User, aurora: Organisation, issued: IssuedToken
) -> None:
    verbs.revoke_token(actor=alice, token=issued.token)
    with tenant_context(aurora):
        found = AuditEntry.objects.filter(target=issued.token.prefix).order_by("id")
        assert [entry.verb for entry in found] == ["token.issued", "token.revoked"]
        assert issued.plaintext not in str(list(found.values()))


def test_every_scope_is_explained() -> None:
    assert all(str(label) for label in scopes.labels().values())
