"""Addresses of connections and runs. Connectors that have pages of their own bring their own."""

from django.urls import path

from integrations.views import byhand, connections, held, home, runs

app_name = "integrations"

urlpatterns = [
    path("", home.home, name="home"),
    path("welcome/", home.guide, name="guide"),
    path("example/remove/", home.remove_example, name="remove_example"),
    path("connections/", connections.connections, name="connections"),
    path("connections/alarm-mail/", connections.alarm_mail, name="alarm_mail"),
    path("connections/new/", connections.choose, name="connection_choose"),
    path("connections/new/<slug:connector>/", connections.new, name="connection_new"),
    path("connections/<slug:slug>/", connections.connection, name="connection"),
    path("connections/<slug:slug>/edit/", connections.edit, name="connection_edit"),
    path("connections/<slug:slug>/start/", connections.start, name="connection_start"),
    path("connections/<slug:slug>/switch/", connections.switch, name="connection_switch"),
    path("connections/<slug:slug>/check/", connections.check, name="connection_check"),
    path("connections/<slug:slug>/webhook/", connections.renew_webhook, name="connection_webhook"),
    path("runs/", runs.runs, name="runs"),
    path("by-hand/", byhand.by_hand, name="by_hand"),
    path("by-hand/<int:pk>/", byhand.preview, name="by_hand_preview"),
    path("by-hand/<slug:noun>/upload/", byhand.upload, name="by_hand_upload"),
    path("by-hand/<slug:noun>/template/", byhand.template, name="by_hand_template"),
    path("by-hand/<slug:noun>/download/", byhand.download, name="by_hand_download"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/<int:pk>/cancel/", runs.cancel, name="run_cancel"),
    path("runs/<int:pk>/retry/", runs.retry, name="run_retry"),
    path("runs/<int:pk>/approve/", runs.approve, name="run_approve"),
    path("runs/<int:pk>/undo/", runs.undo, name="run_undo"),
    path("runs/<int:pk>/held/", held.held, name="run_held"),
    path("runs/<int:pk>/held.csv", held.download, name="run_held_csv"),
    path("runs/<int:pk>/held/<int:row>/", held.correct, name="held_correct"),
    path("runs/<int:pk>/held/<int:row>/back/", held.bring_back, name="held_bring_back"),
    path("runs/<int:pk>/held/<int:row>/dismiss/", held.dismiss, name="held_dismiss"),
]
