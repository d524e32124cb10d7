"""What an administrator decides about sources, identifiers and tags."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from organisations.admin_base import LedgerAdmin, OrganisationAdmin
from profiles.models import Identifier, IdentifierBlock, IdentifierKind, Source, Tag


@admin.register(Source)
class SourceAdmin(OrganisationAdmin[Source]):
    list_display = ("name", "kind", "country", "trust", "owner", "purpose")
    prepopulated_fields = {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        return False  # what it delivered stays


@admin.register(IdentifierKind)
class IdentifierKindAdmin(LedgerAdmin[IdentifierKind]):
    """To look at: whoever changes a rule finds everybody anew (`identity.rules`)."""

    list_display = ("label", "role", "priority", "limit_per_person", "max_profiles", "per_source", "joins")


@admin.register(IdentifierBlock)
class IdentifierBlockAdmin(LedgerAdmin[IdentifierBlock]):
    """To look at, as the kinds."""

    list_display = ("pattern", "kind", "reason", "origin", "active")


@admin.register(Identifier)
class IdentifierAdmin(LedgerAdmin[Identifier]):
    """To look at: what a value is, people say where the rules are."""

    list_display = ("value", "kind", "namespace", "state", "state_reason", "decided_by")
    list_filter = ("state", "kind")
    search_fields = ("value__startswith",)
    show_full_result_count = False


@admin.register(Tag)
class TagAdmin(OrganisationAdmin[Tag]):
    list_display = ("name", "kind", "ends_at")
    list_filter = ("kind",)
    search_fields = ("name",)
    readonly_fields = ("key",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # shows and rules make them
