"""Each calls one verb."""

from celery import shared_task

from integrations.mailchimp import plans
from integrations.mailchimp.models import Plan


@shared_task
def go_on(plan_id: int) -> None:
    """Contacts of a plan that wait again, after their run has ended: one batch, then the next."""
    if plans.go_on(Plan.objects.select_related("run__connection").get(pk=plan_id)):
        go_on.delay(plan_id)


@shared_task
def wake_plans() -> None:
    """Every few minutes, for all organisations (started by beat, in the public schema)."""
    plans.wake_all()
