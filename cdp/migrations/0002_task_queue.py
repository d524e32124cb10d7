"""The task queue in PostgreSQL. Its SQL comes with a package and cannot be installed twice."""

from django.db import migrations

from cdp.up import queue


def install(apps, schema_editor):
    connection = schema_editor.connection
    connection.ensure_connection()
    queue.install(connection.connection)


class Migration(migrations.Migration):
    dependencies = [("cdp", "0001_cache_table")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
