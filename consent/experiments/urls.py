from django.urls import URLPattern, path

from consent.experiments import public_views, views

app_name = "experiments"
urlpatterns: list[URLPattern] = [
    path("form-tests/", views.listed, name="list"),
    path("form-tests/new/", views.choose, name="choose"),
    path("form-tests/new/<slug:key>/", views.new, name="new"),
    path("form-tests/<int:pk>/", views.one, name="one"),
    path("form-tests/<int:pk>/start/", views.start, name="start"),
    path("form-tests/<int:pk>/stop/", views.stop, name="stop"),
    path("form-tests/<int:pk>/discard/", views.discard, name="discard"),
    path("form-tests/<int:pk>/promote/", views.promote, name="promote"),
    path("p/<slug:organisation>/understood/", public_views.understood, name="understood"),
]
