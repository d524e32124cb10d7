"""The mapping editor: who may open it, what it shows, what it saves."""

from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tenants.utils import tenant_context
from pytest_django import Settings

from consent.models import CollectionPoint
from integrations.files.connector import FileConnector
from integrations.files.models import ImportFile, Mapping
from integrations.files.spec import Column, Spec
from integrations.files.uploading import receive
from integrations.models import Connection, Run
from organisations.audit.models import AccessEntry
from organisations.models import Membership, Organisation, User
from organisations.roles import CAPABILITIES, Can, Role
from tests.conftest import ClientFor
from tests.files.making import HEADER, SPEC, connection_of, table

PAGES = [
    ("get", "", 200), ("post", "upload/", 302), ("post", "preview/", 200), ("post", "column/?at=0", 200),
    ("post", "restore/", 404), ("post", "read/", 302),
]  # fmt: skip


@pytest.fixture
def connection(in_aurora: Organisation) -> Connection:
    return connection_of("upload")


@pytest.fixture
def file(connection: Connection, alice: User) -> ImportFile:
    content = table(1, 2).replace(b"250,00", b"gratis", 1)
    return receive(connection=connection, name="salg.csv", stream=BytesIO(content), actor=alice)


@pytest.fixture
def browser(client_for: ClientFor, alice: User, aurora: Organisation) -> Client:
    return client_for(alice, aurora)


def at(connection: Connection, page: str = "") -> str:
    return f"/connections/{connection.slug}/mapping/{page}"


def form(file: ImportFile, **changes: Any) -> dict[str, Any]:
    """What the editor would send for the small export."""
    filled: dict[str, Any] = {"file": file.pk, "columns": len(HEADER), "rows": "tickets"}
    for n, column in enumerate(SPEC.columns):
        filled |= {
            f"header-{n}": column.header, f"nth-{n}": 1, f"target-{n}": column.target, f"dates-{n}": "dmy",
            f"decimal-{n}": ",",
        }  # fmt: skip
    return filled | changes


@pytest.mark.parametrize(("method", "page", "status"), PAGES)
def test_an_administrator_may(
    method: str, page: str, status: int, browser: Client, connection: Connection, file: ImportFile
) -> None:
    assert getattr(browser, method)(at(connection, page), form(file)).status_code == status


@pytest.mark.parametrize(("method", "page", "status"), PAGES)
def test_a_marketer_may_not(
    method: str, page: str, status: int, client_for: ClientFor, bob: User, aurora: Organisation,
    connection: Connection, file: ImportFile,
) -> None:  # fmt: skip
    expected = 302 if page == "read/" else 403  # reading a known file is starting a run
    assert getattr(client_for(bob, aurora), method)(at(connection, page), form(file)).status_code == expected


@pytest.mark.parametrize(("method", "page", "status"), PAGES)
def test_charlie_finds_nothing(
    method: str, page: str, status: int, client_for: ClientFor, charlie: User, borealis: Organisation,
    connection: Connection, file: ImportFile,
) -> None:  # fmt: skip
    assert getattr(client_for(charlie, borealis), method)(at(connection, page), form(file)).status_code == 404
    assert not Mapping.objects.exists()


@pytest.mark.parametrize(("method", "page", "status"), PAGES)
def test_a_stranger_is_asked_to_sign_in(
    method: str, page: str, status: int, client: Client, connection: Connection, file: ImportFile
) -> None:
    answer = getattr(client, method)(at(connection, page), form(file))
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


def test_a_connection_of_another_kind_has_no_mapping(browser: Client, connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(connector="pretix")
    assert browser.get(at(connection)).status_code == 404


def test_it_says_what_to_do_while_there_is_no_file(browser: Client, connection: Connection) -> None:
    assert "No file yet" in browser.get(at(connection)).content.decode()


def test_an_upload_leads_to_its_columns(browser: Client, connection: Connection) -> None:
    answer = browser.post(
        at(connection, "upload/"), {"file": SimpleUploadedFile("salg.csv", table(1))}, follow=True
    )
    page = answer.content.decode()
    assert ImportFile.objects.get().name == "salg.csv"
    assert '<option value="order.number" selected>' in page
    assert '<option value="buyer.email" selected>' in page
    assert not Run.objects.exists(), "nothing is taken in until somebody says so"


def test_an_upload_can_be_read_at_once_when_the_columns_are_known(
    browser: Client, connection: Connection, file: ImportFile
) -> None:
    browser.post(at(connection), form(file))
    answer = browser.post(
        at(connection, "upload/"), {"file": SimpleUploadedFile("nytt.csv", table(5)), "read": "1"}
    )
    assert answer.status_code == 302
    assert Run.objects.get().options == {"file": ImportFile.objects.order_by("-pk")[0].pk}


def test_a_file_that_is_no_table_is_explained(browser: Client, connection: Connection) -> None:
    answer = browser.post(
        at(connection, "upload/"), {"file": SimpleUploadedFile("x.xls", b"\xd0\xcf\x11\xe0" * 9)}, follow=True
    )
    assert "old Excel format" in answer.content.decode()


def test_the_preview_marks_what_would_be_set_aside(
    browser: Client, connection: Connection, file: ImportFile
) -> None:
    page = browser.post(
        at(connection, "preview/"), form(file), headers={"HX-Request": "true"}
    ).content.decode()
    assert "1 row with something set aside" in page
    assert "This is not an amount." in page
    assert "2026-11-22 19:30" in page
    assert "250.00" in page


def test_the_preview_follows_the_form(browser: Client, connection: Connection, file: ImportFile) -> None:
    page = browser.post(at(connection, "preview/"), form(file, **{"target-3": ""})).content.decode()
    assert "all well" in page
    wrong = browser.post(at(connection, "preview/"), form(file, **{"dates-2": "mdy"})).content.decode()
    assert "Is the order of day and month right?" in wrong


def test_what_stands_in_a_file_is_text_and_nothing_else(
    browser: Client, connection: Connection, alice: User
) -> None:
    content = (
        table(1).replace(b"kari1@example.no", b"<script>alert(1)</script>").replace(b"Ordrenr", b"<b>nr</b>")
    )
    receive(connection=connection, name="<i>.csv", stream=BytesIO(content), actor=alice)
    page = browser.get(at(connection)).content.decode()
    assert "<script>alert" not in page
    assert "<b>nr</b>" not in page
    assert "<i>.csv" not in page


def test_saving_makes_a_version_and_never_changes_one(
    browser: Client, connection: Connection, file: ImportFile
) -> None:
    browser.post(at(connection), form(file))
    browser.post(at(connection), form(file, **{"target-3": ""}))
    first, second = Mapping.objects.order_by("version")
    assert (first.active, second.active) == (False, True)
    assert "ticket.price" in first.read().targets()
    assert "ticket.price" not in second.read().targets()
    assert second.created_by is not None


def test_an_earlier_version_comes_back_as_the_newest(
    browser: Client, connection: Connection, file: ImportFile
) -> None:
    browser.post(at(connection), form(file))
    browser.post(at(connection), form(file, **{"target-3": ""}))
    browser.post(at(connection, "restore/"), {"version": "1"})
    latest = Mapping.objects.get(active=True)
    assert latest.version == 3
    assert "ticket.price" in latest.read().targets()
    assert Mapping.objects.count() == 3


def test_a_mapping_that_cannot_work_is_refused_beside_its_column(
    browser: Client, connection: Connection, file: ImportFile
) -> None:
    answer = browser.post(at(connection), form(file, **{"target-0": "buyer.email"}))
    assert answer.status_code == 422
    assert "Two columns cannot both go to" in answer.content.decode()
    assert not Mapping.objects.exists()


def test_saving_and_reading_starts_a_run(browser: Client, connection: Connection, file: ImportFile) -> None:
    answer = browser.post(at(connection), form(file, read="1"))
    run = Run.objects.get()
    assert answer["Location"] == run.get_absolute_url()
    assert run.options == {"file": file.pk}


def test_a_preset_can_be_chosen_for_a_file(browser: Client, connection: Connection, file: ImportFile) -> None:
    page = browser.get(at(connection) + f"?file={file.pk}&preset=dx").content.decode()
    assert '<option value="order.number" selected>' in page


def test_a_new_target_brings_its_questions(browser: Client, connection: Connection, file: ImportFile) -> None:
    line = browser.post(
        at(connection, "column/?at=4"), form(file, **{"target-4": "consent.answer"})
    ).content.decode()
    assert 'name="purpose-4"' in line
    assert "is a box left empty" in line
    assert "<html" not in line


# --- permission questions ------------------------------------------------------------

ANSWERS = {
    "target-3": "consent.answer", "purpose-3": "marketing.newsletter", "channels-3": ["email", "sms"],
    "words-3": "Ja takk til nyhetsbrev", "no-3": "refusal", "offered-3": "yes", "moment-3": "order",
}  # fmt: skip


def test_answers_are_written_down_at_a_collection_point(
    browser: Client, connection: Connection, file: ImportFile
) -> None:
    browser.post(at(connection), form(file, **ANSWERS))
    point = CollectionPoint.objects.get(key=f"{connection.slug}/pris")
    assert (point.purposes, point.channels, point.wording) == (
        ["marketing.newsletter"],
        ["email", "sms"],
        "Ja takk til nyhetsbrev",
    )
    assert (point.no_is_explicit, point.optout_offered, point.kind) == (True, "yes", "act")
    assert not point.is_verified


def test_whoever_vouches_is_named(
    browser: Client, connection: Connection, file: ImportFile, alice: User
) -> None:
    browser.post(at(connection), form(file, **ANSWERS, **{"vouch-3": "1"}))
    point = CollectionPoint.objects.get(key=f"{connection.slug}/pris")
    assert point.is_verified
    assert point.verified_by == str(alice)
    consent = Mapping.objects.get().read().columns[3].consent
    assert consent is not None
    assert (consent.verified_by, bool(consent.verified_at)) == (str(alice), True)


def test_to_vouch_takes_the_words(browser: Client, connection: Connection, file: ImportFile) -> None:
    answer = browser.post(at(connection), form(file, **{**ANSWERS, "words-3": "", "vouch-3": "1"}))
    assert answer.status_code == 422
    assert "copy the words" in answer.content.decode()
    assert not CollectionPoint.objects.filter(key__startswith=connection.slug).exists()


def test_answers_somebody_stands_for_are_not_changed_in_passing(
    browser: Client, connection: Connection, file: ImportFile
) -> None:
    browser.post(at(connection), form(file, **ANSWERS, **{"vouch-3": "1"}))
    changed = browser.post(at(connection), form(file, **{**ANSWERS, "no-3": "empty"}))
    assert changed.status_code == 422
    assert "vouched for other answers" in changed.content.decode()
    assert (
        browser.post(at(connection), form(file, **{**ANSWERS, "no-3": "empty", "vouch-3": "1"})).status_code
        == 302
    )
    assert not CollectionPoint.objects.get(key=f"{connection.slug}/pris").no_is_explicit


def test_a_mapping_saved_again_leaves_what_was_vouched_for(
    browser: Client, connection: Connection, file: ImportFile
) -> None:
    browser.post(at(connection), form(file, **ANSWERS, **{"vouch-3": "1"}))
    assert browser.post(at(connection), form(file, **ANSWERS)).status_code == 302
    assert CollectionPoint.objects.get(key=f"{connection.slug}/pris").is_verified


def test_only_who_manages_permissions_can_vouch(
    client_for: ClientFor, bob: User, aurora: Organisation, connection: Connection, file: ImportFile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    may = frozenset({Can.SEE_RUNS, Can.MANAGE_CONNECTIONS})
    monkeypatch.setitem(CAPABILITIES, Role.MARKETER, may)
    connects = client_for(bob, aurora)
    assert connects.post(at(connection), form(file, **ANSWERS, **{"vouch-3": "1"})).status_code == 302
    assert not CollectionPoint.objects.get(key=f"{connection.slug}/pris").is_verified
    assert "vouch-3" not in connects.get(at(connection)).content.decode()


def test_the_role_is_what_counts(
    client_for: ClientFor, bob: User, aurora: Organisation, connection: Connection, file: ImportFile
) -> None:
    Membership.objects.filter(user=bob, organisation=aurora).update(role=Role.ADMINISTRATOR)
    assert client_for(bob, aurora).get(at(connection)).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": "99999999999"},
        {"columns": "x"},
        {"nth-0": "-1"},
        {"time_zone": "Mars/Olympus"},
        {"encoding": "base64"},
        {"delimiter": "tab"},
        {"country": "<b>"},
        {"target-0": "nonsense"},
        {"status-words": "3"},
        {"rows": "cats"},
    ],
)
def test_a_form_that_was_tampered_with_breaks_nothing(
    changes: dict[str, str], browser: Client, connection: Connection, file: ImportFile
) -> None:
    assert browser.post(at(connection, "preview/"), form(file, **changes)).status_code == 200
    assert browser.post(at(connection), form(file, **changes)).status_code in (302, 422)


def test_what_nobody_needs_is_not_even_shown(browser: Client, connection: Connection, alice: User) -> None:
    content = "Fødselsnummer;E-post\r\n01018012345;kari@example.no\r\n".encode()
    receive(connection=connection, name="x.csv", stream=BytesIO(content), actor=alice)
    page = browser.get(at(connection)).content.decode()
    assert "Fødselsnummer" in page
    assert "01018012345" not in page


def test_who_looked_at_the_rows_of_a_file_is_kept(
    browser: Client, connection: Connection, file: ImportFile, alice: User
) -> None:
    browser.get(at(connection))
    look = AccessEntry.objects.get()
    assert (look.user_id, look.screen, look.purpose) == (alice.pk, "mapping", f"file {file.pk}")
    assert look.result_size == 2


@pytest.mark.parametrize("page", ["", "preview/", "column/?at=0", "read/"])
def test_a_file_that_is_no_number_is_not_there(page: str, browser: Client, connection: Connection) -> None:
    assert browser.post(at(connection, page), {"file": "../1"}).status_code == 404


# Connecting

SYSTEM = {
    "name": "Koncertsalen", "source_kind": "ticketing", "setting_pattern": "*", "setting_port": "22",
    "schedule_time": "07:30",
}  # fmt: skip


def test_a_new_file_source_leads_to_where_its_first_file_goes(browser: Client) -> None:
    answer = browser.post("/connections/new/file/", SYSTEM | {"setting_place": "upload"})
    assert answer.headers["Location"] == "/connections/koncertsalen/mapping/"


def test_only_what_the_chosen_place_needs_is_asked_for_and_shown(browser: Client) -> None:
    refused = browser.post("/connections/new/file/", SYSTEM | {"setting_place": "sftp"}).content.decode()
    assert refused.count("This is needed here.") == 2
    browser.post("/connections/new/file/", SYSTEM | {"setting_place": "upload"})
    assert "Port" not in browser.get("/connections/koncertsalen/").content.decode()


def test_a_phone_read_from_a_mobile_column_is_corrected_in_that_column(connection: Connection) -> None:
    spec = Spec((Column("Mobil nr", 1, "buyer.mobile"), Column("Kunde", 1, "buyer.full_name")))
    header = [column.header for column in spec.columns]
    Mapping.objects.create(connection=connection, version=1, header=header, spec=spec.to_json())
    assert FileConnector(connection).column_for("phone") == "Mobil nr"


def test_a_look_at_the_editor_copies_no_file(
    in_aurora: Organisation, settings: Settings, tmp_path: Path
) -> None:
    """The request reads the beginning of the newest file, however long that is."""
    settings.FOYER_FILES, settings.FOYER_DATA = tmp_path / "files", tmp_path
    settings.FOYER_FILES_MOST_MB = 1
    folder = tmp_path / "files" / in_aurora.slug
    folder.mkdir(parents=True)
    with (folder / "salg.csv").open("wb") as file:
        file.write(table(1, 2))
        file.truncate(2 * 10**6)
    FileConnector(connection_of("folder")).glance()
    seen = ImportFile.objects.get()
    assert zlib.decompress(seen.head).startswith(table(1))
    assert not (tmp_path / "spool").exists()


@pytest.mark.parametrize(("place", "days"), [("upload", []), ("folder", [1, 2, 3, 4, 5, 6, 7])])
def test_what_only_people_bring_has_no_schedule_and_can_not_be_late(
    place: str, days: list[int], browser: Client, in_aurora: Organisation
) -> None:
    form = {**SYSTEM, "weekdays": ["1", "2", "3", "4", "5", "6", "7"], "setting_place": place}
    browser.post("/connections/new/file/", form)
    with tenant_context(in_aurora):
        assert Connection.objects.get(slug="koncertsalen").weekdays == days
