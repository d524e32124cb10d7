"""A pretix of our own: a real HTTP server that keeps orders and behaves as pretix 2026.8 on the wire.

What it answers was compared with a real one (tests/data/pretix, tests/pretix/test_fake.py): refusals,
pages of at most 50, `modified_since` that includes its own moment, X-Page-Generated, `include`, thin
webhooks that are repeated until somebody says thanks.

`troubles` is taken one item per request of the list of orders: a status, "half", "hang", "drip",
"flood", "" for none. `between` is called after each page of orders, for what happens meanwhile.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

Json = dict[str, Any]
PAGE = 50
DENIED = {"detail": "You do not have permission to perform this action."}
RETRIES = (0.01, 0.02, 0.05)
"""pretix waits 5 s, 30 s, 1 min and on for three days; this one is in a hurry."""


DATA = Path(__file__).resolve().parent.parent / "data" / "pretix"


def recorded(name: str) -> list[Json]:
    """Rows as a real pretix 2026.8 answered them. What the stand-in makes begins as a copy of one."""
    rows: list[Json] = json.loads((DATA / f"{name}.json").read_text())["results"]
    return rows


def _like(row: Json, **changes: Any) -> Json:
    return copy.deepcopy(row) | changes


FULL_ORDER, PLAIN_ORDER = recorded("orders")[:2]
PLAIN_POSITION = PLAIN_ORDER["positions"][0] | {"answers": []}


def answer(identifier: str, text: str) -> Json:
    answered = PLAIN_ORDER["positions"][0]["answers"][0]
    return _like(answered, question_identifier=identifier, answer=text)


def ticket(**changes: Any) -> Json:
    """One position; `marketing="True"` is a ticked box."""
    marketing = changes.pop("marketing", None)
    if marketing is not None:
        changes["answers"] = [*changes.get("answers", []), answer("MARKETING", marketing)]
    return changes


def address(name: str, **changes: Any) -> Json:
    return _like(FULL_ORDER["invoice_address"], name=name, name_parts=name_parts(name), **changes)


def name_parts(name: str) -> Json:
    given, _, family = name.rpartition(" ")
    return {"_scheme": "given_family", "given_name": given, "family_name": family}


@dataclass
class Clock:
    """The server's time: never the same twice, and movable by the test."""

    now: dt.datetime = dt.datetime(2026, 11, 20, 17, 0, tzinfo=dt.UTC)

    def tick(self, **step: float) -> dt.datetime:
        self.now += dt.timedelta(**step) if step else dt.timedelta(microseconds=1000)
        return self.now


def _is_money(price: Any) -> bool:
    return isinstance(price, str) and price.replace(".", "").isdecimal()


def stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Pretix:
    """One organizer. Tests change it by its methods, as a box office would."""

    url: str = ""
    organizer: str = "kulturhus"
    token: str = "right-token"
    rights: set[str] = field(default_factory=lambda: {"orders", "customers"})
    clock: Clock = field(default_factory=Clock)
    orders: dict[str, Json] = field(default_factory=dict)
    customers: dict[str, Json] = field(default_factory=dict)
    events: dict[str, Json] = field(default_factory=dict)
    items: dict[str, list[Json]] = field(default_factory=dict)
    subevents: dict[str, list[Json]] = field(default_factory=dict)
    hooks: list[str] = field(default_factory=list)
    sent: list[Json] = field(default_factory=list)
    troubles: list[int | str] = field(default_factory=list)
    hang_seconds: float = 0.5
    between: Callable[[], None] | None = None
    asked: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    # --- what a box office does --------------------------------------------------------------------

    def show(self, slug: str, name: str, **changes: Any) -> Json:
        texts = {"name": {"en": name, "nb": name}, "date_from": "2026-12-24T18:00:00Z"}
        self.events[slug] = _like(recorded("events")[0], slug=slug, **texts | changes)
        item = recorded("items")[0]
        self.items[slug] = [
            item,
            _like(item, id=2, name={"en": "Programme"}, admission=False, variations=[]),
            _like(item, id=3, name={"en": "Friend"}, admission=False, grant_membership_type=1, variations=[]),
        ]
        self.subevents[slug] = []
        return self.events[slug]

    def sell(self, code: str, *tickets: Json, event: str = "hamlet", **changes: Any) -> Json:
        """A paid order unless told otherwise."""
        with self.lock:
            now = stamp(self.clock.tick())
            positions = [
                _like(PLAIN_POSITION, positionid=number, order=code, **each)
                for number, each in enumerate(tickets or ({},), start=1)
            ]
            prices = [each["price"] for each in positions]
            own: Json = {"total": str(sum(map(Decimal, filter(_is_money, prices)))), "positions": positions}
            own |= {"code": code, "event": event, "status": "p", "email": f"{code.lower()}@example.no"}
            own |= {"datetime": now, "last_modified": now, "expires": now, "payment_provider": "banktransfer"}
            self.orders[code] = _like(PLAIN_ORDER, **own | changes)
        self.tell("pretix.event.order.placed", event=event, code=code)
        return self.orders[code]

    def change(self, code: str, action: str = "modified", **changes: Any) -> Json:
        with self.lock:
            self.orders[code] |= {**changes, "last_modified": stamp(self.clock.tick())}
        self.tell(f"pretix.event.order.{action}", event=self.orders[code]["event"], code=code)
        return self.orders[code]

    def cancel(self, code: str, *, refunded: bool = False) -> Json:
        """Cancelling an order cancels its positions, and the list then leaves them out."""
        order = self.orders[code]
        for each in order["positions"]:
            each["canceled"] = True
        money = [{"local_id": 1, "state": "done", "amount": order["total"]}] if refunded else []
        return self.change(code, "canceled", status="c", refunds=money)

    def join(self, identifier: str, email: str, name: str = "Kari Nordmann", **changes: Any) -> Json:
        """A customer account, or new values of one."""
        with self.lock:
            known = self.customers.get(identifier) or _like(
                recorded("customers")[0], external_identifier=None
            )
            own: Json = {"identifier": identifier, "email": email, "name": name}
            own |= {"name_parts": name_parts(name), "phone": None, "last_modified": stamp(self.clock.tick())}
            self.customers[identifier] = _like(known, **own | changes)
        self.tell("pretix.customer.changed", customer=identifier)
        return self.customers[identifier]

    # --- webhooks ----------------------------------------------------------------------------------

    def tell(self, action: str, **what: str) -> None:
        """Notes what would be sent, and sends it to whoever has asked for webhooks."""
        body = {"notification_id": len(self.sent) + 1, "organizer": self.organizer, **what, "action": action}
        self.sent.append(body)
        self.deliver(body)

    def deliver(self, body: Json) -> list[int]:
        """Posts to every hook until it answers 2xx; 410 ends a hook for good. Returns the last statuses."""
        statuses = []
        for hook in list(self.hooks):
            for pause in (0.0, *RETRIES):
                time.sleep(pause)
                status = post(hook, json.dumps(body).encode())
                if status == 410:
                    self.hooks.remove(hook)
                if status < 300 or status == 410:
                    break
            statuses.append(status)
        return statuses

    # --- what the API answers ----------------------------------------------------------------------

    def answer(self, path: str, query: dict[str, list[str]], token: str | None) -> tuple[int, Any]:
        parts = [unquote(part) for part in path.strip("/").split("/")]
        if token is None:
            return 401, {"detail": "Authentication credentials were not provided."}
        if token != self.token:
            return 401, {"detail": "Invalid token."}
        if parts[:3] != ["api", "v1", "organizers"]:
            return 404, {"detail": "Not found."}
        if len(parts) < 5 or parts[3] != self.organizer:
            return 403, DENIED
        return self._organizer(parts[4:], query)

    def _organizer(self, parts: list[str], query: dict[str, list[str]]) -> tuple[int, Any]:
        match parts:
            case ["orders"]:
                return self._orders(query)
            case ["orders", code]:
                found = self.orders.get(code)
                return (200, found) if found else (404, {"detail": "No Order matches the given query."})
            case ["events"]:
                return self._page(list(self.events.values()), query)
            case ["events", slug, *_] if slug not in self.events:
                return 403, DENIED
            case ["events", slug]:
                return 200, self.events[slug]
            case ["events", slug, "items"]:
                return self._page(self.items[slug], query)
            case ["events", slug, "subevents"]:
                return self._page(self.subevents[slug], query)
            case ["events", _, "orders"] if "orders" not in self.rights:
                return 403, DENIED
            case ["events", slug, "orders"]:
                return self._page([o for o in self.orders.values() if o.get("event") == slug], query)
            case ["customers", *_] if "customers" not in self.rights:
                return 403, DENIED
            case ["customers"]:
                known = sorted(self.customers.values(), key=lambda each: each["email"] or "")
                return self._page(known, query)
            case ["customers", identifier]:
                found = self.customers.get(identifier)
                return (200, found) if found else (404, {"detail": "No Customer matches the given query."})
        return 404, {"detail": "Not found."}

    def _orders(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        """A key without the right gets an empty list and no refusal, as in pretix."""
        found = list(self.orders.values()) if "orders" in self.rights else []
        since = query.get("modified_since", [""])[0]
        if since:
            try:
                floor = stamp(dt.datetime.fromisoformat(since))
            except ValueError:
                return 400, {"modified_since": ["Enter a valid date/time."]}
            found = [order for order in found if order.get("last_modified", "") >= floor]
        by = query.get("ordering", ["datetime"])[0]
        found.sort(key=lambda order: (str(order.get(by)), str(order.get("code"))))
        cancelled = query.get("include_canceled_positions", ["false"])[0] == "true"
        include = query.get("include", [])
        status, page = self._page(found, query)
        if status == 200:
            page["results"] = [_shown(order, include, cancelled) for order in page["results"]]
        return status, page

    def _page(self, rows: list[Any], query: dict[str, list[str]]) -> tuple[int, Any]:
        size = min(int(query.get("page_size", ["50"])[0]), PAGE)
        number = int(query.get("page", ["1"])[0])
        start = (number - 1) * size
        if number > 1 and start >= len(rows):
            return 404, {"detail": "Invalid page."}
        return 200, {
            "count": len(rows),
            "next": number + 1 if start + size < len(rows) else None,
            "previous": number - 1 if number > 1 else None,
            "results": copy.deepcopy(rows[start : start + size]),
        }


def _shown(order: Any, include: list[str], cancelled: bool) -> Any:
    """`include=a&include=b.c` shows just these fields, of nested objects just these of theirs."""
    if not isinstance(order, dict):
        return order
    positions = order.get("positions")
    if isinstance(positions, list) and not cancelled:
        order["positions"] = [each for each in positions if not each["canceled"]]
    if not include:
        return order
    return {name: _part(value, name, include) for name, value in order.items() if _asked(name, include)}


def _asked(name: str, include: list[str]) -> bool:
    return name in include or any(wanted.startswith(f"{name}.") for wanted in include)


def _part(value: Any, name: str, include: list[str]) -> Any:
    inner = {wanted.partition(".")[2] for wanted in include if wanted.startswith(f"{name}.")}
    if name in include or not inner:
        return value
    if isinstance(value, list):
        return [_part(each, name, include) for each in value]
    return {key: each for key, each in value.items() if key in inner} if isinstance(value, dict) else value


def post(url: str, body: bytes, content_type: str = "application/json") -> int:
    request = urllib.request.Request(url, body, {"Content-Type": content_type}, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 599


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # head and body in one packet: two small ones wait 40 ms for each other
    shop: Pretix

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        shop, parts = self.shop, urlsplit(self.path)
        shop.asked.append(self.path)
        lists_orders = parts.path.endswith(f"/{shop.organizer}/orders/")
        trouble = shop.troubles.pop(0) if shop.troubles and lists_orders else ""
        if trouble == "flood":
            return self._flood()
        if trouble == "hang":
            time.sleep(shop.hang_seconds)
        with shop.lock:
            generated = stamp(shop.clock.now)
            header = self.headers.get("Authorization", "")
            token = header.removeprefix("Token ") if header.startswith("Token ") else None
            status, data = shop.answer(parts.path, parse_qs(parts.query), token)
        if isinstance(trouble, int):
            status, data = trouble, {"detail": "Trouble."}
        self._send(status, self._absolute(data, parts), generated, trouble)
        if lists_orders and shop.between:
            shop.between()
        return None

    def _absolute(self, data: Any, parts: Any) -> Any:
        """`next` and `previous` are whole addresses with the same query and another page."""
        if not isinstance(data, dict) or "next" not in data:
            return data
        query = parse_qs(parts.query)
        for name in ("next", "previous"):
            if data[name]:
                turned = urlencode(query | {"page": [str(data[name])]}, doseq=True)
                data[name] = f"{self.shop.url}{parts.path}?{turned}"
        return data

    def _send(self, status: int, data: Any, generated: str, trouble: int | str) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Page-Generated", generated)
        if status == 429:
            self.send_header("Retry-After", "0")
        self.end_headers()
        if trouble == "half":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif trouble == "drip":
            self._drip(body)
        else:
            self.wfile.write(body)

    def _drip(self, body: bytes) -> None:
        """A byte now and then, for ever: each read succeeds, the answer never ends."""
        try:
            for number in range(len(body)):
                self.wfile.write(body[number : number + 1])
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            self.close_connection = True

    def _flood(self) -> None:
        """Two gigabytes of nothing, as long as somebody reads them."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for _ in range(2048):
                self.wfile.write(b" " * 1_048_576)
        except OSError:
            return


@contextmanager
def pretix() -> Iterator[Pretix]:
    """An organizer with one show, Hamlet, and nothing sold yet."""
    shop = Pretix()
    handler = type("Handler", (_Handler,), {"shop": shop})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    shop.url = f"http://127.0.0.1:{server.server_port}"
    shop.show("hamlet", "Hamlet")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
