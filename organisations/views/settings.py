from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from organisations import navigation, verbs
from organisations.access import Can, Request, requires, requires_login
from organisations.forms import AccountForm, OrganisationForm
from organisations.models import Membership, User


@requires_login
def index(request: HttpRequest) -> HttpResponse:
    """The settings that this reader may open."""
    cards = [item for item in navigation.for_request(request, "settings") if item.key != "settings"]
    return render(request, "organisations/settings.html", {"cards": cards})


@requires(Can.MANAGE_MEMBERS)
def organisation(request: Request) -> HttpResponse:
    # A form fills in its instance even when it is wrong; the page around it shows the real one.
    copy = type(request.organisation).objects.get(pk=request.organisation.pk)
    form = OrganisationForm(request.POST or None, instance=copy)
    if request.method == "POST" and form.is_valid():
        changed = verbs.change_organisation(
            actor=request.user, organisation=request.organisation, **form.cleaned_data
        )
        messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
        return redirect("settings_organisation")
    return render(request, "organisations/organisation.html", {"form": form})


@requires_login
def account(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    form = AccountForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("settings_account")
    context = {
        "form": form,
        "two_factor": is_mfa_enabled(user, [Authenticator.Type.TOTP]),
        "memberships": Membership.objects.filter(user=user).select_related("organisation"),
    }
    return render(request, "organisations/account.html", context)
