"""Who was erased stays erased: hashed tombstones stop what later files bring again.

The requests themselves live in the consent room, which calls `bury`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from cdp.lib.crypto import keyed_hash
from cdp.lib.tenancy import current_schema
from profiles.ingest.staged import Chunk
from profiles.models import Tombstone

Value = tuple[str, str, str]
"""(kind, namespace, value) of an identifier, normalised."""


def canonical(value: Value) -> Value:
    """The wider form used for suppression alone (CONSENT.md 2.9): "+tag" dropped, and
    dots too in addresses at gmail.com."""
    kind, namespace, text = value
    if kind != "email" or "@" not in text:
        return value
    local, _, domain = text.partition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return kind, namespace, f"{local}@{domain}"


def digest(value: Value) -> bytes:
    """The tombstone's keyed hash (HMAC-SHA-256, 32 bytes, key outside the database)."""
    return keyed_hash(current_schema(), "\x1f".join(canonical(value)))


def bury(values: Iterable[Value], *, at: datetime) -> int:
    """Writes tombstones for a person's identifiers, erased at `at` (aware)."""
    stones = [Tombstone(digest=digest(value), erased_at=at) for value in set(values)]
    Tombstone.objects.bulk_create(
        stones, update_conflicts=True, unique_fields=["digest"], update_fields=["erased_at"]
    )
    return len(stones)


def buried(chunk: Chunk, blocked: Callable[[str, str], bool]) -> dict[str, datetime]:
    """The chunk's people, by external id, who were erased, and when.

    Whoever shows a buried identifier counts; a placeholder that many show (`blocked`)
    buries nobody. What is said of them up to then must not come in; what they did later
    may.
    """
    if not Tombstone.objects.exists():
        return {}
    digests = {
        person.external_id: [digest(v) for v in person.identifiers if not blocked(v[0], v[2])]
        for person in chunk.people.values()
    }
    every = [d for some in digests.values() for d in some]
    stones = Tombstone.objects.filter(digest__in=every).values_list("digest", "erased_at")
    erased = {bytes(key): at for key, at in stones}
    return {
        external_id: max(erased[d] for d in some if d in erased)
        for external_id, some in digests.items()
        if any(d in erased for d in some)
    }
