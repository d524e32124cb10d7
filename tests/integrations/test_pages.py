"""The pages of connections and runs: what they show and do. Who may open them is in pages.py."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from integrations import runs
from integrations.models import Alarm, AlarmOptOut, ApplyMode, Connection, Run, RunState, Trigger
from organisations.audit.models import AccessEntry, AuditEntry
from organisations.models import Membership, Organisation, User
from organisations.roles import Role
from profiles.models import HeldRow, Order, Profile, Source
from tests.conftest import ClientFor
from tests.fakes.till import Till, till
from tests.integrations.conftest import connect, run_now

FORM = {
    "name": "Box office",
    "source_kind": "ticketing",
    "schedule_time": "06:45",
    "weekdays": ["1", "5"],
    "setting_address": "http://127.0.0.1:1",
    "setting_key": "sesame",
    "setting_page_size": "10",
}


@pytest.fixture
def alices(client_for: ClientFor, alice: User, in_aurora: Organisation) -> Client:
    return client_for(alice, in_aurora)


@pytest.fixture
def held(tills: Connection, box_office: Till) -> Run:
    """A run with one row that went in without its price's row, and one that did not go in."""
    box_office.sell(2)
    box_office.sell(1, bought="yesterday-ish")
    return run_now(tills)


# Connections.


def test_what_is_broken_comes_first(alices: Client, tills: Connection, box_office: Till) -> None:
    connect(box_office, slug="a-good-one", name="A good one")
    broken = connect(box_office, slug="z-broken", name="Z broken")
    box_office.key = "changed"
    run = run_now(broken)
    Alarm.objects.create(
        connection=broken, kind="waiting", run=run, message="Z broken waits for you: the key"
    )
    page = alices.get("/connections/").content.decode()
    assert page.index("Z broken waits for you") < page.index("A good one")
    assert page.index(">Z broken<") < page.index(">A good one<")


def test_the_list_asks_a_constant_number_of_queries(
    alices: Client, tills: Connection, box_office: Till
) -> None:
    run_now(tills)
    with CaptureQueriesContext(database) as few:
        alices.get("/connections/")
    for number in range(5):
        run_now(connect(box_office, slug=f"more-{number}"))
    with CaptureQueriesContext(database) as many:
        alices.get("/connections/")
    assert len(many) == len(few)


def test_a_connection_is_set_up_in_the_browser(
    alices: Client, box_office: Till, in_aurora: Organisation
) -> None:
    answer = alices.post("/connections/new/till/", FORM)
    assert (answer.status_code, answer["location"]) == (302, "/connections/box-office/")
    made = Connection.objects.get()
    assert (made.config["page_size"], made.secrets, made.weekdays) == (10, {"key": "sesame"}, [1, 5])
    assert (made.source.kind, made.source.country) == (Source.Kind.TICKETING, in_aurora.country)
    assert "sesame" not in str(AuditEntry.objects.get(verb="connection.created").summary)


def test_a_secret_is_never_shown_again_and_kept_when_left_empty(alices: Client, tills: Connection) -> None:
    for path in ("/connections/till/", "/connections/till/edit/"):
        assert b"right" not in alices.get(path).content.replace(b"chevron-right", b"")
    same = {**FORM, "setting_address": tills.config["address"], "setting_key": ""}
    alices.post("/connections/till/edit/", {**same, "name": "Renamed"})
    tills.refresh_from_db()
    assert (tills.name, tills.secrets) == ("Renamed", {"key": "right"})
    changed = AuditEntry.objects.get(verb="connection.changed").summary["changed"]
    assert changed == ["name", "schedule_time", "weekdays"]


@pytest.mark.parametrize("button", [{}, {"check": "1"}])
def test_a_stored_secret_is_sent_to_no_new_address(
    alices: Client, tills: Connection, box_office: Till, button: dict[str, str]
) -> None:
    """Whoever may change a connection may not read its key by having it sent to themselves."""
    with till() as elsewhere:
        form = {**FORM, **button, "setting_address": elsewhere.url, "setting_key": ""}
        answer = alices.post("/connections/till/edit/", form).content.decode()
        assert "Enter this once more" in answer
        assert elsewhere.asked == []
    tills.refresh_from_db()
    assert tills.config["address"] == box_office.url
    alices.post("/connections/till/edit/", {**FORM, "setting_key": "new"})
    tills.refresh_from_db()
    assert (tills.config["address"], tills.secrets) == (FORM["setting_address"], {"key": "new"})


@pytest.mark.parametrize(
    ("role", "code"), [(role, 200 if role == "administrator" else 403) for role in Role.values]
)
def test_only_an_administrator_gets_the_form_for_a_new_one(
    client_for: ClientFor, bob: User, in_aurora: Organisation, box_office: Till, role: str, code: int
) -> None:
    Membership.objects.filter(user=bob, organisation=in_aurora).update(role=role)
    assert client_for(bob, in_aurora).get("/connections/new/till/").status_code == code
    assert Client().get("/connections/new/till/").status_code == 302


def test_what_is_missing_is_said_at_the_field(alices: Client, box_office: Till) -> None:
    answer = alices.post("/connections/new/till/", {**FORM, "setting_key": ""})
    assert answer.status_code == 200
    assert not Connection.objects.exists()
    assert "This field is required." in answer.content.decode()


@pytest.mark.parametrize(("key", "said"), [("right", "It works"), ("wrong", "refused the key")])
def test_settings_can_be_tried_before_they_are_saved(
    alices: Client, box_office: Till, key: str, said: str
) -> None:
    form = {**FORM, "setting_address": box_office.url, "setting_key": key, "check": "1"}
    answer = alices.post("/connections/new/till/", form, headers={"hx-request": "true"})
    assert said in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert not Connection.objects.exists()


def test_switching_off_and_on(alices: Client, tills: Connection) -> None:
    alices.post("/connections/till/switch/", {"on": "0"})
    off = Connection.objects.get(enabled=False)
    assert b"only by hand" in alices.get("/connections/till/").content
    alices.post("/connections/till/switch/", {"on": "1"})
    assert Connection.objects.get(enabled=True).enabled_at > off.enabled_at
    assert AuditEntry.objects.filter(verb__in=["connection.enabled", "connection.disabled"]).count() == 2


def test_a_connector_or_preset_that_does_not_exist(alices: Client, box_office: Till) -> None:
    assert alices.get("/connections/new/nonsense/").status_code == 404
    assert alices.get("/connections/new/till/?preset=nonsense").status_code == 404


def test_alarm_mail_is_a_choice(alices: Client, alice: User, tills: Connection) -> None:
    alices.post("/connections/alarm-mail/", {"wanted": "0"})
    assert AlarmOptOut.objects.filter(user=alice).exists()
    assert b"Send me these e-mails" in alices.get("/connections/").content
    alices.post("/connections/alarm-mail/", {"wanted": "1"})
    assert not AlarmOptOut.objects.exists()


# Runs.


def test_a_run_started_on_the_page_is_the_starters(alices: Client, alice: User, tills: Connection) -> None:
    answer = alices.post("/connections/till/start/")
    run = Run.objects.get()
    assert answer["location"] == f"/runs/{run.pk}/"
    assert (run.trigger, run.actor) == (Trigger.MANUAL, alice)


def test_the_run_page_shows_the_equation_and_polls_while_it_runs(
    alices: Client, tills: Connection, box_office: Till
) -> None:
    box_office.sell(1234)
    tills.config["page_size"] = 2000
    tills.save()
    run = runs.start(connection=tills, trigger=Trigger.MANUAL)
    runs.advance(run.pk)
    running = alices.get(f"/runs/{run.pk}/").content.decode()
    assert 'hx-trigger="every 2s"' in running
    part = alices.get(f"/runs/{run.pk}/", headers={"hx-request": "true"}).content.decode()
    assert part.strip().startswith('<div id="run"')
    while runs.advance(run.pk).more:
        pass
    over = alices.get(f"/runs/{run.pk}/").content.decode()
    assert "1,234" in over
    last = alices.get(f"/runs/{run.pk}/", headers={"hx-request": "true"})
    assert last["HX-Refresh"] == "true"
    assert "every 2s" not in over


def test_the_table_is_filtered_and_polls_only_while_something_runs(
    alices: Client, tills: Connection, box_office: Till
) -> None:
    done = run_now(tills)
    assert b"every 3s" not in alices.get("/runs/").content
    queued = runs.start(connection=tills, trigger=Trigger.MANUAL)
    page = alices.get("/runs/").content.decode()
    assert "every 3s" in page
    only = alices.get("/runs/?state=done&connection=till").content.decode()
    assert f"/runs/{done.pk}/" in only
    assert f"/runs/{queued.pk}/" not in only


def test_held_rows_are_shown_with_what_is_wrong_and_the_look_is_logged(alices: Client, held: Run) -> None:
    page = alices.get(f"/runs/{held.pk}/held/", headers={"HX-Request": "true"}).content.decode()
    assert "yesterday-ish" in page
    entry = AccessEntry.objects.get()
    assert (entry.screen, entry.result_size) == ("run.held", 1)


def test_a_held_row_is_corrected_and_run_again_in_place(alices: Client, held: Run) -> None:
    row = HeldRow.objects.get()
    path = f"/runs/{held.pk}/held/{row.pk}/"
    still = alices.post(path, {"cell:bought": "tomorrow-ish"}).content.decode()
    assert "Did not go in" in still
    good = alices.post(path, {"cell:bought": "2026-11-20T18:00:00+01:00"}).content.decode()
    assert "Corrected and taken in" in good
    assert Order.objects.count() == Profile.objects.count() == 3
    held.refresh_from_db()
    assert held.intake is not None
    assert (held.intake.rows_created, held.intake.rows_failed) == (3, 0)
    entries = AuditEntry.objects.filter(verb="row.corrected")
    assert {str(entry.summary.get("columns")) for entry in entries} == {"['bought']"}
    again = alices.post(path, {"cell:bought": "2026-11-21T18:00:00+01:00"}).content.decode()
    assert "does not wait any more" in again


def test_a_held_row_is_put_away(alices: Client, held: Run) -> None:
    row = HeldRow.objects.get()
    assert b"Put away" in alices.post(f"/runs/{held.pk}/held/{row.pk}/dismiss/").content
    assert b"needs a look" not in alices.get(f"/runs/{held.pk}/").content.split(b'id="held"')[-1]


def test_a_row_put_away_by_mistake_asks_again_as_before(alices: Client, held: Run) -> None:
    row = HeldRow.objects.get()
    before = row.state
    path = f"/runs/{held.pk}/held/{row.pk}/"
    assert b"Every row has been looked at" in alices.post(path + "dismiss/").content
    assert b"1 row needs a look" in alices.post(path + "back/").content
    assert b"is not put away" in alices.post(path + "back/").content
    with tenant_context(Organisation.objects.get(slug="aurora")):
        assert HeldRow.objects.get().state == before


def test_held_rows_download_with_reasons_and_the_download_is_logged(
    alices: Client, held: Run, in_aurora: Organisation
) -> None:
    HeldRow.objects.update(raw={"id": 3, "name": "=cmd|calc", "phone": "+47 900 12 345", "=1+1": "\n=2+2"})
    with tenant_context(in_aurora):
        address = f"/runs/{held.pk}/held.csv"
        assert b"=cmd" not in alices.get(address).content  # first the question what for
        answer: Any = alices.post(address, {"reason": "To mend them in the till"})
        database.set_schema_to_public()  # type: ignore[attr-defined]
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        database.set_tenant(in_aurora)  # type: ignore[attr-defined]
    header, first = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    assert dict(zip(header, first, strict=True)).items() >= {
        ("id", "3"),
        ("name", "'=cmd|calc"),
        ("phone", "+47 900 12 345"),
        ("'=1+1", "'\n=2+2"),  # whoever wrote the file named its columns too
    }
    assert AuditEntry.objects.get(verb="rows.downloaded").summary == {"run": held.pk, "rows": 1}
    assert AccessEntry.objects.get(screen="export.held").purpose == "To mend them in the till"


def test_undo_shows_what_would_happen_and_does_it(alices: Client, held: Run) -> None:
    page = alices.get(f"/runs/{held.pk}/undo/").content.decode()
    assert "2 addresses and phone numbers are sorted anew" in page
    assert "Orders removed</dt><dd>2" in page
    assert Order.objects.count() == 2
    answer = alices.post(f"/runs/{held.pk}/undo/", {"fetch_again": "1"}, follow=True).content.decode()
    assert "is undone" in answer
    assert "What the undo did" in answer
    assert not Order.objects.exists()
    held.refresh_from_db()
    assert held.state == RunState.UNDONE
    refused = alices.post(f"/runs/{held.pk}/undo/", follow=True).content.decode()
    assert "cannot be undone" in refused


def test_a_plan_is_approved_on_the_page(alices: Client, letter_box: Connection, box_office: Till) -> None:
    Connection.objects.update(apply_mode=ApplyMode.ASK)
    box_office.sell(2)
    run = run_now(letter_box)
    assert b"The plan is ready" in alices.get(f"/runs/{run.pk}/").content
    alices.post(f"/runs/{run.pk}/approve/")
    run.refresh_from_db()
    assert (run.state, run.approved) == (RunState.QUEUED, True)


def test_pages_hold_no_inline_style_or_script(alices: Client, held: Run) -> None:
    connections = ("", "new/", "new/till/", "till/", "till/edit/")
    pages = [f"/connections/{rest}" for rest in connections]
    for path in (*pages, "/runs/", f"/runs/{held.pk}/", f"/runs/{held.pk}/held/"):
        page = alices.get(path).content.decode()
        for forbidden in (" style=", "<style", " onclick=", "hx-on", "js:"):
            assert forbidden not in page, (path, forbidden)
