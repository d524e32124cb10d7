"""The commands: what the pages do, with a code that says whether a person is needed."""

from __future__ import annotations

import json
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from integrations import commands
from integrations.models import Connection, Run, RunState
from organisations.models import Organisation
from profiles.models import Order
from tests.fakes.till import Till
from tests.integrations.conftest import run_now


def call(*words: str, organisation: str = "aurora") -> str:
    out = StringIO()
    call_command("runs", *words, "--organisation", organisation, stdout=out)
    return out.getvalue()


def told(*words: str) -> Any:
    return json.loads(call(*words, "--json"))


def test_start_does_the_work_here_and_prints_the_equation(tills: Connection, box_office: Till) -> None:
    box_office.sell(12)
    account = told("start", "till")
    assert account["state"] == "done"
    assert account["equation"]["read"] == account["equation"]["created"] == 12
    assert Order.objects.count() == 12


def test_in_words_too(tills: Connection, box_office: Till) -> None:
    box_office.sell(2)
    words = call("start", "till")
    assert "2 read = 2 created + 0 updated + 0 unchanged + 0 held + 0 failed + 0 erased" in words


def test_a_run_that_needs_a_person_ends_with_two(tills: Connection, box_office: Till) -> None:
    box_office.key = "changed"
    with pytest.raises(SystemExit) as stop:
        call("start", "till")
    assert stop.value.code == commands.A_PERSON_IS_NEEDED
    box_office.key = "right"
    assert told("retry", str(Run.objects.get().pk))["state"] == "done"


def test_it_waits_while_the_source_rests(
    tills: Connection, box_office: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    box_office.sell(1)
    box_office.trouble = [503]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        Run.objects.update(retry_at=None)

    monkeypatch.setattr(time, "sleep", sleep)
    assert told("start", "till")["state"] == "done"
    assert len(slept) == 1


def test_no_wait_leaves_it_to_the_worker(tills: Connection) -> None:
    assert told("start", "till", "--no-wait")["state"] == "queued"


def test_list_show_and_cancel(tills: Connection, box_office: Till) -> None:
    box_office.sell(1)
    first = run_now(tills)
    queued = told("start", "till", "--no-wait")["run"]
    assert [run["run"] for run in told("list")] == [queued, first.pk]
    assert [run["run"] for run in told("list", "till", "--limit", "1")] == [queued]
    assert told("show", str(first.pk))["equation"]["read"] == 1
    assert told("cancel", str(queued))["state"] == "cancelled"
    assert len(call("list").splitlines()) == 2


def test_undo(tills: Connection, box_office: Till) -> None:
    box_office.sell(2)
    run = run_now(tills)
    assert told("undo", str(run.pk), "--fetch-again")["state"] == RunState.UNDONE
    assert not Order.objects.exists()
    with pytest.raises(CommandError, match="cannot be undone"):
        call("undo", str(run.pk))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("start", "tull"), "There is no connection “tull”. There are: till."),
        (("show", "999999"), "There is no run 999999."),
        (("start", "till", "--file", "/nowhere/at.csv"), "There is no file"),
    ],
)
def test_a_wrong_name_is_said_so(tills: Connection, words: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        call(*words)


def test_a_wrong_organisation_is_said_so(aurora: Organisation) -> None:
    with pytest.raises(CommandError, match="There are: aurora, borealis"):
        call("list", organisation="auror")


def test_another_organisations_runs_are_not_there(
    tills: Connection, borealis: Organisation, tmp_path: Path
) -> None:
    run = run_now(tills)
    with pytest.raises(CommandError, match="There is no run"):
        call("show", str(run.pk), organisation="borealis")


def test_a_named_file_is_handed_to_the_connector_as_an_option(tills: Connection, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("a;b\n")
    told("start", "till", "--file", str(path), "--no-wait")
    assert Run.objects.get().options == {"file": str(path)}
