"""One Mailchimp account of the stand-in: an API key, its audiences, and how many calls are under way."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from . import problems
from .audience import Audience

CONNECTIONS = 10


@dataclass
class Account:
    key: str
    name: str
    audiences: dict[str, Audience] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    calls: list[str] = field(default_factory=list, repr=False)
    at_once: int = 0
    peak: int = 0

    @classmethod
    def open(cls, key: str, name: str) -> Account:
        """A new account with one empty audience, whose id follows from the key."""
        account = cls(key, name)
        account.add_audience(f"{name} newsletter")
        return account

    def add_audience(self, name: str) -> Audience:
        seed = f"{self.key}/{len(self.audiences)}".encode()
        audience = Audience(hashlib.sha256(seed).hexdigest()[:10], name)
        self.audiences[audience.id] = audience
        return audience

    def audience(self, list_id: str) -> Audience:
        try:
            return self.audiences[list_id]
        except KeyError:
            raise problems.not_found() from None

    @contextmanager
    def connection(self) -> Iterator[None]:
        """Count this call among those under way; the eleventh at once is refused."""
        with self.lock:
            self.at_once += 1
            self.peak = max(self.peak, self.at_once)
            refused = self.at_once > CONNECTIONS
        try:
            if refused:
                raise problems.too_many()
            yield
        finally:
            with self.lock:
                self.at_once -= 1

    def root(self) -> dict[str, Any]:
        total = sum(len(a.listed(status="subscribed")) for a in self.audiences.values())
        identity = {"account_id": hashlib.sha256(self.key.encode()).hexdigest()[:24]}
        return identity | {"account_name": self.name, "total_subscribers": total}

    def dump(self) -> dict[str, Any]:
        audiences = [a.dump() for a in self.audiences.values()]
        return {"key": self.key, "name": self.name, "audiences": audiences}

    @classmethod
    def load(cls, saved: dict[str, Any]) -> Account:
        audiences = [Audience.load(a) for a in saved["audiences"]]
        return cls(saved["key"], saved["name"], {a.id: a for a in audiences})
