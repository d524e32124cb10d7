from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from organisations import scopes, verbs
from organisations.access import Can, Request, requires
from organisations.forms import TokenForm
from organisations.models import ApiToken


@requires(Can.MANAGE_TOKENS)
def tokens(request: Request) -> HttpResponse:
    found = ApiToken.objects.filter(organisation=request.organisation).select_related("created_by")
    context = {"tokens": found.order_by("revoked_at", "-created_at"), "labels": scopes.labels()}
    return render(request, "organisations/tokens.html", context)


@never_cache
@requires(Can.MANAGE_TOKENS)
def new(request: Request) -> HttpResponse:
    """The answer to the POST shows the token, the only time anybody sees it; hence no redirect."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        issued = verbs.issue_token(
            actor=request.user,
            organisation=request.organisation,
            name=form.cleaned_data["name"],
            scopes_granted=form.cleaned_data["scopes"],
            expires_at=form.expires_at(),
        )
        return render(request, "organisations/token_issued.html", {"issued": issued})
    return render(request, "organisations/token_new.html", {"form": form})


@require_POST
@requires(Can.MANAGE_TOKENS)
def revoke(request: Request, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, organisation=request.organisation, pk=pk)
    verbs.revoke_token(actor=request.user, token=token)
    messages.success(request, _("The token “%(name)s” opens nothing any more.") % {"name": token.name})
    return redirect("settings_tokens")
