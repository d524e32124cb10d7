"""The task queue's SQL in our own database."""

from typing import Any

import psycopg
from pgmq.install import get_embedded_install_sql

# pgmq's client calls this form when it broadcasts; the SQL it ships lacks it.
MISSING = """
create or replace function pgmq.send_topic(routing_key text, msg jsonb, headers jsonb)
returns integer language sql volatile as $$ select pgmq.send_topic(routing_key, msg, headers, 0) $$
"""

Connection = psycopg.Connection[Any]

SWEEP = "update pgmq.q_celery set vt = clock_timestamp() where read_ct > 0 and vt > clock_timestamp()"


def install(connection: Connection) -> None:
    """Installs the queue unless it is there; the script cannot run twice."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtext('pgmq'))")
        if not _there(connection, "pgmq.meta"):
            connection.execute(get_embedded_install_sql().encode())
        connection.execute(MISSING)


def sweep(connection: Connection) -> int:
    """Hands out again what a killed worker held; returns how many messages.

    Otherwise they come back only after the visibility timeout, 30 minutes. Only right while no worker
    runs: before the first one is started, or the only one started again.
    """
    if not _there(connection, "pgmq.q_celery"):
        return 0
    return connection.execute(SWEEP).rowcount


def _there(connection: Connection, table: str) -> bool:
    row = connection.execute("select to_regclass(%s) is not null", [table]).fetchone()
    return bool(row and row[0])
