"""The real order-position export of a pretix shop: 94 rows, 36 orders."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from consent.models import CollectionPoint
from consent.verbs import verify_point
from integrations.files.models import ImportFile, Mapping
from integrations.files.points import meaning_of, questions
from integrations.models import Run
from organisations.models import Organisation, User
from profiles.models import Identifier, Order, OrderLine, Product, Profile, SourceRecord
from tests.files.making import connection_of, imported

EXPORT = Path(__file__).parent.parent / "data" / "pretix_order_positions.csv"
QUESTION = "Ja takk til nyhetsbrev på e-post og SMS"


@pytest.fixture
def run(in_aurora: Organisation) -> Run:
    return imported(connection_of("upload", preset="pretix"), EXPORT.name, EXPORT.read_bytes())


def test_it_comes_in_completely(run: Run) -> None:
    assert run.state == "done", run.reason
    assert run.intake is not None
    assert (run.intake.rows_read, run.intake.rows_created) == (94, 94)
    assert (Order.objects.count(), OrderLine.objects.count()) == (36, 94)
    assert ImportFile.objects.get().report["faults"] == 0


def test_pending_and_canceled_orders_are_kept_as_such(run: Run) -> None:
    assert Counter(OrderLine.objects.values_list("status", flat=True)) == {
        "paid": 67,
        "pending": 18,
        "cancelled": 9,
    }
    assert set(Order.objects.values_list("status", flat=True)) == {"paid", "pending", "cancelled"}


def test_guarded_phones_are_phones(run: Run) -> None:
    phones = set(Identifier.objects.filter(kind="phone").values_list("value", flat=True))
    assert phones == {"+4790000001", "+4790000002", "+4790000003", "+4521234567"}


def test_four_buyers_and_no_attendee_beside_them(run: Run) -> None:
    """Every attendee's address in the file is the buyer's own."""
    assert Profile.objects.count() == 4
    assert not SourceRecord.objects.filter(is_customer=False).exists()
    assert set(Product.objects.values_list("name", flat=True)) == {
        "Hamlet",
        "Karpe konsert",
        "Nøtteknekkeren",
    }


def test_the_seller_s_clock_is_the_organisation_s(run: Run) -> None:
    order = Order.objects.get(external_id="QMEAZ")
    assert order.ordered_at is not None
    assert order.ordered_at.isoformat() == "2026-11-21T23:32:10+00:00"


def test_three_columns_of_one_name_are_one_question(run: Run) -> None:
    spec = Mapping.objects.get().read()
    ((_key, (column, setup)),) = questions(spec).items()
    assert (column.header, column.nth) == (QUESTION, 0)
    assert (setup.channels, setup.no_is_refusal, setup.moment) == (("email", "sms"), False, "order")
    assert CollectionPoint.objects.filter(name__endswith=QUESTION).count() == 1


def test_nobody_can_be_written_to_until_somebody_vouches(run: Run, alice: User) -> None:
    assert run.intake is not None
    assert run.intake.permits["granted"] == 0
    point = CollectionPoint.objects.get(name__endswith=QUESTION)
    ((_column, setup),) = questions(Mapping.objects.get().read()).values()
    assert verify_point(point, meaning=meaning_of(setup), actor=alice).opens > 0


def test_a_no_in_this_file_is_a_box_left_empty(run: Run) -> None:
    """pretix writes No for an unticked box: nothing is withdrawn by it."""
    assert run.intake is not None
    assert run.intake.permits["withdrawn"] == 0


def test_neither_secrets_nor_links_are_kept(run: Run) -> None:
    columns = {column.header for _at, column in Mapping.objects.get().read().pairs}
    assert not columns & {"Ticket secret", "Position order link"}
