"""Which row is this, and has it changed?

A row's key names it within its source across deliveries; its digest sums up what it
says. Both are keyed 128-bit BLAKE2b hashes, written as UUIDs: nobody who has the database
alone can tell whether a row that they know was ever in it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any

from django.db import connection

from cdp.lib import crypto, sql
from cdp.lib.tenancy import current_schema
from profiles.ingest.staged import Numbered
from profiles.rows import CanonicalRow, LineRow

_SEP = "\x1f"


def hashed(text: str) -> str:
    """A 128-bit hash as 32 hex digits, of what says nothing about anybody."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


Hash = Callable[[str], str]


def keyed() -> Hash:
    """As `hashed`, with the organisation's key; PostgreSQL reads it as a UUID."""
    empty = blake2b(digest_size=16, key=crypto.row_key(current_schema()))

    def keyed_hash(text: str) -> str:
        state = empty.copy()
        state.update(text.encode("utf-8", "surrogatepass"))
        return state.hexdigest()

    return keyed_hash


def line_content(line: LineRow) -> str:
    """What a ticket without an own id is told by: what, when, where and at what price."""
    return _SEP.join(
        (
            line.product_id or line.product_name,
            str(line.starts_at or ""),
            line.category,
            line.price_type,
            line.section,
            line.row,
            line.seat,
            str(line.price if line.price is not None else ""),
        )
    )


MOST_LOOKALIKES = 1000
"""Tickets of one order that look alike: beyond, a corrected row is not found among them."""


def number_rows(rows: Sequence[CanonicalRow], *, intake_id: int, reading: str) -> list[Numbered]:
    """Gives every row its key and digest, counting look-alikes across the whole delivery.

    A row that comes again word for word is left out: its last copy stays.
    """
    hash_ = keyed()
    numbered = [Numbered(row, *_key_and_digest(row, reading, hash_)) for row in rows]
    _count_lookalikes([n for n in numbered if _needs_counting(n.row)], intake_id, hash_)
    for n in numbered:
        n.key = _hashed_key(n.key, n.nth, hash_)
    return _once(numbered, hash_)


def number_again(row: CanonicalRow, *, key: str) -> Numbered:
    """A row that came before under `key`: it stays the look-alike it was."""
    hash_ = keyed()
    own, digest = _key_and_digest(row, "corrected", hash_)
    most = MOST_LOOKALIKES if _needs_counting(row) else 1
    nth = next((n for n in range(1, most + 1) if _hashed_key(own, n, hash_) == key), 1)
    return Numbered(row, _hashed_key(own, nth, hash_), digest, nth)


def _hashed_key(key: str, nth: int, hash_: Hash) -> str:
    return hash_(key if nth == 1 else f"{key}{_SEP}{nth}")


def _once(numbered: list[Numbered], hash_: Hash) -> list[Numbered]:
    """Rows of one key that say different things are known again only all together: were each
    known alone, the one not remembered would overrule the last at every repetition."""
    found: dict[tuple[str, str], Numbered] = {}
    for n in numbered:
        found.pop((n.key, n.digest), None)
        found[n.key, n.digest] = n
    times = Counter(key for key, _ in found)
    if len(times) < len(found):
        said: dict[str, list[str]] = defaultdict(list)
        for key, digest in found:
            said[key].append(digest)
        for n in found.values():
            if times[n.key] > 1:
                n.digest = hash_(_SEP.join(said[n.key]))
    return list(found.values())


def _key_and_digest(row: CanonicalRow, reading: str, hash_: Hash) -> tuple[str, str]:
    return row.key or _derived(row), hash_(reading + _SEP + _said(row.raw))


def _said(raw: Any) -> str:
    if isinstance(raw, list):
        with suppress(TypeError):  # a cell that is no text: JSON then
            return _SEP.join(raw)
    return json.dumps(raw, sort_keys=True, default=str, ensure_ascii=False)


def _needs_counting(row: CanonicalRow) -> bool:
    if row.key or row.order is None or row.order.complete or len(row.order.lines) != 1:
        return False
    line = row.order.lines[0]
    return not (line.external_id or line.barcode)


def _derived(row: CanonicalRow) -> str:
    if row.order is not None:
        if row.order.complete or not row.order.lines:
            return f"o{_SEP}{row.order.external_id}"
        first = row.order.lines[0]
        return (
            f"l{_SEP}{row.order.external_id}{_SEP}{first.external_id or first.barcode or line_content(first)}"
        )
    if row.events:
        return f"e{_SEP}{row.events[0].message_id}"
    if row.buyer is not None:
        b = row.buyer
        who = b.external_id or _SEP.join((b.email, b.phone, b.given_name, b.family_name, b.full_name))
        return f"p{_SEP}{who}"
    return f"r{_SEP}{_said(row.raw)}"


def _count_lookalikes(numbered: list[Numbered], intake_id: int, hash_: Hash) -> None:
    """Numbers equal keys on from where earlier chunks of the delivery stopped."""
    if not numbered:
        return
    keys = [hash_(n.key) for n in numbered]
    seen: Counter[str] = Counter(_seen_before(keys, intake_id))
    for n, key in zip(numbered, keys, strict=True):
        seen[key] += 1
        n.nth = seen[key]
    _remember({key: seen[key] for key in keys}, intake_id)


def _seen_before(keys: Iterable[str], intake_id: int) -> dict[str, int]:
    with connection.cursor() as cursor:
        sql.run("profiles/occurrences_seen", {"intake": intake_id, "keys": list(set(keys))}, cursor=cursor)
        return {key.hex: seen for key, seen in cursor.fetchall()}


def _remember(seen: dict[str, int], intake_id: int) -> None:
    params = {"intake": intake_id, "keys": list(seen), "seen": list(seen.values())}
    sql.run("profiles/occurrences_remember", params).close()
