"""Fetch: pages become parcels, each page saved together with the cursor that follows it."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import transaction

from integrations.connectors import Page, connector_for
from integrations.models import Parcel, Run, RunStep
from integrations.models.parcel import PARCEL_ROWS as PARCEL_ROWS
from integrations.models.parcel import pack
from integrations.runs import lease

UNIT_SECONDS = 20.0
"""After this long the next page is another unit's, so that others get their turn."""


def pull(run: Run, step: RunStep) -> bool:
    _set_off(run, step)
    connector = connector_for(run.connection, run)
    stop_at = time.monotonic() + UNIT_SECONDS
    pages = connector.pull(run.cursor)
    try:
        for page in pages:
            _save(run, step, page)
            if time.monotonic() > stop_at or _is_unwanted(run):
                return False
    finally:
        _close(pages)
    return True


def _set_off(run: Run, step: RunStep) -> None:
    """Where to begin: at the connection's cursor, or for a one-off (a run with options) at nothing."""
    if step.counts:
        return
    begin = {} if run.options else run.connection.cursor
    with transaction.atomic():
        step.counts = {"parcels": 0}
        step.save(update_fields=["counts"])
        lease.keep(run, cursor_before=begin, cursor=begin)


def _save(run: Run, step: RunStep, page: Page) -> None:
    with transaction.atomic():
        parcels = list(_cut(run, step, page))
        Parcel.objects.bulk_create(parcels)
        step.counts = {"parcels": step.counts["parcels"] + len(parcels)}
        step.done += len(page.rows)
        step.total = page.total if page.total is not None else step.total
        step.save(update_fields=["counts", "done", "total"])
        lease.keep(run, cursor=page.cursor)


def _cut(run: Run, step: RunStep, page: Page) -> Iterator[Parcel]:
    for start in range(0, len(page.rows), PARCEL_ROWS):
        rows = page.rows[start : start + PARCEL_ROWS]
        yield Parcel(
            run=run,
            number=step.counts["parcels"] + 1 + start // PARCEL_ROWS,
            first_row=step.done + start + 1,
            row_count=len(rows),
            content=pack(rows),
            cursor=page.cursor,
        )


def _is_unwanted(run: Run) -> bool:
    run.refresh_from_db(fields=["cancel_requested"])
    return run.cancel_requested


def _close(pages: Iterator[Page]) -> None:
    """A generator that is left in the middle closes its file or its HTTP client now, not some day."""
    close = getattr(pages, "close", None)
    if close is not None:
        close()
