from django.urls import path

from consent import views

app_name = "consent"
urlpatterns = [
    path("settings/permissions/", views.permissions, name="permissions"),
    path("settings/permissions/points/<int:pk>/", views.point, name="point"),
    path("settings/permissions/texts/new/", views.new_text, name="text_new"),
    path("people/<uuid:public_id>/permissions/withdraw/", views.withdraw, name="withdraw"),
    path("people/<uuid:public_id>/permissions/give/", views.give, name="give"),
    path("people/<uuid:public_id>/permissions/object/", views.object_to_everything, name="object"),
]
