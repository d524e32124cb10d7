from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from organisations import health
from organisations.access import requires_operator
from organisations.models import Organisation


@requires_operator
def platform(request: HttpRequest) -> HttpResponse:
    """The health of every organisation, in counts and times; no person is in sight."""
    organisations = Organisation.objects.annotate(members=Count("memberships")).order_by("name")
    context = {"checks": health.checks(), "organisations": health.read_all(organisations)}
    return render(request, "organisations/platform.html", context)
