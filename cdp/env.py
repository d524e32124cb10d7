"""Typed readers for environment variables.

Every variable that Foyer reads is read here, so that a wrong value is refused with its name and what
was expected, and so that a test can hold the list of names against docs/reference/settings.md.
The values themselves never appear in a message: some are secrets.
"""

import hashlib
import json
import os
import secrets
import tempfile
import zoneinfo
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import make_conninfo

READ: set[str] = set()
"""Names read so far; settings.py reads all of them at import."""


def _raw(name: str) -> str:
    READ.add(name)
    return os.environ.get(name, "").strip()


def refuse(name: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} must be {expected}. See docs/reference/settings.md.")


def text(name: str, default: str = "") -> str:
    return _raw(name) or default


def flag(name: str, *, default: bool = False) -> bool:
    raw = _raw(name).lower()
    if raw in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
        return default if not raw else raw in {"1", "true", "yes", "on"}
    raise refuse(name, "yes or no")


def number(name: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
    raw = _raw(name) or str(default)
    if not raw.isdecimal() or not least <= int(raw) <= most:
        raise refuse(name, f"a whole number from {least} to {most}")
    return int(raw)


def listing(name: str, default: tuple[str, ...] = ()) -> list[str]:
    return [part.strip() for part in _raw(name).split(",") if part.strip()] or list(default)


def choice(name: str, among: tuple[str, ...]) -> str:
    """One of a few words; the first is the default."""
    raw = _raw(name).upper() or among[0]
    if raw not in among:
        raise refuse(name, f"one of {', '.join(among)}")
    return raw


def zone(name: str, default: str) -> str:
    raw = _raw(name) or default
    if raw not in zoneinfo.available_timezones():
        raise refuse(name, "a time zone such as Europe/Oslo")
    return raw


def folder(name: str, default: Path) -> Path:
    raw = _raw(name)
    if raw and not Path(raw).is_absolute():
        raise refuse(name, "an absolute path")
    return Path(raw) if raw else default


def mapping(name: str) -> dict[str, Any]:
    try:
        value = json.loads(_raw(name) or "{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise refuse(name, 'a JSON object, such as {"POSTMARK_SERVER_TOKEN": "…"}')
    return value


def key(name: str, *, least: int = 32) -> str:
    """A secret; empty when unset. Short ones are refused, a missing one is a system check's matter."""
    raw = _raw(name)
    if raw and len(raw) < least:
        raise refuse(name, f"at least {least} characters; make one with: openssl rand -base64 48")
    return raw


def url(name: str, schemes: tuple[str, ...], default: str = "") -> str:
    raw = _raw(name) or default
    if raw and _split(name, raw, schemes).scheme not in schemes:
        raise refuse(name, "a URL that begins with " + ", ".join(f"{s}://" for s in schemes))
    return raw


def _split(name: str, raw: str, schemes: tuple[str, ...]) -> SplitResult:
    try:
        parts = urlsplit(raw)
        _ = parts.port  # a port that is no number raises here, not when it is used
    except ValueError:
        raise refuse(name, "a URL that begins with " + ", ".join(f"{s}://" for s in schemes)) from None
    return parts


def database(raw: str) -> dict[str, Any]:
    """DATABASE_URL as Django's settings; `?host=/folder` names a socket, other parameters go to libpq."""
    parts = urlsplit(raw)
    options = dict(parse_qsl(parts.query))
    name = unquote(parts.path.lstrip("/"))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    if not name or not host:
        raise refuse("DATABASE_URL", "postgresql://user:password@host:5432/name")
    return {
        "NAME": name,
        "HOST": host,
        "PORT": options.pop("port", "") or str(parts.port or ""),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "OPTIONS": options,
    }


def kept_keys(path: Path, names: tuple[str, ...]) -> Mapping[str, str]:
    """Keys of an installation that runs on the embedded database: made once, kept beside the data.

    A real installation names its keys in the environment and never gets here.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        with open(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            json.dump({name: secrets.token_urlsafe(48) for name in names}, file, indent=1)
        # Linked only once it is whole, and refused if another process was first.
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def mail(url: str, esp: str, folder: Path) -> dict[str, Any]:
    """Django's e-mail settings. With neither a URL nor a provider, letters are files in `folder`."""
    if esp:
        return {"EMAIL_BACKEND": f"anymail.backends.{esp.lower()}.EmailBackend"}
    parts = urlsplit(url or "file:")
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme == "file":
        path = parts.path or str(folder)
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": path}
    if not parts.hostname:
        raise refuse("FOYER_EMAIL_URL", "smtp://user:password@host:587 or smtps://user:password@host:465")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        # A mail server on this machine, such as a relay on port 25, needs no encryption to reach.
        "EMAIL_USE_TLS": parts.scheme == "smtp" and parts.hostname not in {"127.0.0.1", "localhost"},
    }


VISIBILITY = 1800
"""Seconds after which the queue hands out a message again whose worker has not said it is done.

It is never extended, so it must exceed the longest task (`FOYER_TASK_SECONDS` is held below it) and
the longest countdown.
"""


def broker_options(url: str, place: Mapping[str, Any]) -> dict[str, Any]:
    """Transport options; for the queue in PostgreSQL, where that is: by default in our own database."""
    if not url.startswith("pgmq:"):
        return {"visibility_timeout": VISIBILITY}
    place = database(url) if urlsplit(url).path.strip("/") else place
    names = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    words = {key: str(place.get(name) or "") for key, name in names.items()} | place.get("OPTIONS", {})
    return {
        # Keyword style: the transport misreads a URL that names a socket.
        "conn_string": make_conninfo(**{key: str(value) for key, value in words.items() if value}),
        "init_extension": False,  # its SQL is installed by cdp/up/queue.py, not as an extension
        "use_notify": True,
        "visibility_timeout": VISIBILITY,
        "pool_size": 4,
        "wait_time_seconds": 1,
        "polling_interval": 0.05,
    }


SOCKET_PATH_LIMIT = 93
"""Bytes that Linux leaves for the folder of PostgreSQL's socket."""


def socket_folder(data: Path) -> Path:
    """Where the embedded database puts its socket: beside its data, or, where that path is too long,
    in the system's temporary folder."""
    beside = data / "run"
    if len(os.fsencode(beside)) <= SOCKET_PATH_LIMIT:
        return beside
    mark = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"foyer-{mark}"
