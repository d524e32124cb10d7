from django.urls import path

from profiles import views

app_name = "profiles"
urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/find/", views.find, name="find"),
    path("people/purpose/", views.purpose, name="purpose"),
    path("people/<uuid:public_id>/", views.person, name="person"),
    path("people/<uuid:public_id>/guard/", views.guard, name="guard"),
]
