from django.urls import path

from consent.collecting import public_views

app_name = "forms"
urlpatterns = [
    path("p/<slug:organisation>/f/<slug:key>/", public_views.hosted, name="hosted"),
    path("p/<slug:organisation>/f/<slug:key>/embed/", public_views.embedded, name="embedded"),
    path("p/<slug:organisation>/c/<str:token>/", public_views.confirm, name="confirm"),
]
