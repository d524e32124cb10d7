from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django_celery_beat.models import PeriodicTask

from organisations.admin_base import OperatorAdmin
from organisations.models import Invitation, Membership, Organisation, User


@admin.register(User)
class UserAdmin(OperatorAdmin[User]):
    list_display = ("email", "name", "is_operator", "is_active", "last_login")
    list_filter = ("is_operator", "is_active")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_operator", "is_active", "last_login", "created_at")


@admin.register(Organisation)
class OrganisationAdmin(OperatorAdmin[Organisation]):
    list_display = ("name", "slug", "country", "time_zone", "is_demo", "created_at")
    search_fields = ("name", "slug")


@admin.register(Membership)
class MembershipAdmin(OperatorAdmin[Membership]):
    list_display = ("user", "organisation", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "organisation")
    search_fields = ("user__email", "organisation__name")


@admin.register(Invitation)
class InvitationAdmin(OperatorAdmin[Invitation]):
    list_display = ("email", "organisation", "role", "created_at", "expires_at", "accepted_at")
    list_select_related = ("organisation",)
    fields = ("email", "organisation", "role", "invited_by", "created_at", "expires_at", "accepted_at")


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(OperatorAdmin[Any]):
    """What runs by itself. The code says what and when; an operator may pause it."""

    list_display = ("name", "task", "scheduler", "enabled", "last_run_at", "total_run_count")
    list_filter = ("enabled",)
    fields = ("name", "task", "scheduler", "enabled", "last_run_at", "total_run_count")
    readonly_fields = ("name", "task", "scheduler", "last_run_at", "total_run_count")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allowed(request)
