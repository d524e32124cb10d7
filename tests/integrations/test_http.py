"""What the one HTTP client makes of a misbehaving other side."""

from __future__ import annotations

import gzip
import json
import logging
import resource
import socket
import time
from dataclasses import replace
from threading import Event

import httpx
import pytest
from pytest_django.fixtures import Settings

from integrations.errors import ConfigurationError, Rejected, TryLater
from integrations.http import Answer, Http, Limits
from tests.fakes.wire import Script, Wire, in_turn, reply, wire

QUICK = Limits(connect=1, read=0.5, whole=1.5, tries=3, pause=0.01, patience=0.5, max_bytes=1_000_000)


@pytest.fixture(autouse=True)
def _private_hosts(settings: Settings) -> None:
    settings.FOYER_ALLOW_PRIVATE_HOSTS = True


def client(server: Wire, **more: object) -> Http:
    return Http(server.url, **{"limits": QUICK, **more})  # type: ignore[arg-type]


OK = reply("200 OK", b'{"fine": true}')


def test_it_reads_json() -> None:
    with wire(in_turn(OK)) as server, client(server) as http:
        assert http.get("/orders", {"since": "yesterday"}).data == {"fine": True}
    assert server.heard[0].startswith("GET /orders?since=yesterday HTTP/1.1")
    assert "User-Agent: Foyer" in server.heard[0]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("400 Bad Request", Rejected),
        ("401 Unauthorized", ConfigurationError),
        ("403 Forbidden", ConfigurationError),
        ("404 Not Found", Rejected),
        ("409 Conflict", Rejected),
        ("429 Too Many Requests", TryLater),
        ("500 Internal Server Error", TryLater),
        ("503 Service Unavailable", TryLater),
    ],
)
def test_a_status_becomes_one_of_three_errors(status: str, error: type[Exception]) -> None:
    with wire(in_turn(reply(status, b"{}"))) as server, client(server) as http, pytest.raises(error):
        http.get("/")


def test_an_accepted_error_status_comes_back_as_an_answer() -> None:
    problem = reply("404 Not Found", b'{"title": "Resource Not Found"}')
    with wire(in_turn(problem)) as server, client(server) as http:
        answer = http.get("/members/1", accept={404})
    assert (answer.status, answer.data["title"]) == (404, "Resource Not Found")


def test_a_fault_that_passes_is_tried_again() -> None:
    with wire(in_turn(reply("503 Busy"), reply("502 Bad"), OK)) as server, client(server) as http:
        assert http.get("/").ok
    assert len(server.heard) == 3


def test_a_post_is_not_repeated_unless_told_so() -> None:
    with wire(in_turn(reply("503 Busy"), OK)) as server, client(server) as http:
        with pytest.raises(TryLater):
            http.post("/", json={"a": 1})
        assert len(server.heard) == 1
    with wire(in_turn(reply("503 Busy"), OK)) as server, client(server) as http:
        assert http.post("/", json={"a": 1}, repeat=True).ok


def test_it_waits_as_long_as_it_is_told() -> None:
    limits = Limits(tries=2, pause=0.01, patience=5)
    busy = reply("429 Too Many", b"", "Retry-After: 1")
    with wire(in_turn(busy, OK)) as server, client(server, limits=limits) as http:
        started = time.monotonic()
        assert http.get("/").ok
    assert time.monotonic() - started >= 1


def test_a_long_pause_is_handed_to_the_run() -> None:
    busy = reply("429 Too Many", b"", "Retry-After: 600")
    with (
        wire(in_turn(busy)) as server,
        client(server) as http,
        pytest.raises(TryLater) as caught,
    ):
        http.get("/")
    assert caught.value.after == 600
    assert len(server.heard) == 1


def test_a_pause_may_be_a_date() -> None:
    busy = reply("503 Busy", b"", "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT")
    with wire(in_turn(busy)) as server, client(server) as http, pytest.raises(TryLater) as caught:
        http.get("/")
    assert caught.value.after is not None
    assert caught.value.after > 1_000_000


def test_a_system_may_have_its_own_way_of_saying_not_now() -> None:
    def bare_403(answer: Answer) -> bool:
        return answer.status == 403 and not answer.body

    refused = reply("403 Forbidden")
    with wire(in_turn(refused, OK)) as server, client(server, busy=bare_403) as http:
        assert http.get("/").ok


def test_nobody_at_home() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with Http(f"http://127.0.0.1:{port}", limits=QUICK) as http, pytest.raises(TryLater) as caught:
        http.get("/")
    assert "could not be reached" in str(caught.value)


def test_a_server_that_never_answers() -> None:
    def silent(conn: socket.socket, head: str) -> None:
        conn.recv(1)

    with wire(silent) as server, client(server) as http, pytest.raises(TryLater, match="too long"):
        http.get("/")
    assert len(server.heard) == 3


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_a_slow_drip_ends_at_the_deadline(head: bytes) -> None:
    """One byte now and then keeps every single read alive; in the header as in the body."""

    def drip(conn: socket.socket, heard: str) -> None:
        conn.sendall(head)
        for byte in b"HTTP/1.1 200 OK\r\nX-Endless: " + b"a" * 200:
            conn.sendall(bytes([byte]))
            time.sleep(0.1)

    limits = Limits(read=0.5, whole=1.0, tries=1)
    started = time.monotonic()
    with wire(drip) as server, client(server, limits=limits) as http, pytest.raises(TryLater):
        http.get("/")
    assert 0.9 < time.monotonic() - started < 3


@pytest.mark.parametrize(
    "half",
    [
        b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"results": [',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"res',
    ],
)
def test_half_an_answer_is_tried_again(half: bytes) -> None:
    with wire(in_turn(half, OK)) as server, client(server) as http:
        assert http.get("/").data == {"fine": True}
    with wire(in_turn(half)) as server, client(server) as http, pytest.raises(TryLater, match="broke off"):
        http.get("/")


def test_half_a_page_of_json_is_tried_again_later() -> None:
    with wire(in_turn(reply("200 OK", b'{"results": [{"co'))) as server, client(server) as http:
        answer = http.get("/")
        with pytest.raises(TryLater, match="incomplete"):
            _ = answer.data


def endless(packed: bool) -> Script:
    """Two gigabytes of spaces, plain or gzipped, sent for as long as somebody listens."""

    def script(conn: socket.socket, head: str) -> None:
        extra = "Content-Encoding: gzip\r\n" if packed else ""
        conn.sendall(f"HTTP/1.1 200 OK\r\n{extra}Connection: close\r\n\r\n".encode())
        megabyte = b" " * 1_048_576
        piece = gzip.compress(megabyte * 64) if packed else megabyte
        for _ in range(32 if packed else 2048):
            conn.sendall(piece)

    return script


@pytest.mark.parametrize("packed", [False, True])
def test_two_gigabytes_of_nothing_stop_at_the_cap(packed: bool) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    patient = replace(QUICK, read=30.0, whole=60.0)  # it is about size, however busy the machine is
    with wire(endless(packed)) as server, client(server, limits=patient) as http:
        with pytest.raises(ConfigurationError, match="more than"):
            http.get("/")
        assert len(server.heard) == 1
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200_000  # KB; the stand-in's own 64 MB are in this process too


def test_an_announced_flood_is_not_even_read() -> None:
    announced = b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n"
    with wire(in_turn(announced)) as server, client(server) as http, pytest.raises(ConfigurationError):
        http.get("/")


def test_gzip_is_unpacked() -> None:
    body = gzip.compress(json.dumps({"n": list(range(1000))}).encode())
    packed = reply("200 OK", body, "Content-Encoding: gzip")
    with wire(in_turn(packed)) as server, client(server) as http:
        assert len(http.get("/").data["n"]) == 1000
    torn = reply("200 OK", body[:-20], "Content-Encoding: gzip")
    with wire(in_turn(torn)) as server, client(server) as http, pytest.raises(TryLater, match="incomplete"):
        http.get("/")


def test_a_redirect_on_the_same_server_is_followed() -> None:
    moved = reply("301 Moved", b"", "Location: /new/?page=2")
    with wire(in_turn(moved, OK)) as server, client(server) as http:
        assert http.get("/old").ok
    assert server.heard[1].startswith("GET /new/?page=2 ")


@pytest.mark.parametrize("target", ["http://192.0.2.7/x", "//192.0.2.7/x", "http://127.0.0.1:1/x"])
def test_a_redirect_to_another_server_is_refused(target: str) -> None:
    moved = reply("302 Found", b"", f"Location: {target}")
    with wire(in_turn(moved)) as server, client(server) as http, pytest.raises(ConfigurationError):
        http.get("/")
    assert len(server.heard) == 1


def test_a_post_follows_no_redirect() -> None:
    moved = reply("307 Moved", b"", "Location: /new")
    with wire(in_turn(moved, OK)) as server, client(server) as http, pytest.raises(ConfigurationError):
        http.post("/old", json={})


def paged(*bodies: object) -> Script:
    return in_turn(*(reply("200 OK", json.dumps(body).encode()) for body in bodies))


def test_pages_follow_next() -> None:
    served: list[object] = [{"next": "?"}, {"next": None, "results": [2]}]
    with wire(lambda conn, head: conn.sendall(reply("200 OK", json.dumps(served.pop(0)).encode()))) as server:
        served[0] = {"next": f"{server.url}/orders?page=2", "results": [1]}
        with client(server) as http:
            assert [page.data["results"] for page in http.pages("/orders")] == [[1], [2]]
    assert server.heard[1].startswith("GET /orders?page=2 ")


def test_pages_do_not_leave_the_server() -> None:
    with wire(paged({"next": "http://elsewhere.example.org/?page=2"})) as server, client(server) as http:
        pages = http.pages("/orders")
        next(pages)
        with pytest.raises(ConfigurationError, match=r"elsewhere\.example\.org"):
            next(pages)


def test_pages_that_go_in_a_circle_end() -> None:
    with wire(paged({"next": "/orders?page=2"})) as server, client(server) as http:
        with pytest.raises(TryLater, match="circle"):
            list(http.pages("/orders"))
        assert len(server.heard) == 2


def test_a_link_without_tls_keeps_our_scheme() -> None:
    with Http("https://shop.example.org/api") as http:
        assert http.url("http://shop.example.org/api/x?page=2") == "https://shop.example.org/api/x?page=2"
        assert http.url("orders/") == "https://shop.example.org/api/orders/"


def test_the_log_holds_no_address_no_query_and_no_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with wire(in_turn(OK)) as server, client(server, headers={"Authorization": "Token s3cret"}) as http:
        http.get("/members/kari@example.no", {"q": "kari"}, what="member")
    lines = [record.getMessage() for record in caplog.records]
    assert any("GET 127.0.0.1 member: 200" in line for line in lines)
    assert not any("kari" in line or "s3cret" in line for line in lines)


def test_threads_share_one_client() -> None:
    from concurrent.futures import ThreadPoolExecutor

    gate = Event()

    def script(conn: socket.socket, head: str) -> None:
        gate.wait(0.2)
        conn.sendall(OK)

    with wire(script) as server, client(server) as http, ThreadPoolExecutor(6) as pool:
        assert all(answer.ok for answer in pool.map(http.get, ["/"] * 12))


def test_an_answer_knows_its_headers() -> None:
    answer = Answer(200, httpx.Headers({"X-Page-Generated": "now"}), b"")
    assert answer.headers["x-page-generated"] == "now"


@pytest.mark.parametrize("key", ["right–key", "right\nkey", "right key…"])
def test_a_key_that_cannot_be_one_is_explained(key: str) -> None:
    with pytest.raises(ConfigurationError, match="Copy it once more"):
        Http("https://shop.example.org", headers={"Authorization": f"Token {key}"})
