"""The schemas that are not an organisation's: public, and the template new ones are cloned from."""

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django_tenants.utils import get_public_schema_name, schema_context, schema_exists
from psycopg.sql import SQL, Identifier

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
