"""Each looks nothing up: it calls one verb."""

from celery import shared_task

from profiles.identity import approval, dry_run, networks, nights, survivorship_trial, upload


@shared_task
def approve_band(act_id: int) -> None:
    approval.run(act_id)


@shared_task
def forget_networks() -> None:
    """Every night, for all organisations (started by beat, in the public schema)."""
    networks.forget_everywhere()


@shared_task
def forget_links() -> None:
    """Every night, for all organisations (started by beat, in the public schema)."""
    upload.forget_everywhere()


@shared_task
def identity_rules(trial_id: int) -> None:
    dry_run.run(trial_id)


@shared_task
def survivorship(trial_id: int) -> None:
    if survivorship_trial.run(trial_id):
        survivorship.delay(trial_id)


@shared_task
def match_people(user_id: int | None = None) -> None:
    """In one organisation, at night or because somebody asked for it."""
    nights.match_people(user_id)


@shared_task
def match_everybody() -> None:
    """Every night, for all organisations (started by beat, in the public schema)."""
    nights.wake_everybody()


@shared_task
def freshen_features(intake_id: int) -> None:
    """After a delivery, so that whoever is new can be looked up."""
    nights.freshen(intake_id)
