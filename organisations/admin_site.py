"""Django's admin, inside the chosen organisation and behind our own sign-in."""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from organisations.access import sign_in_first
from organisations.models import User
from organisations.roles import Role

ROOMS = {"cdp", "organisations", "profiles", "consent", "segments", "integrations"}


class FoyerAdminSite(AdminSite):
    site_header = _("Foyer settings")
    site_title = _("Foyer settings")
    index_title = _("Everything else")
    site_url = "/"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only what is built on our bases: an admin that a library brings knows no organisation.

        allauth's would show authenticators, and celery-beat's forms need inline scripts.
        """
        from organisations.admin_base import FoyerAdmin

        if admin_class and issubclass(admin_class, FoyerAdmin):
            super().register(model_or_iterable, admin_class, **options)
        elif admin_class is None or admin_class.__module__.split(".")[0] in ROOMS:
            raise ImproperlyConfigured(f"{model_or_iterable}: use a base of organisations.admin_base.")

    def has_permission(self, request: HttpRequest) -> bool:
        """Administrators of the chosen organisation, and operators (for users and organisations)."""
        user = request.user
        return isinstance(user, User) and user.is_active and (user.is_operator or is_administrator(request))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The admin has no sign-in of its own: that one would skip two-factor and the rate limit."""
        target = request.GET.get("next") or reverse("admin:index")
        if not request.user.is_authenticated:
            return sign_in_first(request, target)
        if getattr(request, "organisation", None) is None:
            return HttpResponseRedirect(f"{reverse('organisation')}?{urlencode({'next': target})}")
        raise PermissionDenied

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_logout"))

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_change_password"))


def is_administrator(request: HttpRequest) -> bool:
    membership = getattr(request, "membership", None)
    return membership is not None and membership.role == Role.ADMINISTRATOR
