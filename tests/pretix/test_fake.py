"""The stand-in answers as the real one did when it was recorded."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.fakes.pretix import DATA, FULL_ORDER, Pretix, ticket

REFUSALS = json.loads((DATA / "refusals.json").read_text())


def ask(shop: Pretix, path: str, token: str | None) -> tuple[int, Any]:
    headers = {"Authorization": f"Token {token}"} if token is not None else {}
    request = urllib.request.Request(f"{shop.url}/api/v1/organizers/{path}", headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.mark.parametrize("refusal", REFUSALS, ids=[each["asked"] for each in REFUSALS])
def test_it_refuses_as_the_real_one(refusal: dict[str, Any], shop: Pretix) -> None:
    keys = {"no key": None, "wrong key": "bad"}
    if "without rights" in refusal["asked"]:
        shop.rights.clear()
    status, body = ask(shop, refusal["path"], keys.get(refusal["asked"], shop.token))
    assert status == refusal["status"]
    assert set(refusal["body"]) <= set(body)
    if "detail" in refusal["body"]:
        assert body == refusal["body"]


def test_it_shows_only_what_is_included() -> None:
    from tests.fakes.pretix import _shown

    asked = ["code", "positions.attendee_email", "fees.value", "positions.answers"]
    asked += ["invoice_address.name", "positions.seat"]
    recorded = json.loads((DATA / "orders_include.json").read_text())["results"][0]
    assert _shown(json.loads(json.dumps(FULL_ORDER)), asked, False) == recorded


def test_pages_hold_at_most_fifty_and_the_last_moment_comes_again(shop: Pretix) -> None:
    for number in range(60):
        shop.sell(f"A{number:04d}")
    status, page = ask(shop, "kulturhus/orders/?page_size=500&ordering=last_modified", shop.token)
    assert (status, page["count"], len(page["results"])) == (200, 60, 50)
    last = page["results"][-1]["last_modified"]
    _, rest = ask(shop, f"kulturhus/orders/?ordering=last_modified&modified_since={last}", shop.token)
    assert rest["results"][0]["last_modified"] == last
    assert rest["count"] == 11


def test_cancelled_positions_are_left_out_unless_asked_for(shop: Pretix) -> None:
    shop.sell("AAAAA", ticket())
    shop.cancel("AAAAA")
    assert ask(shop, "kulturhus/orders/", shop.token)[1]["results"][0]["positions"] == []
    asked = ask(shop, "kulturhus/orders/?include_canceled_positions=true", shop.token)[1]
    assert len(asked["results"][0]["positions"]) == 1
