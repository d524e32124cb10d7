"""The privacy lead's pages: home, data map and its record, the controller, balancing tests, rules, looks."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from django.contrib import messages
from django.forms import Field, Textarea
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cdp.lib import clock
from cdp.lib.cells import safe
from consent import balancing, house, verbs
from consent.datamap import home as front
from consent.datamap import mapping, ruling
from consent.datamap import record as art30
from consent.datamap.forms import LookPurposeForm, SeenForm, SettingsForm, SourceForm, TestForm
from consent.models import BalancingTest
from organisations.access import Can, Request, requires
from organisations.audit.models import AccessAlert, AccessEntry
from organisations.audit.verbs import record as audit
from organisations.forms import COUNTRIES
from organisations.roles import Role, role_label
from profiles import looks, purposes
from profiles.models import Source


@require_GET
@never_cache
@requires(Can.HANDLE_REQUESTS)
def home(request: Request) -> HttpResponse:
    """What waits, what runs by itself, and whether it did."""
    return render(request, "privacy/home.html", front.page())


@require_GET
@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def data_map(request: Request) -> HttpResponse:
    found = mapping.read()
    context = {"map": found, "gaps": found.gaps(), "countries": dict(COUNTRIES)}
    return render(request, "privacy/map.html", context)


@require_POST
@requires(Can.MANAGE_PERMISSIONS)
def source(request: Request, pk: int) -> HttpResponse:
    """Who looks after a source, and what it is for."""
    found = get_object_or_404(Source, pk=pk)
    form = SourceForm(request.POST, instance=found)
    if form.is_valid():
        if form.changed_data:
            form.save()
            summary = {"changed": sorted(form.changed_data)}
            audit(actor=request.user, verb="source.described", target=found.slug, summary=summary)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("This is too long."))
    return redirect("privacy:map")


@require_GET
@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def record(request: Request) -> HttpResponse:
    """The record of processing activities: to read and print, or as CSV or JSON."""
    built = art30.build(mapping.read())
    wanted = request.GET.get("as", "")
    if wanted in WRITERS:
        audit(actor=request.user, verb="processing_record.exported", target=wanted)
        answer = HttpResponse(WRITERS[wanted](built), content_type=TYPES[wanted])
        day = clock.local_date(request.organisation.time_zone).isoformat()
        answer["Content-Disposition"] = f'attachment; filename="record-of-processing-{day}.{wanted}"'
        return answer
    return render(request, "privacy/record.html", {"record": built})


def _csv(built: art30.Record) -> str:
    """With a mark at the beginning by which Excel knows that it is UTF-8."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([*map(safe, line)] for line in art30.lines(built))
    return "\ufeff" + out.getvalue()


def _json(built: art30.Record) -> str:
    return json.dumps(built, ensure_ascii=False, indent=2)


WRITERS = {"csv": _csv, "json": _json}
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def settings(request: Request) -> HttpResponse:
    """Who the controller is, for public pages, mails and the record."""
    form = SettingsForm(request.POST or None, instance=house.settings())
    if request.method == "POST" and form.is_valid():
        changed = house.change(actor=request.user, **form.cleaned_data)
        messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
        return redirect("privacy:settings")
    return render(request, "privacy/settings.html", {"form": form})


# Balancing tests


@require_GET
@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def tests(request: Request) -> HttpResponse:
    today = clock.local_date(request.organisation.time_zone)
    standing = set(balancing.standing(today).values_list("pk", flat=True))
    found = BalancingTest.objects.select_related("purpose").order_by("retired_at", "name", "-created_at")
    return render(request, "privacy/tests.html", {"tests": [(each, each.pk in standing) for each in found]})


@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def test_new(request: Request) -> HttpResponse:
    """A new one, or one written anew from an older (`?from=` its number)."""
    form = TestForm(request.POST or None, initial=_former(request.GET.get("from", "")))
    if request.method == "POST" and form.is_valid():
        made = balancing.write(actor=request.user, **form.cleaned_data)
        messages.success(request, _("Written. It counts once somebody has approved it."))
        return redirect("privacy:test", made.pk)
    return render(request, "privacy/test_new.html", {"form": form})


def _former(pk: str) -> dict[str, Any]:
    found = BalancingTest.objects.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 10 else None
    if found is None:
        return {}
    return {name: getattr(found, name) for name in TestForm.base_fields if name != "purpose"} | {
        "purpose": found.purpose_id
    }


@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def test(request: Request, pk: int) -> HttpResponse:
    """One balancing test; POST approves or retires it."""
    found = get_object_or_404(BalancingTest.objects.select_related("purpose"), pk=pk)
    if request.method == "POST":
        try:
            _decide(request, found)
        except balancing.NotAllowed as refusal:
            messages.error(request, str(refusal))
        return redirect("privacy:test", found.pk)
    today = clock.local_date(request.organisation.time_zone)
    is_own = found.author == request.user.email
    context = {
        "test": found,
        "counts": balancing.standing(today).filter(pk=found.pk).exists(),
        "may_approve": not (is_own and balancing.somebody_else_may(request.user)),
        "parts": [(field.label, getattr(found, name)) for name, field in _words(TestForm()).items()],
    }
    return render(request, "privacy/test.html", context)


def _words(form: TestForm) -> dict[str, Field]:
    """The parts that were written out, by name, with their labels."""
    return {name: each for name, each in form.fields.items() if isinstance(each.widget, Textarea)}


def _decide(request: Request, found: BalancingTest) -> None:
    if request.POST.get("do") == "approve":
        balancing.approve(found, actor=request.user)
        messages.success(request, _("Approved. It counts from now on, for twelve months."))
    elif request.POST.get("do") == "retire":
        balancing.retire(found, actor=request.user)
        messages.success(request, _("Retired. It opens nothing any more."))


# Rules


@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def rules(request: Request) -> HttpResponse:
    """The rules of every country as they hold here; `?place=&name=` offers to make one stricter."""
    asked = request.POST if request.method == "POST" else request.GET
    place, name = asked.get("place", ""), asked.get("name", "")
    form = None
    if ruling.is_settable(place, name):
        form = ruling.TightenForm(request.POST or None, place=place, name=name)
    elif request.method == "POST":
        raise Http404
    if form and request.method == "POST" and form.is_valid():
        verbs.tighten(actor=request.user, place=place, name=name, value=form.cleaned_data["value"])
        messages.success(request, _("Saved. Everybody is decided anew under it."))
        return redirect("privacy:rules")
    names = dict(COUNTRIES)
    context = {
        "form": form,
        "place": place,
        "place_label": _("House policy") if place == ruling.POLICY else ruling.place_label(place, names),
        "name": name,
        "columns": [ruling.place_label(each, names) for each in ruling.places()],
        "rows": ruling.rows(),
        "policy": ruling.policy(),
    }
    return render(request, "privacy/rules.html", context)


# Who looked


@never_cache
@requires(Can.HANDLE_REQUESTS)
def looking(request: Request) -> HttpResponse:
    """Alerts about looks, and what each role looks at people for."""
    if request.method == "POST":
        return _looked_into(request) if "alert" in request.POST else _set_default(request)
    alerts = list(AccessAlert.objects.order_by("seen_at", "-pk")[:100])
    alerts.sort(key=lambda alert: (alert.seen_at is not None, -alert.pk))
    entries = AccessEntry.objects.in_bulk([alert.entry_id for alert in alerts])
    context = {
        "alerts": [(alert, entries.get(alert.entry_id)) for alert in alerts],
        "open": looks.open_alerts(),
        "roles": [(role.value, role_label(role), purposes.default_of(role)) for role in Role],
        "purposes": purposes.Purpose.choices,
    }
    return render(request, "privacy/looking.html", context)


def _looked_into(request: Request) -> HttpResponse:
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise Http404
    alert = get_object_or_404(AccessAlert, pk=form.cleaned_data["alert"])
    if looks.seen(alert, actor=request.user, note=form.cleaned_data["note"]):
        messages.success(request, _("Noted as looked into."))
    else:
        messages.info(request, _("Somebody has looked into it already."))
    return redirect("privacy:looking")


def _set_default(request: Request) -> HttpResponse:
    form = LookPurposeForm(request.POST)
    if not form.is_valid() or form.cleaned_data["role"] not in Role.values:
        raise Http404
    purposes.set_default(actor=request.user, **form.cleaned_data)
    messages.success(request, _("Saved. It holds from everybody's next page."))
    return redirect("privacy:looking")
