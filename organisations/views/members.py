from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from organisations import verbs
from organisations.access import Can, Request, requires
from organisations.errors import Refused
from organisations.forms import InviteForm, RoleForm
from organisations.models import Invitation, Membership
from organisations.roles import ROLE_HELP, Role
from organisations.views.links import base_url


def _members(request: Request) -> QuerySet[Membership]:
    totp = Authenticator.objects.filter(user=OuterRef("user"), type=Authenticator.Type.TOTP)
    return (
        Membership.objects.filter(organisation=request.organisation)
        .select_related("user")
        .annotate(two_factor=Exists(totp))
        .order_by("user__name", "user__email")
    )


@requires(Can.MANAGE_MEMBERS)
def members(request: Request) -> HttpResponse:
    """GET lists; POST invites."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _invite(request, form):
        return redirect("settings_members")
    context = {
        "members": _members(request),
        "invitations": Invitation.objects.filter(
            organisation=request.organisation, accepted_at=None, revoked_at=None
        ).order_by("-created_at"),
        "now": timezone.now(),
        "form": form,
        "roles": [(role.label, ROLE_HELP[role]) for role in Role],
    }
    return render(request, "organisations/members.html", context)


def _invite(request: Request, form: InviteForm) -> bool:
    email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
    try:
        verbs.invite(
            actor=request.user,
            organisation=request.organisation,
            email=email,
            role=role,
            base_url=base_url(request),
        )
    except Refused as refusal:
        form.add_error("email", str(refusal))
        return False
    messages.success(request, _("The invitation to %(email)s is on its way.") % {"email": email})
    return True


@requires(Can.MANAGE_MEMBERS)
def member(request: Request, pk: int) -> HttpResponse:
    """One member: GET shows, POST changes the role."""
    membership = get_object_or_404(_members(request), pk=pk)
    form = RoleForm(request.POST or None, initial={"role": membership.role})
    if request.method == "POST" and form.is_valid():
        try:
            verbs.change_role(actor=request.user, membership=membership, role=Role(form.cleaned_data["role"]))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The role of %(name)s is changed.") % {"name": membership.user})
            return redirect("settings_members")
    return render(request, "organisations/member.html", {"member": membership, "form": form})


@require_POST
@requires(Can.MANAGE_MEMBERS)
def remove(request: Request, pk: int) -> HttpResponse:
    membership = get_object_or_404(_members(request), pk=pk)
    try:
        verbs.remove_member(actor=request.user, membership=membership)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("settings_member", pk=pk)
    messages.success(request, _("%(name)s is no longer a member.") % {"name": membership.user})
    return redirect("settings_members")


@require_POST
@requires(Can.MANAGE_MEMBERS)
def withdraw(request: Request, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, organisation=request.organisation, pk=pk)
    verbs.withdraw_invitation(actor=request.user, invitation=invitation)
    messages.success(request, _("The invitation to %(email)s is withdrawn.") % {"email": invitation.email})
    return redirect("settings_members")
