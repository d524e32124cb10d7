"""A look at what the pages do not show. Verbs change these; the admin does not."""

from typing import ClassVar

from django.contrib import admin

from integrations.models import Alarm, Connection, Run, RunStep, Upload, WebhookDelivery
from organisations.admin_base import LedgerAdmin


@admin.register(Connection)
class ConnectionAdmin(LedgerAdmin[Connection]):
    list_display = ("name", "connector", "source", "schedule_time", "enabled")
    list_filter = ("connector", "enabled")
    exclude = ("sealed", "webhook_secret")


@admin.register(Run)
class RunAdmin(LedgerAdmin[Run]):
    list_display = (
        "id",
        "connection",
        "local_date",
        "trigger",
        "state",
        "attempts",
        "started_at",
        "finished_at",
    )
    list_filter = ("state", "trigger", "connection")
    list_select_related: ClassVar[tuple[str, ...]] = ("connection",)


@admin.register(RunStep)
class RunStepAdmin(LedgerAdmin[RunStep]):
    list_display = ("run_id", "name", "state", "done", "total", "started_at", "finished_at")
    list_filter = ("name", "state")
    ordering = ("-run_id", "position")


@admin.register(Alarm)
class AlarmAdmin(LedgerAdmin[Alarm]):
    list_display = ("connection", "kind", "message", "opened_at", "closed_at", "mailed_at")
    list_filter = ("kind", "connection")


@admin.register(Upload)
class UploadAdmin(LedgerAdmin[Upload]):
    list_display = ("name", "noun", "row_count", "created_by", "created_at", "run")
    exclude = ("content",)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(LedgerAdmin[WebhookDelivery]):
    list_display = ("connection", "state", "attempts", "note", "received_at", "handled_at")
    list_filter = ("state", "connection")
    exclude = ("body", "key")
