from django.urls import path

from consent.registers import views

app_name = "registers"
urlpatterns = [
    path("settings/registers/", views.registers, name="registers"),
    path("settings/registers/numbers/", views.numbers, name="numbers"),
    path("settings/registers/<int:pk>/", views.file, name="file"),
]
