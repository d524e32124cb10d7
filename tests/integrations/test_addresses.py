"""Which addresses may be called: no way into the private network, however it is spelt."""

from __future__ import annotations

import socket

import pytest
from pytest_django.fixtures import Settings

from integrations import addresses
from integrations.errors import ConfigurationError, TryLater
from integrations.http import Http, Limits

QUICK = Limits(connect=1, read=0.5, whole=1.5, tries=2, pause=0.01, patience=0.5)


@pytest.fixture
def strict(settings: Settings) -> None:
    settings.FOYER_ALLOW_PRIVATE_HOSTS = False


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.4", "172.16.9.9", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "192.0.2.1",
    ],
)  # fmt: skip
def test_private_addresses_are_known(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1", "64:ff9b::808:808"])
def test_public_addresses_are_known(address: str) -> None:
    assert addresses.is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]"])
def test_no_call_into_the_private_network(host: str, strict: None) -> None:
    """However the address is spelt: the resolved one counts. Nothing listens, nothing may try to."""
    with Http(f"https://{host}:9", limits=QUICK) as http, pytest.raises(ConfigurationError, match="private"):
        http.get("/")


def test_a_name_that_changes_its_mind_is_judged_at_the_call(
    strict: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the first answer is public, the one at connection time is not."""
    answers = ["93.184.215.14", "127.0.0.1"]

    def resolver(host: str, port: int, **more: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    assert addresses.reachable("rebind.example.org", 443) == ["93.184.215.14"]
    with Http("https://rebind.example.org", limits=QUICK) as http, pytest.raises(ConfigurationError):
        http.get("/")


def test_a_name_with_one_private_address_is_refused(strict: None, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *place, **more: found)
    with pytest.raises(ConfigurationError):
        addresses.reachable("both.example.org", 443)


def test_a_key_does_not_travel_in_the_clear(strict: None) -> None:
    with pytest.raises(ConfigurationError, match="https"):
        Http("http://shop.example.org")


@pytest.mark.parametrize(
    "address",
    ["", "shop.example.org", "ftp://shop.example.org", "https://", "https://a:b@shop.example.org",
     "https://shop.example.org/?q=1", "https://shop.example.org/#x", "https://shop.example.org:99999",
     "https://shop .example.org", "https://shop\x00.example.org", "https://[::1"],
)  # fmt: skip
def test_a_wrong_address_is_explained(address: str) -> None:
    with pytest.raises(ConfigurationError):
        addresses.checked_base(address)


def test_a_name_that_can_be_none_is_not_found() -> None:
    with Http(f"https://{'a' * 70}.example.org", limits=QUICK) as http, pytest.raises(TryLater):
        http.get("/")
