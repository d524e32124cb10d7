"""Plans: the list, one plan to read and send, and who is in the audience."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from integrations.mailchimp import plans as verbs
from integrations.mailchimp import shown
from integrations.mailchimp.models import Plan
from integrations.runs.verbs import NotPossible
from organisations.access import Can, Request, may, requires
from profiles import looks

PER_PAGE = 30


def _plan(pk: int) -> Plan:
    return get_object_or_404(Plan.objects.select_related("run__connection", "approved_by"), pk=pk)


def _looked(request: Request, profile_ids: Iterable[int | None], screen: str) -> None:
    ids = sorted({pk for pk in profile_ids if pk})
    if ids:
        looks.looked(request, ids, screen)


@require_GET
@requires(Can.SEE_PLANS)
def plans(request: Request) -> HttpResponse:
    found = Plan.objects.select_related("run__connection").newest_first()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    lines = [(plan, shown.actions(plan)) for plan in page.object_list]
    return render(request, "mailchimp/plans.html", {"page_obj": page, "lines": lines})


@require_GET
@never_cache
@requires(Can.SEE_PLANS)
def plan(request: Request, pk: int) -> HttpResponse:
    """The whole page; htmx asks for its state, or for the contacts alone."""
    found = _plan(pk)
    target = request.headers.get("HX-Target", "")
    if target == "state":
        return render(request, "mailchimp/_state.html", shown.state(found))
    contacts: dict[str, Any] = {"plan": found, "sees_people": may(request, Can.SEE_PEOPLE)}
    if contacts["sees_people"]:
        contacts |= shown.contacts(found, request.GET.dict())
        _looked(request, (item.profile_id for item in contacts["items"]), "plan")
    if target == "contacts":
        return render(request, "mailchimp/_contacts.html", contacts)
    return render(request, "mailchimp/plan.html", shown.page(found) | contacts)


@require_GET
@never_cache
@requires(Can.SEE_PLANS)
def audience(request: Request, pk: int, who: str) -> HttpResponse:
    found = _plan(pk)
    if not may(request, Can.SEE_PEOPLE):
        raise PermissionDenied
    if who not in shown.WHO:
        raise Http404
    members = shown.audience(found.run.connection, who, request.GET.get("after", ""))
    _looked(request, (person.pk for _member, person in members["lines"] if person), "audience")
    return render(request, "mailchimp/audience.html", {"plan": found, "who": who} | members)


@require_POST
@requires(Can.APPLY_PLANS)
def send(request: Request, pk: int) -> HttpResponse:
    found = _plan(pk)
    try:
        verbs.approve(plan=found, actor=request.user)
    except (NotPossible, verbs.PlanExpired) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The plan is being sent."))
    return redirect(found)


@require_POST
@requires(Can.APPLY_PLANS)
def retry(request: Request, pk: int) -> HttpResponse:
    found = _plan(pk)
    try:
        again = verbs.retry_failed(plan=found, actor=request.user)
    except verbs.PlanExpired as refusal:
        messages.error(request, str(refusal))
    else:
        told = ngettext("%(n)s contact is tried again.", "%(n)s contacts are tried again.", again)
        messages.success(request, told % {"n": again})
    return redirect(found)
