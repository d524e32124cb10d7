"""Where two values differ, character by character: what the review page marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

Part = tuple[str, bool]
"""A piece of a value, and whether it differs from the other value there."""

BREAKS_AFTER = re.compile(r"(?<=[@./_\-])")
"""Where an address may go on in the next line: never inside a word."""


def parts(own: str, other: str) -> list[Part]:
    """`own` cut into pieces that are the same in `other` and pieces that are not.

    Case counts. A single character between two differences belongs to them: "no" and
    "com" have an o in common, and nobody reads it so. Where nearly nothing is the same
    all of it is different.
    """
    if not own or own == other:
        return [(own, False)] if own else []
    found = SequenceMatcher(None, own, other, autojunk=False)
    blocks = [block for block in found.get_matching_blocks() if block.size]
    kept = [
        (block.a, block.a + block.size)
        for block in blocks
        if block.size > 1 or _stands_alone(block.a, block.b, own, other)
    ]
    if sum(end - start for start, end in kept) * 4 < max(len(own), len(other)):
        return [(own, True)]
    return list(_cut(own, kept))


def _stands_alone(a: int, b: int, own: str, other: str) -> bool:
    """A single same character counts at either end of both values, and where it separates words."""
    at_end = (a == b == 0) or (len(own) - a == len(other) - b == 1)
    return at_end or not own[a].isalnum()


def _cut(own: str, kept: list[tuple[int, int]]) -> Iterator[Part]:
    at = 0
    for start, end in kept:
        if start > at:
            yield own[at:start], True
        yield own[start:end], False
        at = end
    if at < len(own):
        yield own[at:], True
