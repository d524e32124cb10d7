"""How often something public may be asked for. Counts in the cache that all web processes share.

Never for a no: whoever wants out gets out, however often they ask.
"""

from __future__ import annotations

from django.core.cache import cache

from cdp.lib.crypto import keyed_hash
from cdp.lib.tenancy import current_schema


def within(use: str, whose: str, *, most: int, seconds: int) -> bool:
    """Counts one more, and answers whether that is still allowed. `whose` is kept as a keyed hash."""
    schema = current_schema()
    name = f"limit:{use}:{schema}:{keyed_hash(schema, whose).hex()[:32]}"
    if cache.add(name, 1, seconds):
        return most >= 1
    try:
        return cache.incr(name) <= most
    except ValueError:  # it has just lapsed
        return True
