from django.urls import path

from consent import person_views, views

app_name = "consent"
urlpatterns = [
    path("settings/permissions/", views.permissions, name="permissions"),
    path("settings/permissions/points/<int:pk>/", views.point, name="point"),
    path("settings/permissions/texts/new/", views.new_text, name="text_new"),
    path("people/<uuid:public_id>/permissions/withdraw/", person_views.withdraw, name="withdraw"),
    path("people/<uuid:public_id>/permissions/give/", person_views.give, name="give"),
    path("people/<uuid:public_id>/permissions/undo/<uuid:act>/", person_views.undo, name="undo"),
    path("people/<uuid:public_id>/permissions/link/", person_views.link, name="link"),
    path(
        "people/<uuid:public_id>/permissions/evidence/<int:position>/",
        person_views.evidence,
        name="evidence",
    ),
]
