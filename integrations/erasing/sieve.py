"""Finds a person's rows among many that were kept as they came, without looking closely at all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Self

import orjson

from organisations.personal_data import Subject
from profiles.erasure import traces
from profiles.erasure.traces import Traces

_NO_DIGIT = bytes(set(range(256)) - set(b"0123456789"))


@dataclass(frozen=True, slots=True)
class Sieve:
    """`texts` and `digits` hold back whatever `traces` might find; most rows pass without another look."""

    traces: Traces
    texts: tuple[str, ...]
    digits: tuple[bytes, ...]

    @classmethod
    def of(cls, subject: Subject) -> Self:
        found = traces.of(subject)
        plain = {re.sub(r"\\(.)", r"\1", pattern[1:-1]).lower() for pattern in found.patterns}
        return cls(found, tuple(sorted(plain)), tuple(d.strip("%").encode() for d in found.digits))

    def __bool__(self) -> bool:
        return bool(self.traces)

    def may_be_in(self, content: bytes) -> bool:
        """Whether a text in UTF-8 (rows as JSON, a file) may name the person. Never wrong with a "no"."""
        text = content.decode(errors="replace").lower()
        if any(each in text for each in self.texts):
            return True
        return bool(self.digits) and any(each in content.translate(None, _NO_DIGIT) for each in self.digits)

    def finds(self, row: Any) -> bool:
        """Whether this row names the person."""
        return self.may_be_in(orjson.dumps(row)) and self.traces.in_cells(row)
