"""Addresses of plans."""

from django.urls import path

from integrations.mailchimp import views

app_name = "mailchimp"

urlpatterns = [
    path("plans/", views.plans, name="plans"),
    path("plans/<int:pk>/", views.plan, name="plan"),
    path("plans/<int:pk>/send/", views.send, name="plan_send"),
    path("plans/<int:pk>/retry/", views.retry, name="plan_retry"),
    path("plans/<int:pk>/audience/<slug:who>/", views.audience, name="plan_audience"),
]
