from django.urls import URLPattern, path

from consent.datamap import views

app_name = "privacy"
urlpatterns: list[URLPattern] = [
    path("privacy/", views.home, name="home"),
    path("privacy/map/", views.data_map, name="map"),
    path("privacy/map/sources/<int:pk>/", views.source, name="source"),
    path("privacy/map/record/", views.record, name="record"),
    path("privacy/looking/", views.looking, name="looking"),
    path("privacy/rules/", views.rules, name="rules"),
    path("privacy/settings/", views.settings, name="settings"),
    path("privacy/balancing/", views.tests, name="tests"),
    path("privacy/balancing/new/", views.test_new, name="test_new"),
    path("privacy/balancing/<int:pk>/", views.test, name="test"),
]
