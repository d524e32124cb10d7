"""People: the list, the search and the person page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from organisations.access import Can, Request, requires
from profiles import guarding, listing, looks, panels, person_page, purposes
from profiles.models import Profile

FOUND = 7
"""How many people the search at the top of every page shows while somebody types."""


@require_GET
@never_cache
@requires(Can.SEE_PEOPLE)
def people(request: Request) -> HttpResponse:
    """The list; htmx gets the table alone."""
    text = request.GET.get("q", "").strip()[:200]
    choices = listing.chosen(request.GET)
    found = listing.people(
        text=text,
        choices=choices,
        order=request.GET.get("sort", ""),
        after=request.GET.get("after", ""),
        country=request.organisation.country,
    )
    looks.looked(request, [each.pk for each in found.people], "people", size=found.total, opened=())
    context = {
        "listing": found,
        "text": text,
        "choices": choices,
        "narrowed": bool(text) or any(choice.value for choice in choices),
        "columns": _columns(found.people),
    }
    is_part = request.headers.get("HX-Target") == "people"
    return render(request, "profiles/_people.html" if is_part else "profiles/people.html", context)


def _columns(people: list[Profile]) -> list[dict[str, Any]]:
    ids = [person.pk for person in people]
    return [
        {"key": column.key, "label": column.label, "states": column.states(ids) if ids else {}}
        for column in panels.columns()
    ]


@require_GET
@never_cache
@requires(Can.SEE_PEOPLE)
def find(request: Request) -> HttpResponse:
    """The few best matches under the search box at the top of every page."""
    text = request.GET.get("q", "").strip()[:200]
    if len(text) < 2:
        return HttpResponse("")
    found = listing.people(text=text, choices=[], order="", after="", country=request.organisation.country)
    shown = found.people[:FOUND]
    looks.looked(request, [each.pk for each in shown], "find", size=found.total, opened=())
    context = {"people": shown, "text": text, "total": found.total, "more": found.more}
    return render(request, "profiles/_found.html", context)


@require_GET
@never_cache
@requires(Can.SEE_PEOPLE)
def person(request: Request, public_id: UUID) -> HttpResponse:
    """One person. An id that was merged away leads to the person it became."""
    shown = person_page.resolved(public_id)
    if shown is None:
        raise Http404
    if shown.public_id != public_id:
        return redirect("profiles:person", shown.public_id)
    purposes.of(request, screen="person", about=[shown.pk])
    context = person_page.page(shown, request.membership.can, request.GET.dict())
    context["is_guarded"] = any(each.data.get("guarded") for each in context["badges"])
    seen = [shown.pk, *(other.pk for other in person_page.beside(context))]
    is_part = request.headers.get("HX-Target") == "tab"
    tab = context["tab"].panel.key
    fields = tab if is_part else f"contact, permissions, {tab}"
    looks.looked(request, seen, "person", fields=fields, opened=[shown.pk])
    return render(request, "profiles/_tab.html" if is_part else "profiles/person.html", context)


@require_POST
@requires(Can.SEE_PEOPLE)
def purpose(request: Request) -> HttpResponse:
    """What this visit is for; the access log carries it from now on."""
    purposes.choose(request, request.POST.get("purpose", ""))
    return _back(request)


@require_POST
@requires(Can.HANDLE_REQUESTS)
def guard(request: Request, public_id: UUID) -> HttpResponse:
    """Guards a person known to the public or under protection, or lifts that again."""
    found = get_object_or_404(Profile, public_id=public_id, state=Profile.State.ACTIVE)
    if request.POST.get("do") == "lift":
        guarding.lift(found, actor=request.user)
        messages.success(request, _("No longer guarded."))
    else:
        guarding.guard(found, actor=request.user)
        messages.success(request, _("Guarded: from now on every look at this person is told."))
    return redirect("profiles:person", found.public_id)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    here = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(here, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(here if safe else "/people/")
