"""Rows and copies that were kept as they came: the erased person's go, the others' stay and add up."""

from __future__ import annotations

import datetime as dt
import hashlib
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode
from zlib import decompress

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from consent.models import ContactAnswer
from integrations import runs
from integrations.byhand import verbs
from integrations.byhand.nouns import NOUNS
from integrations.files import spool
from integrations.files.models import FileState, ImportFile, UploadPart
from integrations.files.uploading import receive
from integrations.files.versions import save_mapping
from integrations.models import Connection, Parcel, Run, RunState, Step, Trigger, Upload, WebhookDelivery
from integrations.rawrows import is_erased
from organisations import personal_data
from organisations.models import Organisation, User
from organisations.personal_data import ByHand, Destination, Later
from profiles.models import Profile
from tests.fakes.till import Till
from tests.files.making import HEADER, SPEC, connection_of, finished, imported, table
from tests.integrations.conftest import run_now, work
from tests.integrations.whole_person import buried, erased, subject_of

KARI1 = "kari1@example.no"
PEOPLE = """customer_number;given_name;family_name;email;phone
17;Åse;Ødegård;ase@example.no;900 12 345
18;Per;Hansen;per@example.no;
"""


def rows_of(run: Run) -> list[object]:
    return [row for parcel in run.parcels.order_by("number") for row in parcel.rows()]


def the_destination(key: str) -> Destination:
    [found] = [each for each in personal_data.destinations() if each.key == key]
    return found


# Parcels


def test_the_persons_rows_give_way_and_the_others_stay(tills: Connection, box_office: Till) -> None:
    box_office.sell(12)
    run = run_now(tills)
    before = rows_of(run)
    assert erased(subject_of(KARI1), "integrations")["integrations.Parcel"] == 1
    after = rows_of(run)
    assert is_erased(after[0])  # type: ignore[arg-type]
    assert after[1:] == before[1:], "kari10 and kari11 are somebody else"


def test_erasing_again_finds_nothing(tills: Connection, box_office: Till) -> None:
    box_office.sell(2)
    run_now(tills)
    subject = subject_of(KARI1)
    erased(subject, "integrations")
    assert erased(subject, "integrations")["integrations.Parcel"] == 0


def test_a_row_that_waits_counts_as_erased_when_it_is_taken_in(tills: Connection, box_office: Till) -> None:
    box_office.sell(2)
    run_now(tills)
    box_office.sell(3)
    box_office.sales[2] = box_office.sales[2] | {"email": KARI1, "name": "Kari Nordmann 1"}
    run = runs.start(connection=tills, trigger=Trigger.MANUAL)
    while run.steps.filter(name=Step.PULL).exclude(state="done").exists():
        runs.advance(run.pk)
    erased(subject_of(KARI1), "integrations")
    run = work(run)
    assert run.state == RunState.DONE
    assert run.intake is not None
    assert run.intake.equation() == {
        "read": 3, "created": 2, "updated": 0, "unchanged": 0, "held": 0, "failed": 0, "erased": 1,
    }  # fmt: skip


def test_tomorrows_rows_about_the_erased_are_not_kept(tills: Connection, box_office: Till) -> None:
    box_office.sell(1)
    run_now(tills)
    buried(subject_of(KARI1))
    box_office.sell(2)
    box_office.sales[1] = box_office.sales[1] | {"email": KARI1, "order": "T99"}
    run = run_now(tills)
    assert run.intake is not None
    assert run.intake.rows_erased == 1
    assert KARI1 not in str(rows_of(run))
    assert "kari3@example.no" in str(rows_of(run))


# Uploads by hand


def uploaded(alice: User) -> Upload:
    file = SimpleUploadedFile("people.csv", PEOPLE.encode())
    return verbs.receive(noun=NOUNS["people"], file=file, point="", actor=alice)


def test_an_upload_keeps_the_others_and_its_preview(in_aurora: Organisation, alice: User) -> None:
    work(verbs.take_in(upload=uploaded(alice), actor=alice))
    waiting = uploaded(alice)
    assert erased(subject_of("ase@example.no"), "integrations")["integrations.Upload"] == 2
    waiting.refresh_from_db()
    shown = verbs.preview(waiting, in_aurora.zone).rows
    assert [row.buyer.email for row in shown if row.buyer] == ["per@example.no"]
    assert "degård" not in str(waiting.rows())


def test_an_upload_that_brings_an_erased_person_again_forgets_the_row(
    in_aurora: Organisation, alice: User
) -> None:
    work(verbs.take_in(upload=uploaded(alice), actor=alice))
    subject = subject_of("ase@example.no")
    buried(subject)
    ContactAnswer.objects.all().delete()
    erased(subject, "profiles")
    again = SimpleUploadedFile("people.csv", PEOPLE.replace("345", "346").encode())
    upload = verbs.receive(noun=NOUNS["people"], file=again, point="", actor=alice)
    run = work(verbs.take_in(upload=upload, actor=alice))
    upload.refresh_from_db()
    assert run.intake is not None
    assert run.intake.rows_erased == 1
    assert "ase@example.no" not in str(upload.rows()) + str(rows_of(run))
    assert upload.row_count == len(upload.rows()) == 2


# Copies of files


@pytest.fixture
def tickets(in_aurora: Organisation) -> Connection:
    made = connection_of("upload")
    save_mapping(connection=made, spec=SPEC, header=HEADER, actor=None)
    return made


def test_a_copy_that_has_been_read_is_emptied(tickets: Connection) -> None:
    imported(tickets, "salg.csv", table(1, 2))
    imported(tickets, "andre.csv", table(7, 8))
    assert erased(subject_of(KARI1), "files")["files.ImportFile"] == 1
    theirs, others = ImportFile.objects.order_by("pk")
    assert (bytes(theirs.head), theirs.parts.count(), bool(theirs.emptied_at)) == (b"", 0, True)
    assert others.parts.count() == 1
    assert not list(spool._folder().glob(f"*-{theirs.pk}"))


def test_a_copy_that_waits_is_read_first_and_then_emptied(tickets: Connection) -> None:
    imported(tickets, "salg.csv", table(1))
    subject = subject_of(KARI1)
    waiting = receive(connection=tickets, name="ny.csv", stream=BytesIO(table(1, 2)), actor=None)
    destination = the_destination("files")
    [(address, label)] = list(destination.holds(subject))
    assert label == "A file of “Billetter” that waits to be read"
    buried(subject)
    erased(subject, "files")
    assert destination.forget is not None
    with pytest.raises(Later):
        destination.forget(address)
    assert UploadPart.objects.filter(file=waiting).exists()
    run = finished(runs.start(connection=tickets, trigger=Trigger.MANUAL, options={"file": waiting.pk}))
    assert (run.state, run.intake and run.intake.rows_read) == (RunState.DONE, 2)
    assert Profile.objects.filter(email="kari2@example.no").exists()
    assert destination.forget(address) == "emptied"
    assert not UploadPart.objects.filter(file=waiting).exists()


def test_tomorrows_copy_that_names_the_erased_is_emptied_once_it_is_in(tickets: Connection) -> None:
    imported(tickets, "salg.csv", table(1))
    buried(subject_of(KARI1))
    later = table(1, 2).replace(b"22.11.2026", b"21.11.2026")
    run = imported(tickets, "ny.csv", later)
    assert run.intake is not None
    assert run.intake.rows_erased == 1
    file = ImportFile.objects.latest("pk")
    assert (file.state, file.parts.count(), bytes(file.head)) == (FileState.DONE, 0, b"")


def test_the_customers_own_file_stays_and_its_beginning_here_leaves_the_line_out(
    in_aurora: Organisation, tmp_path: Path, settings: Settings
) -> None:
    settings.FOYER_FILES, settings.FOYER_FILES_SETTLE_SECONDS = tmp_path, 0
    (tmp_path / "aurora").mkdir()
    connection = connection_of("folder", pattern="*.csv")
    save_mapping(connection=connection, spec=SPEC, header=HEADER, actor=None)
    (tmp_path / "aurora" / "a.csv").write_bytes(table(1, 2))
    finished(runs.start(connection=connection, trigger=Trigger.MANUAL))
    subject = subject_of(KARI1)
    told = the_destination(f"source:{connection.slug}")
    [(address, _label)] = list(told.holds(subject))
    assert told.forget is not None
    with pytest.raises(ByHand, match="still name the person"):
        told.forget(address)
    erased(subject, "files")
    buried(subject)
    connection.open().glance()  # type: ignore[attr-defined]
    (tmp_path / "aurora" / "b.csv").write_bytes(table(1, 2))
    connection.open().glance()  # type: ignore[attr-defined]
    head = decompress(ImportFile.objects.latest("pk").head)
    assert KARI1.encode() not in head
    assert b"kari2@example.no" in head
    assert (tmp_path / "aurora" / "a.csv").read_bytes() == table(1, 2)


# What others called to tell, and what left as a table


def test_deliveries_about_the_person_go(tills: Connection, box_office: Till) -> None:
    box_office.sell(1)
    run_now(tills)
    digest = hashlib.sha256(KARI1.encode()).hexdigest()[:16]
    bodies = {
        "1": urlencode({"data[email]": KARI1}).encode(),
        "2": b'{"code": "T1"}',
        f"unsubscribe:list:2026:{digest}": b"",
        "3": urlencode({"data[email]": "kari10@example.no"}).encode(),
    }
    for key, body in bodies.items():
        WebhookDelivery.objects.create(connection=tills, key=key, body=body)
    erased(subject_of(KARI1), "integrations")
    assert set(WebhookDelivery.objects.values_list("key", flat=True)) == {"2", "3"}


def test_the_persons_number_leaves_the_list_of_an_undone_run(tills: Connection, box_office: Till) -> None:
    box_office.sell(1)
    run = run_now(tills)
    subject = subject_of(KARI1)
    told = {"mailchimp": [*subject.identifiers, 987654321]}
    Run.objects.filter(pk=run.pk).update(aftermath={"report": {}, "written": told})
    erased(subject, "integrations")
    run.refresh_from_db()
    assert run.aftermath["written"] == {"mailchimp": [987654321]}


def test_downloads_since_the_person_was_known_are_asked_for_by_hand(
    tills: Connection, box_office: Till, alice: User, in_aurora: Organisation
) -> None:
    box_office.sell(1)
    run_now(tills)
    subject = subject_of(KARI1)
    destination = the_destination("downloads")
    assert list(destination.holds(subject)) == []
    list(verbs.download(noun=NOUNS["people"], reason="mailing list", actor=alice, zone=in_aurora.zone))
    [(address, label)] = list(destination.holds(subject))
    assert "1" in label
    assert destination.forget is not None
    assert destination.recipients is not None
    with pytest.raises(ByHand, match="Audit log"):
        destination.forget(address)
    [named] = list(destination.recipients(subject))
    assert named.last_at is not None
    assert named.last_at.date() == dt.datetime.now(dt.UTC).date()


def test_parcels_of_thirty_days_are_no_burden(tills: Connection, box_office: Till) -> None:
    """An erasure reads them one at a time, and looks closely only where a value of the person stands."""
    box_office.sell(1)
    run = run_now(tills)
    Parcel.objects.filter(run=run).update(emptied_at=dt.datetime.now(dt.UTC), content=b"")
    assert erased(subject_of(KARI1), "integrations")["integrations.Parcel"] == 0
