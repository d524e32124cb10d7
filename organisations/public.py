"""Pages for an organisation's own customers: nobody signs in, no cookie is set or read.

Their address begins with the organisation's slug. Whatever is wrong with an address, the answer
is the same 404: nobody learns what exists. They speak every language that the catalogue of
public words has, whatever the back office speaks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django_tenants.utils import tenant_context

from organisations.models import Organisation

P = ParamSpec("P")
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


class PublicRequest(HttpRequest):
    """A request inside `@public`: in the organisation's schema, in the reader's language."""

    organisation: Organisation
    LANGUAGE_CODE: str


View = Callable[Concatenate[Any, P], HttpResponseBase]


def language_of(request: HttpRequest, organisation: Organisation) -> str:
    """`?lang=` first, then what the browser prefers, then the organisation's own."""
    asked = request.GET.get("lang", "") or _posted(request)
    if asked in LANGUAGES:
        return asked
    for wish in request.headers.get("Accept-Language", "").split(","):
        code = wish.partition(";")[0].strip().lower().partition("-")[0]
        code = "nb" if code in ("no", "nn") else code
        if code in LANGUAGES:
            return code
    return organisation.language if organisation.language in LANGUAGES else settings.LANGUAGE_CODE


def _posted(request: HttpRequest) -> str:
    """A mail program's post is heard whatever its body: one that is no form names no language."""
    try:
        return request.POST.get("lang", "")
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        return ""


def public(view: View[P]) -> Callable[..., HttpResponseBase]:
    """For a view of (request, …) under an address that begins with `<slug:organisation>`.

    Cross-site request forgery is no danger where no cookie says who somebody is.
    """

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        found = Organisation.objects.filter(slug=kwargs.pop("organisation")).first()
        try:
            answer = _inside(view, cast(PublicRequest, request), found, *args, **kwargs)
        except Http404:
            answer = _not_found(request)
        add_never_cache_headers(answer)
        answer.headers.setdefault("Referrer-Policy", "no-referrer")
        return answer

    opened.required = "public"  # type: ignore[attr-defined]
    return opened


def _inside(
    view: View[...], request: PublicRequest, organisation: Organisation | None, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    if organisation is None:
        raise Http404
    request.organisation = organisation
    language = language_of(request, organisation)
    with tenant_context(organisation), translation.override(language):
        request.LANGUAGE_CODE = language
        return view(request, *args, **kwargs)


def _not_found(request: HttpRequest) -> HttpResponse:
    """The same for a wrong organisation and a wrong token: nothing in it hangs on what was asked."""
    return HttpResponse(render_to_string("public/not_found.html"), status=404)


def public_url(organisation: Organisation, path: str) -> str:
    """The whole address of a public page, for mails and files: never from a request's Host header."""
    return f"{settings.FOYER_BASE_URL}/{path.lstrip('/')}"


def plain(text: str, status: int = 200) -> HttpResponse:
    """A body without markup, for machines."""
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
