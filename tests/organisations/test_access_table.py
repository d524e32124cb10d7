"""Every page as everybody: each role, another organisation, no organisation, nobody."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_tenants.utils import tenant_context

from organisations.middleware import SESSION_KEY
from organisations.models import Membership, Organisation, User
from organisations.roles import Can, Role, capabilities
from tests.conftest import ClientFor
from tests.organisations.access_table import Page, all_exemptions, all_pages, nothing

PAGES = all_pages()
INLINE = re.compile(
    r"<style|<[^>]+\s(?:style|on[a-z]+|hx-on[\w:-]*)=|<script(?![^>]*\ssrc=)(?![^>]*application/json)"
)
every_page = pytest.mark.parametrize("page", PAGES, ids=str)
needs_a_capability = pytest.mark.parametrize("page", [p for p in PAGES if isinstance(p.needs, Can)], ids=str)
about_something = pytest.mark.parametrize("page", [p for p in PAGES if p.about is not nothing], ids=str)


Asking = tuple[str, dict[str, Any]]


def address(page: Page, organisation: Organisation) -> Asking:
    """Where to ask, and what to send."""
    with tenant_context(organisation):
        url = reverse(page.name, kwargs=page.about(organisation))
        data = page.data() if callable(page.data) else page.data
        return f"{url}{page.query}", dict(data)


def ask(client: Client, page: Page, asking: Asking) -> HttpResponse:
    url, data = asking
    return getattr(client, page.method)(url, data)  # type: ignore[no-any-return]


def somebody(organisation: Organisation | None, role: str = "") -> User:
    user = User.objects.create_user(f"{role or 'nobody'}@example.net", name="Sigrid")
    if organisation:
        Membership.objects.create(user=user, organisation=organisation, role=role)
    return user


@every_page
def test_it_sends_the_anonymous_to_the_login(page: Page, aurora: Organisation) -> None:
    answer = ask(Client(), page, address(page, aurora))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("role", Role.values)
@every_page
def test_it_opens_to_the_roles_that_may(
    page: Page, role: str, aurora: Organisation, client_for: ClientFor
) -> None:
    url = address(page, aurora)
    answer = ask(client_for(somebody(aurora, role), aurora), page, url)
    assert answer.status_code == expected(page, role)


def expected(page: Page, role: str) -> int:
    if isinstance(page.needs, Can):
        return page.allowed if page.needs in capabilities(role) else 403
    return page.allowed if page.needs == "login" else 404


@pytest.mark.parametrize("page", [p for p in PAGES if p.method == "get" and p.needs != "operator"], ids=str)
def test_it_holds_no_inline_code(
    page: Page, aurora: Organisation, alice: User, client_for: ClientFor
) -> None:
    """The content security policy would stop it, and the page would be broken."""
    answer = ask(client_for(alice, aurora), page, address(page, aurora))
    assert "unsafe" not in answer["Content-Security-Policy"]
    if answer["Content-Type"].startswith("text/html"):
        assert not INLINE.search(answer.content.decode())


@about_something
def test_the_outsider_gets_404_for_what_belongs_to_another(
    page: Page, aurora: Organisation, borealis: Organisation, charlie: User, client_for: ClientFor
) -> None:
    """Charlie may do everything at home, so only the organisation stands between."""
    url = address(page, aurora)
    assert ask(client_for(charlie, borealis), page, url).status_code == 404


@every_page
def test_a_forged_choice_of_organisation_opens_nothing_of_it(
    page: Page, aurora: Organisation, borealis: Organisation, charlie: User, client_for: ClientFor
) -> None:
    """A session that names an organisation its user does not belong to is as good as none."""
    client = client_for(charlie, aurora)
    url = address(page, aurora)
    ask(client, page, url)
    assert client.session.get(SESSION_KEY) == borealis.pk


@needs_a_capability
def test_somebody_without_an_organisation_gets_404(
    page: Page, aurora: Organisation, client_for: ClientFor
) -> None:
    url = address(page, aurora)
    assert ask(client_for(somebody(None), None), page, url).status_code == 404


@needs_a_capability
def test_an_operator_without_membership_sees_nothing_of_an_organisation(
    page: Page, aurora: Organisation, client_for: ClientFor
) -> None:
    operator = User.objects.create_user("olga@example.net", name="Olga", is_operator=True)
    client = client_for(operator, aurora)
    answer = ask(client, page, address(page, aurora))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("organisation"))


@pytest.mark.parametrize("page", [p for p in PAGES if p.needs == "operator"], ids=str)
def test_platform_pages_open_to_operators(page: Page, aurora: Organisation, client_for: ClientFor) -> None:
    operator = User.objects.create_user("olga@example.net", name="Olga", is_operator=True)
    assert ask(client_for(operator, None), page, address(page, aurora)).status_code == page.allowed


def test_it_lists_every_address() -> None:
    """A new page without a row, or a reason for having none, fails here."""
    rows, exempt = {page.name for page in PAGES}, all_exemptions()
    missing = {name for name in VIEWS if name not in rows and not _exempt(name, exempt)}
    assert missing == set()


def test_every_row_and_exemption_still_has_an_address() -> None:
    stale = {page.name for page in PAGES if page.name not in VIEWS}
    stale |= {name for name in all_exemptions() if not any(fnmatchcase(found, name) for found in VIEWS)}
    assert stale == set()


@every_page
def test_its_view_asks_for_what_the_row_says(page: Page) -> None:
    """By decorator, so that the answer cannot depend on how far the view got."""
    assert VIEWS[page.name].required == str(page.needs)


def test_every_exemption_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in all_exemptions().values())


def _exempt(name: str, exemptions: dict[str, str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in exemptions)


def _walk(
    patterns: list[URLPattern | URLResolver], namespace: str = "", route: str = ""
) -> Iterator[tuple[str, Any]]:
    """Every URL name of the project with its view; an unnamed one shows as its route."""
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, here)
        else:
            yield f"{namespace}{pattern.name or here}", pattern.callback


VIEWS = dict(_walk(get_resolver().url_patterns))
