"""Addresses of this room. Sign-in itself is allauth's, under /accounts/."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from organisations import api
from organisations.views import audit, entrance, members, platform, settings, switch, tokens


def closed(request: HttpRequest) -> HttpResponse:
    """allauth has pages for signing up and for changing one's address; Foyer has neither."""
    raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    path("welcome/<str:secret>/", entrance.welcome, name="welcome"),
    path("invitation/<str:secret>/", entrance.invitation, name="invitation"),
    path("organisation/", switch.choose, name="organisation"),
    path("organisation/new/", switch.new, name="organisation_new"),
    path("platform/", platform.platform, name="platform"),
    path("settings/", settings.index, name="settings"),
    path("settings/account/", settings.account, name="settings_account"),
    path("settings/organisation/", settings.organisation, name="settings_organisation"),
    path("settings/members/", members.members, name="settings_members"),
    path("settings/members/<int:pk>/", members.member, name="settings_member"),
    path("settings/members/<int:pk>/remove/", members.remove, name="settings_member_remove"),
    path(
        "settings/members/invitations/<int:pk>/withdraw/",
        members.withdraw,
        name="settings_invitation_withdraw",
    ),
    path("settings/tokens/", tokens.tokens, name="settings_tokens"),
    path("settings/tokens/new/", tokens.new, name="settings_token_new"),
    path("settings/tokens/<int:pk>/revoke/", tokens.revoke, name="settings_token_revoke"),
    path("settings/audit/", audit.audit, name="settings_audit"),
    path("settings/audit/looks/", audit.looks, name="settings_looks"),
    path("api/v1/me", api.me, name="api_me"),
    path("accounts/", RedirectView.as_view(pattern_name="settings_account"), name="account"),
    path("accounts/signup/", closed, name="account_signup"),
    path("accounts/email/", closed, name="account_email"),
    path("accounts/", include("allauth.urls")),
]
