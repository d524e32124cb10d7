"""What an administrator decides about sources, identifiers and tags."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from organisations.admin_base import OrganisationAdmin
from profiles.models import Identifier, IdentifierBlock, IdentifierKind, Source, Tag


@admin.register(Source)
class SourceAdmin(OrganisationAdmin[Source]):
    list_display = ("name", "kind", "country", "trust", "owner", "purpose")
    prepopulated_fields = {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        return False  # what it delivered stays


@admin.register(IdentifierKind)
class IdentifierKindAdmin(OrganisationAdmin[IdentifierKind]):
    list_display = ("label", "role", "priority", "limit_per_person", "max_profiles", "per_source")

    def has_delete_permission(self, request: HttpRequest, obj: IdentifierKind | None = None) -> bool:
        return False


@admin.register(IdentifierBlock)
class IdentifierBlockAdmin(OrganisationAdmin[IdentifierBlock]):
    list_display = ("pattern", "kind", "reason")


@admin.register(Identifier)
class IdentifierAdmin(OrganisationAdmin[Identifier]):
    """A person may say that a value is shared, or let a held one join again."""

    list_display = ("value", "kind", "namespace", "state", "state_reason")
    list_filter = ("state", "kind")
    search_fields = ("value__startswith",)
    readonly_fields = ("kind", "namespace", "value", "invalid")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Identifier | None = None) -> bool:
        return False


@admin.register(Tag)
class TagAdmin(OrganisationAdmin[Tag]):
    list_display = ("name", "kind", "ends_at")
    list_filter = ("kind",)
    search_fields = ("name",)
    readonly_fields = ("key",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # shows and rules make them
