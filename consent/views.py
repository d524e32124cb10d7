"""Permissions: what is asked where, who vouches for it, and what staff note about a person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from consent import ledger, names, verbs
from consent.forms import PointForm, TextForm
from consent.models import CollectionPoint, ConsentText, Purpose
from consent.overview import points_with_waiting, why_not
from organisations.access import Can, Request, requires


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
