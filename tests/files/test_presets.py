"""Every preset reads its own sample, traps and all, and loses nothing."""

from __future__ import annotations

from io import BytesIO

import pytest

from integrations.files import samples
from integrations.files.models import ImportFile, Mapping
from integrations.files.presets import PRESETS
from integrations.models import Run
from organisations.models import Organisation
from profiles.models import HeldRow, Order, OrderLine, Profile
from tests.files.making import connection_of, imported

TICKETS = sorted(slug for slug, preset in PRESETS.items() if preset.options.rows == "tickets")


def sample(slug: str, rows: int = 300, seed: int = 1) -> bytes:
    stream = BytesIO()
    samples.write(slug, stream, rows=rows, seed=seed)
    return stream.getvalue()


def taken_in(slug: str) -> Run:
    run = imported(connection_of("upload", preset=slug), PRESETS[slug].sample.name, sample(slug))
    assert run.state == "done", run.reason
    return run


def equation(run: Run) -> dict[str, int]:
    assert run.intake is not None
    names = ("read", "created", "updated", "unchanged", "held", "failed", "erased")
    return {
        name: getattr(run.intake, f"rows_{name}") for name in names if getattr(run.intake, f"rows_{name}")
    }


@pytest.mark.parametrize("slug", TICKETS)
def test_a_ticket_sample_comes_in_whole(slug: str, in_aurora: Organisation) -> None:
    run = taken_in(slug)
    moved = 0 if slug == "ticketco" else 1
    found = equation(run)
    assert found.pop("failed", 0) == moved
    assert found["read"] == 300 + moved
    assert found["created"] + found["held"] == 300
    assert (Order.objects.count(), OrderLine.objects.count()) == (120, 300)
    assert set(OrderLine.objects.values_list("status", flat=True)) >= {"paid", "pending", "cancelled"}
    assert not OrderLine.objects.filter(price=None).exists()
    assert not Order.objects.filter(ordered_at__isnull=True).exists()


@pytest.mark.parametrize("slug", TICKETS)
def test_only_what_the_traps_spoil_is_held(slug: str, in_aurora: Organisation) -> None:
    run = taken_in(slug)
    reasons = {reason["code"] for row in HeldRow.objects.filter(intake=run.intake) for reason in row.reasons}
    assert reasons <= {"email_invalid", "answer", "phone_rounded", "unreadable_row"}
    assert "email_invalid" in reasons


def test_the_customer_sample_comes_in_whole(in_aurora: Organisation) -> None:
    run = taken_in("eventim")
    found = equation(run)
    assert found["created"] + found["held"] == 300
    assert Profile.objects.count() == 300
    assert not Order.objects.exists()


@pytest.mark.parametrize("slug", ["dx", "ticketco", "pretix"])
def test_the_same_file_again_changes_nothing_and_says_so(slug: str, in_aurora: Organisation) -> None:
    connection = connection_of("upload", preset=slug)
    first = imported(connection, "a", sample(slug))
    again = imported(connection, "b", sample(slug))
    read = equation(first)["read"]
    assert equation(again) == {"read": read, "unchanged": read}


def test_sums_titles_and_notes_are_reported_and_are_nobody(in_aurora: Organisation) -> None:
    taken_in("dx")
    report = ImportFile.objects.get().report
    assert (report["titles"], report["summaries"], report["empty"]) == (4, 2, 2)
    assert "Sum" in report["notes"][0]
    assert "Generert av DX" in report["notes"][1]
    assert not Profile.objects.filter(family_name__icontains="sum").exists()


def test_the_national_number_is_not_even_kept(in_aurora: Organisation) -> None:
    taken_in("ticketmaster")
    spec = Mapping.objects.get().read()
    assert "Fødselsnummer" not in {column.header for _at, column in spec.pairs}


def test_a_preset_that_does_not_fit_asks_for_a_person(in_aurora: Organisation) -> None:
    connection = connection_of("upload", preset="pretix")
    run = imported(connection, "x.csv", b"Dyr;Farge\r\nHund;brun\r\nKatt;svart\r\n")
    assert run.state == "waiting"
    assert "does not look like an export of pretix" in run.reason
    assert not Mapping.objects.exists()


def test_no_preset_and_no_mapping_asks_for_a_person(in_aurora: Organisation) -> None:
    run = imported(connection_of("upload"), "x.csv", b"Navn;E-post\r\nKari;kari@example.no\r\n")
    assert run.state == "waiting"
    assert "what the columns mean" in run.reason


@pytest.mark.parametrize("slug", sorted(PRESETS))
def test_a_sample_is_the_same_every_time_and_another_with_another_seed(slug: str) -> None:
    if slug != "ticketco":  # a zip carries the time it was made
        assert sample(slug, 50) == sample(slug, 50)
    assert sample(slug, 50) != sample(slug, 50, seed=2)
