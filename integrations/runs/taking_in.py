"""Take in: parcels in order go through `profiles.ingest`, each batch in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from consent.ledger import record_claims
from integrations.connectors import Connector, Raw, connector_for
from integrations.erasing.parcels import forget_rows
from integrations.errors import Rejected
from integrations.models import Connection, Parcel, Run, RunStep
from integrations.models.parcel import PARCEL_ROWS as PARCEL_ROWS
from integrations.rawrows import is_erased
from integrations.runs import lease
from profiles.ingest import close_intake, ingest, open_intake
from profiles.models import Intake
from profiles.rows import CanonicalRow
from profiles.tasks import freshen_features


def take_in(run: Run, step: RunStep) -> bool:
    """One batch of parcels. The database either has all of it and knows so, or nothing of it."""
    connector = connector_for(run.connection, run)
    batch = _next_batch(run)
    if batch:
        with transaction.atomic():
            result = ingest(
                intake=_intake(run),
                rows=_rows(connector, batch),
                permit=record_claims,
                reading=connector.reading(),
            )
            forget_rows(run, connector, result.naming_erased)
            Parcel.objects.filter(pk__in=[parcel.pk for parcel in batch]).update(done_at=Now())
            _count(run, step, sum(parcel.row_count for parcel in batch))
            lease.keep(run)
    if run.parcels.unopened().exists():
        return False
    _complete(run, connector)
    return True


def _next_batch(run: Run) -> list[Parcel]:
    """Small pages are taken in together, as many as make up one full parcel."""
    batch: list[Parcel] = []
    rows = 0
    for parcel in run.parcels.unopened().only("pk", "number", "row_count").iterator(chunk_size=500):
        rows += parcel.row_count
        if batch and rows > PARCEL_ROWS:
            break
        batch.append(parcel)
    return batch


def _rows(connector: Connector, batch: list[Parcel]) -> Iterator[CanonicalRow]:
    for lean in batch:
        parcel = Parcel.objects.get(pk=lean.pk)
        for number, raw in enumerate(parcel.rows(), start=parcel.first_row):
            yield read(connector, raw, number)


def read(connector: Connector, raw: Raw, number: int) -> CanonicalRow:
    """`to_row`, but a row that cannot be read is one failed row and not a failed run."""
    if is_erased(raw):
        return CanonicalRow(number=number, raw=raw, erased=True)
    try:
        row = connector.to_row(raw, number)
        return row if row.number == number else replace(row, number=number)
    except Rejected as error:
        return CanonicalRow(number=number, raw=raw, fatal=str(error))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        told = _("The row cannot be read (%(kind)s).") % {"kind": type(error).__name__}
        return CanonicalRow(number=number, raw=raw, fatal=told)


def _intake(run: Run) -> Intake:
    if run.intake is None:
        run.intake = open_intake(source=run.connection.source, label=f"{run.connection.name} #{run.pk}")
        run.save(update_fields=["intake"])
    return run.intake


def _count(run: Run, step: RunStep, rows: int) -> None:
    step.total = run.steps.get(name="pull").done
    step.done += rows
    step.save(update_fields=["done", "total"])


def _complete(run: Run, connector: Connector) -> None:
    """Every row is in: only now does the connection's cursor move.

    By compare-and-set: if another run has moved it on meanwhile, its place is the better one.
    """
    with transaction.atomic():
        if run.intake:
            close_intake(intake=run.intake)
            # By a message, and not in the chunks: no row waits for it, and one that is lost costs a night.
            freshen_features.delay_on_commit(run.intake.pk)  # type: ignore[attr-defined]  # OrgTask has it
        connector.ingested(run)
        if not run.options:
            here = Connection.objects.filter(pk=run.connection_id, cursor=run.cursor_before)
            here.update(cursor=run.cursor)
        lease.keep(run)
