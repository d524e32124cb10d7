"""Comparing words that people typed: headers, statuses, answers, country names."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NORDIC = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "ä": "a", "ö": "o", "ü": "u", "ß": "ss", "đ": "d"})
_NOT_WORD = re.compile(r"[^a-z0-9@%]+")
_CAMEL = re.compile(r"(?<=[a-zæøåäöü])(?=[A-ZÆØÅÄÖÜ])")


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Lower-case words with one space between: `E-post (kjøper)` → `e post kjoper`."""
    lowered = unicodedata.normalize("NFKC", text).casefold().translate(_NORDIC)
    plain = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", plain).strip()


def header_words(header: str) -> str:
    """As `fold`, and `orderNumber` or `order_number` fall apart into their words."""
    return fold(_CAMEL.sub(" ", header))


def squeeze(text: str) -> str:
    """As `fold` without any spaces, so that `E-post` and `Epost` are one word."""
    return fold(text).replace(" ", "")
