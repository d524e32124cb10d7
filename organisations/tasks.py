from celery import shared_task
from django.core.management import call_command


@shared_task
def forget_ended_visits() -> None:
    """Removes sessions that have expired; Django only stops accepting them."""
    call_command("clearsessions")
