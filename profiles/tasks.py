"""Each looks nothing up: it calls one verb."""

from celery import shared_task

from profiles.identity import networks


@shared_task
def forget_networks() -> None:
    """Every night, for all organisations (started by beat, in the public schema)."""
    networks.forget_everywhere()
