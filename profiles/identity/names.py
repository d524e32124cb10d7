"""Could two records be one person's, by what they are called? Works on folded names (`normalise.fold`).

A record is `Called` (given name, full name), both folded. The full name helps where a
source has the two the wrong way round ("Olsen Knut"), or a clerk wrote a family name alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations

from profiles.identity.matching.words import variants

Called = tuple[str, str]


def may_be_one(one: Called, two: Called) -> bool:
    """True unless the names contradict each other. An unknown name contradicts nothing."""
    if one[0] == two[0] or not one[0] or not two[0]:
        return True
    return _may_be_one(one, two) if one < two else _may_be_one(two, one)


@lru_cache(maxsize=200_000)
def _may_be_one(one: Called, two: Called) -> bool:
    if agree(one[0], two[0]):
        return True
    rest_one, rest_two = _rest(one), _rest(two)
    crosswise = _share_a_word(one[0], rest_two), _share_a_word(two[0], rest_one)
    if rest_one and rest_two:
        return all(crosswise)
    return any(crosswise)  # one of them is a family name alone


def contradictions(called: Iterable[Called]) -> list[tuple[Called, Called]]:
    """The pairs that cannot be one person, in a stable order."""
    return [(a, b) for a, b in combinations(sorted(set(called)), 2) if not may_be_one(a, b)]


def is_anybodys(called: Called, against: Iterable[tuple[Called, Called]]) -> bool:
    """Whether a name that says too little ("", "K", a family name alone) could be either of two
    that contradict each other."""
    return any(_could_be(called, a) and _could_be(called, b) for a, b in against)


def _could_be(little: Called, full: Called) -> bool:
    """The two may be one, but no given name of theirs says so."""
    if little == full:
        return False
    if not little[0] or not full[0]:
        return not little[0]
    return not _names_agree(little[0], full[0]) and may_be_one(little, full)


@lru_cache(maxsize=100_000)
def agree(a: str, b: str) -> bool:
    """Whether two given names may be one person's: "Kari" and "K", "Anne Kari" and "Kari", "Karri"
    and "Kari", "Bill" and "William" may; "Kari" and "Ola" may not."""
    if not a or not b or a == b or _names_agree(a, b):
        return True
    first_a, first_b = a.split(" ", 1)[0], b.split(" ", 1)[0]
    return (len(first_a) == 1 or len(first_b) == 1) and first_a[0] == first_b[0]


@lru_cache(maxsize=100_000)
def _names_agree(a: str, b: str) -> bool:
    words_a, words_b = a.split(" "), b.split(" ")
    return any(_same(x, y) for x in words_a for y in words_b if len(x) > 1 and len(y) > 1) or variants(a, b)


def _rest(called: Called) -> str:
    """The full name without the given name it begins with."""
    given, full = called
    return full[len(given) + 1 :]


def _share_a_word(a: str, b: str) -> bool:
    return any(_same(x, y) for x in a.split(" ") for y in b.split(" ") if len(x) > 2 and len(y) > 2)


def _same(x: str, y: str) -> bool:
    """Equal, or one slip of the pen apart in a name long enough to tell: a letter more or less in
    three, another letter or two swapped in four."""
    if x == y:
        return True
    if len(x) > len(y):
        x, y = y, x
    if len(y) < 4 or len(y) - len(x) > 1:
        return False
    i = 0
    while i < len(x) and x[i] == y[i]:
        i += 1
    return x[i:] == y[i + 1 :] or (len(x) == len(y) and (x[i + 1 :] == y[i + 1 :] or _swapped(x, y, i)))


def _swapped(x: str, y: str, i: int) -> bool:
    return x[i : i + 2] == y[i : i + 2][::-1] and x[i + 2 :] == y[i + 2 :]
