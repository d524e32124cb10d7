"""Trying the settings: every mistake has its own sentence."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from integrations.errors import ConfigurationError, TryLater
from integrations.pretix.connector import PretixConnector
from tests.fakes.pretix import Pretix
from tests.fakes.wire import reply, wire
from tests.pretix.conftest import connect


def check(shop: Pretix, token: str = "", **config: Any) -> None:
    connection = connect(shop, **config)
    if token:
        connection.secrets = {"token": token}
    PretixConnector(connection).check()


def test_right_settings_pass(shop: Pretix) -> None:
    check(shop)
    check(shop, events="hamlet")
    assert shop.asked  # it was really tried


@pytest.mark.parametrize(
    ("settings_", "sentence"),
    [
        ({"token": "wrong"}, "refused the key"),
        ({"organizer": "other"}, "not for this organizer"),
        ({"events": "hamlet, nosuch"}, "event nosuch"),
        ({"base_url": "pretix.example.org"}, "https://"),
        ({"consent_questions": {"MARKETING": 1}}, "one collection point"),
    ],
)
def test_wrong_settings_are_explained(settings_: dict[str, Any], sentence: str, shop: Pretix) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        check(shop, **settings_)


def test_a_key_that_sees_no_orders_is_noticed(shop: Pretix) -> None:
    """pretix answers such a key with an empty list of orders, which looks like a quiet night."""
    shop.rights.remove("orders")
    with pytest.raises(ConfigurationError, match="orders"):
        check(shop)


def test_a_key_that_sees_no_customers_is_noticed(shop: Pretix) -> None:
    shop.rights.remove("customers")
    with pytest.raises(ConfigurationError, match="customer accounts"):
        check(shop)
    check(shop, customers=False)


@pytest.mark.parametrize("page", [b"<html>Welcome</html>", b"[]", b'{"hello": "world"}'])
def test_another_website_is_noticed(page: bytes, shop: Pretix) -> None:
    def website(conn: socket.socket, head: str) -> None:
        conn.sendall(reply("200 OK", page))

    with wire(website) as other, pytest.raises(ConfigurationError, match="no pretix"):
        check(shop, base_url=other.url)


def test_a_server_that_is_away_is_not_a_mistake(shop: Pretix) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(TryLater):
        check(shop, base_url=f"http://127.0.0.1:{port}")
