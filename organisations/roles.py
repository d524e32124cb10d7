"""What each role may do. One dictionary; everything else asks it."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Can(StrEnum):
    SEE_PEOPLE = "see_people"
    EDIT_PEOPLE = "edit_people"
    EXPORT_PEOPLE = "export_people"
    MERGE_PEOPLE = "merge_people"
    MANAGE_IDENTITY = "manage_identity"
    SEE_RUNS = "see_runs"
    START_RUNS = "start_runs"
    UNDO_RUNS = "undo_runs"
    MANAGE_CONNECTIONS = "manage_connections"
    SEE_PLANS = "see_plans"
    APPLY_PLANS = "apply_plans"
    MANAGE_PERMISSIONS = "manage_permissions"
    EDIT_FORMS = "edit_forms"
    HANDLE_REQUESTS = "handle_requests"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_TOKENS = "manage_tokens"
    SEE_AUDIT = "see_audit"


class Role(TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    MARKETER = "marketer", _("Marketer")
    CUSTOMER_SERVICE = "customer_service", _("Customer service")
    PRIVACY_LEAD = "privacy_lead", _("Privacy lead")


CAPABILITIES: dict[Role, frozenset[Can]] = {
    Role.ADMINISTRATOR: frozenset(Can),
    Role.MARKETER: frozenset(
        {
            Can.SEE_PEOPLE,
            Can.EDIT_PEOPLE,
            Can.EXPORT_PEOPLE,
            Can.MERGE_PEOPLE,
            Can.EDIT_FORMS,
            Can.SEE_RUNS,
            Can.START_RUNS,
            Can.SEE_PLANS,
            Can.APPLY_PLANS,
        }
    ),
    Role.CUSTOMER_SERVICE: frozenset({Can.SEE_PEOPLE, Can.EDIT_PEOPLE, Can.MERGE_PEOPLE}),
    Role.PRIVACY_LEAD: frozenset(
        {
            Can.SEE_PEOPLE,
            Can.EDIT_PEOPLE,
            Can.EXPORT_PEOPLE,
            Can.MERGE_PEOPLE,
            Can.MANAGE_IDENTITY,
            Can.SEE_RUNS,
            Can.SEE_PLANS,
            Can.MANAGE_PERMISSIONS,
            Can.EDIT_FORMS,
            Can.HANDLE_REQUESTS,
            Can.SEE_AUDIT,
        }
    ),
}

ROLE_HELP = {
    Role.ADMINISTRATOR: _("Connects systems, sets rules and invites colleagues. May do everything here."),
    Role.MARKETER: _("Works with people, forms, runs and plans. Cannot undo a run or change connections."),
    Role.CUSTOMER_SERVICE: _("Finds a person, sees and corrects what is known. No exports, no runs."),
    Role.PRIVACY_LEAD: _(
        "Answers people's requests, sees who looked at whom, exports, and manages purposes and permissions."
    ),
}


def capabilities(role: str) -> frozenset[Can]:
    """Empty for a role nobody knows: an unknown role may do nothing."""
    return CAPABILITIES.get(Role(role), frozenset()) if role in Role.values else frozenset()


def role_label(role: str) -> str | Promise:
    """Also for `operator`, which is no role in an organisation but appears in its audit log."""
    return Role(role).label if role in Role.values else {"operator": _("Operator")}.get(role, role)
