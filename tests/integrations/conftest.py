"""The till, its connections, and a worker that is this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from integrations import connectors, runs
from integrations.models import Connection, Run, Trigger
from organisations.models import Organisation
from profiles.models import Source
from tests.fakes.till import Till, till

MAX_UNITS = 200


@pytest.fixture
def box_office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    """A till that runs, and Foyer knowing its two connectors beside the real ones."""
    ours = (
        "tests.fakes.till_connector.TillConnector",
        "tests.fakes.till_connector.LetterBoxConnector",
    )
    monkeypatch.setattr(connectors, "CONNECTORS", (*connectors.CONNECTORS, *ours))
    connectors.registry.cache_clear()
    with till() as running:
        yield running
    connectors.registry.cache_clear()


def connect(box_office: Till, connector: str = "till", **fields: object) -> Connection:
    """A connection of the current organisation to the till."""
    source, _ = Source.objects.get_or_create(slug=connector, defaults={"name": connector})
    connection = Connection(
        connector=connector,
        name=str(fields.pop("name", connector)),
        slug=str(fields.pop("slug", connector)),
        source=source,
        config={"address": box_office.url, "page_size": fields.pop("page_size", 10)},
        **fields,
    )
    connection.secrets = {"key": "right"}
    connection.save()
    return connection


@pytest.fixture
def tills(in_aurora: Organisation, box_office: Till) -> Connection:
    return connect(box_office)


@pytest.fixture
def letter_box(in_aurora: Organisation, box_office: Till) -> Connection:
    return connect(box_office, "letter_box")


Work = Callable[[Run], Run]


def work(run: Run) -> Run:
    """Does units until there are no more, as a worker would."""
    for _ in range(MAX_UNITS):
        if not runs.advance(run.pk).more:
            break
    run.refresh_from_db()
    return run


def run_now(connection: Connection, **more: object) -> Run:
    return work(runs.start(connection=connection, trigger=Trigger.MANUAL, **more))  # type: ignore[arg-type]
