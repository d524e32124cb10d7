"""Rows that were set aside: corrected by a person and run again, or put away."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from cdp.lib import clock
from consent import answers
from consent.ledger import record_claims
from integrations.connectors import connector_for
from integrations.models import Run
from integrations.rawrows import Raw
from integrations.runs.sorting import touched
from integrations.runs.taking_in import read
from integrations.runs.verbs import NotPossible
from organisations.audit.models import AuditEntry
from organisations.audit.verbs import record
from organisations.models import User
from profiles.ingest import correct as correct_row
from profiles.models import HeldRow

OPEN = (HeldRow.State.HELD, HeldRow.State.FAILED)


def correct(*, held: HeldRow, run: Run, changes: Mapping[str, str], actor: User) -> str:
    """Puts the changed cells into the row and runs it again. Returns what became of it.

    What was typed is kept on the held row, not in the audit log, which holds no personal data.
    """
    connector = connector_for(run.connection, run)
    raw = connector.with_cells(row_of(held), changes)
    with transaction.atomic():
        try:
            outcome = correct_row(
                held=held, row=read(connector, raw, held.number), permit=record_claims, actor=actor.email
            )
        except ValueError:
            raise NotPossible(_("This row does not wait any more.")) from None
        summary = {"run": run.pk, "row": held.number, "columns": sorted(changes), "outcome": outcome}
        record(actor=actor, verb="row.corrected", target=run.connection.slug, summary=summary)
        answers.refresh(identifier_ids=touched(run))
    return outcome


def dismiss(*, held: HeldRow, run: Run, actor: User) -> None:
    """Nobody will correct it: it stops asking. The equation keeps it as held or failed."""
    with transaction.atomic():
        waiting = HeldRow.objects.filter(pk=held.pk, state__in=OPEN)
        if not waiting.update(
            state=HeldRow.State.DISMISSED, resolved_at=clock.now(), resolved_by=actor.email
        ):
            raise NotPossible(_("This row does not wait any more."))
        summary = {"run": run.pk, "row": held.number, "was": held.state}
        record(actor=actor, verb="row.dismissed", target=run.connection.slug, summary=summary)


def bring_back(*, held: HeldRow, run: Run, actor: User) -> None:
    """What was put away by mistake asks again, as it did before."""
    with transaction.atomic():
        away = HeldRow.objects.filter(pk=held.pk, state=HeldRow.State.DISMISSED)
        if not away.update(state=_state_before(held, run), resolved_at=None, resolved_by=""):
            raise NotPossible(_("This row is not put away."))
        summary = {"run": run.pk, "row": held.number}
        record(actor=actor, verb="row.brought_back", target=run.connection.slug, summary=summary)


def _state_before(held: HeldRow, run: Run) -> str:
    """Held or failed, as the audit log remembers: the equation counts them apart."""
    acts = AuditEntry.objects.filter(
        verb="row.dismissed", target=run.connection.slug, summary__run=run.pk, summary__row=held.number
    )
    newest = acts.order_by("-pk").first()
    return str(newest.summary["was"]) if newest else HeldRow.State.HELD


def row_of(held: HeldRow) -> Raw:
    """As corrected last, else as it came."""
    raw: Raw = held.raw if held.corrected_raw is None else held.corrected_raw
    return raw
