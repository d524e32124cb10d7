"""Starts erasures that wait: one by number, or whatever is due in every organisation."""

from __future__ import annotations

from django_tenants.utils import tenant_context

from consent.models import RightsRequest
from consent.rights import erasure
from organisations.models import Organisation


def execute(request_id: int) -> bool:
    """Whether there was anything to do."""
    request = RightsRequest.objects.filter(pk=request_id).first()
    return request is not None and erasure.execute(request)


def wake_everybody() -> int:
    """Asks a worker for the round in every organisation; answers how many there are."""
    from consent.tasks import go_on_erasing

    organisations = list(Organisation.objects.all())
    for organisation in organisations:
        with tenant_context(organisation):
            go_on_erasing.delay()
    return len(organisations)
