"""What every connector promises, tried against a real other side of each."""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings as django_settings
from django.db import connection as database
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from integrations import connectors, runs
from integrations.connectors import Connector, Raw, connector_for, registry
from integrations.errors import ConfigurationError, Rejected, TryLater
from integrations.mailchimp import client
from integrations.models import Run, RunState, Trigger
from integrations.runs import pulling
from integrations.runs.account import equation
from integrations.runs.taking_in import read
from organisations.models import Organisation
from profiles.rows import CanonicalRow
from tests.integrations.far_sides import FAR_SIDES, FarSide

connectors.registry.cache_clear()
# Uploaded tables have no other side to speak to: test_by_hand.py tries them.
SLUGS = sorted(slug for slug, cls in registry().items() if cls.offered)
ROOT = Path(django_settings.BASE_DIR)
KINDS = {"text", "secret", "url", "integer", "boolean", "choice", "json"}
JUNK: list[Raw] = [{}, [], {"a": None}, {"type": "order", "order": {"code": []}}, ["x"] * 3]
CANONICAL = {"people", "orders", "events", "claims"}


@pytest.fixture(params=SLUGS)
def slug(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def far(
    slug: str, in_aurora: Organisation, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FarSide]:
    connectors.registry.cache_clear()
    monkeypatch.setattr(client, "PATIENCE", client.Patience(pause=0.01))
    settings.FOYER_ALLOW_PRIVATE_HOSTS = True
    settings.FOYER_FILES_SETTLE_SECONDS = 0
    settings.FOYER_FILES, settings.FOYER_DATA = tmp_path / "files", tmp_path
    with FAR_SIDES[slug]() as side:
        yield side


def work(run: Run) -> Run:
    for _ in range(300):
        if not runs.advance(run.pk).more:
            break
    run.refresh_from_db()
    return run


def run_now(side: FarSide) -> Run:
    side.connection.refresh_from_db()
    run = work(runs.start(connection=side.connection, trigger=Trigger.MANUAL))
    assert run.state == RunState.DONE, run.reason
    return run


def rows_of(run: Run) -> list[Raw]:
    return [row for parcel in run.parcels.order_by("number") for row in parcel.rows()]


def told(side: FarSide, run: Run) -> list[CanonicalRow]:
    connector = connector_for(side.connection, run)
    return [connector.to_row(row, number) for number, row in enumerate(rows_of(run), start=1)]


def exempt(side: FarSide, check: str) -> None:
    if check in side.exempt:
        pytest.skip(side.exempt[check])


# --- what it says about itself ---------------------------------------------------------------------


def test_every_connector_has_a_far_side_and_no_far_side_is_stale() -> None:
    assert sorted(FAR_SIDES) == SLUGS


def test_it_introduces_itself(slug: str) -> None:
    cls = registry()[slug]
    assert cls.slug == slug
    assert str(cls.name)
    assert str(cls.rate_limit)
    assert cls.reads <= CANONICAL
    assert cls.reads
    assert inspect.getmodule(cls).__doc__


def test_its_settings_are_typed_and_described(slug: str) -> None:
    cls = registry()[slug]
    keys = [each.key for each in cls.fields]
    assert len(keys) == len(set(keys))
    for each in cls.fields:
        assert each.kind in KINDS
        assert str(each.label), each.key
        assert each.secret == (each.kind == "secret"), each.key
        assert bool(each.choices) == (each.kind == "choice"), each.key
        if not each.secret:
            orjson.dumps(each.default)  # it may be stored


def test_it_has_a_page_that_names_every_setting(slug: str) -> None:
    cls = registry()[slug]
    page = ROOT / cls.docs
    assert page.is_file(), f"{cls.docs} is missing"
    text = page.read_text().lower()
    missing = [str(each.label) for each in cls.fields if str(each.label).lower() not in text]
    assert missing == []


def test_the_reference_lists_it(slug: str) -> None:
    cls = registry()[slug]
    text = (ROOT / "docs" / "reference" / "connectors.md").read_text()
    section = text.partition(f"\n## {cls.name}\n")[2].partition("\n## ")[0]
    assert f"`{slug}`" in section
    for each in cls.fields:
        assert f"`{each.key}`" in section, each.key
    for word in cls.reads | cls.writes:
        assert word in section
    assert cls.docs.removeprefix("docs/") in section


# --- trying the settings ---------------------------------------------------------------------------


def test_right_settings_pass(far: FarSide) -> None:
    far.add(3)
    connector_for(far.connection).check()


def test_wrong_credentials_call_a_person_and_are_not_quoted(far: FarSide) -> None:
    far.add(3)
    far.lock()
    with pytest.raises(ConfigurationError) as caught:
        connector_for(far.connection).check()
    assert len(str(caught.value)) > 20
    for secret in far.connection.secrets.values():
        assert str(secret) not in str(caught.value)


def test_a_run_with_wrong_credentials_waits_for_a_person(far: FarSide) -> None:
    far.add(3)
    far.lock()
    run = work(runs.start(connection=far.connection, trigger=Trigger.MANUAL))
    assert run.state == RunState.WAITING
    assert run.reason


def test_a_server_that_is_away_means_later(far: FarSide) -> None:
    exempt(far, "away")
    far.leave()
    with pytest.raises(TryLater):
        connector_for(far.connection).check()
    run = runs.start(connection=far.connection, trigger=Trigger.MANUAL)
    assert runs.advance(run.pk).more
    run.refresh_from_db()
    assert run.attempts == 1
    assert run.retry_at is not None


# --- reading ---------------------------------------------------------------------------------------


def test_the_second_run_brings_nothing_new_and_the_third_what_is(far: FarSide) -> None:
    """A connector may look back a little, to miss nothing; what it reads again is the same as before."""
    exempt(far, "rows")
    far.add(60)
    assert equation(run_now(far))["created"] >= 60
    second = equation(run_now(far))
    assert second["read"] == second["unchanged"]
    far.add(2)
    third = equation(run_now(far))
    assert 2 <= third["read"] - third["unchanged"] < 60


def test_a_run_cut_into_single_pages_brings_the_same(far: FarSide, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page's cursor alone says where to go on, and the last one that there is no more."""
    exempt(far, "rows")
    far.add(120)
    monkeypatch.setattr(pulling, "UNIT_SECONDS", -1)
    cut = run_now(far)
    cursors = [json.dumps(each) for each in cut.parcels.order_by("number").values_list("cursor", flat=True)]
    assert len(set(cursors)) == len(cursors)
    keys = [row.key for row in told(far, cut)]
    assert len(keys) >= 120
    assert len(set(keys)) == len(keys)


def test_nothing_secret_is_kept_with_the_rows(far: FarSide) -> None:
    exempt(far, "rows")
    far.add(5)
    run = run_now(far)
    kept = orjson.dumps([rows_of(run), run.cursor]).decode()
    for secret in far.connection.secrets.values():
        assert str(secret) not in kept


# --- telling ---------------------------------------------------------------------------------------


def test_to_row_is_pure(far: FarSide) -> None:
    """Same in, same out, the raw row untouched, and no question to the database."""
    exempt(far, "rows")
    far.add(10)
    run = run_now(far)
    connector = connector_for(far.connection, run)
    rows = rows_of(run)
    connector.to_row(rows[0], 1)  # may look up what holds for the whole run
    with CaptureQueriesContext(database) as queries:
        for number, raw in enumerate(rows, start=1):
            before = copy.deepcopy(raw)
            assert connector.to_row(raw, number) == connector.to_row(raw, number)
            assert raw == before
    assert [each["sql"] for each in queries] == []


def test_keys_name_a_row_across_deliveries(far: FarSide) -> None:
    """Another connector object, another row number: the same key. And no two rows share one."""
    exempt(far, "rows")
    far.add(30)
    run = run_now(far)
    first = [row.key for row in told(far, run)]
    connector = connector_for(far.connection, run)
    again = [connector.to_row(raw, number + 1000).key for number, raw in enumerate(rows_of(run))]
    assert first == again
    assert len(set(first)) == len(first)


def test_a_row_that_is_none_is_set_aside(far: FarSide) -> None:
    far.add(3)
    connector = connector_for(far.connection, run_now(far))
    for junk in JUNK:
        row = read(connector, junk, 1)
        assert row.fatal or row.holds or row.buyer is None


# --- webhooks --------------------------------------------------------------------------------------


def test_a_delivery_is_known_again(far: FarSide) -> None:
    connector = connector_for(far.connection)
    if not connector.receives_webhooks:
        assert type(connector).webhook_key is Connector.webhook_key
        assert far.deliveries == ()
        return
    keys = [connector.webhook_key(each) for each in far.deliveries]
    assert len(set(keys)) == len(keys) >= 2
    assert [connector.webhook_key(each) for each in far.deliveries] == keys
    with pytest.raises(Rejected):
        connector.webhook_key(RequestFactory().post("/", b"junk", content_type="text/plain"))
