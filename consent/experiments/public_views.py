"""The answer to "what did you just agree to?", from the page after a form."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from consent.experiments import understanding
from organisations.public import PublicRequest, public


@require_POST
@public
def understood(request: PublicRequest) -> HttpResponse:
    """404 for whatever was not asked here: another organisation's question too."""
    form = understanding.answer(request.POST.get("question", ""), request.POST.get("answer", ""))
    if form is None:
        raise Http404
    answer = render(request, "experiments/understood.html", {"organisation": request.organisation})
    answer.xframe_options_exempt = True  # the form may stand inside somebody's page
    answer._csp_replace = {"frame-ancestors": form.origins or ["'none'"]}  # type: ignore[attr-defined]
    return answer
