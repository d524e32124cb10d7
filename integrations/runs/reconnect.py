"""After a fault the database connection may be dead; the next statement must not be the one to find out."""

from django.db import connection


def drop_dead_connection() -> None:
    """Leaves a connection that works, or that is inside a caller's transaction, alone."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
