"""Tables uploaded and downloaded by hand: looked at first, taken in by the same ingest, logged."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tracemalloc
from decimal import Decimal
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from openpyxl import Workbook, load_workbook

from consent.models import CollectionPoint, ContactAnswer
from consent.verbs import Meaning, ensure_point, verify_point
from integrations import retention
from integrations.byhand.nouns import NOUNS
from integrations.models import Connection, Run, RunState, Upload
from integrations.runs.account import equation
from organisations.audit.models import AccessEntry, AuditEntry
from organisations.models import Membership, Organisation, User
from organisations.roles import Role
from profiles.models import HeldRow, Order, OrderLine, Profile
from tests.conftest import ClientFor
from tests.integrations.conftest import work

PEOPLE = """Customer number;Given name;Family name;E-mail;Phone;Postal code;City;Birth date;Shoe size
17;Åse;Ødegård;ase@example.no;900 12 345;0155;Oslo;1980-05-17;39
18;Per;Hansen;per@example.no;;5003;Bergen;someday;44
"""
ORDERS = """order_number;ordered_at;status;email;name;product;quantity;price;currency
A1;2026-11-20 18:00;paid;ase@example.no;Åse Ødegård;Hamlet;2;350.00;NOK
A1;2026-11-20 18:00;paid;ase@example.no;Åse Ødegård;Programme;1;50.00;NOK
;2026-11-20 18:00;paid;per@example.no;Per Hansen;Hamlet;1;350.00;NOK
A3;2026-11-20 18:00;sold;per@example.no;Per Hansen;Hamlet;1;350.00;NOK
"""
PERMISSIONS = """email;answer;answered_at
ase@example.no;Ja;2026-11-20 18:00
per@example.no;nei;2026-11-20 18:00
kari@example.no;;
"""


@pytest.fixture
def alices(client_for: ClientFor, alice: User, in_aurora: Organisation) -> Client:
    return client_for(alice, in_aurora)


def upload(client: Client, noun: str, content: str | bytes, **more: str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(f"/by-hand/{noun}/upload/", {"file": SimpleUploadedFile("table.csv", data), **more})


def taken_in(client: Client, noun: str, content: str | bytes, **more: str) -> Run:
    page = upload(client, noun, content, **more)["location"]
    assert client.post(page)["location"].startswith("/runs/")
    return work(Run.objects.latest("pk"))


def test_people_are_looked_at_before_they_are_taken_in(alices: Client) -> None:
    answer = upload(alices, "people", PEOPLE.replace("E-mail", "Email"))
    page = alices.get(answer["location"]).content.decode()
    assert "Åse Ødegård" in page
    assert "shoe_size" in page  # left out, and said so
    assert "birth_date:" in page  # what is wrong with Per's row
    assert AccessEntry.objects.filter(screen="by-hand", result_size=2).exists()
    assert not Profile.objects.exists()
    assert not Run.objects.exists()


def test_people_end_in_the_same_ingest(alices: Client) -> None:
    run = taken_in(alices, "people", PEOPLE.replace("E-mail", "Email"))
    assert (run.state, equation(run)["created"], equation(run)["held"]) == (RunState.DONE, 1, 1)
    per = Profile.objects.get(email="per@example.no")
    assert (per.city, per.birth_date) == ("Bergen", None)
    assert HeldRow.objects.get().reasons[0]["column"] == "birth_date"
    assert Profile.objects.get(given_name="Åse").phone == "+4790012345"
    again = taken_in(alices, "people", PEOPLE.replace("E-mail", "Email"))
    assert equation(again)["unchanged"] == 2


def test_an_upload_is_taken_in_once(alices: Client) -> None:
    page = upload(alices, "people", "email\nase@example.no\n")["location"]
    alices.post(page)
    assert "taken in already" in alices.post(page, follow=True).content.decode()
    assert Run.objects.count() == 1


def test_orders_have_lines_and_bad_ones_wait(alices: Client) -> None:
    run = taken_in(alices, "orders", ORDERS)
    counts = equation(run)
    assert (counts["created"], counts["held"], counts["failed"]) == (2, 1, 1)
    order = Order.objects.get(external_id="A1")
    assert (order.orderline_set.count(), order.total) == (2, Decimal(750))
    assert "Must be one of" in HeldRow.objects.get(state="held").reasons[0]["message"]


def test_permissions_count_only_at_a_verified_point(alices: Client, alice: User) -> None:
    point = ensure_point(key="desk", name="At the desk", source=None, meaning=Meaning(wording="Newsletter?"))
    assert b"At the desk" not in alices.get("/by-hand/permissions/upload/").content
    refused = upload(alices, "permissions", PERMISSIONS, point="desk")
    assert refused.status_code == 200
    verify_point(point, meaning=Meaning(wording="Newsletter?", no_is_explicit=True), actor=alice)
    run = taken_in(alices, "permissions", PERMISSIONS, point="desk")
    assert equation(run)["read"] == 3
    assert run.intake is not None
    assert (run.intake.permits["granted"], run.intake.permits["withdrawn"]) == (1, 1)
    assert CollectionPoint.objects.count() == 1
    assert ContactAnswer.objects.may_be_mailed().count() == 1


def test_excel_too(alices: Client) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Customer number", "Name", "Email"])
    sheet.append([17.0, "Åse Ødegård", "ase@example.no"])
    file = io.BytesIO()
    book.save(file)
    run = taken_in(alices, "people", file.getvalue())
    assert equation(run)["created"] == 1
    assert Profile.objects.get().sourcerecord_set.get().external_id == "17"


def book_of(*rows: list[Any], dimension: str = "") -> bytes:
    book, file = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(file)
    if not dimension:
        return file.getvalue()
    claimed = io.BytesIO()
    with ZipFile(file) as good, ZipFile(claimed, "w", ZIP_DEFLATED) as bad:
        for part in good.namelist():
            bad.writestr(part, re.sub(rb'ref="[A-Z0-9:]+"', f'ref="{dimension}"'.encode(), good.read(part)))
    return claimed.getvalue()


def test_a_sheet_that_claims_to_be_enormous_is_read_for_what_it_holds(alices: Client) -> None:
    """Excel writes this when whole columns are formatted: each row would be 16,384 cells."""
    people: list[list[Any]] = [[f"p{n}@example.no", dt.date(1980, 5, 17)] for n in range(1000)]
    book = book_of(["Email", "Birth date"], *people, [], ["last@example.no"], dimension="A1:XFD1048576")
    tracemalloc.start()
    upload(alices, "people", book)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert Upload.objects.get().row_count == 1001
    assert Upload.objects.get().rows()[-2]["birth_date"] == "1980-05-17"
    assert peak < 30 * 2**20


def test_a_workbook_that_unpacks_to_gigabytes_is_no_table(alices: Client) -> None:
    packed = io.BytesIO(book_of(["Email"], ["ase@example.no"]))
    with ZipFile(packed, "a", ZIP_DEFLATED) as bad, bad.open("xl/media/zeros.png", "w") as trap:
        for _block in range(257):
            trap.write(bytes(2**20))
    assert b"not a table" in upload(alices, "people", packed.getvalue()).content


@pytest.mark.parametrize(
    ("noun", "content", "said"),
    [
        ("people", "email," + ",".join(f"c{n}" for n in range(500)) + "\n", "too many columns"),
        ("people", "name\nÅse\n", "no column called “email” or “phone” or “customer_number”"),
        ("orders", "email\nase@example.no\n", "no column called “order_number”"),
        ("people", "email;email\na@example.no;b@example.no\n", "Two columns have the same name"),
        ("people", "email\n", "between 1 and 50,000 rows"),
        ("people", b"PK\x03\x04 not a workbook", "not a table"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(
    alices: Client, noun: str, content: str | bytes, said: str
) -> None:
    assert said in upload(alices, noun, content).content.decode().replace("&quot;", '"')
    assert not Upload.objects.exists()


def test_a_download_needs_a_reason_and_is_logged(alices: Client, in_aurora: Organisation) -> None:
    taken_in(alices, "people", "name;email\n=HYPERLINK(1);ase@example.no\n")
    assert b"required" in alices.post("/by-hand/people/download/", {"kind": "csv"}).content
    assert not AuditEntry.objects.filter(verb="people.exported").exists()
    answer: Any = alices.post(
        "/by-hand/people/download/", {"kind": "csv", "reason": "Christmas cards by post"}
    )
    database.set_schema_to_public()  # type: ignore[attr-defined]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    database.set_tenant(in_aurora)  # type: ignore[attr-defined]
    [row] = csv.DictReader(io.StringIO(text), delimiter=";")
    assert (row["email"], row["name"]) == ("ase@example.no", "'=HYPERLINK(1)")
    entry = AuditEntry.objects.get(verb="people.exported")
    assert entry.summary == {"what": "people", "rows": 1, "reason": "Christmas cards by post"}
    assert AccessEntry.objects.get(screen="export.people").purpose == "Christmas cards by post"


def test_what_was_downloaded_can_be_uploaded_again_without_a_second_person(
    alices: Client, in_aurora: Organisation
) -> None:
    taken_in(alices, "orders", ORDERS)
    answer: Any = alices.post("/by-hand/people/download/", {"kind": "xlsx", "reason": "to correct names"})
    content = b"".join(answer.streaming_content)
    assert load_workbook(io.BytesIO(content)).active is not None
    before = Profile.objects.filter(state="active").count()
    taken_in(alices, "people", content)
    assert Profile.objects.filter(state="active").count() == before
    assert OrderLine.objects.count() == 3


def test_every_kind_of_table_downloads(alices: Client, alice: User) -> None:
    taken_in(alices, "orders", ORDERS)
    for noun in NOUNS:
        answer: Any = alices.post(f"/by-hand/{noun}/download/", {"kind": "xlsx", "reason": "a look"})
        sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
        assert sheet is not None
        assert sheet.max_row > 1, noun


def test_uploads_are_emptied_after_thirty_days(alices: Client) -> None:
    upload(alices, "people", "email\nase@example.no\n")
    assert retention.empty_old_uploads() == 0
    Upload.objects.update(created_at="2026-01-01T00:00Z")
    assert retention.empty_old_uploads() == 1
    assert Upload.objects.get().rows() == []


@pytest.mark.parametrize(
    ("role", "uploads", "downloads"),
    [
        (Role.ADMINISTRATOR, 200, 200),
        (Role.MARKETER, 200, 200),
        (Role.CUSTOMER_SERVICE, 403, 403),
        (Role.PRIVACY_LEAD, 403, 200),
    ],
)
def test_who_may_upload_and_download(
    client_for: ClientFor, bob: User, in_aurora: Organisation, role: str, uploads: int, downloads: int
) -> None:
    Membership.objects.filter(user=bob, organisation=in_aurora).update(role=role)
    client = client_for(bob, in_aurora)
    for noun in NOUNS:
        assert client.get(f"/by-hand/{noun}/upload/").status_code == uploads
        assert client.get(f"/by-hand/{noun}/template/").status_code == downloads
        assert client.get(f"/by-hand/{noun}/download/").status_code == downloads
    assert client.get("/by-hand/nonsense/download/").status_code in (403, 404)
    assert Client().get("/by-hand/people/download/").status_code == 302


def test_it_is_not_offered_among_the_systems(alices: Client) -> None:
    taken_in(alices, "people", "email\nase@example.no\n")
    assert Connection.objects.get().slug == "uploaded-by-hand"
    assert b"/connections/new/by_hand/" not in alices.get("/connections/new/").content
