"""Where files come from: a folder on this server, SFTP, or an S3 bucket.

A place lists what matches its pattern and copies one file out. It never writes, moves or
deletes anything there. `ConfigurationError` is raised when a person must act, `TryLater`
when the other side is away.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import math
import re
import socket
import threading
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import fsspec
import paramiko
from aiohttp.abc import AbstractResolver, ResolveResult
from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]
from django.conf import settings
from django.utils.translation import gettext as _
from fsspec.implementations.sftp import SFTPFileSystem

from integrations.addresses import checked_base, deadline, reachable
from integrations.errors import ConfigurationError, TryLater
from integrations.files.sniff import refuse

CHUNK = 1024 * 1024
SECONDS = 30
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
GONE = (FileNotFoundError, NotADirectoryError)


@dataclass(frozen=True, slots=True)
class Seen:
    """One file as listed. `stamp` changes whenever the file does."""

    path: str
    size: int
    stamp: str


class Place(ABC):
    """A folder somewhere, and the pattern of the names wanted from it."""

    def __init__(self, folder: str, pattern: str) -> None:
        self.folder, self.pattern = folder, pattern or "*"

    @abstractmethod
    def filesystem(self) -> Any:
        """An fsspec file system, connected."""

    @abstractmethod
    def stamp(self, info: Mapping[str, Any]) -> str: ...

    def close(self) -> None:  # noqa: B027 - only some places keep a connection
        """Hangs up."""

    def look(self) -> list[Seen]:
        """The files that match now, by name. An empty folder is an empty list, a missing one an error."""
        with self._plainly():
            entries = self._entries()
        found = [
            Seen(str(info["name"]), int(info["size"] or 0), self.stamp(info))
            for info in entries
            if info["type"] == "file" and self._wanted(str(info["name"]))
        ]
        return sorted(found, key=lambda seen: seen.path)

    def _entries(self) -> Any:
        return self.filesystem().ls(self.folder, detail=True)

    def _wanted(self, path: str) -> bool:
        """Hidden files and those still being uploaded are nobody's business yet."""
        name = PurePosixPath(path).name
        unfinished = name.startswith((".", "~$")) or name.endswith(UNFINISHED)
        return not unfinished and fnmatchcase(name.lower(), self.pattern.lower())

    def now(self, path: str) -> Seen | None:
        """The file as it stands now, None when it is gone."""
        with self._plainly():
            try:
                info = self.filesystem().info(path)
            except GONE:
                return None
        return Seen(path, int(info["size"] or 0), self.stamp(info))

    def copy(self, path: str, target: BinaryIO, *, most: int) -> str:
        """Copies the file out and returns its SHA-256. Stops at `most` bytes, or at once if the
        beginning is no table: two gigabytes of zeros are not fetched to be refused."""
        digest = hashlib.sha256()
        with self._plainly(), self.filesystem().open(path, "rb") as source:
            copied = 0
            while block := source.read(CHUNK):
                if not copied:
                    refuse(block)
                copied += len(block)
                if copied > most:
                    raise too_large(most)
                digest.update(block)
                target.write(block)
        return digest.hexdigest()

    def head(self, path: str, size: int) -> bytes:
        """The first `size` bytes, without fetching the rest. Refuses what is plainly no table."""
        with self._plainly():
            content = bytes(self.filesystem().cat_file(path, start=0, end=size))
        refuse(content)
        return content

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """What libraries raise, said in words. Their own messages may hold names and keys."""
        try:
            yield
        except GONE as error:
            raise ConfigurationError(
                _("The folder “%(folder)s” is not there. Has it been moved, or its disk not been mounted?")
                % {"folder": self.folder}
            ) from error
        except PermissionError as error:
            told = _("The folder “%(folder)s” may not be read.")
            raise ConfigurationError(told % {"folder": self.folder}) from error
        except (OSError, EOFError, BotoCoreError, paramiko.SSHException) as error:
            if getattr(error, "errno", None) == errno.ENOSPC:
                raise ConfigurationError(_("The disk on which Foyer keeps its copy is full.")) from error
            raise TryLater(_("The place where the files lie does not answer.")) from error


def too_large(most: int) -> ConfigurationError:
    return ConfigurationError(
        _("The file is larger than %(most)d MB, the most this installation takes.") % {"most": most // 10**6}
    )


class FolderPlace(Place):
    """A folder of this server, inside the one that belongs to the organisation and nowhere else."""

    def __init__(self, folder: str, pattern: str, *, root: Path) -> None:
        self.root = root.resolve()
        super().__init__(str(self._inside(self.root / folder.strip().lstrip("/"))), pattern)

    def _inside(self, path: str | Path) -> Path:
        """Where the path really leads."""
        real = Path(path).resolve()
        if not real.is_relative_to(self.root):
            raise ConfigurationError(_("The folder must lie inside your organisation's own folder."))
        return real

    def filesystem(self) -> Any:
        return fsspec.filesystem("file", skip_instance_cache=True)

    def stamp(self, info: Mapping[str, Any]) -> str:
        return f"{info['mtime']:.6f}"

    def now(self, path: str) -> Seen | None:
        """A path may have been noted when the connection looked elsewhere, or be a link by now."""
        return super().now(path) if Path(path).resolve().is_relative_to(self.root) else None

    def copy(self, path: str, target: BinaryIO, *, most: int) -> str:
        return super().copy(str(self._inside(path)), target, most=most)

    def head(self, path: str, size: int) -> bytes:
        return super().head(str(self._inside(path)), size)

    def _wanted(self, path: str) -> bool:
        """A link that leads out of the organisation's folder leads nowhere."""
        return super()._wanted(path) and Path(path).resolve().is_relative_to(self.root)


def fingerprint(key: paramiko.PKey) -> str:
    """As OpenSSH writes it: SHA256:…"""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + b64encode(digest).decode().rstrip("=")


class _Pinned(paramiko.MissingHostKeyPolicy):
    """Accepts the one key that was entered, and names the one it met otherwise."""

    def __init__(self, pinned: str) -> None:
        self.pinned = pinned.strip()

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        met = fingerprint(key)
        if self.pinned in (met, f"{key.get_name()} {key.get_base64()}"):
            return
        if not self.pinned:
            raise ConfigurationError(
                _("The server shows the key %(met)s. If its owner confirms that, enter it here.")
                % {"met": met}
            )
        raise ConfigurationError(
            _("The server shows another key than the one entered: %(met)s. Ask its owner before going on.")
            % {"met": met}
        )


class SftpPlace(Place):
    """A folder on an SFTP server whose key is known."""

    def __init__(self, folder: str, pattern: str, *, host: str, port: int, user: str, host_key: str,
                 password: str = "", private_key: str = "") -> None:  # fmt: skip
        super().__init__(folder or ".", pattern)
        self.host, self.port = host.strip(), port
        self.options: dict[str, Any] = {"username": user, "host_key_policy": _Pinned(host_key)}
        if private_key:
            self.options["pkey"] = _private_key(private_key, password)
        else:
            self.options["password"] = password
        self._connected: Any = None
        self._alarm: threading.Timer | None = None

    def filesystem(self) -> Any:
        if self._connected is None:
            with _ssh_plainly():
                self._connected = self._connect()
        return self._connected

    def _connect(self) -> Any:
        """To the judged address of the host, with nothing but what was entered: none of our own keys."""
        address, seconds = reachable(self.host, self.port)[0], deadline.at_most(SECONDS)
        line = socket.create_connection((address, self.port), seconds)
        self._hang_up_in_time(line)
        found = SFTPFileSystem(
            self.host, port=self.port, sock=line, allow_agent=False, look_for_keys=False, timeout=seconds,
            banner_timeout=seconds, auth_timeout=seconds, skip_instance_cache=True, **self.options,
        )  # fmt: skip
        found.ftp.get_channel().settimeout(SECONDS)
        return found

    def _hang_up_in_time(self, line: socket.socket) -> None:
        """Each step has its own limit; all of them together end with the thread's deadline, if it has one."""
        if math.isfinite(deadline.at):
            self._alarm = threading.Timer(deadline.at_most(math.inf), _hang_up, [line])
            self._alarm.daemon = True
            self._alarm.start()

    def stamp(self, info: Mapping[str, Any]) -> str:
        return str(info["mtime"].isoformat())

    def close(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        if self._connected is not None:
            self._connected.client.close()
            self._connected = None


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def _ssh_plainly() -> Iterator[None]:
    try:
        yield
    except paramiko.AuthenticationException as error:
        raise ConfigurationError(_("The server refuses the user name, password or key.")) from error
    except paramiko.SSHException as error:
        raise TryLater(_("The server does not speak SFTP just now.")) from error


def _private_key(text: str, password: str) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(StringIO(_lines_of(text)), password or None)
        except (paramiko.SSHException, ValueError):
            continue
    raise ConfigurationError(_("The private key cannot be read. Paste the whole file, headers included."))


def _lines_of(text: str) -> str:
    """A key pasted into a one-line field has lost its line breaks: they are put back."""
    found = re.fullmatch(r"\s*(-----BEGIN [A-Z ]+-----)([A-Za-z0-9+/=\s]+)(-----END [A-Z ]+-----)\s*", text)
    if found is None:
        return text.strip() + "\n"
    body = "".join(found[2].split())
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join((found[1], *lines, found[3])) + "\n"


class _Judged(AbstractResolver):
    """Gives aiohttp only addresses that may be called: it goes to those, and asks nobody else."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Off the loop, which all S3 places share."""
        try:
            found = await asyncio.get_running_loop().run_in_executor(None, reachable, host, port)
        except ConfigurationError as error:
            raise OSError(str(error)) from error
        return [
            ResolveResult(
                hostname=host, host=address, port=port, proto=0, flags=socket.AI_NUMERICHOST,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
            )
            for address in found
        ]  # fmt: skip

    async def close(self) -> None:
        """Holds nothing."""


class S3Place(Place):
    """A bucket, or a folder in one, at Amazon or at whoever speaks its language."""

    def __init__(
        self, folder: str, pattern: str, *, endpoint: str, key: str, secret: str, region: str = ""
    ) -> None:
        super().__init__(folder.strip().removeprefix("s3://").strip("/"), pattern)
        self.endpoint = checked_base(endpoint) if endpoint else ""
        self.key, self.secret, self.region = key, secret, region

    def filesystem(self) -> Any:
        """Never with credentials lying about on the server: those are not the organisation's."""
        if self.endpoint:
            parts = urlsplit(self.endpoint)
            reachable(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        seconds = deadline.at_most(SECONDS)
        return fsspec.filesystem(
            "s3", key=self.key or None, secret=self.secret or None, anon=not self.key,
            endpoint_url=self.endpoint or None, skip_instance_cache=True, use_listings_cache=False,
            client_kwargs={"region_name": self.region} if self.region else {},
            config_kwargs={
                "connect_timeout": seconds, "read_timeout": seconds, "retries": {"max_attempts": 2},
                "connector_args": {"resolver": _Judged()},
            },
        )  # fmt: skip

    def _entries(self) -> Any:
        seconds = deadline.at_most(math.inf)
        return self.filesystem().ls(
            self.folder, detail=True, timeout=seconds if math.isfinite(seconds) else None
        )

    def stamp(self, info: Mapping[str, Any]) -> str:
        return str(info.get("ETag") or info.get("LastModified")).strip('"')


def folder_root(slug: str) -> Path:
    """The one folder on this server where an organisation may put files."""
    return settings.FOYER_FILES / slug
