"""Each looks nothing up: it calls one verb."""

from celery import shared_task

from consent import answers, comparing, nightly
from consent.collecting import confirming, evidence, unconfirmed
from consent.experiments import exposure
from consent.preferences import mailing
from consent.registers import loading, marks
from consent.rights import erasing_round, erasure


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
    """In one organisation: mails that could not go out, evidence and addresses that have had their
    time, and which baskets were paid for."""
    exposure.hear_orders()
    confirming.mail_waiting()
    evidence.forget_old()
    unconfirmed.forget()


@shared_task
def mail_confirmations_everywhere() -> None:
    """Every few minutes, for all organisations."""
    nightly.mail_confirmations()


@shared_task
def erase(request_id: int) -> None:
    """One approved erasure; whatever is left of it by a crash is taken up by the round."""
    erasing_round.execute(request_id)


@shared_task
def go_on_erasing() -> None:
    """In one organisation: erasures half-way, other systems to be asked, proof whose time is over."""
    erasure.round_()


@shared_task
def go_on_erasing_everywhere() -> None:
    """Every few minutes, for all organisations."""
    erasing_round.wake_everybody()


@shared_task
def read_register(file_id: int) -> None:
    """What is in a month's file of an opt-out register."""
    loading.read(file_id)


@shared_task
def mark_registers() -> None:
    """In one organisation: new contact points beside the registers in force; files that nobody read."""
    loading.forget_pieces()
    marks.refresh()
