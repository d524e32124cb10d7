"""Each looks nothing up: it calls one verb."""

from celery import shared_task

from profiles.identity import approval, networks, survivorship_trial


@shared_task
def approve_band(act_id: int) -> None:
    approval.run(act_id)


@shared_task
def forget_networks() -> None:
    """Every night, for all organisations (started by beat, in the public schema)."""
    networks.forget_everywhere()


@shared_task
def survivorship(trial_id: int) -> None:
    if survivorship_trial.run(trial_id):
        survivorship.delay(trial_id)
