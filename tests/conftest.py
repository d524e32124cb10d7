"""What every test may use: the database, two organisations, three people, signed-in browsers."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client, TransactionTestCase
from django_tenants.utils import tenant_context
from pytest_django.plugin import DjangoDbBlocker

from organisations.middleware import SESSION_KEY
from organisations.models import Organisation, User
from tests import baseline, template
from tests.server import drop_databases, server

ClientFor = Callable[[User, Organisation | None], Client]


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, request: pytest.FixtureRequest
) -> Iterator[None]:
    """A database of this worker's own, copied from the template."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"test_{os.environ['FOYER_TEST_RUN']}_{worker}"
    with django_db_blocker.unblock():
        template.copy(name)
        template.use_database(name)
        setattr(TransactionTestCase, "_fixture_teardown", baseline.Baseline().restore)  # noqa: B010
    yield
    with django_db_blocker.unblock():
        connection.close()
        drop_databases(server(), name)


@pytest.fixture(autouse=True)
def _public_schema() -> Iterator[None]:
    """What one test left the connection in is not where the next one starts."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    yield
    connection.set_schema_to_public()  # type: ignore[attr-defined]


@pytest.fixture
def aurora(db: None) -> Organisation:
    found: Organisation = Organisation.objects.get(slug="aurora")
    return found


@pytest.fixture
def borealis(db: None) -> Organisation:
    found: Organisation = Organisation.objects.get(slug="borealis")
    return found


@pytest.fixture
def in_aurora(aurora: Organisation) -> Iterator[Organisation]:
    """Runs the test inside Aurora's schema."""
    with tenant_context(aurora):
        yield aurora


@pytest.fixture
def alice(db: None) -> User:
    """Administrator of Aurora."""
    return User.objects.get(email="alice@example.org")


@pytest.fixture
def bob(db: None) -> User:
    """Marketer of Aurora."""
    return User.objects.get(email="bob@example.org")


@pytest.fixture
def charlie(db: None) -> User:
    """Administrator of Borealis: the outsider, who must never get at anything of Aurora's."""
    return User.objects.get(email="charlie@example.org")


class OrganisationClient(Client):
    """Puts the test back into the organisation it was in; the middleware leaves in public."""

    def request(self, **request: Any) -> Any:
        tenant = connection.tenant  # type: ignore[attr-defined]
        try:
            return super().request(**request)
        finally:
            connection.set_tenant(tenant)  # type: ignore[attr-defined]


@pytest.fixture
def client_for(db: None) -> ClientFor:
    """A browser signed in as somebody, with an organisation chosen (or none)."""

    def sign_in(user: User, organisation: Organisation | None) -> Client:
        client = OrganisationClient()
        client.force_login(user)
        if organisation:
            session = client.session
            session[SESSION_KEY] = organisation.pk
            session.save()
        return client

    return sign_in
