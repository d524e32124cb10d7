"""Each looks nothing up: it calls one verb."""

from celery import shared_task

from integrations.files import uploading


@shared_task
def forget_old_files() -> None:
    """In one organisation: copies that have been kept long enough."""
    uploading.forget_old()


@shared_task
def forget_old_files_everywhere() -> None:
    """Every night, for all organisations (started by beat, in the public schema)."""
    uploading.forget_everywhere()
