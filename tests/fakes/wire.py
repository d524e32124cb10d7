"""A local server whose every answer is written out byte by byte by the test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Script = Callable[[socket.socket, str], None]


@dataclass
class Wire:
    """`heard` holds the head of every request, in order."""

    script: Script
    listener: socket.socket
    wrap: Callable[[socket.socket], socket.socket] = lambda conn: conn
    heard: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(conn,), daemon=True).start()

    def _answer(self, conn: socket.socket) -> None:
        with conn:
            try:
                self._talk(self.wrap(conn))
            except OSError:
                return  # the client has gone, which is what some scripts wait for

    def _talk(self, conn: socket.socket) -> None:
        with conn:
            head = _head(conn)
            if head:
                self.heard.append(head)
                self.script(conn, head)


def _head(conn: socket.socket) -> str:
    """The request up to the empty line, and its body where a length is given."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = conn.recv(65536)
        if not piece:
            return ""
        data += piece
    return data.decode("latin-1")


@contextmanager
def wire(script: Script, wrap: Callable[[socket.socket], socket.socket] | None = None) -> Iterator[Wire]:
    """`wrap` puts TLS around each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Wire(script, listener, wrap or (lambda conn: conn))
        threading.Thread(target=served.serve, daemon=True).start()
        yield served
        listener.shutdown(socket.SHUT_RDWR)


def reply(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def in_turn(*answers: bytes) -> Script:
    """Each request gets the next answer; the last one is repeated."""
    left = list(answers)

    def script(conn: socket.socket, head: str) -> None:
        conn.sendall(left.pop(0) if len(left) > 1 else left[0])

    return script
