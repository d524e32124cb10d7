"""Where two values differ, character by character: what the review page marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import Match, SequenceMatcher

Part = tuple[str, bool]
"""A piece of a value, and whether it differs from the other value there."""

BREAKS_AFTER = re.compile(r"(?<=[@./_\-])")
"""Where an address may go on in the next line: never inside a word."""


SHORTEST = 3
"""Same characters in a row that are worth leaving unmarked between two differences."""


def parts(own: str, other: str) -> list[Part]:
    """`own` cut into pieces that are the same in `other` and pieces that are not.

    Case counts. What is before and after the @ of two addresses is compared apart. A few
    same characters between two differences belong to them: "no" and "com" have an o in
    common, and nobody reads it so. Where nearly nothing is the same all of it is different.
    """
    if own.count("@") == other.count("@") == 1:
        (name, _at, place), (other_name, _other_at, other_place) = own.partition("@"), other.partition("@")
        return [*_parts(name, other_name), ("@", False), *_parts(place, other_place)]
    return _parts(own, other)


def _parts(own: str, other: str) -> list[Part]:
    if not own or own == other:
        return [(own, False)] if own else []
    found = SequenceMatcher(None, own, other, autojunk=False)
    kept = [
        (block.a, block.a + block.size)
        for block in found.get_matching_blocks()
        if block.size >= SHORTEST or (block.size and _at_an_end(block, own, other))
    ]
    if sum(end - start for start, end in kept) * 4 < min(len(own), len(other)):
        return [(own, True)]
    return list(_cut(own, kept))


def _at_an_end(block: Match, own: str, other: str) -> bool:
    """At the beginning of both values, or at their end."""
    begins = block.a == block.b == 0
    return begins or (block.a + block.size == len(own) and block.b + block.size == len(other))


def _cut(own: str, kept: list[tuple[int, int]]) -> Iterator[Part]:
    at = 0
    for start, end in kept:
        if start > at:
            yield own[at:start], True
        yield own[start:end], False
        at = end
    if at < len(own):
        yield own[at:], True
