from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.http import Limits
from integrations.models import Connection
from integrations.pretix.connector import PretixConnector
from organisations.models import Organisation
from profiles.models import Source
from tests.fakes.pretix import Pretix, pretix

IMPATIENT = Limits(connect=1, read=0.3, whole=0.8, tries=2, pause=0.01, patience=0.5, max_bytes=8_000_000)


@pytest.fixture
def shop() -> Iterator[Pretix]:
    with pretix() as served:
        yield served


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(PretixConnector, "limits", IMPATIENT)
    settings.FOYER_ALLOW_PRIVATE_HOSTS = True


def connect(shop: Pretix, **config: Any) -> Connection:
    """A connection that is not saved: enough to read with."""
    made = Connection(connector="pretix", name="pretix", slug="pretix")
    made.config = {"base_url": shop.url, "organizer": shop.organizer} | config
    made.secrets = {"token": shop.token}
    return made


def new_source() -> Source:
    return Source.objects.create(name="pretix", slug="pretix")


@pytest.fixture
def connection(shop: Pretix, in_aurora: Organisation) -> Connection:
    made = connect(shop, consent_questions={"MARKETING": "newsletter"})
    made.source = new_source()
    made.save()
    return made
