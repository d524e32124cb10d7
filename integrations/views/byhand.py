"""Uploads and downloads by hand: choose, look, take in; or download with a reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy
from django_tenants.utils import tenant_context
from openpyxl import Workbook

from cdp.lib.cells import safe
from integrations.byhand import verbs
from integrations.byhand.nouns import NOUNS, Noun
from integrations.models import Upload
from integrations.runs.verbs import NotPossible
from organisations.access import Can, Request, requires
from organisations.audit.verbs import looked
from organisations.models import Organisation


class UploadForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("File (CSV or Excel)"))
    point = forms.ChoiceField(
        label=gettext_lazy("Where people were asked"),
        help_text=gettext_lazy(
            "A collection point that somebody has verified says what a yes and a no mean."
        ),
    )

    def __init__(self, *args: Any, noun: Noun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if noun.slug != "permissions":
            del self.fields["point"]
            return
        choice = self.fields["point"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(point.key, point.name) for point in verbs.points()]


class DownloadForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What it is for"),
        min_length=5,
        max_length=200,
        help_text=gettext_lazy("Kept in the audit log with your name."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Format"), choices=(("csv", "CSV"), ("xlsx", gettext_lazy("Excel")))
    )


@requires(Can.SEE_RUNS)
def by_hand(request: Request) -> HttpResponse:
    return render(request, "integrations/by_hand.html", {"nouns": NOUNS.values()})


@requires(Can.START_RUNS)
def upload(request: Request, noun: str) -> HttpResponse:
    chosen = _noun(noun)
    form = UploadForm(request.POST or None, request.FILES or None, noun=chosen)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            received = verbs.receive(
                noun=chosen, file=given["file"], point=given.get("point", ""), actor=request.user
            )
        except verbs.Unreadable as problem:
            form.add_error("file", str(problem))
        else:
            return redirect("integrations:by_hand_preview", pk=received.pk)
    context = {"noun": chosen, "form": form, "columns": chosen.columns()}
    return render(request, "integrations/by_hand_upload.html", context)


@requires(Can.START_RUNS)
@requires(Can.SEE_PEOPLE)
def preview(request: Request, pk: int) -> HttpResponse:
    """GET shows the first rows as they would be taken in; POST takes the file in."""
    found = get_object_or_404(Upload, pk=pk)
    if request.method == "POST":
        try:
            return redirect(verbs.take_in(upload=found, actor=request.user))
        except NotPossible as refusal:
            messages.error(request, str(refusal))
            return redirect(found.run) if found.run else redirect("integrations:by_hand")
    shown = verbs.preview(found, request.organisation.zone)
    looked(user=request.user, profile_ids=[], screen="by-hand", result_size=len(shown.rows))
    context = {"preview": shown, "noun": NOUNS[found.noun]}
    return render(request, "integrations/by_hand_preview.html", context)


@requires(Can.EXPORT_PEOPLE)
def template(request: Request, noun: str) -> HttpResponse:
    """An empty table with the right columns."""
    answer = HttpResponse(";".join(_noun(noun).columns()) + "\r\n", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{noun}.csv"'
    return answer


@requires(Can.EXPORT_PEOPLE)
def download(request: Request, noun: str) -> HttpResponseBase:
    chosen = _noun(noun)
    form = DownloadForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "integrations/by_hand_download.html", {"noun": chosen, "form": form})
    rows = verbs.download(
        noun=chosen,
        reason=form.cleaned_data["reason"],
        actor=request.user,
        zone=request.organisation.zone,
    )
    if form.cleaned_data["kind"] == "xlsx":
        return _workbook(rows, f"{noun}.xlsx")
    answer = StreamingHttpResponse(_csv(request.organisation, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{noun}.csv"'
    return answer


def _csv(organisation: Organisation, rows: Iterator[list[Any]]) -> Iterator[str]:
    """Streamed after the middleware has left, hence the organisation's own context."""
    with tenant_context(organisation):
        yield "\ufeff"
        for row in rows:
            line = io.StringIO()
            csv.writer(line, delimiter=";").writerow(map(safe, row))
            yield line.getvalue()


def _workbook(rows: Iterator[list[Any]], name: str) -> FileResponse:
    """Written to disk row by row, so that memory stays flat."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([safe(value) for value in row])
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name)


def _noun(slug: str) -> Noun:
    try:
        return NOUNS[slug]
    except KeyError:
        raise Http404 from None
