"""Opt-out registers: which month is in force, taking in the next, and own numbers to wash."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django_tenants.utils import tenant_context

from consent.models import RegisterFile
from consent.registers import loading, washing
from consent.registers.forms import NumbersForm, UploadForm
from consent.registers.standing import standing
from organisations.access import Can, Request, requires
from organisations.models import Organisation

WHY = {
    "empty": gettext_lazy("nothing there"),
    "incomplete": gettext_lazy("name, postcode or street is missing"),
    "phone_invalid": gettext_lazy("no such number"),
    "phone_truncated": gettext_lazy("rounded by a spreadsheet"),
    "too_long": gettext_lazy("too long"),
}


@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def registers(request: Request) -> HttpResponse:
    """Each register with its month, and the form for the next file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        found = _take_in(request, form)
        if found:
            return redirect("registers:file", found.pk)
    context = {"standing": standing(), "form": form, "numbers": NumbersForm()}
    return render(request, "registers/registers.html", context)


def _take_in(request: Request, form: UploadForm) -> RegisterFile | None:
    from consent.tasks import read_register

    given = form.cleaned_data
    try:
        file = loading.receive(
            register=given["register"],
            month=given["month"],
            name=given["file"].name,
            stream=given["file"],
            actor=request.user,
        )
    except loading.AlreadyThere:
        form.add_error("file", _("This very file is in force already."))
        return None
    read_register.delay_on_commit(file.pk)  # type: ignore[attr-defined]
    return file


@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def file(request: Request, pk: int) -> HttpResponse:
    """What is in one file, and what putting it in force would do; then doing it, or not."""
    found = get_object_or_404(RegisterFile, pk=pk)
    if request.method == "POST":
        return _decide(request, found)
    problems = [{"line": each["line"], "why": WHY.get(each["why"], each["why"])} for each in found.problems]
    before = RegisterFile.objects.filter(register=found.register, state="in_force").first()
    context = {
        "file": found,
        "problems": problems,
        "before": before,
        "channel": loading.channel_of(found.register),
    }
    template = "registers/_file.html" if request.headers.get("HX-Request") else "registers/file.html"
    return render(request, template, context)


def _decide(request: Request, found: RegisterFile) -> HttpResponse:
    try:
        if request.POST.get("do") == "in_force":
            done = loading.put_in_force(found, actor=request.user)
            messages.success(
                request,
                _("In force: %(added)s more contact points are marked, %(removed)s are free again.")
                % {"added": done.added, "removed": done.removed},
            )
        else:
            loading.discard(found, actor=request.user)
            messages.success(request, _("The file is discarded."))
    except ValueError:
        messages.warning(request, _("Somebody was faster. Look at how it stands now."))
    return redirect("registers:registers")


@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def numbers(request: Request) -> HttpResponseBase:
    """Own numbers as a text file, with a reason that is written down."""
    form = NumbersForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "registers/numbers.html", {"form": form})
    country = form.cleaned_data["country"]
    _size, rows = washing.numbers(country=country, reason=form.cleaned_data["reason"], actor=request.user)
    answer = StreamingHttpResponse(_lines(request.organisation, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="numbers-{country}.csv"'
    return answer


def _lines(organisation: Organisation, rows: Iterator[str]) -> Iterator[str]:
    """Streamed after the middleware has left, hence the organisation's own context."""
    with tenant_context(organisation):
        yield "telefon\r\n"
        for value in rows:
            yield f"{value}\r\n"
