"""All addresses; each room lists its own in its urls.py."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from cdp.health import healthy

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthy, name="healthz"),
    path("admin/", admin.site.urls),
    path("hooks/", include("integrations.hooks")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("organisations.urls")),  # with allauth under accounts/
    path("", include("profiles.urls")),
    path("identity/", include("profiles.identity.urls")),
    path("", include("consent.urls")),
    path("", include("consent.collecting.urls")),
    path("", include("consent.experiments.urls")),
    path("", include("consent.preferences.urls")),
    path("", include("consent.registers.urls")),
    path("", include("consent.rights.urls")),
    path("", include("consent.datamap.urls")),
    path("", include("integrations.files.urls")),
    path("", include("integrations.urls")),
    path("", include("integrations.mailchimp.urls")),
]
