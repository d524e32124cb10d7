"""Names for the numbers in the access log. `profiles` registers how; this room knows no profile."""

from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    label: str
    url: str


Resolver = Callable[[Collection[int]], dict[int, Shown]]
_resolver: list[Resolver] = []


def register(resolver: Resolver) -> None:
    _resolver[:] = [resolver]


def name(profile_ids: Collection[int]) -> dict[int, Shown]:
    """Without an entry for those erased since."""
    return _resolver[0](profile_ids) if _resolver and profile_ids else {}
