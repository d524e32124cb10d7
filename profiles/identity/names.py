"""Could these two given names be one person's? Works on folded names (`normalise.fold`)."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=100_000)
def agree(a: str, b: str) -> bool:
    """True unless the names contradict each other.

    An unknown name contradicts nothing. "Kari", "K", "Anne Kari" and "Karri" may all be
    one; "Kari" and "Ola" may not.
    """
    if not a or not b or a == b:
        return True
    words_a, words_b = a.split(" "), b.split(" ")
    if any(_same(x, y) for x in words_a for y in words_b if len(x) > 1 and len(y) > 1):
        return True
    first_a, first_b = words_a[0], words_b[0]
    return (len(first_a) == 1 or len(first_b) == 1) and first_a[0] == first_b[0]


def _same(x: str, y: str) -> bool:
    """Equal, or one slip of the pen apart in a name long enough to tell."""
    if x == y:
        return True
    if min(len(x), len(y)) < 5 or abs(len(x) - len(y)) > 1:
        return False
    if len(x) > len(y):
        x, y = y, x
    i = 0
    while i < len(x) and x[i] == y[i]:
        i += 1
    return x[i:] == y[i + 1 :] or (len(x) == len(y) and (x[i + 1 :] == y[i + 1 :] or _swapped(x, y, i)))


def _swapped(x: str, y: str, i: int) -> bool:
    return x[i : i + 2] == y[i : i + 2][::-1] and x[i + 2 :] == y[i + 2 :]
