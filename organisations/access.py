"""Who may open what. Every view says so with one decorator."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from organisations.models import Membership, Organisation, User
from organisations.roles import CAPABILITIES, Can, Role, capabilities

__all__ = [
    "CAPABILITIES",
    "Can",
    "Request",
    "Role",
    "capabilities",
    "go_to",
    "may",
    "requires",
    "requires_login",
    "requires_operator",
    "sign_in_first",
]

P = ParamSpec("P")


class Request(HttpRequest):
    """A request inside `@requires`: somebody is signed in and an organisation is chosen."""

    user: User
    organisation: Organisation
    membership: Membership


AnyView = Callable[Concatenate[Any, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class _Marked(Protocol):
    required: str


def may(request: HttpRequest, capability: Can) -> bool:
    membership: Membership | None = getattr(request, "membership", None)
    return membership is not None and capability in membership.can


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """htmx would swap a redirect's page into a fragment; its own header moves the whole page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def sign_in_first(request: HttpRequest, target: str = "") -> HttpResponse:
    """And then on to the target, or back to the page the reader was on (not to a fragment of it)."""
    target = target or _page_around(request) or request.get_full_path()
    return go_to(request, f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': target}, safe='/')}")


def _page_around(request: HttpRequest) -> str:
    """Where htmx says that the reader is; empty for what is no address."""
    try:
        return urlsplit(request.headers.get("HX-Current-URL", "")).path
    except ValueError:
        return ""


def _mark(view: Any, required: str) -> None:
    """The permission table test reads it back, so that no page is left out."""
    cast(_Marked, view).required = required


def requires(capability: Can) -> Callable[[AnyView[P]], View[P]]:
    """Login, then an organisation, then the capability.

    Anonymous: to the login page. No organisation chosen: to the chooser. No membership
    anywhere: 404, as if the page did not exist. Without the capability: 403.
    """

    def decorate(view: AnyView[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            if getattr(request, "organisation", None) is None:
                return _choose(request)
            if not may(request, capability):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        _mark(guarded, capability.value)
        return guarded

    return decorate


def _choose(request: HttpRequest) -> HttpResponseBase:
    user = cast(User, request.user)
    if not user.is_operator and not user.memberships.exists():
        raise Http404
    return go_to(request, f"{reverse('organisation')}?{urlencode({'next': request.get_full_path()})}")


def requires_login(view: AnyView[P]) -> View[P]:
    """For pages about the user rather than about an organisation."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return sign_in_first(request)
        return view(request, *args, **kwargs)

    _mark(guarded, "login")
    return guarded


def requires_operator(view: AnyView[P]) -> View[P]:
    """Platform pages. To everybody else they do not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return sign_in_first(request)
        if not request.user.is_operator:
            raise Http404
        return view(request, *args, **kwargs)

    _mark(guarded, "operator")
    return guarded
