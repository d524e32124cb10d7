"""How the stand-in misbehaves when asked to."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass
class Faults:
    """Seconds for `slow` and `throttle`; the others count the requests or batches still to spoil."""

    slow: float = 0
    throttle: float = 0
    throttle_status: int = 429
    fail_half: int = 0
    forget: int = 0
    broken: int = 0
    cut: int = 0
    _throttled_until: float = field(default=0, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def set(self, **given: Any) -> None:
        known = {f.name for f in fields(self) if not f.name.startswith("_")}
        for name, value in given.items():
            if name not in known:
                raise ValueError(f"There is no fault called {name}.")
            setattr(self, name, value)
        if "throttle" in given:
            self._throttled_until = time.monotonic() + float(given["throttle"])

    def take(self, name: str) -> bool:
        """Use up one of the counted faults, if any is left."""
        with self._lock:
            left = int(getattr(self, name))
            if left > 0:
                setattr(self, name, left - 1)
            return left > 0

    @property
    def throttled(self) -> bool:
        return time.monotonic() < self._throttled_until
