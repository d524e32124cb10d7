"""Everything that changes an organisation, its members or its tokens. Each writes the audit log."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from organisations import mail, oneway, scopes
from organisations.audit.verbs import record
from organisations.errors import Refused
from organisations.models import ApiToken, Invitation, Membership, Organisation, User
from organisations.roles import Role

INVITATION_LIVES = timedelta(days=7)
SETTINGS = ("name", "country", "time_zone", "language", "two_factor_required")


def create_organisation(
    *,
    actor: User | None,
    name: str,
    slug: str,
    country: str = "NO",
    time_zone: str = "Europe/Oslo",
    language: str = "nb",
    is_demo: bool = False,
    administrator: User | None = None,
) -> Organisation:
    """A new organisation with a schema of its own, named after the slug.

    Not in one transaction: cloning a schema commits on its own, and the tenant model
    drops what it made when that fails.
    """
    organisation = Organisation(
        schema_name=schema_name_for(slug),
        slug=slug,
        name=name,
        country=country,
        time_zone=time_zone,
        language=language,
        is_demo=is_demo,
    )
    with schema_context(get_public_schema_name()):
        organisation.full_clean()
        organisation.save()
    _record(organisation, actor, "organisation.created", slug, {"name": name, "is_demo": is_demo})
    if administrator:
        add_member(actor=actor, organisation=organisation, user=administrator, role=Role.ADMINISTRATOR)
    return organisation


def schema_name_for(slug: str) -> str:
    name = slug.replace("-", "_")
    return name if name[:1].isalpha() else f"o_{name}"


def change_organisation(*, actor: User, organisation: Organisation, **values: Any) -> list[str]:
    """Changes some of `SETTINGS`; answers the names of those that became different."""
    unknown = set(values) - set(SETTINGS)
    if unknown:
        raise ValueError(f"not a setting of an organisation: {', '.join(sorted(unknown))}")
    before = {key: getattr(organisation, key) for key in values}
    changed = [key for key in values if values[key] != before[key]]
    if not changed:
        return []
    for key in changed:
        setattr(organisation, key, values[key])
    organisation.full_clean()
    with transaction.atomic(), tenant_context(organisation):
        organisation.save(update_fields=changed)
        summary = {key: {"from": before[key], "to": values[key]} for key in changed}
        record(actor=actor, verb="organisation.changed", target=organisation.slug, summary=summary)
    return changed


def add_member(*, actor: User | None, organisation: Organisation, user: User, role: Role) -> Membership:
    """A member without an invitation: at the first sign-in, and of a new organisation."""
    with transaction.atomic():
        membership, added = Membership.objects.get_or_create(
            user=user, organisation=organisation, defaults={"role": role}
        )
        if added:
            _record(organisation, actor, "member.joined", user.email, {"role": role})
    return membership


def invite(*, actor: User, organisation: Organisation, email: str, role: Role, base_url: str) -> Invitation:
    """Mails a link. Inviting the same address again replaces the link that went out before."""
    email = email.strip().lower()
    if Membership.objects.filter(organisation=organisation, user__email=email).exists():
        raise Refused(_("%(email)s is already a member.") % {"email": email})
    secret = oneway.make()
    with transaction.atomic():
        _withdraw(Invitation.objects.filter(organisation=organisation, email=email))
        invitation = Invitation.objects.create(
            organisation=organisation,
            email=email,
            role=role,
            token_hash=oneway.digest(secret),
            invited_by=actor,
            expires_at=timezone.now() + INVITATION_LIVES,
        )
        _record(organisation, actor, "member.invited", email, {"role": role})
    mail.send_invitation(invitation, f"{base_url}/invitation/{secret}/")
    return invitation


def _withdraw(invitations: Any) -> int:
    closed: int = invitations.filter(accepted_at=None, revoked_at=None).update(revoked_at=timezone.now())
    return closed


def withdraw_invitation(*, actor: User, invitation: Invitation) -> None:
    with transaction.atomic():
        if _withdraw(Invitation.objects.filter(pk=invitation.pk)):
            _record(invitation.organisation, actor, "invitation.withdrawn", invitation.email, {})


def find_invitation(secret: str) -> Invitation | None:
    return (
        Invitation.objects.open()
        .select_related("organisation", "invited_by")
        .filter(token_hash=oneway.digest(secret))
        .first()
    )


def accept_invitation(
    *, invitation: Invitation, user: User | None = None, name: str = "", password: str = ""
) -> Membership:
    """For a user who is signed in as the invited address, or for a new one with a name and password.

    The mailed link proves the address. Of two acceptances at once one wins.
    """
    if user is not None and user.email != invitation.email:
        raise Refused(_("This invitation was sent to another address than the one you are signed in with."))
    with transaction.atomic():
        won = Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=timezone.now())
        if won != 1:
            raise Refused(_("This invitation has been used or withdrawn. Ask for a new one."))
        user = user or create_user(email=invitation.email, name=name, password=password)
        return add_member(
            actor=user, organisation=invitation.organisation, user=user, role=Role(invitation.role)
        )


def create_user(*, email: str, name: str, password: str, is_operator: bool = False) -> User:
    """The address counts as proven: whoever calls this has followed a link sent to it."""
    if User.objects.filter(email=email.strip().lower()).exists():
        raise Refused(_("There is already an account with this address. Sign in with it first."))
    user = User.objects.create_user(email, password, name=name.strip(), is_operator=is_operator)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def change_role(*, actor: User, membership: Membership, role: Role) -> None:
    with transaction.atomic():
        _keep_an_administrator(membership, becomes=role)
        before = membership.role
        if Membership.objects.filter(pk=membership.pk, role=before).exclude(role=role).update(role=role):
            membership.role = role
            summary = {"role": {"from": before, "to": role}}
            _record(membership.organisation, actor, "member.role_changed", membership.user.email, summary)


def remove_member(*, actor: User, membership: Membership) -> None:
    """The user stays, and so does what the audit log knows; only the way in is gone, at once."""
    with transaction.atomic():
        _keep_an_administrator(membership, becomes=None)
        _record(
            membership.organisation,
            actor,
            "member.removed",
            membership.user.email,
            {"role": membership.role, "removed_themselves": actor.pk == membership.user_id},
        )
        membership.delete()


def reset_two_factor(*, user: User) -> bool:
    """By an operator on the command line. Every organisation of the user's sees it in its audit log."""
    with transaction.atomic():
        removed, _models = Authenticator.objects.filter(user=user).delete()
        if removed:
            for organisation in Organisation.objects.of(user):
                _record(organisation, None, "member.two_factor_reset", user.email, {})
    return bool(removed)


def _keep_an_administrator(membership: Membership, *, becomes: Role | None) -> None:
    """Locks all administrators of the organisation, so that two cannot remove each other at once."""
    if becomes == Role.ADMINISTRATOR:
        return
    administrators = Membership.objects.select_for_update(of=("self",)).filter(
        organisation=membership.organisation_id, role=Role.ADMINISTRATOR, user__is_active=True
    )
    if list(administrators.order_by("pk").values_list("pk", flat=True)) == [membership.pk]:
        raise Refused(_("An organisation needs at least one administrator. Make somebody else one first."))


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """`plaintext` exists here and nowhere else; show it once."""

    token: ApiToken
    plaintext: str


def issue_token(
    *,
    actor: User,
    organisation: Organisation,
    name: str,
    scopes_granted: Collection[str],
    expires_at: datetime | None = None,
) -> IssuedToken:
    unknown = set(scopes_granted) - set(scopes.labels())
    if unknown or not scopes_granted:
        raise ValidationError(_("Choose at least one scope."))
    prefix = oneway.make().replace("-", "").replace("_", "")[:8].lower()
    plaintext = f"foyer_{prefix}_{oneway.make()}"
    with transaction.atomic():
        token = ApiToken.objects.create(
            organisation=organisation,
            name=name,
            prefix=prefix,
            token_hash=oneway.digest(plaintext),
            scopes=sorted(scopes_granted),
            created_by=actor,
            expires_at=expires_at,
        )
        summary = {"name": name, "scopes": token.scopes}
        _record(organisation, actor, "token.issued", prefix, summary)
    return IssuedToken(token, plaintext)


def revoke_token(*, actor: User, token: ApiToken) -> None:
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            _record(token.organisation, actor, "token.revoked", token.prefix, {"name": token.name})


def _record(
    organisation: Organisation, actor: User | None, verb: str, target: str, summary: dict[str, Any]
) -> None:
    with tenant_context(organisation):
        record(actor=actor, verb=verb, target=target, summary=summary)
