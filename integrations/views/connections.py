"""Connections: what is broken first, setting one up, one connection."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from integrations import connecting, overview, runs
from integrations.connectors import Connector, Preset, registry
from integrations.forms import ConnectionForm
from integrations.models import AlarmOptOut, Connection, Trigger
from organisations.access import Can, Request, requires


@requires(Can.SEE_RUNS)
def connections(request: Request) -> HttpResponse:
    context = {
        "lines": overview.connections(request.organisation),
        "mails": not AlarmOptOut.objects.filter(user=request.user).exists(),
    }
    return render(request, "integrations/connections.html", context)


@requires(Can.MANAGE_CONNECTIONS)
def choose(request: Request) -> HttpResponse:
    """Systems with an API of their own before files."""
    classes = sorted((cls for cls in registry().values() if cls.offered), key=lambda cls: bool(cls.presets))
    groups = [
        (_("People come from there"), [cls for cls in classes if not cls.writes]),
        (_("People go there"), [cls for cls in classes if cls.writes]),
    ]
    return render(request, "integrations/connection_choose.html", {"groups": groups})


@requires(Can.MANAGE_CONNECTIONS)
def new(request: Request, connector: str) -> HttpResponse:
    cls = _class(connector)
    preset = _preset(cls, request.GET.get("preset", ""))
    form = ConnectionForm(request.POST or None, connector=cls, preset=preset)
    if request.method == "POST" and form.is_valid():
        if "check" in request.POST:
            return _checked(request, form)
        connection = form.save(request.user, request.organisation)
        messages.success(request, _("%(name)s is connected.") % {"name": connection.name})
        return redirect(cls.begins_at, connection.slug) if cls.begins_at else redirect(connection)
    return _form(request, form)


@requires(Can.MANAGE_CONNECTIONS)
def edit(request: Request, slug: str) -> HttpResponse:
    connection = get_object_or_404(Connection, slug=slug)
    form = ConnectionForm(request.POST or None, connector=_class(connection.connector), connection=connection)
    if request.method == "POST" and form.is_valid():
        if "check" in request.POST:
            return _checked(request, form)
        form.save(request.user, request.organisation)
        messages.success(request, _("Saved."))
        return redirect(connection)
    return _form(request, form)


@requires(Can.SEE_RUNS)
def connection(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Connection.objects.select_related("source"), slug=slug)
    context = overview.one_connection(found, request.organisation)
    return render(request, "integrations/connection.html", context)


@require_POST
@requires(Can.START_RUNS)
def start(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Connection, slug=slug)
    run = runs.start(connection=found, trigger=Trigger.MANUAL, actor=request.user)
    return redirect(run)


@require_POST
@requires(Can.MANAGE_CONNECTIONS)
def switch(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Connection, slug=slug)
    on = request.POST.get("on") == "1"
    connecting.switch(connection=found, actor=request.user, on=on)
    said = _("%(name)s runs by itself again.") if on else _("%(name)s is switched off.")
    messages.success(request, said % {"name": found.name})
    return redirect(found)


@require_POST
@requires(Can.MANAGE_CONNECTIONS)
def check(request: Request, slug: str) -> HttpResponse:
    """Tries the stored settings."""
    found = get_object_or_404(Connection, slug=slug)
    checked = connecting.check(found)
    return render(request, "integrations/_checked.html", {"checked": checked})


@require_POST
@requires(Can.MANAGE_CONNECTIONS)
def renew_webhook(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Connection, slug=slug)
    connecting.renew_webhook_secret(connection=found, actor=request.user)
    messages.success(request, _("The old address is closed. Enter the new one in the other system."))
    return redirect(found)


@require_POST
@requires(Can.SEE_RUNS)
def alarm_mail(request: Request) -> HttpResponse:
    """Whether this administrator gets alarms by e-mail."""
    connecting.want_alarm_mail(user=request.user, wanted=request.POST.get("wanted") == "1")
    return redirect("integrations:connections")


def _form(request: Request, form: ConnectionForm) -> HttpResponse:
    return render(request, "integrations/connection_form.html", {"form": form, "connector": form.connector})


def _checked(request: Request, form: ConnectionForm) -> HttpResponse:
    """The answer to the check button: a fragment for htmx, else the form with the answer above it."""
    checked = connecting.check(form.tried())
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "integrations/_checked.html", {"checked": checked})
    context = {"form": form, "connector": form.connector, "checked": checked}
    return render(request, "integrations/connection_form.html", context)


def _class(connector: str) -> type[Connector]:
    try:
        return registry()[connector]
    except KeyError:
        raise Http404 from None


def _preset(cls: type[Connector], slug: str) -> Preset | None:
    if not slug:
        return None
    found = next((preset for preset in cls.presets if preset.slug == slug), None)
    if found is None:
        raise Http404
    return found
