"""People, records and orders: to look at. `profiles.ingest` alone writes them."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin

from organisations.admin_base import LedgerAdmin
from profiles.models import Order, Profile, SourceRecord


@admin.register(Profile)
class ProfileAdmin(LedgerAdmin[Profile]):
    list_display = ("name", "email", "phone", "city", "orders_count", "state")
    list_filter = ("state", "is_customer", "country")
    search_fields = ("=public_id", "=email", "=phone")
    show_full_result_count = False

    def profile_ids(self, shown: Sequence[Profile]) -> list[int]:
        return [profile.pk for profile in shown]


@admin.register(SourceRecord)
class SourceRecordAdmin(LedgerAdmin[SourceRecord]):
    list_display = ("source", "external_id", "given_name", "family_name", "email", "observed_at")
    list_filter = ("source", "is_customer")
    list_select_related = ("source",)
    search_fields = ("=external_id",)
    show_full_result_count = False

    def profile_ids(self, shown: Sequence[SourceRecord]) -> list[int]:
        return [record.profile_id for record in shown]


@admin.register(Order)
class OrderAdmin(LedgerAdmin[Order]):
    list_display = ("external_id", "source", "status", "ordered_at", "total", "currency")
    list_filter = ("source", "status")
    list_select_related = ("source", "record")
    search_fields = ("=external_id",)
    show_full_result_count = False

    def profile_ids(self, shown: Sequence[Order]) -> list[int]:
        return [order.record.profile_id for order in shown if order.record]
