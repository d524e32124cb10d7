"""The minute's round: runs that are due are made, runs that stand still are woken, alarms are checked.

Nothing here is lost when a round is missed, and nothing happens twice when two are made at once:
what is due is a unique row, and a wake-up call only makes a worker look.
"""

from __future__ import annotations

import datetime as dt
import logging

from django_tenants.utils import tenant_context

from cdp.lib import clock
from integrations import alarms, hooks, retention
from integrations.models import Connection, Run
from integrations.runs import wake_all
from integrations.runs.verbs import start_scheduled
from integrations.schedule import Schedule, due
from organisations.models import Organisation

log = logging.getLogger(__name__)


def tick_all() -> None:
    """One organisation's trouble is not the others'."""
    now = clock.now()
    for organisation in Organisation.objects.order_by("pk"):
        try:
            with tenant_context(organisation):
                tick(organisation, now)
        except Exception as error:
            log.error("The round failed for %s: %s", organisation.slug, type(error).__name__)


def tick(organisation: Organisation, now: dt.datetime) -> None:
    """The round of the current organisation."""
    make_due_runs(organisation, now)
    wake_all()
    hooks.sweep()
    alarms.check(organisation, now)
    retention.empty_old_parcels()
    retention.empty_old_uploads()
    hooks.empty_old_bodies()


def make_due_runs(organisation: Organisation, now: dt.datetime) -> list[Run]:
    made = []
    newest = Run.objects.newest_dates()
    for connection in Connection.objects.scheduled():
        found = due(schedule_of(connection, organisation, last=newest.get(connection.pk)), now)
        if found:
            run = start_scheduled(
                connection=connection, local_date=found.local_date, window_from=found.window_from
            )
            made += [run] if run else []
    return made


def schedule_of(connection: Connection, organisation: Organisation, last: dt.date | None) -> Schedule:
    return Schedule(
        time=connection.schedule_time,
        weekdays=connection.weekdays,
        zone=organisation.zone,
        since=connection.enabled_at,
        last=last,
    )
