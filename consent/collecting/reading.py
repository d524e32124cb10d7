"""How hard a text is to read, by LIX (Björnsson 1968): made for Swedish, in use in all our languages.

LIX = words per sentence + percentage of words longer than six letters. Below 40 is easy, above 50
hard. Germans write longer words for the same thing, so that there 60 is hard.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_SENTENCE = re.compile(r"[.!?:…]+(?:\s|$)|\n+")
HARD = 50
HARD_IN = {"de": 60}
LONG = 6


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text) if words(part)]


def lix(text: str) -> float:
    """0 for a text without words."""
    found = words(text)
    if not found:
        return 0.0
    long = sum(1 for word in found if len(word) > LONG)
    return len(found) / max(1, len(sentences(text))) + 100 * long / len(found)


def is_hard(text: str, locale: str) -> bool:
    return lix(text) > HARD_IN.get(locale, HARD)
