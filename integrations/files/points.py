"""What a person answered about a permission column, written down at its collection point."""

from __future__ import annotations

from typing import Any

from django.utils.text import slugify

from consent.models import CollectionPoint
from integrations.files.spec import Column, ConsentSetup, Spec
from integrations.models import Connection
from organisations.models import User


def point_key(connection: Connection, column: Column) -> str:
    """The same question, however many columns it has, is one point: `tickets/nyhetsbrev`."""
    return f"{connection.slug}/{slugify(column.header)[:50] or 'column'}"


def write_points(*, connection: Connection, spec: Spec, actor: User | None) -> None:
    """One collection point per question of the mapping."""
    for column in spec.columns:
        if column.consent is not None and column.target == "consent.answer":
            _write(connection, column, column.consent)


def _write(connection: Connection, column: Column, setup: ConsentSetup) -> None:
    CollectionPoint.objects.update_or_create(key=setup.point, defaults=_fields(connection, column, setup))


def _fields(connection: Connection, column: Column, setup: ConsentSetup) -> dict[str, Any]:
    return {
        "name": f"{connection.name}: {column.header}"[:160],
        "source": connection.source,
        "kind": CollectionPoint.Kind.SNAPSHOT if setup.moment == "flag" else CollectionPoint.Kind.ACT,
        "wording": setup.words,
        "purposes": [setup.purpose],
        "channels": list(setup.channels),
        "no_is_explicit": setup.no_is_refusal,
        "optout_offered": setup.optout_offered,
        "verified_by": setup.verified_by if setup.is_verified else "",
        "verified_at": setup.verified_at if setup.is_verified else None,
    }
