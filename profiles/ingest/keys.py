"""Which row is this, and has it changed?

A row's key names it within its source across deliveries; its digest sums up what it
says. Both are 128-bit BLAKE2b hashes, written as UUIDs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any

from django.db import connection

from cdp.lib import sql
from profiles.ingest.staged import Numbered
from profiles.rows import CanonicalRow, LineRow

_SEP = "\x1f"


def hashed(text: str) -> str:
    """A 128-bit hash as 32 hex digits, which PostgreSQL reads as a UUID."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


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


def number_rows(rows: Sequence[CanonicalRow], *, intake_id: int, reading: str) -> list[Numbered]:
    """Gives every row its key and digest, counting look-alikes across the whole delivery."""
    numbered = [Numbered(row, *_key_and_digest(row, reading)) for row in rows]
    _count_lookalikes([n for n in numbered if _needs_counting(n.row)], intake_id)
    for n in numbered:
        n.key = hashed(n.key if n.nth == 1 else f"{n.key}{_SEP}{n.nth}")
    return numbered


def _key_and_digest(row: CanonicalRow, reading: str) -> tuple[str, str]:
    return row.key or _derived(row), hashed(reading + _SEP + _said(row.raw))


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


def _count_lookalikes(numbered: list[Numbered], intake_id: int) -> None:
    """Numbers equal keys on from where earlier chunks of the delivery stopped."""
    if not numbered:
        return
    keys = [hashed(n.key) for n in numbered]
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
