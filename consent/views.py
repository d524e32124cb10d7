"""Permissions: what is asked where, who vouches for it, and what staff note about a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from consent import explain, ledger, names, verbs
from consent.forms import PermissionForm, PointForm, TextForm
from consent.gather import CHANNELS
from consent.models import CollectionPoint, ConsentText, Purpose
from consent.overview import points_with_waiting, why_not
from organisations.access import Can, Request, requires
from profiles.models import Identifier, Profile


@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def permissions(request: Request) -> HttpResponse:
    """Collection points, those nobody vouches for first; texts; purposes; who cannot be reached and why."""
    points = points_with_waiting()
    context = {
        "points": points,
        "unverified": [each for each in points if not each.point.is_verified],
        "waiting": sum(each.waiting for each in points),
        "texts": ConsentText.objects.order_by("name", "locale", "-version"),
        "purposes": [
            {"purpose": each, "name": names.purpose(each.key), "help": names.EXPLANATIONS.get(each.key, "")}
            for each in Purpose.objects.all()
        ],
        "reasons": why_not(),
    }
    return render(request, "consent/permissions.html", context)


@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def point(request: Request, pk: int) -> HttpResponse:
    """The questions about one collection point, and what answering them would do."""
    found = get_object_or_404(CollectionPoint.objects.select_related("source", "text"), pk=pk)
    form = PointForm(request.POST) if request.method == "POST" else PointForm.of(found)
    if request.method == "POST" and form.is_valid():
        done = verbs.verify_point(found, meaning=form.meaning(), actor=request.user)
        messages.success(request, _told(found, done))
        return redirect("consent:permissions")
    context = {
        "point": found,
        "form": form,
        "if_refusal": ledger.consequences(found, no_is_explicit=True),
        "if_empty": ledger.consequences(found, no_is_explicit=False),
    }
    return render(request, "consent/point.html", context)


def _told(point: CollectionPoint, done: ledger.Consequences) -> str:
    parts = [_("“%(point)s” is verified.") % {"point": point.name}]
    if done.opens:
        parts.append(_("%(n)s waiting permissions are open now.") % {"n": done.opens})
    if done.refusals:
        parts.append(_("%(n)s remembered nos are refusals now.") % {"n": done.refusals})
    if done.taken_back:
        parts.append(_("%(n)s refusals were empty boxes and are taken back.") % {"n": done.taken_back})
    return " ".join(parts)


@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def new_text(request: Request) -> HttpResponse:
    """A consent text, or the next version of one (`?from=` its number)."""
    form = TextForm(request.POST or None, initial=_former(request.GET.get("from", "")))
    if request.method == "POST" and form.is_valid():
        text = verbs.add_text(actor=request.user, **form.cleaned_data)
        messages.success(request, _("%(text)s is registered.") % {"text": text})
        return redirect("consent:permissions")
    return render(request, "consent/text_new.html", {"form": form})


def _former(pk: str) -> dict[str, object]:
    text = ConsentText.objects.filter(pk=int(pk)).first() if pk.isdecimal() else None
    if text is None:
        return {"locale": "nb", "channels": ["email"], "purposes": ["marketing.newsletter"]}
    return {name: getattr(text, name) for name in TextForm.base_fields}


@require_POST
@requires(Can.EDIT_PEOPLE)
def withdraw(request: Request, public_id: UUID) -> HttpResponse:
    """The person takes one permission back, told to staff."""
    return _note(request, public_id, give=False)


@require_POST
@requires(Can.EDIT_PEOPLE)
def give(request: Request, public_id: UUID) -> HttpResponse:
    """The person says yes to staff. It lifts no earlier no, and says so."""
    return _note(request, public_id, give=True)


def _note(request: Request, public_id: UUID, *, give: bool) -> HttpResponse:
    person = _person(public_id)
    form = PermissionForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("Choose an address and a purpose."))
    said = form.cleaned_data
    identifier = _of(person, said["identifier"])
    facts: dict[str, Any] = {
        "actor": request.user,
        "identifier_id": identifier.pk,
        "purpose": said["purpose"],
        "channel": CHANNELS[identifier.kind_id],
        "note": said["note"],
    }
    if give:
        verbs.give(text=None, **facts)
        messages.success(request, _("The yes is noted. It does not lift an earlier no."))
    else:
        verbs.withdraw(**facts)
        messages.success(request, _("The permission is taken back, from this moment."))
    return redirect(_back(person))


@require_POST
@requires(Can.EDIT_PEOPLE)
def object_to_everything(request: Request, public_id: UUID) -> HttpResponse:
    """The person wants no marketing at all."""
    person = _person(public_id)
    record = person.sourcerecord_set.order_by("pk").first()
    if record is None:
        raise Http404
    verbs.object_to_everything(actor=request.user, record=record, note=request.POST.get("note", "")[:200])
    messages.success(request, _("No more marketing to any address of this person, from this moment."))
    return redirect(_back(person))


def _person(public_id: UUID) -> Profile:
    return get_object_or_404(Profile, public_id=public_id, state=Profile.State.ACTIVE)


def _of(person: Profile, identifier_id: int) -> Identifier:
    for identifier in explain.contact_points(person):
        if identifier.pk == identifier_id:
            return identifier
    raise Http404


def _back(person: Profile) -> str:
    return f"/people/{person.public_id}/?tab=permissions"
