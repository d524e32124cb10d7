"""Who was erased stays erased: hashed tombstones stop what later files bring again.

The requests themselves live in the consent room, which calls `bury`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cdp.lib.crypto import keyed_hash
from cdp.lib.tenancy import current_schema
from profiles.ingest.staged import Chunk, Person
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


def drop_erased(chunk: Chunk) -> int:
    """Takes rows about erased people out of a chunk, before anybody is resolved.

    A row goes when its buyer shows a buried identifier and what it says is not younger
    than the erasure. Returns how many rows went.
    """
    if not Tombstone.objects.exists():
        return 0
    dead = _buried(chunk)
    if not dead:
        return 0
    gone = {number for number, _, _, p, _ in chunk.rows if p in dead}
    orders = {o for number, _, _, _, o in chunk.rows if number in gone}
    chunk.rows = [row for row in chunk.rows if row[0] not in gone]
    chunk.people = {k: person for k, person in chunk.people.items() if person.p not in dead}
    chunk.orders = {k: order for k, order in chunk.orders.items() if order.o not in orders}
    chunk.lines = {k: line for k, line in chunk.lines.items() if line.o not in orders}
    chunk.events = [event for event in chunk.events if event[0] not in gone]
    chunk.claims = {k: claim for k, claim in chunk.claims.items() if claim.number not in gone}
    chunk.held = [held for held in chunk.held if held.row.number not in gone]
    return len(gone)


def _buried(chunk: Chunk) -> set[int]:
    """The chunk's people (by p) who were erased and have not come back since."""
    digests = {p.external_id: [digest(v) for v in p.identifiers] for p in chunk.people.values()}
    every = [d for some in digests.values() for d in some]
    erased = dict(Tombstone.objects.filter(digest__in=every).values_list("digest", "erased_at"))
    erased = {bytes(key): at for key, at in erased.items()}

    def is_dead(person: Person) -> bool:
        return any(d in erased and person.observed_at <= erased[d] for d in digests[person.external_id])

    return {person.p for person in chunk.people.values() if is_dead(person)}
