"""Bearer tokens for other systems (RFC 6750)."""

import hmac
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, cast

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django_tenants.utils import tenant_context

from organisations import oneway
from organisations.models import ApiToken, Organisation

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# Guessing is hopeless at 256 bits; this keeps a broken client from filling the log and the database.
MOST_FAILURES = 30
WINDOW = 600  # seconds
# `last_used_at` is for people; a write per request would be for nobody.
USE_IS_NOTED_EVERY = timedelta(minutes=1)


class TokenRequest(HttpRequest):
    """A request inside `@token_required`."""

    token: ApiToken
    organisation: Organisation


def authenticate(request: HttpRequest) -> ApiToken | None:
    """The usable token in the Authorization header, or None."""
    scheme, _, plaintext = request.headers.get("Authorization", "").partition(" ")
    parts = plaintext.strip().split("_", 2)
    if scheme.lower() != "bearer" or len(parts) != 3 or parts[0] != "foyer":
        return None
    token = ApiToken.objects.usable().select_related("organisation").filter(prefix=parts[1]).first()
    if token is None or not hmac.compare_digest(token.token_hash, oneway.digest(plaintext.strip())):
        return None
    _note_use(token)
    return token


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY)
    ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)


def token_required(scope: str) -> Callable[[Callable[Concatenate[Any, P], HttpResponseBase]], View[P]]:
    """Opens a route to tokens with this scope, inside the token's organisation.

    Cookies count for nothing here, so there is no CSRF to guard against.
    """

    def decorate(view: Callable[Concatenate[Any, P], HttpResponseBase]) -> View[P]:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if _failures(request)[1] >= MOST_FAILURES:
                return _refuse(HTTPStatus.TOO_MANY_REQUESTS, "too_many_failures")
            token = authenticate(request)
            if token is None:
                _note_failure(request)
                return _refuse(HTTPStatus.UNAUTHORIZED, "invalid_token")
            if scope not in token.scopes:
                return _refuse(HTTPStatus.FORBIDDEN, "insufficient_scope", scope=scope)
            asked = cast(TokenRequest, request)
            asked.token, asked.organisation = token, token.organisation
            with tenant_context(token.organisation):
                response = view(request, *args, **kwargs)
            response.headers["Cache-Control"] = "no-store"
            return response

        guarded.required = f"token {scope}"  # type: ignore[attr-defined]
        return guarded

    return decorate


def _failures(request: HttpRequest) -> tuple[str, int]:
    """The cache key of this visitor's failures in this window, and how many there are."""
    address = get_adapter().get_client_ip(request)
    key = f"token-failures:{oneway.digest(address)}:{int(time.time() // WINDOW)}"
    return key, cache.get(key, 0)


def _note_failure(request: HttpRequest) -> None:
    """Not exact when two fail at once, which is good enough for a limit."""
    key, count = _failures(request)
    cache.set(key, count + 1, 2 * WINDOW)


def _refuse(status: HTTPStatus, error: str, **more: str) -> JsonResponse:
    response = JsonResponse({"error": error, **more}, status=status)
    response.headers["Cache-Control"] = "no-store"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = str(WINDOW)
    else:
        response.headers["WWW-Authenticate"] = f'Bearer realm="Foyer", error="{error}"'
    return response
