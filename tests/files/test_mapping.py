"""A mapping as data, and rows made from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files.cellwise import Defaults
from integrations.files.mapper import Mapper
from integrations.files.spec import Column, ConsentSetup, Options, RowKind, Spec, bind, problems
from integrations.files.targets import TARGETS
from profiles.rows import Answer, CanonicalRow, LineRow, OrderRow

OSLO = Defaults(ZoneInfo("Europe/Oslo"))


def spec(*targets: str, rows: RowKind = "tickets", **options: object) -> Spec:
    columns = tuple(Column(target.partition(".")[2], 1, target) for target in targets)
    return Spec(columns, Options(rows=rows, **options))  # type: ignore[arg-type]


def row(of: Spec, *cells: str) -> CanonicalRow:
    return Mapper(of, OSLO).row(list(cells), 1, list(cells))


def order(found: CanonicalRow) -> OrderRow:
    assert found.order is not None
    return found.order


def line(found: CanonicalRow) -> LineRow:
    return order(found).lines[0]


TICKET = spec("order.number", "ticket.id", "order.date", "ticket.event_name", "ticket.price", "buyer.email")


def test_a_ticket_row() -> None:
    found = row(TICKET, "71", "3", "22.11.2026 19:30", "Hamlet", "1 250,50", "Kari@Example.no ")
    assert found.key == "71/3"
    assert order(found) == OrderRow(
        external_id="71",
        ordered_at=datetime(2026, 11, 22, 18, 30, tzinfo=UTC),
        status="paid",
        currency="NOK",
        lines=(LineRow(external_id="3", product_name="Hamlet", price=Decimal("1250.50"), status="paid"),),
    )
    assert found.buyer is not None
    assert (found.buyer.email, found.buyer.observed_at) == ("Kari@Example.no", order(found).ordered_at)


def test_a_bad_value_is_held_and_the_rest_goes_on() -> None:
    found = row(TICKET, "71", "3", "i går", "Hamlet", "gratis", "k@example.no")
    assert [(hold.column, hold.value, hold.code) for hold in found.holds] == [
        ("date", "i går", "date"),
        ("price", "gratis", "money"),
    ]
    assert order(found).ordered_at is None
    assert line(found).price is None
    assert not found.fatal


def test_holds_come_back_every_time_the_same_cell_is_met() -> None:
    mapper = Mapper(TICKET, OSLO)
    cells = ["71", "3", "i går", "Hamlet", "gratis", "k@example.no"]
    assert [len(mapper.row(cells, n, cells).holds) for n in range(3)] == [2, 2, 2]


def test_a_free_ticket_costs_nothing_which_is_a_price() -> None:
    assert line(row(TICKET, "71", "3", "", "Hamlet", "0", "")).price == Decimal(0)


def test_a_row_that_names_nobody_and_nothing_is_failed() -> None:
    assert row(TICKET, "", "", "22.11.2026", "Hamlet", "12,50", "").fatal


def test_a_row_without_an_order_still_brings_its_person() -> None:
    found = row(TICKET, "", "", "", "", "", "k@example.no")
    assert found.order is None
    assert found.buyer is not None


@pytest.mark.parametrize(("number", "ticket", "key"), [("71", "3", "71/3"), ("71", "", ""), ("", "3", "3/3")])
def test_the_key_names_the_ticket_within_its_order(number: str, ticket: str, key: str) -> None:
    assert row(TICKET, number, ticket, "", "Hamlet", "", "").key == key


@pytest.mark.parametrize(("quantity", "price"), [("-1", "250"), ("1", "-250"), ("-1", "-250")])
def test_a_ticket_given_back_is_refunded_not_a_negative_sale(quantity: str, price: str) -> None:
    of = spec("order.number", "ticket.id", "ticket.quantity", "ticket.price")
    found = row(of, "71", "3", quantity, price)
    assert line(found) == LineRow(external_id="3", quantity=1, price=Decimal(250), status="refunded")
    assert found.key == "71/3", "the same ticket as when it was sold"


def test_a_ticket_s_own_status_stays_the_ticket_s() -> None:
    of = spec("order.number", "ticket.id", "ticket.status")
    assert (order(row(of, "71", "3", "Refundert")).status, line(row(of, "71", "3", "Refundert")).status) == (
        "paid",
        "refunded",
    )
    assert (order(row(of, "71", "3", "Reservert")).status, line(row(of, "71", "3", "Reservert")).status) == (
        "pending",
        "pending",
    )


def test_an_unknown_status_is_held_and_never_taken_for_paid_twice() -> None:
    of = spec("order.number", "ticket.id", "order.status", blank_status="pending")
    found = row(of, "71", "3", "I limbo")
    assert found.holds[0].code == "status"
    assert order(found).status == "pending"


def test_a_word_for_a_status_can_be_taught() -> None:
    of = spec("order.number", "ticket.id", "order.status", statuses={"I limbo": "expired"})
    assert order(row(of, "71", "3", "i LIMBO")).status == "expired"


def test_an_order_per_row_tells_all_of_its_order() -> None:
    of = spec("order.number", "order.total", "ticket.event_name", "ticket.quantity", rows="orders")
    found = row(of, "71", "500,00", "Hamlet", "2")
    assert found.key == "71"
    assert order(found).complete
    assert (order(found).total, line(found).quantity) == (Decimal("500.00"), 2)
    assert order(row(spec("order.number", "order.total", rows="orders"), "71", "-500")).status == "refunded"


def test_a_customer_per_row_has_no_order() -> None:
    of = spec("buyer.customer_id", "buyer.email", "buyer.birth_date", "buyer.gender", rows="customers")
    found = row(of, "9", "k@example.no", "12.03.85", "Fru")
    assert (found.key, found.order) == ("9", None)
    assert found.buyer is not None
    assert (found.buyer.birth_date.year if found.buyer.birth_date else 0, found.buyer.gender) == (
        1985,
        "female",
    )


@pytest.mark.parametrize("zero", ["0", "00", "-1"])
def test_customer_number_zero_means_no_number(zero: str) -> None:
    found = row(spec("buyer.customer_id", "buyer.email", rows="customers"), zero, "k@example.no")
    assert found.buyer is not None
    assert found.buyer.external_id == ""


def test_a_row_s_own_country_decides_about_its_zeros() -> None:
    of = spec("buyer.email", "buyer.postal_code", "buyer.country", rows="customers")
    norway, germany = row(of, "k@example.no", "155", "Norge"), row(of, "k@example.de", "1067", "Tyskland")
    assert norway.buyer is not None
    assert germany.buyer is not None
    assert (norway.buyer.postal_code, norway.buyer.country) == ("0155", "NO")
    assert (germany.buyer.postal_code, germany.buyer.country) == ("01067", "DE")


def test_date_and_time_in_two_columns_and_a_hall_beside_the_venue() -> None:
    of = spec(
        "order.number", "ticket.id", "ticket.event_date", "ticket.event_time", "ticket.venue", "ticket.hall"
    )
    found = line(row(of, "71", "3", "31.12.2026", "19.30", "Operaen", "Store sal"))
    assert found.starts_at == datetime(2026, 12, 31, 18, 30, tzinfo=UTC)
    assert found.venue == "Operaen, Store sal"


def test_an_attendee_with_an_address_of_their_own_is_no_customer() -> None:
    of = spec("order.number", "ticket.id", "buyer.email", "attendee.full_name", "attendee.email")
    (attendee,) = row(of, "71", "3", "kari@example.no", "Ola", "ola@example.no").attendees
    assert (attendee.email, attendee.is_customer) == ("ola@example.no", False)


def test_an_attendee_with_the_buyer_s_address_is_the_buyer() -> None:
    of = spec("order.number", "ticket.id", "buyer.email", "attendee.full_name", "attendee.email")
    found = row(of, "71", "3", "kari@example.no", "Kari Nordmann", "KARI@example.no")
    assert found.attendees == ()
    assert found.buyer is not None
    assert found.buyer.full_name == "Kari Nordmann"
    assert row(of, "71", "3", "kari@example.no", "Bestemor", "").attendees == (), "a name alone is nobody"


def test_own_fields_keep_their_name_and_a_second_phone_is_not_lost() -> None:
    of = spec("buyer.email", "buyer.attribute", "buyer.mobile", "buyer.phone", rows="customers")
    found = row(of, "k@example.no", "Teater", "90000001", "22000001")
    assert found.buyer is not None
    assert found.buyer.attributes == {"attribute": "Teater", "other_phone": "22000001"}
    assert found.buyer.phone == "90000001"


# --- a mapping meets a file ----------------------------------------------------------


def test_columns_are_found_by_name_wherever_they_stand() -> None:
    bound = bind(TICKET, ("email", "PRICE", "event name", "number", "id", "date", "helt nytt"))
    assert bound.missing == ()
    assert bound.unknown == ("helt nytt",)
    assert bound.packer()(["k@example.no", "5", "Hamlet", "71", "3", "i dag", "x"]) == [
        "71",
        "3",
        "i dag",
        "Hamlet",
        "5",
        "k@example.no",
    ]


def test_a_mapped_column_that_is_gone_is_named() -> None:
    assert bind(TICKET, ("number", "id", "date", "event_name", "email")).missing == ("price",)


def test_columns_of_one_name_are_told_apart_by_their_order() -> None:
    of = Spec((Column("Navn", 1, "buyer.full_name"), Column("Navn", 2, "attendee.full_name")))
    assert bind(of, ("Navn", "Rad", "Navn")).places == ((0,), (2,))
    assert bind(of, ("Navn", "Rad")).missing == ("Navn (2)",)


def test_what_is_not_mapped_is_never_packed() -> None:
    of = Spec((Column("Fødselsnummer", 1), Column("E-post", 1, "buyer.email")))
    assert bind(of, ("Fødselsnummer", "E-post")).packer()(["01018012345", "k@example.no"]) == ["k@example.no"]


def test_it_says_what_is_wrong_with_a_mapping() -> None:
    both = Spec((Column("A", 1, "buyer.email"), Column("B", 1, "buyer.email"), Column("C", 1, "nonsense")))
    assert [problem.at for problem in problems(both)] == [0, 1, 2, None]
    assert "order number" in problems(spec("buyer.email"))[0].message
    assert "who the person is" in problems(spec("buyer.city", rows="customers"))[0].message
    unasked = Spec((Column("N", 1, "ticket.id"), Column("Ja", 1, "consent.answer")))
    assert problems(unasked)[0].at == 1
    assert problems(TICKET) == []


@given(
    st.lists(
        st.builds(
            Column,
            header=st.text(max_size=8),
            nth=st.integers(0, 3),
            target=st.sampled_from(["", *(t.key for t in TARGETS)]),
            consent=st.none()
            | st.builds(ConsentSetup, point=st.text(max_size=5), channels=st.just(("email", "sms"))),
        ),
        max_size=6,
    )
)
def test_a_mapping_survives_being_stored(columns: list[Column]) -> None:
    one = Spec(tuple(columns), Options(country="DK", statuses={"x": "paid"}))
    assert Spec.from_json(one.to_json()) == one


@given(st.lists(st.text(max_size=12), min_size=6, max_size=6))
def test_no_cell_makes_the_mapper_stumble(cells: list[str]) -> None:
    found = row(TICKET, *cells)
    assert found.fatal or found.order is not None or found.buyer is not None


def test_vouching_alone_does_not_make_every_row_new() -> None:
    asked = ConsentSetup(point="p")
    signed = replace(asked, words="Ja takk", verified_by="alice", verified_at="2026-11-24")
    other = replace(asked, inverted=True)
    read = [
        Spec((Column("Ja", 1, "consent.answer", consent=one),)).reading() for one in (asked, signed, other)
    ]
    assert read[0] == read[1]
    assert read[0] != read[2]


# --- permissions ---------------------------------------------------------------------

ASKED = ConsentSetup(point="nyhetsbrev")


def claims(
    setup: ConsentSetup, *answers: str, date: str = "22.11.2026 19:30"
) -> list[tuple[Answer, datetime | None, str]]:
    columns = [Column("nr", 1, "order.number"), Column("id", 1, "ticket.id"), Column("dato", 1, "order.date")]
    columns += [Column("Ja takk", n, "consent.answer", consent=setup) for n in range(1, len(answers) + 1)]
    found = row(Spec(tuple(columns)), "71", "3", date, *answers)
    return [(claim.answer, claim.occurred_at, claim.source_event_id) for claim in found.claims]


@pytest.mark.parametrize(("text", "answer"), [("Ja", "yes"), ("Nei", "no"), ("kanskje", "unreadable")])
def test_an_answer_becomes_a_claim(text: str, answer: Answer) -> None:
    assert claims(ASKED, text) == [(answer, None, "")]


def test_blank_is_no_claim_unless_an_opt_out_was_offered() -> None:
    assert claims(ASKED, "") == []
    offered = ConsentSetup(point="nyhetsbrev", optout_offered="yes")
    assert claims(offered, "") == [("blank", None, "")]


def test_an_unknown_spelling_holds_the_answer_and_keeps_the_purchase() -> None:
    columns = (
        Column("nr", 1, "order.number"),
        Column("id", 1, "ticket.id"),
        Column("Ja takk", 1, "consent.answer", consent=ASKED),
    )
    found = row(Spec(columns), "71", "3", "kanskje")
    assert found.holds[0].code == "answer"
    assert order(found).external_id == "71"


def test_columns_of_one_question_make_one_claim_and_a_no_outweighs() -> None:
    assert claims(ASKED, "", "Ja", "") == [("yes", None, "")]
    assert claims(ASKED, "Ja", "Nei") == [("no", None, "")]


def test_equal_columns_packed_into_one_cell_are_read_apart() -> None:
    of = Spec((Column("id", 1, "ticket.id"), Column("Ja takk", 0, "consent.answer", consent=ASKED)))
    pack = bind(of, ("id", "Ja takk", "Ja takk", "Ja takk")).packer()
    assert pack(["3", "", "Yes", ""]) == ["3", "Yes"]
    assert [
        row(of, *pack(["3", "", *pair])).claims[0].answer for pair in (("Yes", "Yes"), ("No", "Yes"))
    ] == ["yes", "no"]


def test_answered_with_the_order_carries_its_time_and_a_name_of_its_own() -> None:
    setup = ConsentSetup(point="nyhetsbrev", moment="order")
    assert claims(setup, "Ja") == [("yes", datetime(2026, 11, 22, 18, 30, tzinfo=UTC), "71/nyhetsbrev")]


def test_in_the_doubled_hour_a_yes_is_early_and_a_no_is_late() -> None:
    setup = ConsentSetup(point="nyhetsbrev", moment="order")
    assert claims(setup, "Ja", date="25.10.2026 02:30")[0][1] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert claims(setup, "Nei", date="25.10.2026 02:30")[0][1] == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_date_in_place_of_an_answer_is_a_yes_on_that_day() -> None:
    assert claims(ASKED, "12.03.2025") == [("yes", datetime(2025, 3, 11, 23, tzinfo=UTC), "")]
    assert claims(ASKED, "12.13.2025")[0][0] == "unreadable"


def test_a_column_that_asks_the_other_way_round_never_gives_a_yes() -> None:
    setup = ConsentSetup(point="reklame", inverted=True)
    assert claims(setup, "X") == [("no", None, "")]
    assert claims(setup, "Nei") == []
    assert claims(setup, "") == []
