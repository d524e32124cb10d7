"""The server itself: threads, JSON, Basic or Bearer keys, and a small page to look at."""

from __future__ import annotations

import base64
import binascii
import json
import socket
import threading
import time
import urllib.parse
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from . import api, control, page, problems
from .account import Account
from .audience import Audience
from .faults import Faults
from .webhooks import Postman

DEMO = "demo"


class Standin:
    """Start with `with Standin() as mailchimp:`; its state lives in memory and, if asked, in a file.

    Any key that begins with `demo` opens an account of its own at its first call.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, state: Path | None = None) -> None:
        self.accounts: dict[str, Account] = {}
        self.faults = Faults()
        self.postman = Postman()
        self._state = state
        self._saved = ""
        self._load()
        self._http = _Server((host, port), Handler)
        self._http.standin = self
        self.base = f"http://{host}:{self._http.server_address[1]}"

    # Life

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        if self._state:
            threading.Thread(target=self._keep_saving, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self.save()

    def _keep_saving(self) -> None:
        while True:
            time.sleep(1)
            self.save()

    def save(self) -> None:
        if self._state is None:
            return
        text = json.dumps({"accounts": [a.dump() for a in list(self.accounts.values())]})
        if text != self._saved:
            fresh = self._state.with_suffix(".new")
            fresh.write_text(text)
            fresh.replace(self._state)
            self._saved = text

    def _load(self) -> None:
        if self._state and self._state.exists():
            saved = json.loads(self._state.read_text())
            self.accounts = {a["key"]: Account.load(a) for a in saved["accounts"]}

    # Accounts, as tests use them

    def open(self, key: str = "standin-us0", name: str = "Standin") -> Account:
        return self.accounts.setdefault(key, Account.open(key, name))

    def account(self, key: str) -> Account:
        if key.startswith(DEMO):
            return self.open(key, key.removeprefix(DEMO).rsplit("-", 1)[0].title())
        try:
            return self.accounts[key]
        except KeyError:
            raise problems.wrong_key() from None

    def audience(self, key: str = "standin-us0") -> Audience:
        return next(iter(self.open(key).audiences.values()))

    def do(self, verb: str, email: str, *, key: str = "standin-us0", **given: Any) -> dict[str, Any]:
        """Something a person does at Mailchimp: see control.VERBS."""
        return control.run(self.open(key), verb, {"email": email, **given}, self.postman)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    standin: Standin


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True

    @property
    def standin(self) -> Standin:
        return cast(_Server, self.server).standin

    def _serve(self) -> None:
        parts = urllib.parse.urlsplit(self.path)
        path, query = urllib.parse.unquote(parts.path), dict(urllib.parse.parse_qsl(parts.query))
        try:
            body = self._body()
            if path.startswith("/3.0"):
                self._answer(*self._api(path, query, body))
            elif path.startswith("/standin/"):
                self._answer(200, self._control(path.removeprefix("/standin/"), body, query))
            else:
                self._file(path, query)
        except problems.Problem as problem:
            self._refuse(problem)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _body(self) -> dict[str, Any]:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            return cast("dict[str, Any]", json.loads(raw)) if raw else {}
        except ValueError:
            raise problems.Problem(
                400, "JSON Parse Error", "We encountered an unspecified JSON parsing error."
            ) from None

    def _api(self, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        account, faults = self.standin.account(self._key()), self.standin.faults
        with account.connection():
            account.calls.append(f"{self.command} {path}")
            self._misbehave(faults)
            handler, groups = api.find(self.command, path)
            call = api.Call(account, faults, self.standin.postman, groups, query, body)
            if handler is api.add_webhook:  # it calls the receiver back: not under the lock
                return handler(call)
            with account.lock:
                return handler(call)

    def _misbehave(self, faults: Faults) -> None:
        time.sleep(faults.slow)
        if faults.throttled:
            raise problems.silent(faults.throttle_status)
        if faults.take("broken"):
            raise problems.broken()
        if faults.take("cut"):
            self.connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError

    def _key(self) -> str:
        scheme, _, value = (self.headers.get("Authorization") or "").partition(" ")
        if scheme == "Bearer":
            return value
        try:
            return base64.b64decode(value).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            raise problems.wrong_key() from None

    def _control(self, verb: str, body: dict[str, Any], query: dict[str, str]) -> Any:
        standin = self.standin
        if verb == "faults":
            standin.faults.set(**body)
            return {"faults": repr(standin.faults)}
        account = standin.account(str(body.get("key") or query.get("key") or ""))
        if verb == "members":
            return [a.shown(m) for a in account.audiences.values() for m in a.members.values()]
        if verb in control.VERBS:
            return control.run(account, verb, body, standin.postman)
        raise problems.not_found()

    def _file(self, path: str, query: dict[str, str]) -> None:
        if path == "/style.css":
            self._send(200, "text/css", page.style())
        elif path == "/":
            html = page.render(list(self.standin.accounts.values()), query)
            self._send(200, "text/html; charset=utf-8", html)
        else:
            raise problems.not_found()

    # Answering

    def _answer(self, status: int, answer: Any) -> None:
        body = b"" if answer is None else json.dumps(answer).encode()
        self._send(status, "application/json; charset=utf-8", body)

    def _refuse(self, problem: problems.Problem) -> None:
        if problem.without_body:
            self._send(problem.status, "", b"")
            return
        body = problem.body()
        headers = problem.headers | {"X-Request-Id": body["instance"]}
        raw = json.dumps(body).encode()
        self._send(problem.status, "application/problem+json; charset=utf-8", raw, headers)

    def _send(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(HTTPStatus(status))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if kind:
            self.send_header("Content-Type", kind)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_one_request(self) -> None:
        """A client that goes away is nothing to print a traceback about."""
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silent: addresses are in the paths."""
