"""Choosing the organisation to work in, and making a new one."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_tenants.utils import get_public_schema_name, schema_context

from organisations import verbs
from organisations.access import requires_login, requires_operator
from organisations.errors import Refused
from organisations.forms import NewOrganisationForm
from organisations.middleware import SESSION_KEY
from organisations.models import Membership, Organisation, User
from organisations.roles import Role
from organisations.views.links import base_url


@requires_login
def choose(request: HttpRequest) -> HttpResponse:
    """GET lists the reader's organisations; POST enters one of them."""
    memberships = Membership.objects.filter(user=request.user.pk).select_related("organisation")
    if request.method != "POST":
        context = {
            "memberships": memberships.order_by("organisation__name"),
            "next": _safe_next(request, request.GET.get("next", "")),
        }
        return render(request, "organisations/choose.html", context)
    chosen = get_object_or_404(memberships, organisation__slug=request.POST.get("organisation", ""))
    request.session[SESSION_KEY] = chosen.organisation_id
    return redirect(_safe_next(request, request.POST.get("next", "")) or "/")


def _safe_next(request: HttpRequest, target: str) -> str:
    """A path on this host; anything else would send the reader elsewhere."""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else ""


@requires_operator
def new(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    usual = {"administrator": request.user.email, "time_zone": settings.TIME_ZONE}
    form = NewOrganisationForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        organisation = _create(request, form)
        messages.success(request, _("%(name)s is ready.") % {"name": organisation.name})
        if not organisation.memberships.filter(user=request.user).exists():
            return redirect("platform")
        request.session[SESSION_KEY] = organisation.pk  # theirs: straight in, to its first steps
        return redirect("/welcome/")
    return render(request, "organisations/new.html", {"form": form})


def _create(request: HttpRequest, form: NewOrganisationForm) -> Organisation:
    """The operator becomes a member only by naming their own address."""
    actor = request.user
    assert isinstance(actor, User)
    email = form.cleaned_data.pop("administrator").strip().lower()
    myself = email == actor.email
    with schema_context(get_public_schema_name()):
        organisation = verbs.create_organisation(
            actor=actor, administrator=actor if myself else None, **form.cleaned_data
        )
    if not myself:
        _invite(request, organisation, actor, email)
    return organisation


def _invite(request: HttpRequest, organisation: Organisation, actor: User, email: str) -> None:
    try:
        verbs.invite(
            actor=actor,
            organisation=organisation,
            email=email,
            role=Role.ADMINISTRATOR,
            base_url=base_url(request),
        )
    except Refused as refusal:
        messages.warning(request, str(refusal))
