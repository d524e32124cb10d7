"""Rows of the permission table for this room's addresses."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from organisations import oneway
from organisations.models import ApiToken, Invitation, Membership, Organisation, User
from organisations.roles import Can
from tests.organisations.access_table import Page


def a_member(organisation: Organisation) -> dict[str, Any]:
    user = User.objects.create_user("member@example.org", name="Mona Member")
    membership = Membership.objects.create(user=user, organisation=organisation, role="marketer")
    return {"pk": membership.pk}


def an_invitation(organisation: Organisation) -> dict[str, Any]:
    invitation = Invitation.objects.create(
        organisation=organisation,
        email="invited@example.org",
        role="marketer",
        token_hash=oneway.digest(oneway.make()),
        expires_at=timezone.now() + timedelta(days=1),
    )
    return {"pk": invitation.pk}


def a_token(organisation: Organisation) -> dict[str, Any]:
    token = ApiToken.objects.create(
        organisation=organisation,
        name="Shop",
        prefix="abcdefgh",
        token_hash=oneway.digest("x"),
        scopes=["organisation:read"],
    )
    return {"pk": token.pk}


INVITE = {"email": "new@example.org", "role": "marketer"}
TOKEN = {"name": "Shop", "scopes": ["organisation:read"], "days": "30"}
ORGANISATION = {
    "name": "Another name",
    "country": "NO",
    "time_zone": "Europe/Oslo",
    "language": "nb",
}

PAGES = [
    Page("settings", "login"),
    Page("settings_account", "login"),
    Page("settings_account", "login", "post", data={"name": "Another name"}, allowed=302),
    Page("organisation", "login"),
    Page("settings_organisation", Can.MANAGE_MEMBERS),
    Page("settings_organisation", Can.MANAGE_MEMBERS, "post", data=ORGANISATION, allowed=302),
    Page("settings_members", Can.MANAGE_MEMBERS),
    Page("settings_members", Can.MANAGE_MEMBERS, "post", data=INVITE, allowed=302),
    Page("settings_member", Can.MANAGE_MEMBERS, about=a_member),
    Page("settings_member", Can.MANAGE_MEMBERS, "post", a_member, {"role": "privacy_lead"}, 302),
    Page("settings_member_remove", Can.MANAGE_MEMBERS, "post", a_member, allowed=302),
    Page("settings_invitation_withdraw", Can.MANAGE_MEMBERS, "post", an_invitation, allowed=302),
    Page("settings_tokens", Can.MANAGE_TOKENS),
    Page("settings_token_new", Can.MANAGE_TOKENS),
    Page("settings_token_new", Can.MANAGE_TOKENS, "post", data=TOKEN),
    Page("settings_token_revoke", Can.MANAGE_TOKENS, "post", a_token, allowed=302),
    Page("settings_audit", Can.SEE_AUDIT),
    Page("settings_looks", Can.SEE_AUDIT),
    Page("platform", "operator"),
    Page("organisation_new", "operator"),
]

EXEMPT = {
    "welcome": "Whoever holds the link may open it; test_first_login.py.",
    "invitation": "Whoever holds the link may open it; test_invitations.py.",
    "api_me": "Tokens, not people; test_tokens.py.",
    "account": "Only redirects to settings_account.",
    "account_*": "allauth's own pages about oneself; test_signing_in.py.",
    "mfa_*": "allauth's own pages about oneself; test_two_factor.py.",
    "admin:*": "Every model's admin is opened as everybody in test_admin.py.",
    "healthz": "For load balancers; says ok and nothing else.",
    "hook": "Other systems, by the secret in their address; tests/integrations and each connector's.",
    "set_language": "Django's own; sets a cookie.",
}
