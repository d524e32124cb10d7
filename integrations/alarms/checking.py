"""The round over all connections: opens what is new, closes what is cured, mails what was opened."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Now
from django.utils import translation

from integrations.alarms import judge, mailing, words
from integrations.alarms.judge import Finding, Morning
from integrations.connectors import is_destination
from integrations.models import Alarm, Connection, Run, RunState, RunStep, Step, StepState
from integrations.runs.mornings import BY_SCHEDULE, PATIENCE, missing_sources
from integrations.schedule import Schedule
from organisations.models import Organisation

MOST_RUNS = 80
"""Eight weeks of mornings and some to spare."""


def check(organisation: Organisation, now: dt.datetime) -> None:
    mornings = _mornings(now)
    with translation.override(organisation.language):
        for connection in Connection.objects.select_related("source"):
            findings = list(_findings(connection, organisation, mornings[connection.pk], now))
            _settle(connection, findings)
        mailing.mail_new(organisation)


def _findings(
    connection: Connection, organisation: Organisation, mornings: Sequence[Morning], now: dt.datetime
) -> Iterable[Finding]:
    schedule = Schedule(
        connection.schedule_time, connection.weekdays, organisation.zone, connection.enabled_at
    )
    candidates = [_waiting(connection)]
    if connection.enabled:
        candidates.append(judge.late(schedule, mornings, now))
    if not is_destination(connection):
        candidates += [judge.empty_or_small(mornings), judge.many_held(mornings)]
    if connection.after_sources:
        candidates.append(_went_ahead(connection, now))
    return [finding for finding in candidates if finding is not None]


def _settle(connection: Connection, findings: Sequence[Finding]) -> None:
    """One open alarm of a kind: an open one only gets the newer words."""
    with transaction.atomic():
        kinds = [finding.kind for finding in findings]
        Alarm.objects.open().filter(connection=connection).exclude(kind__in=kinds).update(closed_at=Now())
        for finding in findings:
            message = words.sentence(connection, finding)
            still = Alarm.objects.open().filter(connection=connection, kind=finding.kind)
            if not still.update(message=message, run_id=finding.run_id):
                alarm = Alarm(
                    connection=connection, kind=finding.kind, run_id=finding.run_id, message=message
                )
                Alarm.objects.bulk_create([alarm], ignore_conflicts=True)


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
        needs = state in (RunState.WAITING, RunState.FAILED)
        assert date is not None, "the filter above leaves only scheduled runs"
        grouped[connection_id].append(Morning(date, run_id, is_in, needs, read, held))
    return grouped


def _waiting(connection: Connection) -> Finding | None:
    """The oldest run that waits; a plan that asks before it is sent waits too."""
    waits = Q(state__in=[RunState.WAITING, RunState.FAILED])
    run = Run.objects.filter(waits, connection=connection).order_by("created_at").first()
    return Finding("waiting", run.pk, {"reason": run.reason}) if run else None


def _went_ahead(connection: Connection, now: dt.datetime) -> Finding | None:
    """Today's run of a destination set off although a source had not come."""
    run = Run.objects.filter(connection=connection, trigger__in=BY_SCHEDULE).newest_first().first()
    if run is None or now - run.created_at < PATIENCE:
        return None
    if run.started_at is not None and run.started_at - run.created_at < PATIENCE:
        return None
    missing = list(missing_sources(run).values_list("name", flat=True))
    return Finding("sources", run.pk, {"missing": ", ".join(missing)}) if missing else None
