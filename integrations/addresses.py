"""Which network addresses Foyer may call.

A person enters the base address of a connection. Without a guard that would let
anyone who may add a connection reach the database, the cloud's metadata service or
the office printer through Foyer (server-side request forgery). So a name is
resolved once, every address it has is judged, and the call goes to the judged
address: a name that answers differently the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore
import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from integrations.errors import ConfigurationError

NAT64 = IPv6Network("64:ff9b::/96")


def private_hosts_allowed() -> bool:
    """The setting FOYER_ALLOW_PRIVATE_HOSTS: on in the demo and in tests, off otherwise."""
    return bool(getattr(settings, "FOYER_ALLOW_PRIVATE_HOSTS", False))


def checked_base(address: str) -> str:
    """The base address as typed by a person, without a slash at its end, or ConfigurationError."""
    parts = _split(address.strip())
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ConfigurationError(_("The address must start with https:// and name a server."))
    if parts.scheme == "http" and not private_hosts_allowed():
        raise ConfigurationError(_("The address must start with https://, so that the key stays secret."))
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError(_("The address may hold no user name, question mark or #."))
    return address.strip().rstrip("/")


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  # a bad port is only noticed when asked for
        httpx.URL(address)
        if any(map(str.isspace, address)):
            raise ValueError("white space")
    except (ValueError, httpx.InvalidURL) as error:
        raise ConfigurationError(_("This is not a web address.")) from error
    return parts


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, also when wrapped in IPv6."""
    ip = ip_address(address.partition("%")[0])
    inner = _unwrapped(ip)
    return inner.is_global and not inner.is_multicast


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside a mapped, 6to4 or NAT64 address; else the address itself."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def reachable(host: str, port: int) -> list[str]:
    """The addresses of `host`, all of which may be called.

    Raises ConfigurationError when any of the name's addresses is private: a name
    with both kinds is an attack or a mistake. OSError when the name is unknown.
    """
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not private_hosts_allowed() and not all(map(is_public, found)):
        raise ConfigurationError(
            _("The address leads into a private network, which this installation does not allow.")
        )
    return list(dict.fromkeys(found))


class Deadline(threading.local):
    """When what the current thread does with another system must be over, on the monotonic clock.

    httpx has a timeout for each single read but none for the whole, so a server
    that sends one byte every few seconds would hold a worker for ever.
    """

    at: float = float("inf")

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What happens inside must be over in so many seconds, or sooner if it had less before."""
        before = self.at
        self.at = min(before, time.monotonic() + seconds)
        try:
            yield
        finally:
            self.at = before

    def over(self, pause: float = 0.0) -> bool:
        """Whether there is no time for another try after a pause."""
        return time.monotonic() + pause >= self.at

    def at_most(self, seconds: float) -> float:
        """So many seconds, or what is left; never nothing, which to many means for ever."""
        return max(0.01, min(seconds, self.at - time.monotonic()))

    def left(self, timeout: float | None) -> float:
        """Seconds the next operation may take; raises when there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left if timeout is None else min(timeout, left)


deadline = Deadline()


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every read and write also counts against the deadline."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self.inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, deadline.left(timeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = deadline.left(timeout)
        return _TimedStream(self.inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


class GuardedBackend(httpcore.SyncBackend):
    """Opens connections only to judged addresses. TLS still checks the name's certificate."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = reachable(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("unknown name") from error
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            left = deadline.left(timeout)
            try:
                return _TimedStream(super().connect_tcp(address, port, left, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure
