from django.contrib import admin

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
