"""“Try it” holds one of the few web threads, so the other side gets seconds, however it stalls."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from integrations import connecting
from integrations.files import connector
from integrations.files.connector import FileConnector
from integrations.models import Connection
from organisations.models import Organisation
from tests.fakes.wire import Wire, wire

pytestmark = pytest.mark.django_db


def silent(conn: socket.socket, heard: str) -> None:
    time.sleep(8)


def dripping(conn: socket.socket, heard: str) -> None:
    conn.sendall(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    for _second in range(80):
        conn.sendall(b"a")
        time.sleep(0.1)


def busy(conn: socket.socket, heard: str) -> None:
    conn.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")


def of(kind: str, server: Wire) -> Connection:
    """A connection to the server, as the form tries it."""
    port = server.listener.getsockname()[1]
    config, secrets = {
        "pretix": ({"base_url": server.url, "organizer": "hall"}, {"token": "t"}),
        "mailchimp": ({"base_url": server.url, "audience": "a1"}, {"api_key": "demo-us21"}),
        "sftp": ({"place": "sftp", "host": "127.0.0.1", "port": port, "user": "u"}, {"password": "p"}),
        "s3": ({"place": "s3", "endpoint": server.url, "folder": "b"}, {}),
    }[kind]
    made = Connection(connector="file" if kind in ("sftp", "s3") else kind, name=kind, config=config)
    made.secrets = secrets
    return made


@pytest.mark.parametrize("script", [silent, dripping, busy])
@pytest.mark.parametrize("kind", ["pretix", "mailchimp", "sftp", "s3"])
def test_it_is_over_in_time(
    kind: str, script: Any, in_aurora: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "CHECK_SECONDS", 1.0)
    with wire(script) as server:
        started = time.monotonic()
        checked = connecting.check(of(kind, server))
        assert time.monotonic() - started < 2.5
    assert not checked.ok


@pytest.mark.parametrize("kind", ["sftp", "s3"])
def test_so_is_the_look_that_the_mapping_page_takes(
    kind: str, in_aurora: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector, "GLANCE_SECONDS", 1.0)
    with wire(silent) as server:
        started = time.monotonic()
        FileConnector(of(kind, server)).glance()
        assert time.monotonic() - started < 2.5


def test_the_next_one_has_all_its_time(in_aurora: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    with wire(silent) as server, monkeypatch.context() as hurry:
        hurry.setattr(connecting, "CHECK_SECONDS", 0.2)
        connecting.check(of("pretix", server))
    with wire(busy) as server:
        checked = connecting.check(of("pretix", server))
    assert "503" in checked.message
