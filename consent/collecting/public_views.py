"""A form as customers see it, alone or inside somebody's page, and the link that confirms."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_http_methods

from consent import house
from consent.collecting import answering, confirming, evidence, people, serving, ticket
from consent.collecting.answering import Sent
from consent.collecting.evidence import Evidence
from consent.collecting.serving import NoVersion, Served, TooYoung
from consent.collecting.spec import Unusable
from consent.experiments import understanding
from consent.models import ConsentForm
from consent.preferences.limits import within
from organisations.public import PublicRequest, public

NAMES = {
    "nb": "Norsk",
    "da": "Dansk",
    "sv": "Svenska",
    "nl": "Nederlands",
    "de": "Deutsch",
    "en": "English",
}
MOST_ANSWERS, ANSWERS_IN = 20, 600
"""From one network address within so many seconds. A foyer's shared tablet stays below."""
MOST_CLICKS, CLICKS_IN = 60, 600


@public
@require_http_methods(["GET", "HEAD", "POST"])
def hosted(request: PublicRequest, key: str) -> HttpResponse:
    """The form's own page."""
    return _page(request, key, embedded=False)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def embedded(request: PublicRequest, key: str) -> HttpResponse:
    """For a frame inside the pages of `ConsentForm.origins`, and no others."""
    answer = _page(request, key, embedded=True)
    form = _form(key)
    answer.xframe_options_exempt = True
    answer._csp_replace = {"frame-ancestors": form.origins or ["'none'"]}  # type: ignore[attr-defined]
    return answer


def _page(request: PublicRequest, key: str, *, embedded: bool) -> HttpResponse:
    form = _form(key)
    if form.state == ConsentForm.State.CLOSED:
        return _render(request, form, "forms/public_closed.html", {}, embedded, status=410)
    if request.method == "POST":
        return _answer(request, form, embedded)
    served = _serve(form, ticket.unit_of(request.GET.get("unit", "")), request.LANGUAGE_CODE)
    serving.shown(served)
    page = evidence.page(request.GET.get("page", "")) or request.build_absolute_uri(request.path)
    return _show(request, served, Sent(), page, embedded)


def _form(key: str) -> ConsentForm:
    form = ConsentForm.objects.select_related("point__source").filter(key=key).first()
    if form is None or form.state == ConsentForm.State.DRAFT:
        raise Http404
    return form


def _serve(form: ConsentForm, unit: str, locale: str) -> Served:
    try:
        return serving.serve(form, unit=unit, locale=locale)
    except (NoVersion, Unusable) as error:
        raise Http404 from error


def _answer(request: PublicRequest, form: ConsentForm, embedded: bool) -> HttpResponse:
    kept = ticket.read(request.POST.get("ticket", ""), form)
    if kept is None:
        served = _serve(form, ticket.unit_of(""), request.LANGUAGE_CODE)
        late = Sent(errors={"late": "late"}, values=request.POST.dict())
        return _show(request, served, late, "", embedded, status=409)
    if not within("form", _address(request), most=MOST_ANSWERS, seconds=ANSWERS_IN):
        return _render(request, form, "forms/public_busy.html", {}, embedded, status=429)
    if request.POST.get(answering.TRAP):
        return _thanks(request, kept, None, embedded)
    country = form.point.source.country if form.point.source else ""
    with translation.override(kept.served.locale):
        sent = answering.read(kept.served, request.POST.dict(), country)
        sent = _written(request, kept, sent)
    if sent.said is None:
        return _show(request, kept.served, sent, kept.page, embedded, status=422)
    return _thanks(request, kept, sent.said, embedded)


def _written(request: PublicRequest, kept: ticket.Ticket, sent: Sent) -> Sent:
    if sent.said is None:
        return sent
    seen = Evidence(_address(request), request.headers.get("User-Agent", ""), kept.page)
    try:
        serving.answer(kept.served, sent.said, kept.shown_at, seen, order_ref=kept.order_ref)
    except TooYoung as young:
        return answering.too_young(sent, kept.served, young.age)
    except people.NobodyToWriteTo:
        return answering.nobody(sent)
    return sent


def _show(
    request: PublicRequest, served: Served, sent: Sent, page: str, embedded: bool, status: int = 200
) -> HttpResponse:
    context = {"served": served, "sent": sent, "ticket": ticket.write(served, page)} | shown(served, sent)
    return _render(request, served.form, "forms/public_form.html", context, embedded, served, status)


def shown(served: Served, sent: Sent) -> dict[str, Any]:
    """What the template needs to draw a form; also for the preview in the editor."""
    layout = served.spec.layout
    channels = served.spec.channels(served.locale, served.texts)
    return {
        "layout": layout,
        "words": served.words,
        "asks": [_drawn(served, ask, sent) for ask in served.asks],
        "by_button": any(ask.text.control == "button" for ask in served.asks),
        "asks_email": "email" in channels or layout.optout == "control" or not channels,
        "asks_phone": layout.phone != "no" or bool(channels - {"email"}),
        "trap": answering.TRAP,
    }


def _drawn(served: Served, ask: Any, sent: Sent) -> dict[str, Any]:
    layout = served.spec.layout
    answers = [("yes", ask.control.yes, layout.yes_style), ("no", ask.control.no, layout.no_style)]
    chosen = sent.values.get(ask.name, "yes" if layout.preselected and not sent.values else "")
    return {
        "ask": ask,
        "answers": [each for each in answers if each[1]][:: -1 if layout.answers == "no_first" else 1],
        "chosen": chosen,
        "split": layout.split and len(ask.text.purposes) * len(ask.text.channels) > 1,
    }


def _thanks(request: PublicRequest, kept: ticket.Ticket, said: Any, embedded: bool) -> HttpResponse:
    """The same for everybody, known or not; it never says what is on file."""
    served = kept.served
    yes = [ask for ask in served.asks if said and said.answers.get(ask.name)]
    asked = {purpose for ask in yes for purpose in ask.purposes}
    question = understanding.ask(served.assigned, served.form, asked) if served.assigned and said else None
    context = {
        "served": served,
        "words": served.words,
        "said": said,
        "yes": yes,
        "question": question,
        "may_confirm": served.form.double_optin != ConsentForm.Confirming.PAID,
    }
    return _render(request, served.form, "forms/public_thanks.html", context, embedded, served)


def _render(
    request: PublicRequest,
    form: ConsentForm,
    template: str,
    context: dict[str, Any],
    embedded: bool,
    served: Served | None = None,
    status: int = 200,
    locale: str = "",
) -> HttpResponse:
    """In the form's language, which may be another than the reader asked for (L14)."""
    codes = list(served.spec.locales) if served else []
    context |= {
        "form": form,
        "organisation": request.organisation,
        "controller": house.settings(),
        "base": "forms/public_embedded.html" if embedded else "public/base.html",
        "embedded": embedded,
        "here": request.path,
        "languages": [(code, NAMES[code]) for code in codes] if len(codes) > 1 else [],
        "privacy_url": form.privacy_url or house.settings().privacy_url,
    }
    with translation.override(locale or (served.locale if served else request.LANGUAGE_CODE)):
        return render(request, template, context, status=status)


def _address(request: PublicRequest) -> str:
    return str(get_adapter().get_client_ip(request))


@public
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: PublicRequest, token: str) -> HttpResponse:
    """Opening shows what the click says yes to and changes nothing; the button confirms."""
    if not within("confirm", _address(request), most=MOST_CLICKS, seconds=CLICKS_IN):
        raise Http404
    found = confirming.find(token)
    if found is None:
        raise Http404
    if request.method == "POST":
        seen = Evidence(_address(request), request.headers.get("User-Agent", ""), "")
        confirming.confirm(found.confirmation, seen)
    form = found.confirmation.version.form
    context = {"found": found, "state": found.state, "child": bool(found.confirmation.guardian_sealed)}
    template, locale = "forms/public_confirm.html", found.confirmation.locale
    return _render(request, form, template, context, False, locale=locale)
