"""The two ways to an account: the first sign-in link and an invitation."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from organisations import first_login, verbs
from organisations.errors import Refused
from organisations.forms import FirstUserForm, InvitedForm
from organisations.middleware import SESSION_KEY
from organisations.models import Invitation, Membership, User


def _sign_in(request: HttpRequest, user: User) -> None:
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])


@never_cache
@sensitive_post_parameters("password")
def welcome(request: HttpRequest, secret: str) -> HttpResponse:
    link = first_login.find(secret)
    if link is None:
        return render(request, "organisations/link_gone.html", {"first": True}, status=404)
    form = FirstUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = first_login.use(link=link, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            _sign_in(request, user)
            return redirect("organisation" if user.memberships.count() != 1 else "/")
    return render(request, "organisations/welcome.html", {"form": form})


@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    found = verbs.find_invitation(secret)
    if found is None:
        return render(request, "organisations/link_gone.html", status=404)
    if isinstance(request.user, User):
        return _as_user(request, found, request.user)
    known = User.objects.filter(email=found.email).exists()
    form = None if known else InvitedForm(request.POST or None, email=found.email)
    if request.method == "POST" and form is not None and form.is_valid():
        return _as_new(request, found, form)
    return render(
        request, "organisations/invitation.html", {"invitation": found, "form": form, "known": known}
    )


def _as_user(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    if request.method == "POST":
        try:
            return _enter(request, verbs.accept_invitation(invitation=found, user=user))
        except Refused as refusal:
            messages.error(request, str(refusal))
    context = {"invitation": found, "other": user.email != found.email}
    return render(request, "organisations/invitation.html", context)


def _as_new(request: HttpRequest, found: Invitation, form: InvitedForm) -> HttpResponse:
    try:
        membership = verbs.accept_invitation(invitation=found, **form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "organisations/invitation.html", {"invitation": found, "form": form})
    _sign_in(request, membership.user)
    return _enter(request, membership)


def _enter(request: HttpRequest, membership: Membership) -> HttpResponse:
    request.session[SESSION_KEY] = membership.organisation_id
    messages.success(request, _("Welcome to %(name)s.") % {"name": membership.organisation.name})
    return redirect("/")
