"""The house's own numbers, to be washed by somebody who holds a register: for a list without names."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

from cdp.lib import sql
from organisations.audit.verbs import record
from organisations.models import User
from profiles import looks

PREFIX = {"NO": "+47", "DK": "+45"}


def numbers(*, country: str, reason: str, actor: User) -> tuple[int, Iterator[str]]:
    """How many there are, and each once, as E.164; nobody whose data is locked. Written down first.

    Raises `profiles.looks.ReasonNeeded` without a reason. Read the numbers in the same organisation.
    """
    params = {"prefix": PREFIX[country]}
    size = int(sql.value("consent/register_numbers_count", params))
    with transaction.atomic():
        looks.bulk(user=actor, screen="registers.numbers", reason=reason, size=size)
        summary = {"country": country, "rows": size, "reason": reason}
        record(actor=actor, verb="register.numbers_exported", target=country, summary=summary)
    return size, _read(params)


def _read(params: dict[str, str]) -> Iterator[str]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql.statement("consent/register_numbers"), params)
        while batch := cursor.fetchmany(5000):
            yield from (value for (value,) in batch)
