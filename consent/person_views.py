"""What staff do about one person's permissions: note a yes or a no, undo it, show proof, give the link."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cdp.lib import crypto
from cdp.lib.tenancy import current_schema
from consent import explain, lines, staff
from consent.models import Channel, ConsentEvent, ConsentEvidence, ConsentText, Purpose
from consent.preferences import mailing, oneclick, tokens
from organisations.access import Can, Request, requires
from organisations.audit.verbs import record as audit
from profiles import looks
from profiles.models import Identifier, Profile


class SaidForm(forms.Form):
    """What both a yes and a no have: where, to what, by what, and how staff heard of it."""

    identifier = forms.IntegerField()
    purpose = forms.ModelChoiceField(Purpose.objects.exclude(pk="service.event_info"), required=False)
    channel = forms.ChoiceField(choices=[("", ""), *Channel.choices], required=False)
    note = forms.CharField(required=False, max_length=200)

    def purpose_key(self) -> str:
        found: Purpose | None = self.cleaned_data["purpose"]
        return found.pk if found else ""


class GiveForm(SaidForm):
    text = forms.ModelChoiceField(
        queryset=ConsentText.objects.filter(control=ConsentText.Control.ORAL), required=False
    )


class TakeBackForm(SaidForm):
    scope = forms.ChoiceField(choices=staff.SCOPES, required=False)


@require_POST
@requires(Can.EDIT_PEOPLE)
def withdraw(request: Request, public_id: uuid.UUID) -> HttpResponse:
    """The person says no to staff, as wide as they mean it. In effect at once."""
    person = _person(public_id)
    form = TakeBackForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("Choose an address and what it is about."))
    said = form.cleaned_data
    identifier, channel = _where(person, form)
    scope = said["scope"] or staff.THIS
    if scope == staff.THIS and not said["purpose"]:
        return HttpResponseBadRequest(_("Choose an address and what it is about."))
    act = staff.withdraw(
        actor=request.user, person=person, identifier=identifier, scope=scope,
        purpose=form.purpose_key(), channel=channel, note=said["note"],
    )  # fmt: skip
    messages.success(request, TAKEN_BACK[scope], extra_tags=_undo(person, act))
    return redirect(_back(person))


TAKEN_BACK = {
    staff.THIS: gettext_lazy("Taken back, from this moment."),
    staff.CHANNEL: gettext_lazy("No more marketing by this channel, from this moment."),
    staff.TAILORED: gettext_lazy("Left out of tailored content, from this moment."),
    staff.EVERYTHING: gettext_lazy("No more marketing to any address of this person, from this moment."),
}


@require_POST
@requires(Can.EDIT_PEOPLE)
def give(request: Request, public_id: uuid.UUID) -> HttpResponse:
    """The person says yes to staff. It lifts no earlier no, and says so."""
    person = _person(public_id)
    form = GiveForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("Choose an address and what it is about."))
    identifier, channel = _where(person, form)
    text: ConsentText | None = form.cleaned_data["text"]
    wanted = _wanted(text, identifier) if text else [(form.purpose_key(), channel)]
    if not wanted or not all(purpose for purpose, _channel in wanted):
        return HttpResponseBadRequest(_("These words ask for nothing that goes to this address."))
    note = form.cleaned_data["note"]
    act = staff.give(
        actor=request.user, person=person, identifier=identifier, wanted=wanted, note=note, text=text
    )
    closed = [purpose for purpose, by in wanted if not _opened(identifier, purpose, by)]
    if closed:
        told = _("The yes is noted, and opens nothing: an earlier no stands, which only the person can lift.")
        messages.warning(request, told, extra_tags=_undo(person, act))
    else:
        messages.success(request, _("The yes is noted, from this moment."), extra_tags=_undo(person, act))
    return redirect(_back(person))


def _wanted(text: ConsentText, identifier: Identifier) -> list[tuple[str, str]]:
    """What these words ask for that can go to this address."""
    reached = set(explain.channels_of(identifier.kind_id))
    return [(purpose, each) for purpose in text.purposes for each in text.channels if each in reached]


def _opened(identifier: Identifier, purpose: str, channel: str) -> bool:
    told = explain.why(identifier, purpose, channel)
    return told is not None and told.may


@require_POST
@requires(Can.EDIT_PEOPLE)
def undo(request: Request, public_id: uuid.UUID, act: uuid.UUID) -> HttpResponse:
    """A slip of the hand, taken back by whoever made it, within minutes."""
    person = _person(public_id)
    try:
        staff.undo(act, actor=request.user, person=person)
    except staff.TooLate:
        messages.error(request, _("This can no longer be undone here. Note what the person says now."))
    else:
        messages.success(request, _("Undone: the note counts for nothing. It stays in the history."))
    return redirect(_back(person))


@require_POST
@never_cache
@requires(Can.EDIT_PEOPLE)
def link(request: Request, public_id: uuid.UUID) -> HttpResponse:
    """The person's own preference page: mailed to their address, or shown to hand over."""
    person = _person(public_id)
    identifier = _of(person, request.POST.get("identifier", ""))
    is_mail = request.POST.get("do") == "mail"
    if is_mail:
        sent = mailing.send_link(identifier.pk, person.language[:2] or request.organisation.language)
        address = ""
    else:
        sent, address = False, oneclick.link(tokens.make(identifier.pk, mailed=False))
    summary = {"by": "mail" if is_mail else "shown", "sent": sent}
    audit(
        actor=request.user,
        verb="permission.link_shown",
        target=f"contact point {identifier.pk}",
        summary=summary,
    )
    context = {"person": person, "identifier": identifier, "address": address, "sent": sent}
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, "consent/_link.html" if is_part else "consent/link.html", context)


@require_GET
@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def evidence(request: Request, public_id: uuid.UUID, position: int) -> HttpResponse:
    """The traces of one act: the browser's address and kind, and the page. Who saw them is logged."""
    person = _person(public_id)
    traces = get_object_or_404(ConsentEvidence.objects.select_related("event"), event=position)
    if not _is_own(person, traces.event):
        raise Http404
    looks.looked(request, [person.pk], "permission evidence", fields="network address, browser, page")
    audit(actor=request.user, verb="permission.evidence_shown", target=f"ledger {position}")
    address = crypto.unseal(current_schema(), traces.ip_sealed) if traces.ip_sealed else ""
    return render(request, "consent/_traces.html", {"traces": traces, "address": address})


def _is_own(person: Profile, event: ConsentEvent) -> bool:
    points = explain.contact_points(person)
    if event.identifier_id not in {each.pk for each in points}:
        return False
    shared = lines.shared_among(points, person)
    return not lines.lines_of([event], person, shared)[0].others


def _person(public_id: uuid.UUID) -> Profile:
    return get_object_or_404(Profile, public_id=public_id, state=Profile.State.ACTIVE)


def _where(person: Profile, form: SaidForm) -> tuple[Identifier, str]:
    """The contact point, and a channel that it has: by default its own."""
    identifier = _of(person, str(form.cleaned_data["identifier"]))
    channels = explain.channels_of(identifier.kind_id)
    asked: str = form.cleaned_data["channel"]
    return identifier, asked if asked in channels else channels[0]


def _of(person: Profile, pk: Any) -> Identifier:
    for identifier in explain.contact_points(person):
        if str(identifier.pk) == pk:
            return identifier
    raise Http404


def _undo(person: Profile, act: staff.Act) -> str:
    return f"undo=/people/{person.public_id}/permissions/undo/{act.number}/"


def _back(person: Profile) -> str:
    return f"/people/{person.public_id}/?tab=permissions"
