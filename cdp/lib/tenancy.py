"""The current organisation's schema, with a type: django-tenants puts it on the connection."""

from django.db import connection


def current_schema() -> str:
    """`public` when no organisation is current."""
    name: str = connection.schema_name  # type: ignore[attr-defined]
    return name
