"""Rows that were set aside: shown, corrected in place, put away, downloaded."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django_tenants.utils import tenant_context

from cdp.lib.cells import safe
from integrations import corrections
from integrations.connectors import connector_for
from integrations.models import Run
from integrations.runs.verbs import NotPossible
from organisations.access import Can, Request, requires
from organisations.audit.verbs import looked, record
from organisations.models import Organisation
from profiles import looks
from profiles.models import HeldRow

PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class Cell:
    """`reason` says what is wrong with it; empty for a cell that is fine."""

    name: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class HeldShown:
    held: HeldRow
    wrong: list[Cell]
    others: list[Cell]
    general: list[str]
    """Reasons that belong to no cell."""


@requires(Can.SEE_RUNS)
@requires(Can.SEE_PEOPLE)
def held(request: Request, pk: int) -> HttpResponse:
    """The rows of one run that still wait, as a part of its page."""
    run = _run(pk)
    if not request.headers.get("HX-Request"):
        return redirect("integrations:run", pk=run.pk)
    waiting = HeldRow.objects.filter(intake=run.intake, state__in=corrections.OPEN)
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    looked(
        user=request.user,
        profile_ids=[],
        screen="run.held",
        purpose=f"run {run.pk}",
        result_size=len(page.object_list),
    )
    context = {"run": run, "page_obj": page, "rows": [_shown(run, row) for row in page.object_list]}
    return render(request, "integrations/_held_rows.html", context)


@require_POST
@requires(Can.SEE_RUNS)
@requires(Can.EDIT_PEOPLE)
def correct(request: Request, pk: int, row: int) -> HttpResponse:
    """Runs the row again with what was typed; the answer is the row as it stands now."""
    run = _run(pk)
    found = get_object_or_404(HeldRow, intake=run.intake, pk=row)
    changes = {name[5:]: str(value) for name, value in request.POST.items() if name.startswith("cell:")}
    note = ""
    try:
        outcome = corrections.correct(held=found, run=run, changes=changes, actor=request.user)
    except NotPossible as refusal:
        outcome, note = "failed", str(refusal)
    found.refresh_from_db()
    return _row(request, run, found, outcome, note)


@require_POST
@requires(Can.SEE_RUNS)
@requires(Can.EDIT_PEOPLE)
def dismiss(request: Request, pk: int, row: int) -> HttpResponse:
    run = _run(pk)
    found = get_object_or_404(HeldRow, intake=run.intake, pk=row)
    note = ""
    try:
        corrections.dismiss(held=found, run=run, actor=request.user)
    except NotPossible as refusal:
        note = str(refusal)
    found.refresh_from_db()
    return _row(request, run, found, "dismissed", note)


@require_POST
@requires(Can.SEE_RUNS)
@requires(Can.EDIT_PEOPLE)
def bring_back(request: Request, pk: int, row: int) -> HttpResponse:
    """Takes back that a row was put away."""
    run = _run(pk)
    found = get_object_or_404(HeldRow, intake=run.intake, pk=row)
    note = ""
    try:
        corrections.bring_back(held=found, run=run, actor=request.user)
    except NotPossible as refusal:
        note = str(refusal)
    found.refresh_from_db()
    return _row(request, run, found, "held", note)


class ReasonForm(forms.Form):
    """Why personal data leaves as a file; every export needs it (CONSENT.md 3.6)."""

    reason = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=200,
        help_text=gettext_lazy("Stands in the log beside your name."),
    )


@requires(Can.SEE_RUNS)
@requires(Can.EXPORT_PEOPLE)
def download(request: Request, pk: int) -> HttpResponseBase:
    """The rows that wait, as a file with what is wrong beside them; who took it and why is logged."""
    run = _run(pk)
    form = ReasonForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "integrations/held_download.html", {"run": run, "form": form})
    size = HeldRow.objects.filter(intake=run.intake, state__in=corrections.OPEN).count()
    looks.bulk(user=request.user, screen="export.held", reason=form.cleaned_data["reason"], size=size)
    summary = {"run": run.pk, "rows": size}
    record(actor=request.user, verb="rows.downloaded", target=run.connection.slug, summary=summary)
    answer = StreamingHttpResponse(_lines(request.organisation, run), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{run.connection.slug}-{run.pk}-rows.csv"'
    return answer


class _Echo:
    """csv.writer wants a file; this one hands each line back."""

    def write(self, line: str) -> str:
        return line


def _lines(organisation: Organisation, run: Run) -> Iterator[str]:
    """Streamed after the middleware has left, hence the organisation's own context."""
    writer = csv.writer(_Echo(), delimiter=";")
    with tenant_context(organisation):
        connector = connector_for(run.connection, run)
        waiting = HeldRow.objects.filter(intake=run.intake, state__in=corrections.OPEN)
        names: list[str] | None = None
        for row in waiting.iterator(chunk_size=500):
            cells = connector.cells(corrections.row_of(row))
            if names is None:
                names = list(cells)
                yield "\ufeff" + writer.writerow([*map(safe, names), _("What is wrong"), _("Row")])
            reasons = " ".join(reason.get("message", "") for reason in row.reasons)
            values = [cells.get(name, "") for name in names]
            yield writer.writerow([*map(safe, values), safe(reasons), row.number])


def _row(request: Request, run: Run, found: HeldRow, outcome: str, note: str) -> HttpResponse:
    """The row, and beside it the heading over all of them, whose number it changes."""
    waiting = HeldRow.objects.filter(intake=run.intake, state__in=corrections.OPEN).count()
    context = {"run": run, "row": _shown(run, found), "outcome": outcome, "note": note, "waiting": waiting}
    return render(request, "integrations/_held_row.html", context)


def _shown(run: Run, row: HeldRow) -> HeldShown:
    connector = connector_for(run.connection, run)
    cells = connector.cells(corrections.row_of(row))
    reasons: dict[str, str] = {}
    general: list[str] = []
    for reason in row.reasons:
        column, message = str(reason.get("column", "")), str(reason.get("message", ""))
        column = column if column in cells else connector.column_for(column) or column
        if column in cells:
            reasons[column] = f"{reasons.get(column, '')} {message}".strip()
        else:
            general.append(f"{column}: {message}" if column else message)
    shown = [Cell(name, value, reasons.get(name, "")) for name, value in cells.items()]
    return HeldShown(
        held=row,
        wrong=[cell for cell in shown if cell.reason],
        others=[cell for cell in shown if not cell.reason],
        general=general,
    )


def _run(pk: int) -> Run:
    return get_object_or_404(Run.objects.select_related("connection__source", "intake"), pk=pk)
