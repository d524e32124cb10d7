"""The schemas that are not an organisation's: public, and the template new ones are cloned from."""

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django_tenants.utils import get_public_schema_name, schema_context, schema_exists
from psycopg.sql import SQL, Identifier

from cdp.lib import sql

RESERVED_SCHEMA_NAMES = frozenset(
    {
        "public",
        "information_schema",
        "pgmq",
        "cron",
        "partman",
        "citus",
        "extensions",
        "template",
        "base",
        "blank",
        "default",
    }
)


def name_constraints_as_in_template(clone: str) -> None:
    """Cloning copies unique constraints under names of its own making.

    A later migration drops or changes a constraint by the name it was given, so every
    organisation must have them under the same.
    """
    with schema_context(get_public_schema_name()), connection.cursor() as cursor:
        names = {"template": settings.TENANT_BASE_SCHEMA, "clone": clone}
        for row in sql.rows("organisations/misnamed_constraints", names):
            rename = SQL("ALTER TABLE {}.{} RENAME CONSTRAINT {} TO {}")
            parts = (clone, row["table"], row["has"], row["wants"])
            cursor.execute(rename.format(*(Identifier(part) for part in parts)))


def ensure_template_schema() -> None:
    """Brings the template up to the newest migration; makes it the first time.

    It belongs to no organisation, so `migrate_schemas` alone never visits it.
    """
    name: str = settings.TENANT_BASE_SCHEMA
    with schema_context(get_public_schema_name()):
        if not schema_exists(name):
            with connection.cursor() as cursor:
                cursor.execute(SQL("CREATE SCHEMA {}").format(Identifier(name)))
        call_command("migrate_schemas", tenant=True, schema_name=name, interactive=False, verbosity=0)
