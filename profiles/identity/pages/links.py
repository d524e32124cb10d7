"""What people have said about who is who: uploaded as a table, listed, lifted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from organisations.access import Can, Request, requires
from profiles import looks
from profiles.identity import link_files, upload
from profiles.identity.acting import NotPossible
from profiles.models import IdentityAct, LinkConstraint, LinkUpload

PAGE = 50
SHOWN = 200
"""Lines of a table that the preview shows; those with a problem first."""


class UploadForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("File (CSV)"))


def _looked(request: Request, profile_ids: Iterable[int], screen: str, size: int) -> None:
    looks.looked(request, sorted(set(profile_ids)), screen, size=size)


@never_cache
@requires(Can.MANAGE_IDENTITY)
def links(request: Request) -> HttpResponse:
    """GET: the words in force, and a form. POST: a table to look at."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            found = upload.receive(name=given.name, content=given.read(), actor=request.user.email)
        except link_files.Unreadable as problem:
            form.add_error("file", str(problem))
        else:
            return redirect("identity:links_uploaded", found.pk)
    before = request.GET.get("before", "")
    standing = upload.standing(int(before) if before.isdecimal() else 0, PAGE + 1)
    shown = standing[:PAGE]
    people = [person.pk for each in shown for person in each.people]
    if people:
        _looked(request, people, "links", len(people))
    context = {
        "form": form,
        "columns": link_files.COLUMNS,
        "standing": shown,
        "before": shown[-1].constraint.pk if len(standing) > PAGE else None,
        "uploads": LinkUpload.objects.select_related("act").order_by("-pk")[:5],
    }
    return render(request, "identity/links.html", context)


@never_cache
@requires(Can.MANAGE_IDENTITY)
def uploaded(request: Request, pk: int) -> HttpResponse:
    """GET: a verdict for every line. POST: applies the good ones."""
    found = get_object_or_404(LinkUpload, pk=pk)
    if request.method == "POST":
        return _apply(request, found)
    verdicts = upload.judge(found.rows) if not found.act_id else []
    shown = _worst_first(verdicts)[:SHOWN]
    people = _people(shown)
    if people:
        _looked(request, people, "links preview", len(_people(verdicts)))
    context = {
        "upload": found,
        "verdicts": shown,
        "applied": len(found.act.evidence["lines"]) if found.act else 0,
        "good": sum(not verdict.problem for verdict in verdicts),
        "bad": sum(bool(verdict.problem) for verdict in verdicts),
        "more": len(verdicts) > SHOWN,
        "undone": IdentityAct.objects.filter(undoes=found.act).exists() if found.act_id else False,
    }
    return render(request, "identity/links_preview.html", context)


def _people(verdicts: Iterable[upload.Verdict]) -> set[int]:
    return {side.profile for verdict in verdicts for side in (verdict.a, verdict.b) if side}


def _worst_first(verdicts: Sequence[upload.Verdict]) -> list[upload.Verdict]:
    return sorted(verdicts, key=lambda verdict: (not verdict.problem, verdict.number))


def _apply(request: Request, found: LinkUpload) -> HttpResponse:
    try:
        act = upload.apply(upload=found, actor=request.user.email)
    except NotPossible as problem:
        messages.error(request, str(problem))
        return redirect("identity:links_uploaded", found.pk)
    undo = reverse("identity:undo", args=[act.pk])
    messages.success(request, _("The links are in force now."), extra_tags=f"undo={undo}")
    return redirect("identity:links")


@require_GET
@requires(Can.MANAGE_IDENTITY)
def left_over(request: Request, pk: int) -> HttpResponse:
    """The lines that were not applied, with their reasons, as a file to correct and upload again."""
    found = get_object_or_404(LinkUpload, pk=pk)
    verdicts = upload.remembered(found) if found.act else upload.judge(found.rows)
    lines = "".join(upload.bad_lines(verdicts))
    answer = HttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="links-{found.pk}-left.csv"'
    _looked(request, _people(v for v in verdicts if v.problem), "links download", found.row_count)
    return answer


@require_POST
@requires(Can.MANAGE_IDENTITY)
def lift(request: Request, pk: int) -> HttpResponse:
    """Nobody says this any more."""
    constraint = get_object_or_404(LinkConstraint, pk=pk)
    try:
        act = upload.lift(constraint=constraint, actor=request.user.email)
    except NotPossible as problem:
        messages.error(request, str(problem))
    else:
        undo = reverse("identity:undo", args=[act.pk])
        messages.success(request, _("Lifted. The rules decide again."), extra_tags=f"undo={undo}")
    return redirect("identity:links")
