from django.contrib import admin

from organisations.admin_base import LedgerAdmin
from organisations.audit.models import AccessEntry, AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(LedgerAdmin[AuditEntry]):
    list_display = ("at", "actor_label", "role", "verb", "target")
    list_filter = ("verb",)
    search_fields = ("actor_label", "target")


@admin.register(AccessEntry)
class AccessEntryAdmin(LedgerAdmin[AccessEntry]):
    list_display = ("at", "user_label", "role", "screen", "result_size")
    list_filter = ("screen",)
    search_fields = ("user_label",)
