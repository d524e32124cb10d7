"""Pages of file connections, below the connection's own address."""

from django.urls import path

from integrations.files import views

app_name = "files"

urlpatterns = [
    path("connections/<slug:slug>/mapping/", views.mapping, name="mapping"),
    path("connections/<slug:slug>/mapping/upload/", views.upload, name="upload"),
    path("connections/<slug:slug>/mapping/preview/", views.preview, name="preview"),
    path("connections/<slug:slug>/mapping/column/", views.column, name="column"),
    path("connections/<slug:slug>/mapping/restore/", views.restore, name="restore"),
    path("connections/<slug:slug>/mapping/read/", views.read, name="read"),
]
