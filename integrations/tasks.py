"""Each looks nothing up: it calls one verb."""

from celery import shared_task

from integrations import hooks, runs, ticking


@shared_task
def advance_run(run_id: int) -> None:
    outcome = runs.advance(run_id)
    if outcome.more:
        runs.wake(run_id, after=outcome.after)


@shared_task
def tick() -> None:
    """Every minute, for all organisations (started by beat, in the public schema)."""
    ticking.tick_all()


@shared_task
def deliver(connection_id: int) -> None:
    hooks.process(connection_id=connection_id)
