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
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
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
    asked = request.GET.get("lang", "") or request.POST.get("lang", "")
    if asked in LANGUAGES:
        return asked
    for wish in request.headers.get("Accept-Language", "").split(","):
        code = wish.partition(";")[0].strip().lower().partition("-")[0]
        code = "nb" if code in ("no", "nn") else code
        if code in LANGUAGES:
            return code
    return organisation.language if organisation.language in LANGUAGES else settings.LANGUAGE_CODE


def public(view: View[P]) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
    """For a view of (request, …) under an address that begins with `<slug:organisation>`.

    Cross-site request forgery is no danger where no cookie says who somebody is.
    """

    @csrf_exempt
    @wraps(view)
    def opened(
        request: HttpRequest, organisation: str, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        found = Organisation.objects.filter(slug=organisation).first()
        if found is None:
            raise Http404
        asked = cast(PublicRequest, request)
        asked.organisation = found
        with tenant_context(found), translation.override(language_of(request, found)):
            asked.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            answer = view(asked, *args, **kwargs)
        add_never_cache_headers(answer)
        answer.headers.setdefault("Referrer-Policy", "no-referrer")
        return answer

    opened.required = "public"  # type: ignore[attr-defined]
    return opened


def public_url(organisation: Organisation, path: str) -> str:
    """The whole address of a public page, for mails and files: never from a request's Host header."""
    return f"{settings.FOYER_BASE_URL}/{path.lstrip('/')}"


def plain(text: str, status: int = 200) -> HttpResponse:
    """A body without markup, for machines."""
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
