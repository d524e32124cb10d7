"""What goes wrong with files, and in which clear state each ends."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from pytest_django import Settings

from integrations import runs
from integrations.files import paging
from integrations.files.connector import FileConnector
from integrations.files.models import FileState, ImportFile
from integrations.files.versions import save_mapping
from integrations.models import Connection, Run, Trigger
from integrations.runs import pulling
from organisations.models import Organisation
from profiles.models import HeldRow, Order
from tests.fakes.sftp import PASSWORD, USER, sftp
from tests.files.making import HEADER, SPEC, connection_of, finished, imported, table
from tests.files.test_claiming import connection, folder, morning, read

__all__ = ["connection", "folder"]


def test_the_disk_of_the_folder_disappears_and_comes_back(connection: Connection, folder: Path) -> None:
    (folder / "salg.csv").write_bytes(table(1, 2))
    shutil.move(folder, folder.parent / "away")
    run = morning(connection)
    assert run.state == "waiting"
    assert "is not there" in run.reason
    shutil.move(folder.parent / "away", folder)
    runs.retry(run=run, actor=None)
    assert read(finished(run)) == 2


def test_two_gigabytes_of_nothing_are_refused_without_being_fetched(
    connection: Connection, folder: Path
) -> None:
    with (folder / "salg.csv").open("wb") as hollow:
        hollow.truncate(2 * 2**30)
    began = time.monotonic()
    run = morning(connection)
    assert run.state == "waiting"
    assert "zero bytes" in run.reason
    assert time.monotonic() - began < 10
    assert ImportFile.objects.get().state == FileState.CLAIMED
    runs.cancel(run=run, actor=None)
    assert finished(run).state == "cancelled"


def test_a_file_over_the_limit_is_refused(connection: Connection, folder: Path, settings: Settings) -> None:
    settings.FOYER_FILES_MOST_MB = 1
    (folder / "salg.csv").write_bytes(table(1) + b"x" * 2_000_000)
    assert "larger than 1 MB" in morning(connection).reason


def test_a_broken_row_is_failed_can_be_filled_in_and_the_rest_is_in(connection: Connection) -> None:
    lines = table(1, 2, 3).replace(b"2;t2;", b"2;t2;;;;")
    run = imported(connection, "salg.csv", lines)
    assert run.intake is not None
    assert (run.intake.rows_created, run.intake.rows_failed) == (2, 1)
    held = HeldRow.objects.get()
    connector = run.connection.open()
    shown = connector.cells(held.raw)
    assert "kari2@example.no" in shown["#"]
    mended = connector.with_cells(held.raw, {"Ordrenr": "2", "Billettnr": "t2", "E-post": "kari2@example.no"})
    row = connector.to_row(mended, 2)
    assert row.order is not None
    assert (row.key, row.fatal) == ("2/t2", "")


def test_a_corrected_cell_replaces_its_own_and_no_other(connection: Connection) -> None:
    connector = FileConnector(connection)
    raw = ["2", "t2", "22.11.2026", "gratis", "kari@example.no"]
    assert connector.with_cells(raw, {"Pris": "12,50", "Ukjent": "x"}) == [
        "2",
        "t2",
        "22.11.2026",
        "12,50",
        "kari@example.no",
    ]
    assert connector.with_cells(raw, {}) == raw


def test_a_missing_column_stops_the_file_before_anything_is_in(connection: Connection) -> None:
    run = imported(connection, "salg.csv", table(1).replace(b"E-post", b"Epostadresse"))
    assert run.state == "waiting"
    assert "E-post" in run.reason
    assert not Order.objects.exists()


def test_a_new_column_is_left_out_and_reported(connection: Connection) -> None:
    content = b"\r\n".join(line + b";ny" for line in table(1, 2).splitlines())
    assert read(imported(connection, "salg.csv", content)) == 2
    assert ImportFile.objects.get().report["unknown"] == ["ny"]


def test_a_file_goes_on_where_a_killed_worker_stopped(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_ROWS", 10)
    monkeypatch.setattr(pulling, "UNIT_SECONDS", 0)
    (folder / "a.csv").write_bytes(table(*range(25)))
    (folder / "b.csv").write_bytes(table(*range(25, 45)))
    run = runs.start(connection=connection, trigger=Trigger.MANUAL)
    first = FileConnector(connection)
    first.run = run
    pages = first.pull({})
    cursor = next(pages).cursor
    next(pages)  # read, but the worker is killed before it is saved
    pages.close()  # type: ignore[attr-defined]
    second = FileConnector(connection)
    second.run = run
    rows = [raw for page in second.pull(cursor) for raw in page.rows]
    assert [row[0] for row in rows if isinstance(row, list)] == [str(number) for number in range(10, 45)]


def test_a_run_cut_into_many_units_brings_every_row_once(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_ROWS", 10)
    monkeypatch.setattr(pulling, "UNIT_SECONDS", 0)
    (folder / "a.csv").write_bytes(table(*range(30)))
    (folder / "b.csv").write_bytes(table(*range(30, 45)))
    run = morning(connection)
    assert (run.state, read(run), Order.objects.count()) == ("done", 45, 45)
    assert set(ImportFile.objects.values_list("state", flat=True)) == {FileState.DONE}


def test_a_file_exchanged_while_it_was_being_read_stops_the_run(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.csv").write_bytes(table(1))
    run = runs.start(connection=connection, trigger=Trigger.MANUAL)
    real = FileConnector._claim

    def claim_then_exchange(self: FileConnector, run: Run) -> list[ImportFile]:
        claimed = real(self, run)
        (folder / "a.csv").write_bytes(table(1, 2, 3))
        return claimed

    monkeypatch.setattr(FileConnector, "_claim", claim_then_exchange)
    assert "changed since it was found" in finished(run).reason


def test_an_sftp_server_that_is_away_is_tried_later(
    in_aurora: Organisation, tmp_path: Path, settings: Settings
) -> None:
    settings.FOYER_FILES_SETTLE_SECONDS = 0
    (tmp_path / "salg.csv").write_bytes(table(1))
    with sftp(tmp_path) as server:
        connection = connection_of(
            "sftp", folder="/", pattern="*.csv", host="127.0.0.1", port=server.port, user=USER,
            host_key=server.fingerprint, secrets={"password": PASSWORD},
        )  # fmt: skip
        save_mapping(connection=connection, spec=SPEC, header=HEADER, actor=None)
        assert read(morning(connection)) == 1
    run = runs.start(connection=connection, trigger=Trigger.MANUAL)
    runs.advance(run.pk)
    run.refresh_from_db()
    assert run.retry_at is not None
    assert "does not answer" in run.reason
