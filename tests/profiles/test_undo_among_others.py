"""Taking back one delivery of several, whichever it was."""

from __future__ import annotations

import dataclasses
import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.ingest import preview_undo, undo_intake
from profiles.models import (
    DailyCount,
    Identifier,
    Intake,
    Order,
    OrderLine,
    Profile,
    ProfileTag,
    SearchKey,
    SourceRecord,
)
from profiles.rows import CanonicalRow
from tests.profiles.sample import a_source, deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def undo(intake: Intake) -> Any:
    """The database's deferred checks included."""
    report = undo_intake(intake=intake, revoke=lambda _: 0, actor="alice@example.org")
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; set constraints all deferred")
    return report


def told(row: CanonicalRow, **order: Any) -> CanonicalRow:
    assert row.order is not None
    return dataclasses.replace(row, order=dataclasses.replace(row.order, **order))


def test_an_order_of_which_another_delivery_told_a_ticket_stays_with_its_buyer() -> None:
    first, _ = deliver([ticket(1, order="A1", email="kari@example.no")])
    deliver([ticket(2, order="A1", email="kari@example.no")])
    assert dataclasses.asdict(preview_undo(intake=first)) == dataclasses.asdict(undo(first))
    person = Profile.objects.get(state="active")
    assert (person.orders_count, person.tickets_count, person.email) == (1, 1, "kari@example.no")
    assert Order.objects.get().total == 450


def test_what_an_older_version_names_can_still_return() -> None:
    """The ticket's first show and the order's first buyer are named by nothing but history."""
    first, _ = deliver([ticket(5, email="kari@example.no")])
    deliver([ticket(1, order="A1", email="kari@example.no")])
    last, _ = deliver([ticket(1, order="A1", email="ola@example.no", name="Ola Li", show="Nora")])
    undo(first)
    undo(last)
    person = Profile.objects.get(state="active", orders_count=1)
    assert (person.email, ProfileTag.objects.get(profile=person).tag.name) == (
        "kari@example.no",
        "Hamlet 2026",
    )


def test_rows_that_rested_on_what_was_undone_are_judged_anew() -> None:
    first, _ = deliver([ticket(1, email="kari@example.no", external_id="7", city="Oslo")])
    again = [ticket(1, email="kari@example.no", external_id="7", city="Bergen")]
    deliver(again)
    undo(first)
    deliver(again)
    assert OrderLine.objects.count() == 1
    assert Profile.objects.get(state="active").orders_count == 1


def test_an_orders_own_total_outlives_the_undoing_of_another_delivery() -> None:
    deliver([told(ticket(1, order="A1", email="kari@example.no"), total=Decimal(500))])
    other, _ = deliver([ticket(2, email="kari@example.no")])
    undo(other)
    assert Order.objects.get().total == 500


def test_an_order_of_nobody_regains_its_status() -> None:
    deliver([dataclasses.replace(ticket(1, order="A1"), buyer=None)])
    refund, _ = deliver([dataclasses.replace(ticket(1, order="A1", status="refunded"), buyer=None)])
    assert Order.objects.get().status == "refunded"
    undo(refund)
    assert Order.objects.filter(status="paid", total=450).exists()


def test_an_address_that_only_the_undone_delivery_had_put_on_too_many_people_joins_again() -> None:
    deliver([ticket(1, email="post@example.no", external_id="7", name="Kari Li")])
    deliver([ticket(1, email="post@example.no", name="Kari Li")], a_source("shop"))
    names = ["Ola", "Anne", "Per", "Ingrid", "Lars", "Solveig", "Marit", "Nils", "Astrid", "Knut", "Bo"]
    wrong, _ = deliver(
        [ticket(n, email="post@example.no", name=f"{name} Li") for n, name in enumerate(names, 1)],
        a_source("till"),
    )
    assert Identifier.objects.get(value="post@example.no").state == "held"
    assert Profile.objects.filter(state="active", name="Kari Li").count() == 2
    undo(wrong)
    assert Identifier.objects.get(value="post@example.no").state == "normal"
    assert Profile.objects.filter(state="active").count() == 1


def test_an_old_id_points_at_the_person_its_records_are_with() -> None:
    """Anne's second profile went into her first, that one into a third; the third goes away."""
    deliver([ticket(1, email="a@example.no")])
    deliver([ticket(1, email="b@example.no")], a_source("shop"))
    first, second = Profile.objects.order_by("pk")
    deliver([ticket(1, email="a@example.no", phone="90000001")], a_source("till"))
    deliver([ticket(2, email="b@example.no", phone="90000001", external_id="9")], a_source("web"))
    second.refresh_from_db()
    assert second.merged_into == first
    names = ("Kari Nordmann", "Kari A Nordmann", "Kari B Nordmann", "Kari C Nordmann", "K Nordmann")
    deliver([ticket(n, phone="90000002", name=name) for n, name in enumerate(names)], a_source("club"))
    bridge, _ = deliver([ticket(3, email="a@example.no", phone="90000002")], a_source("desk"))
    first.refresh_from_db()
    assert first.state == "merged"
    undo(bridge)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, second.merged_into) == ("active", "merged", first)


Batches = list[tuple[str, list[CanonicalRow]]]


@st.composite
def three_deliveries(draw: st.DrawFn) -> Batches:
    """Of two sources. A delivery tells each ticket once, and its buyer has an id of the source's own;
    all there is to tell is told, and no delivery only repeats another."""
    rng = random.Random(draw(st.integers(0, 100_000)))

    def row(n: int, day: int) -> CanonicalRow:
        who = rng.randrange(4)
        return ticket(
            n,
            order=f"o{rng.randrange(3)}",
            external_id=str(who),
            email=rng.choice(("a@example.no", "b@example.no", "c@example.no")),
            phone=rng.choice(("90000001", "90000002")),
            name=("Kari Li", "Ola Li", "K Li", "Kari Ås")[who],
            barcode=f"b{n}",
            status=rng.choice(("paid", "paid", "refunded")),
            city=f"City {day}",
            price=f"{100 * day + rng.randrange(100)}.00",
            show=rng.choice(("Hamlet", "Nora")),
            day=day,
        )

    sources = draw(st.lists(st.sampled_from(("tickets", "shop")), min_size=3, max_size=3))
    return [
        (source, [row(n, day) for n in range(1, draw(st.integers(2, 6)))])
        for day, source in enumerate(sources)
    ]


def orders_and_people() -> dict[str, Any]:
    return {
        "orders": set(
            Order.objects.values_list("source__slug", "external_id", "status", "total", "record__external_id")
        ),
        "lines": set(
            OrderLine.objects.values_list(
                "order__source__slug", "order__external_id", "key", "status", "price", "product__name"
            )
        ),
        "records": set(
            SourceRecord.objects.values_list("source__slug", "external_id", "email", "phone", "city")
        ),
        "days": set(DailyCount.objects.exclude(measure="new_people").values_list("day", "measure", "value")),
    }


def nothing_hangs_in_the_air() -> None:
    """Whatever is derived says what the rest adds up to."""
    for profile in Profile.objects.filter(state="active"):
        records = SourceRecord.objects.filter(profile=profile)
        paid = Order.objects.filter(record__in=records, status="paid")
        assert records.exists()
        assert profile.orders_count == paid.count()
        assert profile.value == sum(order.total or 0 for order in paid)
        words = {word for record in records for word in record.name_key.split()}
        assert set(SearchKey.objects.filter(profile=profile).values_list("token", flat=True)) == words
        tags = {
            line.product.tag_id
            for line in OrderLine.objects.filter(order__in=paid, status="paid").select_related("product")
        }
        assert set(ProfileTag.objects.filter(profile=profile).values_list("tag_id", flat=True)) == tags
    for line in OrderLine.objects.select_related("order"):
        statuses = set(line.order.orderline_set.values_list("status", flat=True))
        assert line.order.status == ("paid" if "paid" in statuses else "refunded")


@settings(max_examples=20, deadline=None)
@given(three_deliveries(), st.integers(0, 2))
def test_undoing_any_of_three_deliveries_leaves_what_the_other_two_told(batches: Batches, which: int) -> None:
    found = []
    for undone in (False, True):
        with transaction.atomic():
            intakes = [
                deliver(rows, a_source(slug))[0]
                for n, (slug, rows) in enumerate(batches)
                if undone or n != which
            ]
            if undone:
                undo(intakes[which])
            nothing_hangs_in_the_air()
            found.append(orders_and_people())
            transaction.set_rollback(True)
    assert found[0] == found[1]
