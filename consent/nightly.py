"""What happens to permissions while nobody looks: time passes."""

from __future__ import annotations

from django_tenants.utils import tenant_context

from organisations.models import Organisation


def wake_everybody() -> int:
    """Asks a worker to decide what is due in every organisation; answers how many there are."""
    from consent.tasks import decide_due

    organisations = list(Organisation.objects.all())
    for organisation in organisations:
        with tenant_context(organisation):
            decide_due.delay()
    return len(organisations)


def watch_everybody() -> int:
    """Asks a worker to seal and compare in every organisation; answers how many there are."""
    from consent.tasks import watch

    organisations = list(Organisation.objects.all())
    for organisation in organisations:
        with tenant_context(organisation):
            watch.delay()
    return len(organisations)
