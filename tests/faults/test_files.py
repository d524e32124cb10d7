"""Files that vanish, and files that come twice: a clear state, nothing lost, nothing doubled."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django_tenants.utils import tenant_context

from integrations import connectors, runs
from integrations.files import samples
from integrations.files.places import folder_root
from integrations.models import Connection, Run, RunState, Trigger
from integrations.runs import pulling, taking_in
from integrations.runs.account import equation
from organisations.models import Organisation
from profiles.models import Order, OrderLine, Profile, Source, SourceRecord


@pytest.fixture(autouse=True)
def _quick(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    connectors.registry.cache_clear()
    settings.FOYER_FILES_SETTLE_SECONDS = 0
    settings.FOYER_FILES, settings.FOYER_DATA = tmp_path / "files", tmp_path


def sale(seed: int = 1) -> bytes:
    stream = BytesIO()
    samples.write("pretix", stream, rows=60, seed=seed, traps=False)
    return stream.getvalue()


def rows(*files: bytes) -> int:
    """Lines of these files, but for their headers."""
    return sum(len(each.strip().splitlines()) - 1 for each in files)


def drop(organisation: Organisation) -> Path:
    folder = folder_root(organisation.schema_name) / "drop"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def connect() -> Connection:
    source = Source.objects.create(name="Files", slug="files")
    made = Connection(connector="file", name="Files", slug="files", source=source)
    made.config = {"place": "folder", "folder": "drop", "preset": "pretix"}
    made.save()
    return made


def work(run: Run) -> Run:
    for _ in range(200):
        if not runs.advance(run.pk).more:
            break
        Run.objects.filter(pk=run.pk).update(retry_at=None)
    run.refresh_from_db()
    return run


def start(connection: Connection) -> Run:
    return runs.start(connection=connection, trigger=Trigger.MANUAL)


def amounts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (Order, OrderLine, Profile, SourceRecord)}


# --- the disk of the drop folder disappears --------------------------------------------------------


def test_a_folder_that_is_gone_calls_a_person_and_the_run_goes_on_when_it_is_back(
    in_aurora: Organisation,
) -> None:
    folder = drop(in_aurora)
    (folder / "sale.csv").write_bytes(sale())
    away = folder.rename(folder.with_name("unmounted"))
    run = work(start(connect()))
    assert run.state == RunState.WAITING
    assert "not there" in run.reason
    away.rename(folder)
    runs.retry(run=run, actor=None)
    work(run)
    assert run.state == RunState.DONE
    assert equation(run)["read"] == rows(sale())
    assert (folder / "sale.csv").exists()


@pytest.mark.parametrize("units", [1, 2, 3, 4, 5])
def test_a_folder_that_goes_in_the_middle(
    units: int, in_aurora: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After so many units of the run the disk is gone; later it is back."""
    monkeypatch.setattr(pulling, "UNIT_SECONDS", -1)
    monkeypatch.setattr(taking_in, "PARCEL_ROWS", 20)
    folder = drop(in_aurora)
    for number in (1, 2):
        (folder / f"sale-{number}.csv").write_bytes(sale(seed=number))
    run = start(connect())
    for _ in range(units):
        runs.advance(run.pk)
    kept = folder.with_name("unmounted")
    folder.rename(kept)
    work(run)
    assert run.state in (RunState.WAITING, RunState.DONE)
    assert run.reason or run.state == RunState.DONE
    kept.rename(folder)
    if run.state == RunState.WAITING:
        runs.retry(run=run, actor=None)
        work(run)
    assert run.state == RunState.DONE
    whole = rows(sale(1), sale(2))
    assert equation(run)["read"] == OrderLine.objects.count() == whole
    assert equation(run)["created"] + equation(run)["held"] == whole


def test_a_file_that_goes_before_it_is_read_leaves_an_empty_run(in_aurora: Organisation) -> None:
    """Somebody took it back: nothing to do, and an empty run's alarm says so."""
    folder = drop(in_aurora)
    (folder / "sale-1.csv").write_bytes(sale())
    connection = connect()
    work(start(connection))
    (folder / "sale-2.csv").write_bytes(sale(seed=2))
    run = start(connection)
    (folder / "sale-2.csv").unlink()
    work(run)
    assert (run.state, run.reason) == (RunState.DONE, "")
    assert equation(run)["read"] == 0


# --- the same file twice, two workers at once ------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("copies", [1, 2])
def test_two_workers_see_the_same_file_at_once(copies: int, aurora: Organisation) -> None:
    """Once or under two names: two runs want it at the same moment, and its rows are in once."""
    with tenant_context(aurora):
        folder = drop(aurora)
        for number in range(copies):
            (folder / f"sale-{number}.csv").write_bytes(sale())
        connection = connect()
        both = [start(connection), start(connection)]
    gate = threading.Barrier(2)

    def worker(run: Run) -> Run:
        try:
            with tenant_context(aurora):
                gate.wait()
                return work_together(run)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(worker, both))
    with tenant_context(aurora):
        assert [run.state for run in done] == [RunState.DONE] * 2
        told = [equation(run) for run in done]
        assert sum(each["created"] for each in told) == rows(sale())
        assert sum(each["updated"] + each["failed"] for each in told) == 0
        assert OrderLine.objects.count() == rows(sale())
        before = amounts()
        again = work(start(connection))
        assert (again.state, equation(again)["read"]) == (RunState.DONE, 0)
        assert amounts() == before


def work_together(run: Run) -> Run:
    """As two workers do: the other's run may be at it, then this one waits for its turn."""
    for _ in range(2000):
        runs.advance(run.pk)
        run.refresh_from_db()
        if not run.is_live:
            return run
        Run.objects.filter(pk=run.pk).update(retry_at=None)
    raise AssertionError(f"still {run.state}")
