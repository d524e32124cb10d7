from django.urls import path

from consent.preferences import console, views

app_name = "preferences"
urlpatterns = [
    path("p/<slug:organisation>/preferences/", views.ask, name="ask"),
    path("p/<slug:organisation>/u/<str:token>/", views.page, name="page"),
    path("p/<slug:organisation>/u/<str:token>/choices/", views.choices, name="choices"),
    path("p/<slug:organisation>/u/<str:token>/rights/", views.rights, name="rights"),
    path("p/<slug:organisation>/u/<str:token>/receipts/", views.receipts, name="receipts"),
    path("p/<slug:organisation>/u/<str:token>/receipt.json", views.receipt_json, name="receipt_json"),
    path("settings/preferences/", console.setting, name="setting"),
    path("people/unsubscribe/", console.by_mail, name="by_mail"),
]
