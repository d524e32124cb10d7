"""A month's file of a register: from the upload to who may be called."""

from __future__ import annotations

import tracemalloc
from datetime import date
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from cdp.lib import clock
from consent import gather
from consent.decide import decide
from consent.facts import Message
from consent.models import RegisterEntry, RegisterFile, RegisterMark, RegisterPart
from consent.registers import loading, marks
from consent.registers.loading import AlreadyThere
from consent.registers.standing import standing
from consent.rules import Rules
from organisations.audit.models import AccessEntry, AuditEntry
from organisations.models import Organisation, User
from profiles import normalise
from profiles.models import RecordMark
from tests.conftest import ClientFor
from tests.consent import world

PHONE, POST = "reservasjon_phone", "robinson_post"
NOVEMBER = date(2026, 11, 1)


def load(text: str, alice: User, register: str = PHONE, month: date = NOVEMBER) -> RegisterFile:
    stream = BytesIO(text.encode("latin-1"))
    file = loading.receive(register=register, month=month, name="file.txt", stream=stream, actor=alice)
    return loading.read(file.pk)


def in_force(text: str, alice: User, register: str = PHONE, month: date = NOVEMBER) -> marks.Marked:
    return loading.put_in_force(load(text, alice, register, month), actor=alice)


def marked() -> set[tuple[str, str, str]]:
    found = RegisterMark.objects.select_related("identifier")
    return {(mark.identifier.value, mark.register, mark.channel) for mark in found}


def test_it_is_read_first_and_marks_nobody_until_it_is_in_force(in_aurora: Organisation, alice: User) -> None:
    world.person(phone="+4790000001")
    world.person(phone="+4790000002")
    file = load("telefon\n90000001\n90000009\nx\n", alice)
    assert (file.state, file.rows, file.unreadable, file.matched) == ("read", 3, 1, 1)
    assert file.problems == [{"line": 4, "why": "empty"}]
    assert marked() == set()
    assert loading.put_in_force(file, actor=alice) == marks.Marked(added=1)
    assert marked() == {("+4790000001", PHONE, "phone")}


def test_nothing_of_the_file_is_kept_but_hashes(in_aurora: Organisation, alice: User) -> None:
    stream = BytesIO(b"90000001\n90000002\n90000002\n")
    file = loading.receive(register=PHONE, month=NOVEMBER, name="f", stream=stream, actor=alice)
    assert b"90000001" not in bytes(RegisterPart.objects.get().content)
    loading.read(file.pk)
    assert not RegisterPart.objects.exists()
    digests = {bytes(each) for each in RegisterEntry.objects.values_list("digest", flat=True)}
    assert len(digests) == 2
    assert all(len(each) == 32 for each in digests)


def test_the_next_month_takes_the_place_of_the_last(in_aurora: Organisation, alice: User) -> None:
    world.person(phone="+4790000001")
    world.person(phone="+4790000002")
    in_force("90000001\n", alice)
    done = in_force("90000002\n", alice, month=date(2026, 12, 1))
    assert done == marks.Marked(added=1, removed=1)
    assert marked() == {("+4790000002", PHONE, "phone")}
    assert RegisterEntry.objects.count() == 1
    states = RegisterFile.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["replaced", "in_force"]


def test_a_letter_is_about_whoever_lives_there_and_marks_all_their_contact_points(
    in_aurora: Organisation, alice: User
) -> None:
    who = world.person("ole@example.dk", "+4520000001")
    who.record.given_name, who.record.family_name = "Ole", "Hansen"
    who.record.street, who.record.postal_code = "Storegade 7, 1. th", "8000"
    who.record.save()
    world.person("other@example.dk")
    line = "Hansen,Ole".ljust(34) + "#" + "Storegade 7".ljust(34) + "#" + " " * 34 + "#8000 Aarhus C#   #"
    in_force(f"PR. 01.11.2026\n{line}\n", alice, POST)
    assert marked() == {
        ("ole@example.dk", POST, "post"),
        ("+4520000001", POST, "post"),
    }


def test_a_new_contact_point_is_marked_when_it_comes(in_aurora: Organisation, alice: User) -> None:
    in_force("90000001\n", alice)
    who = world.person(phone="+4790000001")
    other = world.person(phone="+4790000002")
    assert who.phone
    assert other.phone
    assert marks.refresh([who.phone.pk, other.phone.pk]) == marks.Marked(added=1)
    assert marks.refresh() == marks.Marked()


def test_who_is_on_it_may_not_be_called(in_aurora: Organisation, alice: User) -> None:
    """C103, from the file to the answer."""

    who = world.person(phone="+4790000001", country="NO")
    in_force("90000001\n", alice)
    assert who.phone
    house = gather.house()
    with transaction.atomic():
        row = next(row for batch in gather.stream([who.phone.pk]) for row in batch)
    message = Message(house.controller, "marketing.newsletter", "phone", lia=True)
    asked = decide(message, gather.recipient(row, house), [], [], clock.now(), Rules(home="NO"))
    assert asked.reason == "OPTOUT_REGISTER"


def test_the_same_content_twice_is_told(in_aurora: Organisation, alice: User) -> None:
    in_force("90000001\n", alice)
    with pytest.raises(AlreadyThere):
        load("90000001\n", alice, month=date(2026, 12, 1))


def test_a_file_of_something_else_fails_in_words(in_aurora: Organisation, alice: User) -> None:
    file = load("name;mail\nKari;kari@example.no\n", alice)
    assert file.state == "failed"
    assert "No column" in file.error
    assert "kari" not in file.error.lower()
    loading.discard(file, actor=alice)
    assert RegisterFile.objects.get().state == "discarded"


def test_memory_stays_flat(in_aurora: Organisation, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many times the lines need no more of it: pieces and batches go through one at a time."""
    monkeypatch.setattr(loading, "PIECE", 10_000)
    monkeypatch.setattr(loading, "BATCH", 500)
    for remembers in ("phone", "text"):  # up to so many values, and no more
        monkeypatch.setattr(normalise, remembers, getattr(normalise, remembers).__wrapped__)

    def peak(count: int) -> int:
        stream = BytesIO("".join(f"9{number:07d}\n" for number in range(count)).encode())
        file = loading.receive(register=PHONE, month=NOVEMBER, name="f", stream=stream, actor=alice)
        tracemalloc.start()
        loading.read(file.pk)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1000)  # what is loaded once
    assert peak(8000) < peak(1500) + 200_000


def test_a_register_is_old_from_the_first_of_the_next_month(in_aurora: Organisation, alice: User) -> None:
    in_force("90000001\n", alice)

    def stale(day: str) -> bool:
        with time_machine.travel(world.at(day), tick=False):
            return next(each for each in standing() if each.register == PHONE).stale

    assert not stale("2026-11-30T22:59:00")
    assert stale("2026-11-30T23:01:00")  # December in Oslo


# --- pages -----------------------------------------------------------------------------------------


def test_a_privacy_lead_loads_a_file_and_puts_it_in_force(
    in_aurora: Organisation, alice: User, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consent.tasks.read_register.delay_on_commit", loading.read, raising=False)
    world.person(phone="+4790000001")
    browser = client_for(alice, in_aurora)
    sent: dict[str, Any] = {"register": PHONE, "month": "2026-11-14"}
    sent["file"] = SimpleUploadedFile("oktober.csv", b"telefon\n90000001\n12\n")
    answer = browser.post(reverse("registers:registers"), sent)
    file = RegisterFile.objects.get()
    assert answer["Location"] == reverse("registers:file", args=[file.pk])
    assert file.month == NOVEMBER
    page = browser.get(answer["Location"]).content.decode()
    assert "no such number" in page
    browser.post(answer["Location"], {"do": "in_force"})
    assert len(marked()) == 1
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"register.uploaded", "register.in_force"} <= verbs
    # A second press, or a colleague's, changes nothing.
    browser.post(answer["Location"], {"do": "discard"})
    assert RegisterFile.objects.get().state == "in_force"


def test_own_numbers_leave_the_house_with_a_reason_and_without_who_is_locked(
    in_aurora: Organisation, alice: User, client_for: ClientFor
) -> None:
    for number in ("+4790000001", "+4790000002", "+4520000001"):
        world.person(phone=number)
    locked = world.person(phone="+4790000003")
    RecordMark.objects.create(record=locked.record, kind="restricted")
    browser, page = client_for(alice, in_aurora), reverse("registers:numbers")
    assert browser.post(page, {"country": "NO", "reason": ""}).status_code == 200
    assert not AccessEntry.objects.exists()
    answer = browser.post(page, {"country": "NO", "reason": "Washing at the bureau"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.split() == ["telefon", "+4790000001", "+4790000002"]
    assert AccessEntry.objects.get().purpose == "Washing at the bureau"
    assert AuditEntry.objects.get(verb="register.numbers_exported").summary["rows"] == 2
