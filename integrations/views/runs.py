"""Runs: the table, one run with live progress, and what can be done to it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from integrations import runs as verbs
from integrations.models import Connection, Run, RunState
from integrations.models.run import RunQuerySet
from integrations.runs import undoing
from integrations.runs.shown import Shown, show, waiting_rows
from integrations.runs.sorting import touched
from integrations.runs.verbs import NotPossible
from organisations.access import Can, Request, may, requires
from organisations.audit.verbs import looked
from organisations.models import User

PER_PAGE = 40


@requires(Can.SEE_RUNS)
def runs(request: Request) -> HttpResponse:
    found = Run.objects.select_related("connection", "intake").prefetch_related("steps").newest_first()
    connection, state = request.GET.get("connection", ""), request.GET.get("state", "")
    if connection:
        found = found.filter(connection__slug=connection)
    if state in RunState.values:
        found = found.filter(state=state)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    held = waiting_rows(list(page.object_list))
    lines = [Shown(run, held.get(run.pk, 0)) for run in page.object_list]
    context = {
        "page_obj": page,
        "lines": lines,
        "live": any(line.run.is_live for line in lines),
        "connections": Connection.objects.values_list("slug", "name"),
        "states": RunState.choices,
        "connection": connection,
        "state": state,
    }
    template = "_runs.html" if _fragment(request) else "runs.html"
    return render(request, f"integrations/{template}", context)


@requires(Can.SEE_RUNS)
def run(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(_runs(), pk=pk)
    context = {**show(found), "sees_rows": may(request, Can.SEE_PEOPLE)}
    if context["sees_rows"] and context["written"]:
        listed = sum(len(contacts) for _slug, _count, contacts in context["written"])
        looked(
            user=request.user,
            profile_ids=[],
            screen="run.written",
            purpose=f"run {found.pk}",
            result_size=listed,
        )
    if not _fragment(request):
        return render(request, "integrations/run.html", context)
    answer = render(request, "integrations/_run.html", context)
    if not found.is_live:
        # It was over by the time the page asked: the whole page, with the rows that need a look.
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@requires(Can.START_RUNS)
def cancel(request: Request, pk: int) -> HttpResponse:
    return _do(request, pk, verbs.cancel, _("The run stops at the end of what it is doing."))


@require_POST
@requires(Can.START_RUNS)
def retry(request: Request, pk: int) -> HttpResponse:
    return _do(request, pk, verbs.retry, _("The run goes on where it stopped."))


@require_POST
@requires(Can.APPLY_PLANS)
def approve(request: Request, pk: int) -> HttpResponse:
    return _do(request, pk, verbs.approve, _("The plan is being sent."))


@requires(Can.UNDO_RUNS)
def undo(request: Request, pk: int) -> HttpResponse:
    """GET shows what would happen."""
    found = get_object_or_404(_runs(), pk=pk)
    if request.method == "POST":
        return _undone(request, found)
    possible = undoing.can_be_undone(found)
    affected = touched(found) if possible else []
    written = undoing.left_the_house(found, affected)
    context = {
        "run": found,
        "possible": possible,
        "preview": undoing.preview(found) if possible else [],
        "contacts": len(affected),
        "written": [(slug, len(ids)) for slug, ids in written.items()],
    }
    return render(request, "integrations/run_undo.html", context)


def _undone(request: Request, run: Run) -> HttpResponse:
    try:
        undoing.undo(run=run, actor=request.user, fetch_again=request.POST.get("fetch_again") == "1")
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Run %(number)s is undone.") % {"number": run.pk})
    return redirect(run)


def _do(request: Request, pk: int, verb: Callable[..., None], said: str) -> HttpResponse:
    found = get_object_or_404(_runs(), pk=pk)
    actor: User = request.user
    try:
        verb(run=found, actor=actor)
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect(found)


def _runs() -> RunQuerySet:
    return Run.objects.select_related("connection__source", "intake", "actor")


def _fragment(request: HttpRequest) -> bool:
    """htmx asks for the part that changes; a boosted or restored page is a whole one."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request
