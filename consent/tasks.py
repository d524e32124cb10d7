"""Each looks nothing up: it calls one verb."""

from celery import shared_task

from consent import answers, comparing, nightly
from consent.preferences import mailing


@shared_task
def decide_due() -> None:
    """In one organisation: answers that time alone may have changed."""
    answers.refresh_due()


@shared_task
def decide_due_everywhere() -> None:
    """Every night, for all organisations (started by beat, in the public schema)."""
    nightly.wake_everybody()


@shared_task
def watch() -> None:
    """In one organisation: the seal, and whether everything that says the same thing agrees."""
    comparing.watch()


@shared_task
def watch_everywhere() -> None:
    """Every night, for all organisations (started by beat, in the public schema)."""
    nightly.watch_everybody()


@shared_task
def send_link(identifier_id: int, locale: str) -> None:
    """To nobody where the number is 0: a stranger's question takes as long as a customer's."""
    mailing.send_link(identifier_id, locale)


@shared_task
def mail_confirmation(confirmation_id: int) -> None:
    """Asks an address to confirm what was said in its name."""
    confirming.mail(confirmation_id)


@shared_task
def look_after_forms() -> None:
    """In one organisation: mails that could not go out, evidence and addresses that have had their time."""
    confirming.mail_waiting()
    evidence.forget_old()
    unconfirmed.forget()


@shared_task
def mail_confirmations_everywhere() -> None:
    """Every few minutes, for all organisations."""
    nightly.mail_confirmations()
