"""Own contact points that a register in force names. R25 of the decision reads the marks (CONSENT.md 1.4).

Hashes are keyed, and the key is outside the database: own numbers and addresses are hashed here, once
each, and compared there. A number is marked for calls; for letters, whoever is behind the
address is marked, at every contact point of the record that shows it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from cdp.lib import sql
from cdp.lib.crypto import keyed_hash
from cdp.lib.tenancy import current_schema
from consent.models import RegisterFile
from consent.registers.parsing import address_key, phone_key

BATCH = 10_000
IN_FORCE = [RegisterFile.State.IN_FORCE.value]


@dataclass(frozen=True, slots=True)
class Marked:
    added: int = 0
    removed: int = 0


def digest(key: str) -> bytes:
    return keyed_hash(current_schema(), f"register\x1f{key}")


def refresh(identifier_ids: Collection[int] | None = None) -> Marked:
    """Marks these contact points, or all, by the registers in force; takes away what holds no more."""
    if identifier_ids is not None and not identifier_ids:
        return Marked()
    everybody = identifier_ids is None
    if not everybody and not RegisterFile.objects.filter(state__in=IN_FORCE).exists():
        return Marked()
    params = {"everybody": everybody, "identifier_ids": list(identifier_ids or ())}
    with transaction.atomic():
        _stage(params)
        removed = sql.count("consent/register_unmark", params)
        return Marked(sql.count("consent/register_mark"), removed)


def would_match(file: RegisterFile) -> int:
    """How many own contact points a file names, before it is in force."""
    _stage({"everybody": True, "identifier_ids": []})
    return int(sql.value("consent/register_matches", {"file_id": file.pk}))


def _stage(params: dict[str, Any]) -> None:
    """Digests of own numbers and addresses, with the contact points that each would mark."""
    sql.run("consent/register_own").close()
    sql.run("consent/register_own_clear").close()
    with connection.chunked_cursor() as reader:
        reader.execute(sql.statement("consent/register_contacts"), params)
        while batch := reader.fetchmany(BATCH):
            with connection.cursor() as cursor, cursor.copy("COPY consent_register_own FROM STDIN") as copy:
                for identifier_id, kind, value, given, family, postal, street in batch:
                    by_number = kind == "number"
                    key = phone_key(value) if by_number else address_key(given, family, postal, street)
                    if key:
                        copy.write_row((identifier_id, value.startswith("+"), digest(key)))
