"""The task queue's SQL in our own database."""

from importlib.metadata import version

import psycopg
from pgmq.install import get_embedded_install_sql

# pgmq's client calls this form when it broadcasts; the SQL it ships lacks it.
MISSING = """
create or replace function pgmq.send_topic(routing_key text, msg jsonb, headers jsonb)
returns integer language sql volatile as $$ select pgmq.send_topic(routing_key, msg, headers, 0) $$
"""

SWEEP = "update pgmq.q_celery set vt = clock_timestamp() where read_ct > 0 and vt > clock_timestamp()"


def install(connection: psycopg.Connection[object]) -> str:
    """Installs the queue unless it is there, and returns its version. The script cannot run twice."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtext('pgmq'))")
        if not _there(connection, "pgmq.meta"):
            connection.execute(get_embedded_install_sql().encode())
        connection.execute(MISSING)
    return version("pgmq")


def sweep(connection: psycopg.Connection[object]) -> int:
    """Hands out again what a killed worker held; returns how many messages.

    Otherwise they come back only after the visibility timeout, 30 minutes. Only right while no worker
    runs: before the first one is started, or the only one started again.
    """
    if not _there(connection, "pgmq.q_celery"):
        return 0
    return connection.execute(SWEEP).rowcount


def _there(connection: psycopg.Connection[object], table: str) -> bool:
    row = connection.execute("select to_regclass(%s) is not null", [table]).fetchone()
    return bool(row and row[0])  # type: ignore[index]
