"""Who reads which file, once: two workers, growing files, new versions, undo."""

from __future__ import annotations

import os
import threading
import time
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection as database
from django_tenants.utils import tenant_context
from pytest_django import Settings

from integrations import runs
from integrations.files import claiming
from integrations.files.models import FileState, ImportFile, Mapping
from integrations.files.uploading import forget_old, receive
from integrations.files.versions import save_mapping
from integrations.models import Connection, Run, Trigger
from integrations.runs.undoing import undo
from organisations.models import Organisation, User
from profiles.models import Order
from tests.files.making import HEADER, SPEC, connection_of, finished, imported, table


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """Aurora's own folder, in which files stand still at once."""
    settings.FOYER_FILES = tmp_path
    settings.FOYER_FILES_SETTLE_SECONDS = 0
    (tmp_path / "aurora").mkdir()
    return tmp_path / "aurora"


@pytest.fixture
def connection(in_aurora: Organisation, folder: Path) -> Connection:
    made = connection_of("folder", pattern="*.csv")
    save_mapping(connection=made, spec=SPEC, header=HEADER, actor=None)
    return made


def morning(connection: Connection) -> Run:
    return finished(runs.start(connection=connection, trigger=Trigger.MANUAL))


def read(run: Run) -> int:
    return run.intake.rows_read if run.intake else 0


def test_a_file_is_read_once_and_a_new_version_again(connection: Connection, folder: Path) -> None:
    (folder / "salg.csv").write_bytes(table(1, 2))
    assert read(morning(connection)) == 2
    assert read(morning(connection)) == 0
    (folder / "salg.csv").write_bytes(table(1, 2, 3))
    assert read(morning(connection)) == 3
    assert Order.objects.count() == 3
    assert (folder / "salg.csv").read_bytes() == table(1, 2, 3), "the customer's file is never touched"


def test_all_files_of_a_morning_come_in_one_run_by_name(connection: Connection, folder: Path) -> None:
    for name, numbers in (("b.csv", (3, 4)), ("a.csv", (1, 2)), ("c.txt", (9,))):
        (folder / name).write_bytes(table(*numbers))
    run = morning(connection)
    assert read(run) == 4
    assert [file.name for file in ImportFile.objects.filter(run=run).order_by("pk")] == ["a.csv", "b.csv"]


def test_a_file_that_is_still_growing_is_left_alone(
    connection: Connection, folder: Path, settings: Settings
) -> None:
    settings.FOYER_FILES_SETTLE_SECONDS = 1
    (folder / "salg.csv").write_bytes(table(1))
    growing = threading.Timer(0.5, lambda: (folder / "salg.csv").write_bytes(table(1, 2)))
    growing.start()
    run = runs.start(connection=connection, trigger=Trigger.MANUAL)
    runs.advance(run.pk)
    growing.join()
    run.refresh_from_db()
    assert run.retry_at is not None
    assert "still being written" in run.reason
    assert not Order.objects.exists()
    settings.FOYER_FILES_SETTLE_SECONDS = 0
    Run.objects.filter(pk=run.pk).update(retry_at=None)
    assert read(finished(run)) == 2


def test_a_file_that_stood_still_between_two_looks_is_read(
    connection: Connection, folder: Path, settings: Settings
) -> None:
    settings.FOYER_FILES_SETTLE_SECONDS = 0.3
    (folder / "salg.csv").write_bytes(table(1))
    assert read(morning(connection)) == 1


def test_where_files_take_long_to_settle_no_worker_waits(
    connection: Connection, folder: Path, settings: Settings
) -> None:
    settings.FOYER_FILES_SETTLE_SECONDS = 300
    (folder / "salg.csv").write_bytes(table(1))
    run = runs.start(connection=connection, trigger=Trigger.MANUAL)
    began = time.monotonic()
    runs.advance(run.pk)
    assert time.monotonic() - began < 10
    run.refresh_from_db()
    assert run.retry_at is not None


def test_a_run_that_is_cancelled_lets_go_of_its_file(connection: Connection, folder: Path) -> None:
    (folder / "salg.csv").write_bytes(table(1))
    run = runs.start(connection=connection, trigger=Trigger.MANUAL)
    runs.advance(run.pk)
    assert ImportFile.objects.get().state == FileState.CLAIMED
    runs.cancel(run=run, actor=None)
    finished(run)
    assert ImportFile.objects.get().state == FileState.SEEN
    assert read(morning(connection)) == 1


def test_a_delivery_taken_back_is_not_read_again_by_itself(connection: Connection, folder: Path) -> None:
    (folder / "salg.csv").write_bytes(table(1))
    undo(run=morning(connection), actor=None)
    assert not Order.objects.exists()
    assert read(morning(connection)) == 0
    wanted = {"file": ImportFile.objects.get().pk}
    assert read(finished(runs.start(connection=connection, trigger=Trigger.MANUAL, options=wanted))) == 1
    assert Order.objects.count() == 1


def test_a_delivery_taken_back_because_of_its_mapping_is_read_again(
    connection: Connection, folder: Path
) -> None:
    (folder / "salg.csv").write_bytes(table(1))
    undo(run=morning(connection), actor=None, fetch_again=True)
    assert read(morning(connection)) == 1


def test_an_upload_of_the_same_content_is_the_same_file(connection: Connection, alice: User) -> None:
    files = [
        receive(connection=connection, name="salg.csv", stream=BytesIO(table(1)), actor=alice)
        for _ in range(2)
    ]
    assert files[0].pk == files[1].pk
    assert files[1].parts.count() == 1


def test_an_operator_names_a_path(connection: Connection, tmp_path: Path) -> None:
    (tmp_path / "salg.csv").write_bytes(table(1, 2))
    run = runs.start(
        connection=connection, trigger=Trigger.COMMAND, options={"file": str(tmp_path / "salg.csv")}
    )
    assert read(finished(run)) == 2
    lost = runs.start(
        connection=connection, trigger=Trigger.COMMAND, options={"file": str(tmp_path / "x.csv")}
    )
    assert "no file" in finished(lost).reason


def test_copies_are_forgotten_after_thirty_days(connection: Connection) -> None:
    imported(connection, "salg.csv", table(1))
    assert forget_old() == 0
    with database.cursor() as cursor:
        cursor.execute("UPDATE files_importfile SET steady_since = now() - interval '31 days'")
    assert forget_old() == 1
    file = ImportFile.objects.get()
    assert (bytes(file.head), file.parts.count(), file.name) == (b"", 0, "salg.csv")


@pytest.mark.django_db(transaction=True)
def test_two_workers_see_a_file_at_once_and_one_reads_it(aurora: Organisation, folder: Path) -> None:
    with tenant_context(aurora):
        connections = [connection_of("folder", pattern="*.csv") for _ in range(2)]
        mappings = [save_mapping(connection=one, spec=SPEC, header=HEADER, actor=None) for one in connections]
        mine = connections[0]
        # Two runs of one connection never run at once; two that hold it anyway must not share a file.
        pair = [runs.start(connection=mine, trigger=Trigger.MANUAL) for _ in range(2)]
        for number in range(12):
            (folder / f"{number}.csv").write_bytes(table(number))
    barrier, got = threading.Barrier(2), {}

    def worker(run: Run) -> None:
        try:
            with tenant_context(aurora):
                place = mine.open().place  # type: ignore[attr-defined]
                barrier.wait(10)
                got[run.pk] = {file.pk for file in claiming.take_turn(run, mappings[0], place)}
        finally:
            database.close()

    threads = [threading.Thread(target=worker, args=(run,)) for run in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    first, second = got.values()
    assert first.isdisjoint(second)
    assert len(first | second) == 12


def test_one_organisation_never_sees_another_s_files(
    connection: Connection, folder: Path, borealis: Organisation
) -> None:
    (folder / "salg.csv").write_bytes(table(1))
    (folder.parent / "borealis").mkdir()
    with tenant_context(borealis):
        theirs = connection_of("folder", pattern="*.csv")
        save_mapping(connection=theirs, spec=SPEC, header=HEADER, actor=None)
        assert read(morning(theirs)) == 0
        outside = connection_of("folder", folder="../aurora", pattern="*.csv")
        save_mapping(connection=outside, spec=SPEC, header=HEADER, actor=None)
        assert "inside your organisation" in morning(outside).reason
    assert os.listdir(folder) == ["salg.csv"]
    assert Mapping.objects.count() == 1
