"""Rows of the permission table for this room's addresses."""

from typing import Any

from integrations.models import Connection, Run, RunState, RunStep, StepState, Upload
from organisations.models import Organisation
from organisations.roles import Can
from profiles.models import HeldRow, Intake, Source
from tests.organisations.access_table import Page


def a_connection(organisation: Organisation) -> dict[str, Any]:
    """With an address that cannot be tried, so that nothing leaves this machine."""
    source = Source.objects.create(slug="shop", name="Shop")
    Connection.objects.create(
        connector="pretix", name="Shop", slug="shop", source=source, config={"base_url": "nowhere"}
    )
    return {"slug": "shop"}


def a_run(organisation: Organisation) -> dict[str, Any]:
    a_connection(organisation)
    source = Source.objects.get(slug="shop")
    intake = Intake.objects.create(source=source, rows_read=1, rows_failed=1, state=Intake.State.CLOSED)
    run = Run.objects.create(
        connection=Connection.objects.get(slug="shop"), trigger="manual", state=RunState.DONE, intake=intake
    )
    steps = ("pull", "ingest", "segments")
    RunStep.objects.bulk_create(
        RunStep(run=run, position=position, name=name, state=StepState.DONE)
        for position, name in enumerate(steps, start=1)
    )
    return {"pk": run.pk}


def a_held_row(organisation: Organisation) -> dict[str, Any]:
    run = a_run(organisation)
    held = HeldRow.objects.create(
        intake=Intake.objects.get(), number=1, raw={}, reasons=[], state=HeldRow.State.FAILED
    )
    return {**run, "row": held.pk}


def an_upload(organisation: Organisation) -> dict[str, Any]:
    upload = Upload(noun="people", name="people.csv", header=["email"])
    upload.set_rows([{"email": "ase@example.no"}])
    upload.save()
    return {"pk": upload.pk}


PAGES = [
    Page("integrations:connections", Can.SEE_RUNS),
    Page("integrations:alarm_mail", Can.SEE_RUNS, "post", allowed=302),
    Page("integrations:connection_choose", Can.MANAGE_CONNECTIONS),
    Page("integrations:connection", Can.SEE_RUNS, about=a_connection),
    Page("integrations:connection_edit", Can.MANAGE_CONNECTIONS, about=a_connection),
    Page("integrations:connection_start", Can.START_RUNS, "post", about=a_connection, allowed=302),
    Page("integrations:connection_switch", Can.MANAGE_CONNECTIONS, "post", about=a_connection, allowed=302),
    Page("integrations:connection_check", Can.MANAGE_CONNECTIONS, "post", about=a_connection),
    Page("integrations:connection_webhook", Can.MANAGE_CONNECTIONS, "post", about=a_connection, allowed=302),
    Page("integrations:runs", Can.SEE_RUNS),
    Page("integrations:by_hand", Can.SEE_RUNS),
    Page("integrations:by_hand_preview", Can.START_RUNS, about=an_upload),
    Page("integrations:by_hand_preview", Can.START_RUNS, "post", about=an_upload, allowed=302),
    Page("integrations:run", Can.SEE_RUNS, about=a_run),
    Page("integrations:run_cancel", Can.START_RUNS, "post", about=a_run, allowed=302),
    Page("integrations:run_retry", Can.START_RUNS, "post", about=a_run, allowed=302),
    Page("integrations:run_approve", Can.APPLY_PLANS, "post", about=a_run, allowed=302),
    Page("integrations:run_undo", Can.UNDO_RUNS, about=a_run),
    Page("integrations:run_undo", Can.UNDO_RUNS, "post", about=a_run, allowed=302),
    # These need to see people as well; every role that sees runs does.
    Page("integrations:run_held", Can.SEE_RUNS, about=a_run, allowed=302),  # a part of a page: to the page
    Page("integrations:run_held_csv", Can.SEE_RUNS, about=a_run),
    Page("integrations:held_correct", Can.SEE_RUNS, "post", about=a_held_row),
    Page("integrations:held_dismiss", Can.SEE_RUNS, "post", about=a_held_row),
    Page("integrations:held_bring_back", Can.SEE_RUNS, "post", about=a_held_row),
]

EXEMPT = {
    "integrations:connection_new": "a form about nothing that exists yet; see test_pages.py",
    "integrations:by_hand_upload": "a form about nothing that exists yet; see test_by_hand.py",
    "integrations:by_hand_template": "a constant file; see test_by_hand.py for who gets it",
    "integrations:by_hand_download": "a form about nothing in particular; see test_by_hand.py",
}
