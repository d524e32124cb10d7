"""The home page and the first-run guide."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from integrations import guide as first_steps
from integrations.home import home as home_context
from organisations import example
from organisations.access import Can, Request, requires


@require_GET
@requires(Can.SEE_PEOPLE)
def home(request: Request) -> HttpResponse:
    return render(request, "home/home.html", home_context(request.organisation, request.membership.can))


@require_GET
@requires(Can.SEE_PEOPLE)
def guide(request: Request) -> HttpResponse:
    """From nothing to the first plan, each step with where it stands."""
    steps = first_steps.steps(request)
    context = {
        "steps": steps,
        "done": sum(step.done for step in steps),
        "installation": first_steps.installation(),
    }
    return render(request, "home/guide.html", context)


@require_POST
@requires(Can.MANAGE_MEMBERS)
def remove_example(request: Request) -> HttpResponse:
    """Takes an example organisation away with everything in it."""
    if not request.organisation.is_demo:
        raise Http404
    name = str(request.organisation)
    example.remove(actor=request.user, organisation=request.organisation)
    messages.success(request, _("%(name)s and everybody in it are gone.") % {"name": name})
    return redirect("organisation")
