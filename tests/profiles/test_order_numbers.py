"""Who is known by an order's number alone, until somebody says more."""

from __future__ import annotations

import dataclasses

import pytest

from profiles.ingest import correct
from profiles.models import HeldRow, Profile, SourceRecord
from profiles.rows import OrderRow
from tests.profiles.sample import START, deliver, no_permit, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def test_a_buyer_whose_address_is_corrected_stays_one_person() -> None:
    deliver([ticket(1, order="A1", email="kari(at)example.no")])
    first = Profile.objects.get(state="active")
    row = ticket(1, order="A1", email="kari@example.no")
    assert (
        correct(held=HeldRow.objects.get(), row=row, permit=no_permit, actor="bob@example.org") == "updated"
    )
    person = Profile.objects.get(state="active")
    assert (person.pk, person.email, person.orders_count) == (first.pk, "kari@example.no", 1)


def test_a_later_file_with_the_address_finds_the_same_person() -> None:
    deliver([ticket(1, order="A1")])
    deliver([ticket(1, order="A1", email="kari@example.no", day=1)])
    assert Profile.objects.get(state="active").email == "kari@example.no"
    assert SourceRecord.objects.count() == 2


def test_an_order_that_was_another_persons_after_all_does_not_make_them_one() -> None:
    deliver([ticket(1, order="A1", name="Ola Li")])
    deliver([ticket(1, order="A1", name="Kari Nordmann", email="kari@example.no", day=1)])
    assert Profile.objects.filter(state="active").count() == 2


def test_orders_without_a_number_are_not_all_one_persons() -> None:
    rows = [
        dataclasses.replace(ticket(n, name=name), order=OrderRow("", ordered_at=START))
        for n, name in ((1, "Ola Li"), (2, "Kari Nordmann"))
    ]
    _, result = deliver(rows)
    assert not Profile.objects.exists()
    assert result.counts["held"] + result.counts["failed"] == 2
