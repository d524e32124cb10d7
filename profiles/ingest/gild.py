"""Golden values, counters, tags, search words and daily counts of whoever was touched."""

from __future__ import annotations

from django.db import connection

from cdp.lib import sql
from profiles.identity import units

_STATEMENTS = ("gild_values", "gild_empty", "gild_counters", "gild_visitors", "gild_tags", "gild_search")


def gild_touched() -> None:
    """Computes everything derived anew for the profiles in stage_touched."""
    find_winners(units.rules())
    with connection.cursor() as cursor:
        for name in _STATEMENTS:
            sql.run(f"profiles/{name}", cursor=cursor)


def find_winners(rules: units.Rules) -> None:
    """Fills stage_winner for the profiles in stage_touched: of every unit the record that wins it."""
    with connection.cursor() as cursor:
        cursor.execute("delete from stage_winner")  # by a truncate only at a price
        cursor.execute("analyze stage_touched")
        sql.run("profiles/gild_winners", units.as_parameter(rules), cursor=cursor)
        cursor.execute("analyze stage_winner")


def count_days(*, intake_id: int) -> None:
    """Brings the counts per day up to date for the days that a delivery touched."""
    with connection.cursor() as cursor:
        for name in ("days_orders", "days_events", "days_people"):
            sql.run(f"profiles/{name}", {"intake": intake_id}, cursor=cursor)
