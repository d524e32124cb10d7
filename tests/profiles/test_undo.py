"""Taking a delivery back."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.ingest import preview_undo, undo_intake
from profiles.models import (
    DailyCount,
    HeldRow,
    Order,
    OrderLine,
    Product,
    Profile,
    ProfileTag,
    RecordIdentifier,
    RowState,
    SearchKey,
    SourceRecord,
    Tag,
)
from profiles.rows import CanonicalRow
from tests.profiles.sample import START, a_source, deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def world() -> dict[str, Any]:
    """All that can be said of the people, without ids."""
    people = {}
    for profile in Profile.objects.filter(state="active"):
        records = frozenset(profile.sourcerecord_set.values_list("source__slug", "external_id"))
        people[records] = (
            profile.name, profile.email, profile.phone, profile.city, profile.orders_count,
            profile.tickets_count, profile.value, profile.first_order_at, profile.is_customer,
            frozenset(ProfileTag.objects.filter(profile=profile).values_list("tag__key", flat=True)),
            frozenset(SearchKey.objects.filter(profile=profile).values_list("token", flat=True)),
        )  # fmt: skip
    return {
        "people": people,
        "records": set(
            SourceRecord.objects.values_list(
                "external_id", "email", "phone", "city", "name_key", "observed_at", "observed__address"
            )
        ),
        "shown": set(RecordIdentifier.objects.values_list("record__external_id", "identifier__value")),
        "orders": set(Order.objects.values_list("external_id", "status", "total", "record__external_id")),
        "lines": set(OrderLine.objects.values_list("order__external_id", "key", "status", "price")),
        "products": set(Product.objects.values_list("external_id", flat=True)),
        "known rows": set(RowState.objects.values_list("key", "digest")),
        "days": set(DailyCount.objects.values_list("day", "measure", "value")),
    }


def undo(intake: Any) -> Any:
    return undo_intake(intake=intake, revoke=lambda _: 0, actor="alice@example.org")


def test_undoing_the_only_delivery_leaves_nothing() -> None:
    intake, _ = deliver(
        [ticket(1, email="kari@example.no"), ticket(2, email="ola@example.no", name="Ola Li")]
    )
    told = preview_undo(intake=intake)
    report = undo(intake)
    assert (report.people_removed, report.records_removed, report.orders_removed, report.lines_removed) == (
        2,
        2,
        2,
        2,
    )
    assert (told.people_removed, told.records_removed, told.orders_removed) == (2, 2, 2)
    assert set(Profile.objects.values_list("state", "name", "email")) == {("empty", "", "")}
    assert all(not rows for rows in world().values())
    intake.refresh_from_db()
    assert intake.state == "undone"


def test_the_values_before_it_return() -> None:
    deliver([ticket(1, email="kari@example.no", external_id="7", city="Oslo")])
    before = world()
    moved, _ = deliver(
        [ticket(1, email="kari@example.no", external_id="7", city="Bergen", day=1, status="refunded")]
    )
    assert SourceRecord.objects.get().city == "Bergen"
    undo(moved)
    after = world()
    assert {k: v for k, v in after.items() if k != "known rows"} == {
        k: v for k, v in before.items() if k != "known rows"
    }


def test_a_later_deliverys_value_stands() -> None:
    deliver([ticket(1, email="kari@example.no", external_id="7", city="Oslo")])
    middle, _ = deliver([ticket(1, email="kari@example.no", external_id="7", city="Bergen", day=1)])
    last, _ = deliver([ticket(1, email="kari@example.no", external_id="7", city="Tromsø", day=2)])
    undo(middle)
    assert SourceRecord.objects.get().city == "Tromsø"
    undo(last)
    assert SourceRecord.objects.get().city == "Oslo"


def test_a_merge_that_a_delivery_caused_is_undone_with_it_and_the_old_id_returns() -> None:
    deliver([ticket(1, email="kari@example.no"), ticket(2, phone="90000001")])
    ids = set(Profile.objects.values_list("public_id", flat=True))
    bridge, _ = deliver(
        [ticket(3, email="kari@example.no", phone="90000001", external_id="7")], a_source("shop")
    )
    assert Profile.objects.filter(state="active").count() == 1
    undo(bridge)
    assert set(Profile.objects.filter(state="active").values_list("public_id", flat=True)) == ids


def test_tags_given_by_staff_follow_a_merge_and_return_when_it_is_taken_apart() -> None:
    deliver([ticket(1, email="kari@example.no"), ticket(2, phone="90000001")])
    given = [Tag.objects.create(key=key, name=key) for key in ("patron", "press")]
    for number, profile in enumerate(Profile.objects.order_by("pk")):
        for tag in given[number:]:
            ProfileTag.objects.create(profile=profile, tag=tag, since=START + timedelta(days=-number))
    bridge, _ = deliver(
        [ticket(3, email="kari@example.no", phone="90000001", external_id="7")], a_source("shop")
    )
    survivor = Profile.objects.get(state="active")
    by_hand = ProfileTag.objects.filter(origin="staff")
    patron, press = given
    assert set(by_hand.values_list("profile", "tag", "since")) == {
        (survivor.pk, patron.pk, START),
        (survivor.pk, press.pk, START - timedelta(days=1)),
    }
    before = {
        (profile.pk, tag.pk, START + timedelta(days=-number))
        for number, profile in enumerate(Profile.objects.order_by("pk"))
        for tag in given[number:]
    }
    undo(bridge)
    assert set(by_hand.values_list("profile", "tag", "since")) == before


def test_a_buyer_whom_a_later_delivery_names_stays() -> None:
    first, _ = deliver([ticket(1, email="kari@example.no")])
    deliver([ticket(2, email="kari@example.no")])
    undo(first)
    assert Profile.objects.get(state="active").orders_count == 1
    assert SourceRecord.objects.get().email == "kari@example.no"


def test_held_rows_of_an_undone_delivery_wait_no_more() -> None:
    intake, _ = deliver([ticket(1, email="kari@example.no", phone="12")])
    undo(intake)
    assert HeldRow.objects.get().state == "undone"
    with pytest.raises(ValueError, match="undone"):
        undo(intake)


@st.composite
def deliveries(draw: st.DrawFn) -> list[list[CanonicalRow]]:
    """Two deliveries of two sources over few people, addresses and orders, with corrections."""
    rng = random.Random(draw(st.integers(0, 10_000)))

    def row(n: int) -> CanonicalRow:
        return ticket(
            n,
            order=f"o{rng.randrange(4)}",
            email=rng.choice(("", "a@example.no", "b@example.no", "c@example.no")),
            phone=rng.choice(("", "90000001", "90000002", "12")),
            name=rng.choice(("Kari Li", "Ola Li", "K Li")),
            barcode=f"b{rng.randrange(6)}",
            status=rng.choice(("paid", "paid", "refunded")),
            city=rng.choice(("", "Oslo", "Bergen")),
            show=rng.choice(("Hamlet", "Nora")),
            day=rng.randrange(5),
        )

    return [[row(n) for n in range(1, draw(st.integers(2, 7)))] for _ in range(2)]


@settings(max_examples=30, deadline=None)
@given(deliveries())
def test_undoing_the_last_delivery_is_as_if_it_had_never_come(batches: list[list[CanonicalRow]]) -> None:
    shop = a_source("shop")
    with transaction.atomic():
        deliver(batches[0])
        before = world()
        last, _ = deliver(batches[1], shop)
        undo(last)
        after = world()
        transaction.set_rollback(True)
    assert after == before
