"""Mailchimp in the admin: to look things up; plans are sent on their own page."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin

from integrations.mailchimp.models import AudienceMember, Plan, PlanItem, ShowTag
from organisations.admin_base import LedgerAdmin
from profiles.models import SourceRecord


@admin.register(Plan)
class PlanAdmin(LedgerAdmin[Plan]):
    list_display = ("id", "run", "state", "contacts", "created_at", "finished_at")
    list_filter = ("state",)
    list_select_related = ("run__connection",)


@admin.register(PlanItem)
class PlanItemAdmin(LedgerAdmin[PlanItem]):
    list_display = ("identifier", "plan", "action", "basket", "reason", "state", "attempts")
    list_filter = ("state", "action")
    list_select_related = ("identifier", "plan")
    show_full_result_count = False

    def profile_ids(self, shown: Sequence[PlanItem]) -> list[int]:
        return [item.profile_id for item in shown if item.profile_id]


@admin.register(AudienceMember)
class AudienceMemberAdmin(LedgerAdmin[AudienceMember]):
    list_display = (
        "address",
        "connection",
        "status_remote",
        "status_pushed",
        "drift",
        "seen_at",
        "last_pushed_at",
    )
    list_filter = ("status_remote", "drift")
    list_select_related = ("connection",)
    search_fields = ("address__startswith",)
    show_full_result_count = False

    def profile_ids(self, shown: Sequence[AudienceMember]) -> list[int]:
        ids = [member.identifier_id for member in shown if member.identifier_id]
        seen = SourceRecord.objects.filter(recordidentifier__identifier__in=ids)
        return list(seen.values_list("profile_id", flat=True).distinct())


@admin.register(ShowTag)
class ShowTagAdmin(LedgerAdmin[ShowTag]):
    list_display = ("remote_name", "connection", "ends_at", "removed_at", "cleared_at")
    search_fields = ("remote_name",)
