"""The person page: choosing one of the values that sources tell, and leaving it to the rules again."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from organisations.access import Can, Request, requires
from profiles import person_page
from profiles.identity.acting import NotPossible
from profiles.identity.survivorship import pin, unpin
from profiles.models import IdentityAct, Profile


@require_POST
@requires(Can.EDIT_PEOPLE)
def use_value(request: Request, public_id: UUID) -> HttpResponse:
    """This record's value counts."""
    person, unit = _person(public_id), request.POST.get("unit", "")
    record = request.POST.get("record", "")
    if not record.isdecimal():
        raise Http404
    return _done(
        request,
        person,
        unit,
        _("This value counts from now on."),
        lambda: pin(profile=person, unit=unit, record=int(record), actor=request.user.email),
    )


@require_POST
@requires(Can.EDIT_PEOPLE)
def use_rules(request: Request, public_id: UUID) -> HttpResponse:
    """Nobody's choice counts any more."""
    person, unit = _person(public_id), request.POST.get("unit", "")
    return _done(
        request,
        person,
        unit,
        _("The rules decide again."),
        lambda: unpin(profile=person, unit=unit, actor=request.user.email),
    )


def _person(public_id: UUID) -> Profile:
    found = person_page.resolved(public_id)
    if found is None:
        raise Http404
    return found


def _done(
    request: Request, person: Profile, unit: str, said: str, act: Callable[[], IdentityAct]
) -> HttpResponse:
    """Back to the field on the person page, with what became of it."""
    try:
        done = act()
    except NotPossible as problem:
        messages.error(request, str(problem))
        return HttpResponseRedirect(reverse("profiles:person", args=[person.public_id]))
    messages.success(request, said, extra_tags=f"undo={reverse('identity:undo', args=[done.pk])}")
    return HttpResponseRedirect(reverse("profiles:person", args=[person.public_id]) + f"#value-{unit}")
