"""The pages behind a link: unsubscribing, choosing, receipts, rights, and asking for the link.

Whatever is wrong with a token, the answer is one and the same 404. Nothing is changed by looking.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse

from cdp.lib import clock
from consent import house
from consent.collecting.evidence import Evidence
from consent.preferences import centre, oneclick, tokens, words
from consent.preferences import receipts as kept
from consent.preferences.forms import AskForm, RightsForm
from consent.preferences.limits import within
from consent.preferences.tokens import Read
from consent.rights import intake
from organisations.public import LANGUAGES, PublicRequest, public, public_url
from profiles.models import Identifier

P = ParamSpec("P")
LANGUAGE_NAMES = {
    "en": "English",
    "nb": "Norsk",
    "da": "Dansk",
    "sv": "Svenska",
    "nl": "Nederlands",
    "de": "Deutsch",
}
LooksFor = Callable[[PublicRequest, Read, Identifier | None], HttpResponse]


def by_token(view: LooksFor) -> Callable[Concatenate[HttpRequest, str, ...], HttpResponseBase]:
    """For a view of (request, what the token says, its contact point or None once erased)."""

    @public
    @wraps(view)
    def opened(request: PublicRequest, token: str) -> HttpResponse:
        found = tokens.read(token)
        if found is None:
            raise Http404
        return view(request, found, oneclick.contact_point(found))

    return opened


@by_token
def page(request: PublicRequest, read: Read, identifier: Identifier | None) -> HttpResponse:
    """GET shows the centre and changes nothing; POST takes back what the mail was for (RFC 8058 § 3.1).

    The body of the post is not asked for: whoever posts to this address, a mail program or the
    button on the page, wants out.
    """
    if request.method in ("GET", "HEAD"):
        return _centre(request, read, identifier)
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    oneclick.unsubscribe(read)
    return _centre(request, read, identifier, stopped=oneclick.what(read, identifier))


@by_token
def choices(request: PublicRequest, read: Read, identifier: Identifier | None) -> HttpResponse:
    """`stop` names one no, `yes` what was ticked. Without a question, and without a reason."""
    if request.method != "POST" or identifier is None:
        return _centre(request, read, identifier)
    stopped = centre.stop(identifier, request.POST.get("stop", ""), read)
    keys = request.POST.getlist("yes")
    taken = _accepted(request, read, identifier, keys)
    return _centre(
        request,
        read,
        identifier,
        stopped=stopped,
        taken=taken,
        changed_words=len(taken) < len(set(keys)) and read.mailed,
    )


def _accepted(
    request: PublicRequest, read: Read, identifier: Identifier, keys: list[str]
) -> list[words.Words]:
    """What a yes leaves of itself. The page is named without the token, which is a key."""
    if not keys:
        return []
    shown = Evidence(
        ip=get_adapter().get_client_ip(request),
        user_agent=request.headers.get("User-Agent", ""),
        page_url=public_url(request.organisation, f"p/{request.organisation.slug}/u/"),
    )
    return centre.accept(identifier, keys, read, locale=request.LANGUAGE_CODE, shown=shown)


def _centre(request: PublicRequest, read: Read, identifier: Identifier | None, **done: Any) -> HttpResponse:
    if identifier is None:
        return _render(request, "gone", read)
    standing = centre.standing(identifier, locale=request.LANGUAGE_CODE, may_give=read.mailed)
    stopped = done.pop("stopped", None)
    mail = oneclick.what(read, identifier)
    context = {
        "standing": standing,
        "address": masked(identifier),
        "mail": mail,
        "mail_name": f"{words.purpose(mail.purpose)}, {words.channel(mail.channel)}" if mail else "",
        "channels": [(key, words.channel(key)) for key in centre.CHANNELS[identifier.kind_id]],
        "mailed": read.mailed,
        "stopped": [words.purpose(stopped.purpose), words.channel(stopped.channel)] if stopped else None,
        "no_list": words.no_list() if stopped else "",
        "rights": RightsForm(),
        **done,
    }
    return _render(request, "page", read, context)


@by_token
def rights(request: PublicRequest, read: Read, identifier: Identifier | None) -> HttpResponse:
    """A request about one's data. The link proves the address it came to, and no more (CONSENT.md 3.1)."""
    if identifier is None or not read.mailed:
        return _centre(request, read, identifier)
    form = RightsForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _render(request, "rights", read, {"form": form, "address": masked(identifier)})
    asked = intake.open_request(
        form.cleaned_data["kind"],
        person=None,
        came_by="preferences",
        received_at=clock.now(),
        letter=form.cleaned_data["letter"],
        proven=identifier,
    )
    context = {"asked": asked, "what": form.chosen(), "address": masked(identifier)}
    return _render(request, "rights", read, context)


@by_token
def receipts(request: PublicRequest, read: Read, identifier: Identifier | None) -> HttpResponse:
    if identifier is None:
        return _render(request, "gone", read)
    context = {"receipts": kept.receipts(identifier), "address": masked(identifier)}
    return _render(request, "receipts", read, context)


@by_token
def receipt_json(request: PublicRequest, read: Read, identifier: Identifier | None) -> HttpResponse:
    found = kept.as_json(identifier, request.organisation) if identifier else []
    answer = JsonResponse(found, safe=False, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = 'attachment; filename="receipt.json"'
    return answer


@public
def ask(request: PublicRequest) -> HttpResponse:
    """ "Send me my link": one answer for everybody, so that nobody learns who is a customer."""
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _render(request, "ask", None, {"form": form})
    from consent.tasks import send_link

    address = form.cleaned_data["email"]
    known = Identifier.objects.filter(kind="email", namespace="", value=address).first()
    caller = get_adapter().get_client_ip(request)
    allowed = within("link", address, most=3, seconds=3600) and within(
        "caller", caller, most=30, seconds=3600
    )
    send_link.delay(known.pk if known and allowed else 0, request.LANGUAGE_CODE)
    return _render(request, "asked", None)


def _render(
    request: PublicRequest, name: str, read: Read | None, context: dict[str, Any] | None = None
) -> HttpResponse:
    slug = request.organisation.slug
    if read:
        token = request.resolver_match.kwargs["token"] if request.resolver_match else ""
        names = ("page", "choices", "rights", "receipts", "receipt_json")
        links = {each: reverse(f"preferences:{each}", args=[slug, token]) for each in names}
    else:
        links = {"page": reverse("preferences:ask", args=[slug])}
    shown = {
        "organisation": request.organisation,
        "links": links,
        "here": links.get("rights" if name == "rights" else "receipts" if name == "receipts" else "page"),
        "languages": [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        "house": house.settings(),
    }
    return render(request, f"preferences/{name}.html", shown | (context or {}))


def masked(identifier: Identifier) -> str:
    """Enough to know one's own by: links are forwarded together with the mails they stand in."""
    value = identifier.value
    if identifier.kind_id == "email":
        local, _at, domain = value.rpartition("@")
        return f"{local[:1]}•••@{domain}"
    return f"{value[:3]} ••• {value[-2:]}"
