"""HTTP to other systems: the one client that every connector uses.

It turns whatever happens on the wire into the three errors of integrations.errors,
keeps memory flat whatever the other side sends, and never writes an address's query,
a body or a header to the log. `docs/how-to/add-a-connector.md` shows it in use.
"""

from __future__ import annotations

import contextlib
import json
import logging
import random
import ssl
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Self
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpcore
import httpx
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.addresses import GuardedBackend, checked_base, deadline
from integrations.errors import ConfigurationError, Rejected, TryLater

logger = logging.getLogger("foyer.http")
# httpx logs whole addresses at INFO, query string included.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

SAFE_TO_REPEAT = frozenset({"GET", "HEAD", "PUT", "DELETE"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 3
USER_AGENT = "Foyer (customer data platform)"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much one call may take. Times in seconds."""

    connect: float = 10.0
    read: float = 30.0
    whole: float = 120.0  # from the first byte sent to the last byte read
    max_bytes: int = 32 * 1024 * 1024  # of the answer, unpacked
    tries: int = 4
    pause: float = 0.5  # before the second try, doubled each time, with jitter
    patience: float = 60.0  # longer waits are handed to the run as TryLater
    connections: int = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `data` parses the body on each use; keep it if needed twice."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def data(self) -> Any:
        """The body as JSON. TryLater when it is none: half an answer is a fault of the day."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise _unreadable() from error

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


Busy = Callable[[Answer], bool]


def never_busy(answer: Answer) -> bool:
    return False


class _Unsent(TryLater):
    """It never reached the other side, so even a POST may be tried again."""


class Http:
    """Calls one system, whose base address is fixed when the client is made.

    `busy` recognises a system's own way of saying "not now" (Mailchimp: 403 without a
    body). One client may be shared by threads. Use it in a `with`.
    """

    def __init__(
        self,
        base: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        limits: Limits | None = None,
        busy: Busy = never_busy,
    ) -> None:
        self.base = checked_base(base)
        self.limits = limits or Limits()
        self.busy = busy
        self.client = _client(self.limits, _sendable(headers or {}), auth)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self.client.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        return self.call("GET", path, params=params, **more)

    def post(self, path: str, **more: Any) -> Answer:
        return self.call("POST", path, **more)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        repeat: bool | None = None,
        what: str = "",
    ) -> Answer:
        """One exchange, tried again while that is safe and worthwhile.

        `path` is joined to the base, or is a whole address below the same server.
        `accept` names error statuses the caller wants back as answers. `repeat` says
        that a POST may be sent twice. `what` names the call in the log: a plain noun,
        never a value. Raises ConfigurationError, Rejected or TryLater.
        """
        request = self.client.build_request(
            method, self.url(path), params=params, json=json, data=form, headers=headers
        )
        repeatable = method in SAFE_TO_REPEAT if repeat is None else repeat
        return self._patiently(request, frozenset(accept), repeatable, what)

    def pages(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        accept: Collection[int] = (),
        what: str = "",
    ) -> Iterator[Answer]:
        """Follows the `next` address in each answer, on the same server only."""
        answer = self.get(path, params, accept=accept, what=what)
        seen: set[int] = set()
        while True:
            data = answer.data if answer.ok else None
            yield answer
            following = data.get("next") if isinstance(data, dict) else None
            if not following:
                return
            if hash(following) in seen:
                raise TryLater(_("The other system's pages go round in a circle."))
            seen.add(hash(following))
            answer = self.get(str(following), accept=accept, what=what)

    def url(self, path: str) -> str:
        """The full address of a path or of a `next` link; another server is refused."""
        if "://" not in path:
            return f"{self.base}/{path.lstrip('/')}"
        own, other = urlsplit(self.base), urlsplit(path)
        if own.hostname != other.hostname or (own.scheme == other.scheme and own.port != other.port):
            raise ConfigurationError(
                _("The system points to another server ({host}). Check the address.").format(
                    host=other.hostname or "?"
                )
            )
        # A server behind a TLS proxy often writes http:// into its own links: keep ours.
        return urlunsplit((own.scheme, own.netloc, other.path, other.query, ""))

    def _patiently(
        self, request: httpx.Request, accept: frozenset[int], repeatable: bool, what: str
    ) -> Answer:
        waited = 0.0
        for attempt in range(1, self.limits.tries + 1):
            try:
                return self._judged(self._followed(request, what, attempt), accept)
            except TryLater as later:
                pause = _pause(self.limits, attempt, later.after)
                last = attempt == self.limits.tries or waited + pause > self.limits.patience
                if last or deadline.over(pause) or not (repeatable or isinstance(later, _Unsent)):
                    raise
                waited += pause
                time.sleep(pause)
        raise AssertionError("tries must be at least 1")

    def _followed(self, request: httpx.Request, what: str, attempt: int) -> Answer:
        """The answer after redirects on the same server; another server is refused."""
        answer = self._exchange(request, what, attempt)
        for _hop in range(MAX_REDIRECTS):
            if answer.status not in REDIRECTS:
                return answer
            if request.method not in ("GET", "HEAD"):
                break
            target = urljoin(str(request.url), answer.headers.get("location", ""))
            request = self.client.build_request(request.method, self.url(target))
            answer = self._exchange(request, what, attempt)
        raise ConfigurationError(_("The address leads elsewhere. Enter the final address."))

    def _exchange(self, request: httpx.Request, what: str, attempt: int) -> Answer:
        started = time.monotonic()
        status: int | str = "-"
        try:
            with deadline.within(self.limits.whole):
                response = self.client.send(request, stream=True)
                status = response.status_code
                with contextlib.closing(response):
                    return Answer(status, response.headers, _body(response, self.limits.max_bytes))
        except httpx.TransportError as error:
            status = type(error).__name__
            raise _transport(error) from error
        finally:
            _log(request, status, what, attempt, time.monotonic() - started)

    def _judged(self, answer: Answer, accept: frozenset[int]) -> Answer:
        if answer.status == 429 or answer.status >= 500 or self.busy(answer):
            raise _later(answer)
        if answer.ok or answer.status in accept:
            return answer
        if answer.status in (401, 403):
            raise ConfigurationError(
                _("The other system refused the key, or the key lacks a right (answer {status}).").format(
                    status=answer.status
                )
            )
        raise Rejected(
            _("The other system did not accept the request (answer {status}).").format(status=answer.status)
        )


def _sendable(headers: Mapping[str, str]) -> Mapping[str, str]:
    """A key pasted with a dash or a line break too many cannot be sent as a header."""
    if not all(value.isascii() and value.isprintable() for value in headers.values()):
        raise ConfigurationError(_("The key holds characters that no key has. Copy it once more."))
    return headers


@cache
def _trust() -> ssl.SSLContext:
    """The authorities we trust: Mozilla's list, the machine's own, and those of SSL_CERT_FILE."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def _client(limits: Limits, headers: Mapping[str, str], auth: tuple[str, str] | None) -> httpx.Client:
    slots = httpx.Limits(max_connections=limits.connections)
    transport = httpx.HTTPTransport(verify=_trust(), limits=slots, trust_env=False)
    # httpx has no public way to give its pool another network backend.
    pool: httpcore.ConnectionPool = transport._pool
    pool._network_backend = GuardedBackend()
    return httpx.Client(
        transport=transport,
        timeout=httpx.Timeout(limits.read, connect=limits.connect),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", **headers},
        auth=auth,
        follow_redirects=False,
        trust_env=False,
    )


def _body(response: httpx.Response, cap: int) -> bytes:
    """The unpacked body, read piece by piece and never past `cap` bytes."""
    if int(response.headers.get("content-length") or 0) > cap:
        raise _too_much(cap)
    parts, size = [], 0
    for piece in _unpacked(response, cap):
        size += len(piece)
        if size > cap:
            raise _too_much(cap)
        parts.append(piece)
    return b"".join(parts)


def _unpacked(response: httpx.Response, cap: int) -> Iterator[bytes]:
    """Gzip is undone here and not by httpx, which would inflate 64 KB to 64 MB at once."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding == "identity":
        yield from response.iter_raw()
        return
    if encoding not in ("gzip", "deflate"):
        raise TryLater(_("The other system packed its answer in an unknown way."))
    unpacker, empty = zlib.decompressobj(wbits=47), True
    try:
        for piece in response.iter_raw():
            empty = False
            yield unpacker.decompress(piece, cap + 1)
    except zlib.error as error:
        raise _unreadable() from error
    if not (unpacker.eof or empty):
        raise _unreadable()


def _unreadable() -> TryLater:
    return TryLater(_("The other system sent an incomplete or unreadable answer."))


def _too_much(cap: int) -> ConfigurationError:
    return ConfigurationError(
        _("The other system sent more than {size} MB in one answer. Nothing was kept of it.").format(
            size=cap // (1024 * 1024)
        )
    )


def _transport(error: httpx.TransportError) -> TryLater | ConfigurationError:
    """What went wrong below HTTP, in words."""
    if _is_about_trust(error):
        return ConfigurationError(
            _("The server cannot prove that it is the one at this address: its certificate is not valid.")
        )
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return _Unsent(_("The other system could not be reached."))
    if isinstance(error, httpx.TimeoutException):
        return TryLater(_("The other system took too long to answer."))
    return TryLater(_("The other system broke off in the middle of its answer."))


def _is_about_trust(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _later(answer: Answer) -> TryLater:
    after = _retry_after(answer.headers.get("retry-after", ""))
    if answer.status >= 500:
        text = _("The other system has a fault of its own (answer {status}).")
    else:
        text = _("The other system asks for a pause (answer {status}).")
    return TryLater(text.format(status=answer.status), after=after)


def _retry_after(value: str) -> float | None:
    """Seconds from a Retry-After header: a number, or an HTTP date (RFC 9110 § 10.2.3)."""
    if value.isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        return max(0.0, (moment - timezone.now()).total_seconds())
    except (TypeError, ValueError):
        return None


def _pause(limits: Limits, attempt: int, after: float | None) -> float:
    """Full jitter between half and the whole of a doubling pause; never less than asked for."""
    doubled = limits.pause * 2.0 ** (attempt - 1)
    own = doubled * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, guards nothing
    return own if after is None else after + own


def _log(request: httpx.Request, status: int | str, what: str, attempt: int, seconds: float) -> None:
    """Host, verb and outcome; no path, since paths hold addresses and customer numbers."""
    logger.info(
        "%s %s %s: %s in %.2f s, try %d",
        request.method,
        request.url.host,
        what or "-",
        status,
        seconds,
        attempt,
        extra={"http_host": request.url.host, "http_status": status, "http_what": what},
    )
