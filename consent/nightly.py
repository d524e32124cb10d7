"""What happens to permissions while nobody looks: time passes."""

from __future__ import annotations

from django_tenants.utils import tenant_context

from consent.collecting import confirming
from organisations.models import Organisation


def wake_everybody() -> int:
    """Asks a worker to decide what is due in every organisation; answers how many there are."""
    from consent.tasks import decide_due, look_after_forms, mark_registers

    organisations = list(Organisation.objects.all())
    for organisation in organisations:
        with tenant_context(organisation):
            decide_due.delay()
            look_after_forms.delay()
            mark_registers.delay()
    return len(organisations)


def watch_everybody() -> int:
    """Asks a worker to seal and compare in every organisation; answers how many there are."""
    from consent.tasks import watch

    organisations = list(Organisation.objects.all())
    for organisation in organisations:
        with tenant_context(organisation):
            watch.delay()
    return len(organisations)


def mail_confirmations() -> int:
    """Sends what a mail server refused a while ago, in every organisation; answers how many went out."""
    sent = 0
    for organisation in Organisation.objects.all():
        with tenant_context(organisation):
            sent += confirming.mail_waiting()
    return sent
