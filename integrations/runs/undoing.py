"""Takes a run back: what it created goes, what it changed is computed again from what remains."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent import answers
from consent.ledger import invalidate_intake
from integrations.connectors import connector_for, registry
from integrations.errors import ConfigurationError
from integrations.models import Connection, Run, RunState
from integrations.runs.sorting import touched
from integrations.runs.verbs import NotPossible
from organisations.audit.verbs import record
from organisations.models import User
from profiles.ingest import close_intake, preview_undo, undo_intake
from profiles.ingest.turn import wait_for_turn
from profiles.models import Intake

UNDOABLE = (RunState.DONE, RunState.CANCELLED, RunState.WAITING, RunState.FAILED)


WORDS = {
    "people_removed": gettext_lazy("People removed"),
    "records_removed": gettext_lazy("Records removed"),
    "records_restored": gettext_lazy("Records with their former values back"),
    "orders_removed": gettext_lazy("Orders removed"),
    "orders_restored": gettext_lazy("Orders with their former values back"),
    "lines_removed": gettext_lazy("Tickets and articles removed"),
    "lines_restored": gettext_lazy("Tickets and articles with their former values back"),
    "events_removed": gettext_lazy("Events removed"),
    "permissions_invalidated": gettext_lazy("Permissions declared void in the ledger"),
}


def in_words(report: Mapping[str, int]) -> list[tuple[str, int]]:
    """What an undo does, or did; noughts are left out."""
    return [(str(words), report[name]) for name, words in WORDS.items() if report.get(name)]


def preview(run: Run) -> list[tuple[str, int]]:
    """What undoing the run would do, counted without doing it."""
    return in_words(asdict(preview_undo(intake=run.intake))) if run.intake else []


def can_be_undone(run: Run) -> bool:
    return run.state in UNDOABLE and run.intake_id is not None


def undo(*, run: Run, actor: User | None, fetch_again: bool = False) -> None:
    """All in one transaction: either the run is undone, or nothing has happened.

    `fetch_again` puts the connection's cursor back, so that the next run reads the same rows once
    more (the mapping was wrong); without it they are not read again (the delivery was wrong).
    What destinations were told meanwhile is listed on the run; their next plan corrects it.
    """
    with transaction.atomic():
        wait_for_turn()  # before the run's row, as whoever takes in does
        mine = Run.objects.filter(pk=run.pk, state__in=UNDOABLE, intake__isnull=False)
        if not mine.update(state=RunState.UNDONE, reason=""):
            raise NotPossible(_("This run cannot be undone: it is at work, or took nothing in."))
        run.refresh_from_db()
        assert run.intake is not None
        affected = touched(run)
        written = left_the_house(run, affected)
        if run.intake.state == Intake.State.OPEN:
            close_intake(intake=run.intake)
        report = undo_intake(intake=run.intake, revoke=invalidate_intake, actor=_name(actor))
        # What the delivery had kept apart comes together again: those people were nobody's of it before.
        answers.refresh(identifier_ids={*affected, *touched(run)})
        if fetch_again:
            _rewind(run)
        run.aftermath = {"report": asdict(report), "written": written, "fetch_again": fetch_again}
        run.save(update_fields=["aftermath"])
        summary = {"run": run.pk, "written": {slug: len(ids) for slug, ids in written.items()}}
        record(actor=actor, verb="run.undone", target=run.connection.slug, summary=summary)


def left_the_house(run: Run, identifier_ids: list[int]) -> dict[str, list[int]]:
    """Which of these contact points a destination was told about since this run began."""
    since = run.started_at or run.created_at
    destinations = [slug for slug, cls in registry().items() if cls.writes]
    found = {
        connection.slug: [
            written.identifier_id for written in connector_for(connection).written(identifier_ids, since)
        ]
        for connection in Connection.objects.filter(connector__in=destinations)
    }
    return {slug: ids for slug, ids in found.items() if ids}


def _rewind(run: Run) -> None:
    """By compare-and-set: a later run has read on from here, and its place stays."""
    Connection.objects.filter(pk=run.connection_id, cursor=run.cursor).update(cursor=run.cursor_before)
    with suppress(ConfigurationError):  # a connector that is gone claims nothing any more
        connector_for(run.connection, run).released(run)


def _name(actor: User | None) -> str:
    return actor.email if actor else "Foyer"
