"""A small box office: a real HTTP server that keeps sales, pages them, and can misbehave.

Also a letter box, for destinations: it remembers every batch that was posted to it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Sale = dict[str, Any]


def sale(number: int, **changes: Any) -> Sale:
    """One ticket of one order of one buyer."""
    return {
        "id": number,
        "order": f"T{number}",
        "name": f"Kari Nordmann {number}",
        "email": f"kari{number}@example.no",
        "show": f"Peer Gynt {number % 3}",
        "bought": "2026-11-20T18:00:00+01:00",
        "price": "350.00",
        **changes,
    }


@dataclass
class Till:
    """`trouble` is taken one item per request: a status, "half", "hang" or "" for none."""

    url: str = ""
    key: str = "right"
    sales: list[Sale] = field(default_factory=list)
    trouble: list[int | str] = field(default_factory=list)
    hang_seconds: float = 1.0
    asked: list[str] = field(default_factory=list)
    letters: dict[str, list[str]] = field(default_factory=dict)
    """Batch id → contacts; a batch that comes twice is the same batch."""
    posts: int = 0

    def sell(self, count: int, **changes: Any) -> None:
        first = len(self.sales) + 1
        self.sales += [sale(number, **changes) for number in range(first, first + count)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    till: Till

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self.till.asked.append(self.path)
        if self._misbehaves():
            return
        asked = parse_qs(urlsplit(self.path).query)
        after, limit = int(asked["after"][0]), int(asked["limit"][0])
        newer = [sale for sale in self.till.sales if sale["id"] > after]
        page = newer[:limit]
        last = page[-1]["id"] if page else after
        self._answer(200, {"sales": page, "after": last, "total": len(newer), "more": len(newer) > limit})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self._misbehaves():
            return
        self.till.posts += 1
        self.till.letters[body["batch"]] = body["contacts"]
        self._answer(200, {})

    def _misbehaves(self) -> bool:
        if self.headers.get("x-key") != self.till.key:
            self._answer(401, {})
            return True
        trouble = self.till.trouble.pop(0) if self.till.trouble else ""
        if isinstance(trouble, int):
            self._answer(trouble, {})
        elif trouble == "half":
            self._half()
        elif trouble == "hang":
            time.sleep(self.till.hang_seconds)
            self.close_connection = True
        return bool(trouble)

    def _half(self) -> None:
        """Promises more than it sends, and hangs up."""
        self.send_response(200)
        self.send_header("content-length", "4000")
        self.end_headers()
        self.wfile.write(b'{"sales": [{"id": 1, "ord')
        self.close_connection = True

    def _answer(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def till() -> Iterator[Till]:
    state = Till()
    handler = type("Handler", (_Handler,), {"till": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
