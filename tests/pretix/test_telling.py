"""An order in pretix's words becomes a row in Foyer's."""

from __future__ import annotations

import copy
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from integrations.errors import Rejected
from integrations.pretix.connector import PretixConnector
from profiles.rows import CanonicalRow
from tests.fakes.pretix import Pretix, address, answer, recorded, ticket
from tests.pretix.conftest import connect

Json = dict[str, Any]


def rows(shop: Pretix, **config: Any) -> list[CanonicalRow]:
    """Everything the shop has, read and told."""
    connector = PretixConnector(connect(shop, **{"consent_questions": {"MARKETING": "newsletter"}, **config}))
    raws = [raw for page in connector.pull({}) for raw in page.rows]
    return [connector.to_row(raw, number) for number, raw in enumerate(raws, start=1)]


def one(shop: Pretix, **config: Any) -> CanonicalRow:
    [row] = rows(shop, **config)
    return row


def test_an_order_with_everything(shop: Pretix) -> None:
    seat = {"zone_name": "Parkett", "row_name": "A", "seat_number": "1", "name": "A1", "seat_guid": "A-1"}
    shop.sell(
        "AAAAA",
        ticket(variation=1, price="450.00", seat=seat, attendee_name="Kari Nordmann", marketing="True"),
        ticket(price="350.00", attendee_name="Ola Venn", attendee_email="ola@example.no"),
        ticket(item=2, price="60.00"),
        email="kari@example.no",
        phone="+4790000001",
        customer="KARI1234",
        invoice_address=address("Kari Nordmann", company="Firma AS"),
        fees=[{"value": "25.00", "canceled": False}, {"value": "9.00", "canceled": True}],
        total="885.00",
    )
    row = one(shop)
    assert row.key == "order AAAAA"
    buyer = row.buyer
    assert buyer is not None
    assert (buyer.external_id, buyer.email, buyer.phone) == ("KARI1234", "kari@example.no", "+4790000001")
    assert (buyer.given_name, buyer.family_name, buyer.company) == ("Kari", "Nordmann", "Firma AS")
    assert (buyer.street, buyer.postal_code, buyer.city, buyer.country) == (
        "Storgata 1",
        "0155",
        "Oslo",
        "NO",
    )
    assert buyer.language == "nb"
    [friend] = row.attendees
    assert (friend.email, friend.full_name, friend.is_customer) == ("ola@example.no", "Ola Venn", False)
    order = row.order
    assert order is not None
    assert (order.external_id, order.status, order.currency) == ("AAAAA", "paid", "NOK")
    assert (order.total, order.channel, order.payment_type) == (Decimal("885.00"), "web", "banktransfer")
    first, second, programme = order.lines
    assert (first.section, first.row, first.seat) == ("Parkett", "A", "1")
    assert (first.price, first.fee, first.price_type) == (
        Decimal("450.00"),
        Decimal("25.00"),
        "Ordinary – Row A",
    )
    assert (first.product_id, first.product_name, first.venue) == ("hamlet", "Hamlet", "Storgata 1, Oslo")
    assert first.starts_at == dt.datetime(2026, 12, 24, 18, tzinfo=dt.UTC)
    assert (second.external_id, second.fee, second.status) == ("2", None, "")
    assert (programme.product_id, programme.product_kind) == ("hamlet/item/2", "goods")
    assert sum(line.price + (line.fee or 0) for line in order.lines if line.price) == order.total


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "n"}, "pending"),
        ({"status": "p"}, "paid"),
        ({"status": "e"}, "expired"),
        ({"status": "c"}, "cancelled"),
        ({"status": "c", "refunds": [{"state": "done"}]}, "refunded"),
        ({"status": "c", "refunds": [{"state": "failed"}]}, "cancelled"),
        ({"status": "p", "refunds": [{"state": "done"}]}, "paid"),
    ],
)
def test_statuses(changes: Json, status: str, shop: Pretix) -> None:
    shop.sell("AAAAA", **changes)
    order = one(shop).order
    assert order is not None
    assert order.status == status


def test_one_cancelled_ticket_of_an_order_that_stands(shop: Pretix) -> None:
    shop.sell(
        "AAAAA", ticket(canceled=True, attendee_email="gone@example.no"), ticket(), fees=[{"value": "10.00"}]
    )
    row = one(shop)
    assert row.order is not None
    assert [(line.status, line.fee) for line in row.order.lines] == [
        ("cancelled", None),
        ("", Decimal("10.00")),
    ]
    assert row.attendees == ()


def test_a_cancelled_order_keeps_its_tickets(shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(), ticket())
    shop.cancel("AAAAA", refunded=True)
    order = one(shop).order
    assert order is not None
    assert (order.status, [line.status for line in order.lines]) == ("refunded", ["", ""])


def test_a_date_with_a_name_of_its_own_is_a_product(shop: Pretix) -> None:
    series = shop.show("series", "Winter series", has_subevents=True)
    date = recorded("subevents")[0]
    trio = {
        "id": 7,
        "name": {"en": "Trio"},
        "date_from": "2027-01-03T19:00:00Z",
        "location": {"en": "Small hall"},
    }
    same = {"id": 8, "name": series["name"], "date_from": "2027-01-04T19:00:00Z", "location": None}
    shop.subevents["series"] = [date | trio, date | same]
    shop.sell("AAAAA", ticket(subevent=7), ticket(subevent=8), event="series")
    order = one(shop).order
    assert order is not None
    told = [(line.product_id, line.product_name, line.venue) for line in order.lines]
    assert told == [
        ("series/7", "Trio", "Small hall"),
        ("series", "Winter series", "Storgata 1, Oslo"),
    ]
    assert order.lines[1].starts_at == dt.datetime(2027, 1, 4, 19, tzinfo=dt.UTC)


def test_a_membership_is_one(shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(item=3))
    order = one(shop).order
    assert order is not None
    assert (order.lines[0].product_kind, order.lines[0].product_name) == ("membership", "Friend")


# --- whose name, whose address ---------------------------------------------------------------------


def test_the_buyer_s_own_ticket_names_a_buyer_without_invoice(shop: Pretix) -> None:
    shop.sell(
        "AAAAA",
        ticket(attendee_name="Ola Venn", attendee_email="ola@example.no"),
        ticket(attendee_name="Kari Nordmann", attendee_email="KARI@example.no", city="Bergen"),
        email="kari@example.no",
    )
    buyer = one(shop).buyer
    assert buyer is not None
    assert (buyer.full_name, buyer.city) == ("Kari Nordmann", "Bergen")


def test_nobody_guesses_between_two_names(shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(attendee_name="Kari Nordmann"), ticket(attendee_name="Ola Venn"))
    buyer = one(shop).buyer
    assert buyer is not None
    assert buyer.full_name == ""


def test_an_old_order_that_is_refunded_does_not_bring_its_address_back(shop: Pretix) -> None:
    shop.sell("AAAAA", invoice_address=address("Kari Nordmann"))
    ordered = dt.datetime.fromisoformat(shop.orders["AAAAA"]["datetime"])
    shop.clock.tick(days=100)
    shop.cancel("AAAAA", refunded=True)
    buyer = one(shop).buyer
    assert buyer is not None
    last = dt.datetime.fromisoformat(shop.orders["AAAAA"]["invoice_address"]["last_modified"])
    assert buyer.observed_at == max(ordered, last)


def test_a_customer_account_is_a_person(shop: Pretix) -> None:
    shop.join("KARI1234", "kari@example.no", "Kari Nordmann", phone="+4790000001", external_identifier="x-1")
    row = one(shop)
    assert (row.key, row.order) == ("customer KARI1234", None)
    person = row.buyer
    assert person is not None
    assert (person.external_id, person.email, person.phone) == ("KARI1234", "kari@example.no", "+4790000001")
    assert (person.given_name, person.family_name) == ("Kari", "Nordmann")
    assert person.attributes == {"external_identifier": "x-1"}


# --- permissions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answer_"), [("True", "yes"), ("False", "no"), ("", "blank"), ("Kanskje", "unreadable")]
)
def test_an_answer_is_a_claim_with_the_order_s_time(said: str, answer_: str, shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(marketing=said))
    [claim] = one(shop).claims
    assert (claim.point, claim.answer, claim.order_ref) == ("newsletter", answer_, "AAAAA")
    assert claim.occurred_at == dt.datetime.fromisoformat(shop.orders["AAAAA"]["datetime"])
    assert claim.source_event_id == f"AAAAA/1/MARKETING/{answer_}"


def test_an_answer_to_a_question_that_asks_for_nothing_is_no_claim(shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(answers=[answer("HEARD", "True")]))
    assert one(shop).claims == ()
    assert one(shop, consent_questions={}).claims == ()


def test_a_friend_s_yes_is_not_the_buyer_s(shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(attendee_email="ola@example.no", marketing="True"), email="kari@example.no")
    assert one(shop).claims == ()


def test_the_first_of_the_buyer_s_tickets_answers(shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(), ticket(marketing="True"), ticket(marketing="False"))
    [claim] = one(shop).claims
    assert (claim.answer, claim.source_event_id) == ("yes", "AAAAA/2/MARKETING/yes")


def test_a_yes_taken_back_later_counts_from_then(shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(marketing="True"))
    shop.clock.tick(days=3)
    shop.change(
        "AAAAA",
        positions=[shop.orders["AAAAA"]["positions"][0] | {"answers": [answer("MARKETING", "False")]}],
    )
    [claim] = one(shop).claims
    assert claim.answer == "no"
    assert claim.occurred_at == dt.datetime.fromisoformat(shop.orders["AAAAA"]["last_modified"])


# --- broken orders ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        {"code": None}, {"datetime": None}, {"datetime": "yesterday"}, {"datetime": "2026-11-20T10:00:00"},
        {"status": "x"}, {"status": None}, {"positions": None}, {"positions": "none"}, {"positions": [1]},
    ],
)  # fmt: skip
def test_a_broken_order_is_one_failed_row(damage: Json, shop: Pretix) -> None:
    order = shop.sell("AAAAA")
    raw = {"type": "order", "order": copy.deepcopy(order) | damage}
    with pytest.raises(Rejected):
        PretixConnector(connect(shop)).to_row(raw, 1)


@pytest.mark.parametrize(
    "raw", [[], {}, {"type": "order"}, {"type": "order", "order": 7}, {"type": "customer"}]
)
def test_what_is_no_order_is_a_failed_row(raw: Any, shop: Pretix) -> None:
    with pytest.raises(Rejected):
        PretixConnector(connect(shop)).to_row(raw, 1)


@pytest.mark.parametrize("price", ["abc", 350.0, "NaN", True])
def test_a_price_that_is_none_is_set_aside_and_the_rest_goes_on(price: Any, shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(price=price), total="350.00")
    row = one(shop)
    assert [(hold.column, hold.code) for hold in row.holds] == [("positions.price", "number_invalid")]
    assert row.order is not None
    assert row.order.lines[0].price is None


def test_the_recorded_orders_can_all_be_told(shop: Pretix) -> None:
    """As a real pretix wrote them: paid, pending, cancelled, expired, in part cancelled."""
    connector = PretixConnector(connect(shop, consent_questions={"MARKETING": "newsletter"}))
    told = [
        connector.to_row({"type": "order", "order": order}, number)
        for number, order in enumerate(recorded("orders"), start=1)
    ]
    assert [row.order.status for row in told if row.order] == [
        "paid",
        "pending",
        "cancelled",
        "expired",
        "paid",
    ]
    assert [len(row.order.lines) for row in told if row.order] == [3, 1, 1, 1, 2]
    assert [claim.answer for row in told for claim in row.claims] == ["yes", "no"]
    assert [row.holds for row in told] == [()] * 5
