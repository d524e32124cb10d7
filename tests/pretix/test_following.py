"""Nothing that changed is missed and nothing comes twice, whatever happens while we read."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors import Page
from integrations.errors import ConfigurationError, TryLater
from integrations.pretix.connector import PretixConnector
from tests.fakes.pretix import Pretix, stamp
from tests.pretix.conftest import connect

Cursor = dict[str, Any]


def read(shop: Pretix, cursor: Cursor | None = None, **config: Any) -> list[Page]:
    return list(PretixConnector(connect(shop, **config)).pull(cursor or {}))


def codes(pages: list[Page]) -> list[str]:
    rows = [row for page in pages for row in page.rows if isinstance(row, dict)]
    return [row["order"]["code"] for row in rows if row["type"] == "order"]


def people(pages: list[Page]) -> list[str]:
    rows = [row for page in pages for row in page.rows if isinstance(row, dict)]
    return [row["customer"]["identifier"] for row in rows if row["type"] == "customer"]


def sell(shop: Pretix, count: int, first: int = 0) -> list[str]:
    sold = [f"A{number:04d}" for number in range(first, first + count)]
    for code in sold:
        shop.sell(code)
    return sold


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100, 123])
def test_every_order_comes_once(count: int, shop: Pretix) -> None:
    sold = sell(shop, count)
    pages = read(shop)
    assert codes(pages) == sold
    assert pages[0].total == (count or None)


def test_the_second_pull_brings_nothing_new(shop: Pretix) -> None:
    sell(shop, 70)
    shop.join("KARI", "kari@example.no")
    cursor = read(shop)[-1].cursor
    again = read(shop, cursor)
    assert (codes(again), people(again)) == ([], [])


def test_a_change_comes_and_only_that(shop: Pretix) -> None:
    sell(shop, 70)
    cursor = read(shop)[-1].cursor
    shop.change("A0003", email="new@example.no")
    shop.sell("LATER")
    assert codes(read(shop, cursor)) == ["A0003", "LATER"]


def test_a_change_long_after_comes_too(shop: Pretix) -> None:
    sell(shop, 10)
    cursor = read(shop)[-1].cursor
    for day in range(3):
        shop.clock.tick(days=1)
        shop.change("A0004", comment=str(day))
        pages = read(shop, cursor)
        assert codes(pages) == ["A0004"]
        cursor = pages[-1].cursor


def test_an_order_that_shows_late_is_not_missed(shop: Pretix) -> None:
    """Saved before our pull, visible after it: its transaction took two minutes."""
    sell(shop, 3)
    begun = stamp(shop.clock.tick())
    shop.clock.tick(minutes=2)
    cursor = read(shop)[-1].cursor
    shop.sell("SLOWX", last_modified=begun)
    assert codes(read(shop, cursor)) == ["SLOWX"]


def test_orders_that_change_while_we_read_push_no_other_out(shop: Pretix) -> None:
    """With numbered pages the 51st order would have slipped onto the first page, already read."""
    sold = sell(shop, 120)
    touched = iter(sold[:2])

    def meanwhile() -> None:
        code = next(touched, None)
        if code:
            shop.change(code, comment="changed")

    shop.between = meanwhile
    read_codes = codes(read(shop))
    assert set(read_codes) == set(sold)
    assert sorted(read_codes) == sorted([*sold, *sold[:2]])


def test_more_orders_of_one_moment_than_fit_on_a_page(shop: Pretix) -> None:
    """A mass change gives all of them the same time; one of them then changes while we read."""
    sold = sell(shop, 130)
    moment = stamp(shop.clock.tick())
    for code in sold:
        shop.orders[code]["last_modified"] = moment
    touched = iter(sold[:1])

    def meanwhile() -> None:
        code = next(touched, None)
        if code:
            shop.change(code)

    shop.between = meanwhile
    pages = read(shop)
    assert set(codes(pages)) == set(sold)
    assert codes(read(shop, pages[-1].cursor)) == []


def test_a_list_that_becomes_shorter_while_we_read(shop: Pretix) -> None:
    """Deleted orders take pages with them: the next page is suddenly beyond the end."""
    sold = sell(shop, 60)
    moment = stamp(shop.clock.tick())
    for code in sold:
        shop.orders[code]["last_modified"] = moment
    deleted = iter(["no", "yes"])

    def meanwhile() -> None:
        if next(deleted, "no") == "yes":
            for code in sold[20:]:
                del shop.orders[code]

    shop.between = meanwhile
    assert set(sold[:20]) <= set(codes(read(shop)))


def test_a_pull_goes_on_after_any_page(shop: Pretix) -> None:
    """Another process may go on from any page's cursor: all of it, nothing twice."""
    sold = sell(shop, 130)
    for number in range(60):
        shop.join(f"C{number:03d}", f"c{number:03d}@example.no")
    whole = read(shop)
    for stop in range(len(whole)):
        rest = read(shop, whole[stop].cursor)
        before = whole[: stop + 1]
        assert codes(before) + codes(rest) == sold
        if stop + 1 < len(whole):  # a new pull after the last page walks through the customers anew
            assert len(people(before) + people(rest)) == 60


def test_the_cursor_stays_small(shop: Pretix) -> None:
    sell(shop, 300)
    shop.clock.tick(hours=1)
    cursor = read(shop)[-1].cursor
    assert cursor["orders"]["seen"] == {}


def test_test_orders_and_other_events_stay_out(shop: Pretix) -> None:
    shop.show("faust", "Faust")
    shop.sell("TESTX", testmode=True)
    shop.sell("HAMLX")
    shop.sell("FAUST", event="faust")
    assert codes(read(shop)) == ["HAMLX", "FAUST"]
    assert codes(read(shop, events="faust, other")) == ["FAUST"]


def test_a_server_without_its_own_time(shop: Pretix, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy may strip X-Page-Generated: then the newest change seen is where to go on."""
    from tests.fakes import pretix as fake

    monkeypatch.setattr(fake._Handler, "send_header", _without_time(fake._Handler.send_header))
    sell(shop, 60)
    pages = read(shop)
    assert len(codes(pages)) == 60
    shop.sell("LATER")
    assert codes(read(shop, pages[-1].cursor)) == ["LATER"]


def _without_time(send: Any) -> Any:
    def wrapped(self: Any, name: str, value: str) -> None:
        if name != "X-Page-Generated":
            send(self, name, value)

    return wrapped


# --- customers -------------------------------------------------------------------------------------


def test_customers_come_when_they_changed(shop: Pretix) -> None:
    for number in range(60):
        shop.join(f"C{number:03d}", f"c{number:03d}@example.no")
    pages = read(shop)
    assert len(people(pages)) == 60
    shop.clock.tick(hours=1)
    pages = read(shop, pages[-1].cursor)
    assert people(pages) == []
    shop.join("C042", "other@example.no")
    assert people(read(shop, pages[-1].cursor)) == ["C042"]


def test_a_customer_who_moves_in_the_list_pushes_no_other_out(
    shop: Pretix, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        shop.join(f"C{number:03d}", f"c{number:03d}@example.no")
    shop.clock.tick(hours=1)
    page_two = iter([lambda: shop.join("C000", "zzz@example.no")])
    answer = Pretix._organizer

    def meanwhile(self: Pretix, parts: list[str], query: dict[str, list[str]]) -> Any:
        if parts == ["customers"] and query.get("page") == ["2"]:
            next(page_two, lambda: None)()
        return answer(self, parts, query)

    monkeypatch.setattr(Pretix, "_organizer", meanwhile)
    assert set(people(read(shop))) == set(shop.customers)


def test_customers_may_be_left_out(shop: Pretix) -> None:
    shop.join("KARI", "kari@example.no")
    shop.rights.remove("customers")
    assert people(read(shop, customers=False)) == []


# --- trouble ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["half", "hang", 503, 429])
def test_trouble_that_passes_is_not_noticed(trouble: int | str, shop: Pretix) -> None:
    sold = sell(shop, 60)
    shop.troubles = ["", trouble]
    assert codes(read(shop)) == sold


@pytest.mark.parametrize("trouble", ["half", "hang", "drip", 503, 429])
def test_trouble_that_stays_means_later(trouble: int | str, shop: Pretix) -> None:
    """What was read before it is kept; the next try goes on from there."""
    sold = sell(shop, 60)
    shop.troubles = ["", *[trouble] * 4]
    connector = PretixConnector(connect(shop))
    pages = connector.pull({})
    first = next(pages)
    with pytest.raises(TryLater):
        next(pages)
    shop.troubles = []
    assert codes([first, *read(shop, first.cursor)]) == sold


def test_two_gigabytes_of_nothing(shop: Pretix) -> None:
    shop.troubles = ["flood"]
    with pytest.raises(ConfigurationError, match="more than"):
        read(shop)


def test_a_broken_order_is_handed_on_with_the_others(shop: Pretix) -> None:
    sell(shop, 3)
    shop.orders["A0001"] = {"code": "A0001", "last_modified": shop.orders["A0001"]["last_modified"]}
    assert codes(read(shop)) == ["A0000", "A0001", "A0002"]


# --- what leaves pretix ----------------------------------------------------------------------------


def test_secrets_and_other_answers_stay_in_pretix(shop: Pretix) -> None:
    from tests.fakes.pretix import answer, ticket

    food = answer("FOOD", "Coeliac")
    shop.sell("AAAAA", ticket(answers=[food], marketing="True", secret="opens-the-door"), comment="A note")
    page = read(shop, consent_questions={"MARKETING": "newsletter"})[0]
    told = str(page.rows)
    assert "True" in told
    for kept_out in ("opens-the-door", "Coeliac", "A note", shop.orders["AAAAA"]["secret"]):
        assert kept_out not in told


def test_names_are_asked_for_once_per_event(shop: Pretix) -> None:
    sell(shop, 60)
    read(shop)
    assert sum("/events/hamlet/items/" in path for path in shop.asked) == 1
    assert sum(path.split("?")[0].endswith("/events/hamlet/") for path in shop.asked) == 1


def test_an_event_that_is_gone_keeps_its_short_name(shop: Pretix) -> None:
    shop.sell("AAAAA")
    del shop.events["hamlet"]
    row = read(shop)[0].rows[0]
    assert isinstance(row, dict)
    assert row["event"]["name"] == "hamlet"
