"""Which organisation a request is about.

Order in settings: NoZeroBytes, PublicFirst, sessions, authentication, messages, then the others.
"""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from organisations.access import go_to, may
from organisations.models import Membership, User
from organisations.roles import Can, Role

GetResponse = Callable[[HttpRequest], HttpResponse]
SESSION_KEY = "organisation_id"


class PublicFirst:
    """Begins and ends every request in the public schema.

    A connection outlives its request; what one organisation's request left behind must
    not be where the next one starts.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        finally:
            connection.set_schema_to_public()  # type: ignore[attr-defined]


class NoZeroBytes:
    """The database keeps no zero byte: an address that holds one is wrong, and no fault of ours."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponse("bad address", status=400, content_type="text/plain")
        return self.get_response(request)


class CurrentOrganisation:
    """Enters the organisation that the session names, if the user is still a member of it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = current_membership(request)
        request.membership = membership  # type: ignore[attr-defined]
        request.organisation = membership.organisation if membership else None  # type: ignore[attr-defined]
        if membership is None:
            return self.get_response(request)
        connection.set_tenant(membership.organisation)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            # Nobody who sits down at the machine later finds an organisation's page in its cache.
            add_never_cache_headers(response)
        return response


def current_membership(request: HttpRequest) -> Membership | None:
    """Asked anew on every request: a removed member is out at once, not at the next login."""
    if not isinstance(request.user, User) or not request.user.is_active:
        return None
    memberships = Membership.objects.filter(user=request.user).select_related("organisation", "user")
    chosen = request.session.get(SESSION_KEY)
    if chosen is not None:
        if membership := memberships.filter(organisation_id=chosen).first():
            return membership
        del request.session[SESSION_KEY]
    return _the_only_one(request, list(memberships[:2]))


def _the_only_one(request: HttpRequest, memberships: list[Membership]) -> Membership | None:
    """With one membership there is nothing to choose."""
    if len(memberships) != 1:
        return None
    request.session[SESSION_KEY] = memberships[0].organisation_id
    return memberships[0]


class BodyLimit:
    """Only somebody who may import files or registers sends large bodies, none larger than the largest file.

    Django writes an upload to the disk before any view is asked whether it wants it, and CSRF's
    guard reads it too, so this stands before both.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) <= self._most(request):
            return self.get_response(request)
        return HttpResponse(_("This is too large."), status=413, content_type="text/plain; charset=utf-8")

    @staticmethod
    def _most(request: HttpRequest) -> int:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        large = may(request, Can.START_RUNS) or may(request, Can.MANAGE_PERMISSIONS)
        return most + settings.FOYER_FILES_MOST_MB * 10**6 if large else most


class TwoFactorRequired:
    """Sends administrators to set up two-factor sign-in where their organisation asks for it.

    Somebody who has it set up has also used it: allauth lets nobody in without.
    """

    # Signing out, setting it up, changing to another organisation, and customers' pages stay possible.
    OPEN = ("/accounts/", "/organisation/", "/static/", "/healthz", "/p/")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership: Membership | None = getattr(request, "membership", None)
        if membership and self._lacks(membership) and not request.path.startswith(self.OPEN):
            messages.warning(
                request,
                _("%(organisation)s asks its administrators for two-factor sign-in. Set it up to go on.")
                % {"organisation": membership.organisation},
            )
            return go_to(request, reverse("mfa_activate_totp"))
        return self.get_response(request)

    @staticmethod
    def _lacks(membership: Membership) -> bool:
        return (
            membership.organisation.two_factor_required
            and membership.role == Role.ADMINISTRATOR
            and not is_mfa_enabled(membership.user, [Authenticator.Type.TOTP])
        )
