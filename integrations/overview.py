"""What the pages of connections show, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Count, Max

from cdp.lib import clock
from integrations.connectors import Connector, Field, registry
from integrations.forms import WEEKDAYS
from integrations.models import Alarm, Connection, Run
from integrations.schedule import next_moment
from integrations.ticking import schedule_of
from organisations.models import Organisation
from profiles.models import HeldRow

OPEN_ROWS = (HeldRow.State.HELD, HeldRow.State.FAILED)


@dataclass(slots=True)
class Line:
    """One connection in the list."""

    connection: Connection
    connector: type[Connector] | None
    last: Run | None
    next: dt.datetime | None
    held: int
    alarms: list[Alarm] = field(default_factory=list)

    @property
    def state(self) -> str:
        """One word for the badge."""
        if not self.connection.enabled:
            return "off"
        if self.last is None:
            return "new"
        return "warning" if self.alarms and self.last.state == "done" else self.last.state

    @property
    def urgency(self) -> tuple[int, str]:
        """What is broken comes first, what is off comes last."""
        broken = bool(self.alarms) or (self.last is not None and self.last.needs_a_person)
        return (0 if broken else 2 if not self.connection.enabled else 1, self.connection.name.casefold())


def connections(organisation: Organisation) -> list[Line]:
    runs, dates = Run.objects.select_related("intake").newest_of_each(), Run.objects.newest_dates()
    alarms = open_alarms()
    held = _held_by_source()
    lines = [
        Line(
            connection=each,
            connector=registry().get(each.connector),
            last=runs.get(each.pk),
            next=_next(each, organisation, dates.get(each.pk)),
            held=held.get(each.source_id, 0),
            alarms=alarms[each.pk],
        )
        for each in Connection.objects.select_related("source")
    ]
    return sorted(lines, key=lambda line: line.urgency)


def one_connection(connection: Connection, organisation: Organisation) -> dict[str, Any]:
    cls = registry().get(connection.connector)
    last = connection.runs.aggregate(last=Max("local_date"))["last"]
    return {
        "connection": connection,
        "connector": cls,
        "alarms": open_alarms()[connection.pk],
        "next": _next(connection, organisation, last),
        "runs": connection.runs.select_related("intake").newest_first()[:20],
        "held": _held_by_source().get(connection.source_id, 0),
        "days": [name for number, name in WEEKDAYS if number in connection.weekdays],
        "settings": _shown_settings(connection, cls),
        "cursor": _place(connection.cursor),
        "webhook": webhook_address(connection, organisation) if cls and cls.receives_webhooks else "",
        "deliveries": connection.deliveries.defer("body").order_by("-pk")[:5],
    }


def _place(cursor: dict[str, Any]) -> str:
    """Where the next run reads on, a line each; of long lists only how long they are."""
    lines = (
        f"{name}: {value}" if not isinstance(value, list | dict) else f"{name}: {len(value)} …"
        for name, value in cursor.items()
    )
    return "\n".join(lines) or "–"


def webhook_address(connection: Connection, organisation: Organisation) -> str:
    path = f"/hooks/{organisation.slug}/{connection.public_id}/{connection.webhook_secret}/"
    return f"{settings.FOYER_BASE_URL}{path}"


def open_alarms() -> dict[int, list[Alarm]]:
    grouped: dict[int, list[Alarm]] = defaultdict(list)
    for alarm in Alarm.objects.standing().select_related("connection", "run__plan"):
        grouped[alarm.connection_id].append(alarm)
    return grouped


def _held_by_source() -> dict[int, int]:
    counted = HeldRow.objects.filter(state__in=OPEN_ROWS).values("intake__source").annotate(rows=Count("pk"))
    return {row["intake__source"]: row["rows"] for row in counted}


def _next(connection: Connection, organisation: Organisation, last: dt.date | None) -> dt.datetime | None:
    if not connection.enabled:
        return None
    return next_moment(schedule_of(connection, organisation, last), clock.now())


def _shown_settings(connection: Connection, cls: type[Connector] | None) -> list[tuple[Any, Any]]:
    """(label, value); a secret only says that it is there, what is empty is left out."""
    if cls is None:
        return []
    stored = set(connection.secrets)
    shown = [
        (declared.label, _shown(declared, connection, is_stored=declared.key in stored))
        for declared in cls.fields
        if declared.kind != "json" and _applies(declared, connection, cls)
    ]
    return [(label, value) for label, value in shown if value not in ("", None)]


def _applies(declared: Field, connection: Connection, cls: type[Connector]) -> bool:
    defaults = {field.key: field.default for field in cls.fields}
    return declared.applies(defaults | connection.config)


def _shown(declared: Field, connection: Connection, *, is_stored: bool) -> Any:
    if declared.secret:
        return "•••••••" if is_stored else ""
    value = connection.config.get(declared.key, declared.default)
    return dict(declared.choices).get(value, value) if declared.choices else value
