"""For looking: what verbs write is changed by verbs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
from profiles.models import RecordIdentifier, SourceRecord


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
        return sorted(_behind(shown) | _owners(event.record_id for event in shown))


@admin.register(SendDecision)
class SendDecisionAdmin(LedgerAdmin[SendDecision]):
    list_display = ("decided_at", "message", "purpose", "channel", "decision", "reason")
    list_filter = ("decision", "reason")

    def profile_ids(self, shown: Sequence[SendDecision]) -> list[int]:
        return sorted(_behind(shown))


def _behind(shown: Iterable[ConsentEvent | SendDecision]) -> set[int]:
    """Everybody whose address these are about; what staff note names no record."""
    addresses = {each.identifier_id for each in shown if each.identifier_id}
    found = RecordIdentifier.objects.filter(identifier__in=addresses)
    return set(found.values_list("record__profile_id", flat=True))


def _owners(record_ids: Iterable[int | None]) -> set[int]:
    found = SourceRecord.objects.filter(pk__in={pk for pk in record_ids if pk})
    return set(found.values_list("profile_id", flat=True))
