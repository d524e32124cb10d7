"""The round over all connections: opens what is new, closes what is cured, mails what was opened."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce, Now
from django.utils import translation

from integrations.alarms import judge, mailing, words
from integrations.alarms.judge import Finding, Morning
from integrations.connectors import is_destination
from integrations.models import Alarm, Connection, Run, RunState, RunStep, Step, StepState
from integrations.runs.mornings import BY_SCHEDULE, PATIENCE, missing_sources
from integrations.schedule import Schedule
from organisations.locale import spoken
from organisations.models import Organisation

IN_HAND = (RunState.WAITING, RunState.FAILED, RunState.CANCELLED, RunState.UNDONE)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is looked up once for all connections."""

    mornings: Mapping[int, Sequence[Morning]]
    waiting: Mapping[int, Run]
    open: Mapping[int, Mapping[str, Alarm]]


def check(organisation: Organisation, now: dt.datetime) -> None:
    """A handful of statements, however many connections; writes only what has changed."""
    facts = Facts(_mornings(now), _waiting(), _open())
    with translation.override(spoken(organisation.language)):
        for connection in Connection.objects.all():
            found = list(_findings(connection, organisation, facts, now))
            _settle(connection, found, facts.open.get(connection.pk, {}))
        mailing.mail_new(organisation)


def _findings(
    connection: Connection, organisation: Organisation, facts: Facts, now: dt.datetime
) -> Iterable[Finding]:
    schedule = Schedule(
        connection.schedule_time, connection.weekdays, organisation.zone, connection.enabled_at
    )
    mornings = facts.mornings.get(connection.pk, [])
    waiting = facts.waiting.get(connection.pk)
    candidates = [Finding("waiting", waiting.pk, {"reason": waiting.reason}) if waiting else None]
    if connection.enabled:
        candidates.append(judge.late(schedule, mornings, now))
    if not is_destination(connection):
        candidates += [judge.empty_or_small(mornings), judge.many_held(mornings)]
    if connection.after_sources:
        candidates.append(_went_ahead(connection, now))
    return [finding for finding in candidates if finding is not None]


def _settle(connection: Connection, findings: Sequence[Finding], known: Mapping[str, Alarm]) -> None:
    """One open alarm of a kind: what is new opens, what is cured closes, what has changed says so."""
    cured = [alarm.pk for kind, alarm in known.items() if kind not in {found.kind for found in findings}]
    if cured:
        Alarm.objects.filter(pk__in=cured).update(closed_at=Now())
    for found in findings:
        message = words.sentence(connection, found)
        alarm = known.get(found.kind)
        if alarm is None:
            fresh = Alarm(connection=connection, kind=found.kind, run_id=found.run_id, message=message)
            # Two rounds at once: the constraint keeps the first.
            Alarm.objects.bulk_create([fresh], ignore_conflicts=True)
        elif (alarm.message, alarm.run_id) != (message, found.run_id):
            Alarm.objects.filter(pk=alarm.pk).update(message=message, run_id=found.run_id)


def _open() -> dict[int, dict[str, Alarm]]:
    grouped: dict[int, dict[str, Alarm]] = defaultdict(dict)
    for alarm in Alarm.objects.open():
        grouped[alarm.connection_id][alarm.kind] = alarm
    return grouped


def _mornings(now: dt.datetime) -> dict[int, list[Morning]]:
    """Every connection's scheduled runs of eight weeks, newest first, in one statement."""
    ingested = RunStep.objects.filter(run=OuterRef("pk"), name=Step.INGEST, state=StepState.DONE)
    runs = (
        Run.objects.filter(local_date__gte=now.date() - dt.timedelta(weeks=judge.WEEKS, days=2))
        .annotate(
            is_in=Exists(ingested),
            read=Coalesce(F("intake__rows_read"), 0),
            held=Coalesce(F("intake__rows_held") + F("intake__rows_failed"), 0),
        )
        .order_by("connection_id", "-local_date")
        .values_list("connection_id", "local_date", "pk", "is_in", "state", "read", "held")
    )
    grouped: dict[int, list[Morning]] = defaultdict(list)
    for connection_id, date, run_id, is_in, state, read, held in runs:
        in_hand = state in IN_HAND
        assert date is not None, "the filter above leaves only scheduled runs"
        grouped[connection_id].append(Morning(date, run_id, is_in, in_hand, read, held))
    return grouped


def _waiting() -> dict[int, Run]:
    """Each connection's oldest run that waits; a plan that asks before it is sent waits too."""
    runs = Run.objects.filter(state__in=[RunState.WAITING, RunState.FAILED])
    oldest = runs.order_by("connection_id", "created_at", "pk").distinct("connection_id")
    return {run.connection_id: run for run in oldest}


def _went_ahead(connection: Connection, now: dt.datetime) -> Finding | None:
    """Today's run of a destination set off although a source had not come."""
    run = Run.objects.filter(connection=connection, trigger__in=BY_SCHEDULE).newest_first().first()
    if run is None or now - run.created_at < PATIENCE:
        return None
    if run.started_at is not None and run.started_at - run.created_at < PATIENCE:
        return None
    missing = list(missing_sources(run).values_list("name", flat=True))
    return Finding("sources", run.pk, {"missing": ", ".join(missing)}) if missing else None
