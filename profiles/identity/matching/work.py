"""Two at a time: numpy and rapidfuzz leave the interpreter to others while they work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

WORKERS = 2
FEW = 20_000
"""Rows or pairs below which threads cost more than they save."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(function: Callable[[Item], Result], items: Iterable[Item], size: int) -> list[Result]:
    """The function of every item, in order; side by side where there is much to do."""
    if size < FEW:
        return [function(item) for item in items]
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(function, items))


def workers(size: int) -> int:
    """Threads for so many pairs: starting two takes longer than comparing a few hundred."""
    return WORKERS if size >= FEW else 1
