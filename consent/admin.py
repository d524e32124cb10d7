"""For looking: what verbs write is changed by verbs."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin

from consent.models import (
    CollectionPoint,
    ConsentEvent,
    ConsentText,
    Purpose,
    RuleOverride,
    SendDecision,
)
from organisations.admin_base import LedgerAdmin
from profiles.models import SourceRecord


@admin.register(Purpose)
class PurposeAdmin(LedgerAdmin[Purpose]):
    list_display = ("key", "name", "legal_ground")


@admin.register(ConsentText)
class ConsentTextAdmin(LedgerAdmin[ConsentText]):
    list_display = ("name", "version", "locale", "control", "valid_from")
    list_filter = ("locale",)


@admin.register(CollectionPoint)
class CollectionPointAdmin(LedgerAdmin[CollectionPoint]):
    list_display = ("key", "name", "source", "kind", "no_is_explicit", "optout_offered", "verified_at")
    list_filter = ("kind", "optout_offered")
    search_fields = ("key", "name")


@admin.register(RuleOverride)
class RuleOverrideAdmin(LedgerAdmin[RuleOverride]):
    list_display = ("place", "name", "value", "set_by", "set_at")


@admin.register(ConsentEvent)
class ConsentEventAdmin(LedgerAdmin[ConsentEvent]):
    list_display = ("position", "type", "purpose", "channel", "proof", "occurred_at", "source_system")
    list_filter = ("type", "proof", "purpose", "channel")
    list_select_related = ("point",)
    search_fields = ("order_ref",)

    def profile_ids(self, shown: Sequence[ConsentEvent]) -> list[int]:
        records = {event.record_id for event in shown if event.record_id}
        found = SourceRecord.objects.filter(pk__in=records).values_list("profile_id", flat=True)
        return sorted(set(found))


@admin.register(SendDecision)
class SendDecisionAdmin(LedgerAdmin[SendDecision]):
    list_display = ("decided_at", "message", "purpose", "channel", "decision", "reason")
    list_filter = ("decision", "reason")
