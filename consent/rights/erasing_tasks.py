"""What other systems and people still have to do for an erasure, and their receipts.

A task is a row with a state: a worker that dies between asking and writing the answer down asks
again, and asking twice does no harm. The address that the other side needs is sealed, and
emptied with its answer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cdp.lib import clock, crypto
from cdp.lib.tenancy import current_schema
from consent.models import RequestTask, RightsRequest
from consent.rights import erasing_letter, verbs
from consent.rights.erasing_work import Outcome
from consent.rights.verbs import NotPossible
from organisations import personal_data
from organisations.models import User
from organisations.personal_data import ByHand, Destination, Later, Subject
from profiles.models import Identifier

log = logging.getLogger(__name__)

FOYER, PERSON = "foyer", "person"
State = RequestTask.State
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=10), timedelta(days=1)
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to ask of somebody else. `address` is in clear and never stored so."""

    destination: str
    label: str
    doing: str
    address: str = ""
    by_hand: bool = False
    consequence: str = ""


def foresee(subject: Subject) -> list[Asked]:
    """Whom to ask, while Foyer still knows what each of them holds. Changes nothing."""
    asked: list[Asked] = []
    for destination in personal_data.destinations():
        asked += _of(destination, subject)
    return asked


def _of(destination: Destination, subject: Subject) -> Iterator[Asked]:
    """Things to be deleted; and where a recipient is named whom nothing asks, that somebody tells them
    (GDPR Art. 19)."""
    told = False
    for address, label in destination.holds(subject):
        told = True
        yield Asked(
            destination.key, str(label)[:160], "delete" if destination.forget else "tell", address,
            destination.forget is None, str(destination.consequence)[:240],
        )  # fmt: skip
    if told or destination.recipients is None:
        return
    for recipient in destination.recipients(subject):
        label = _("Tell %(name)s that the person was erased (Art. 19)") % {"name": recipient.name}
        yield Asked(destination.key, label[:160], "tell", by_hand=True)


def to_tell(subject: Subject, *, by_mail: bool) -> Asked:
    """That the person hears of it (Art. 12(3)). By itself where their own link showed the address."""
    shown = Identifier.objects.filter(kind="email", pk__in=subject.proven or subject.identifiers)
    address = shown.order_by("-pk").values_list("value", flat=True).first() or ""
    return Asked(PERSON, _("Tell the person"), "tell", address, by_hand=not (by_mail and address))


def write(request: RightsRequest, outcome: Outcome, asked: list[Asked], at: datetime) -> None:
    """Receipts of Foyer's own tables, and what is to be asked of others. In the erasure's transaction."""
    done = [
        RequestTask(
            request=request, destination=FOYER, label=line.label[:160], doing=line.doing, rows=line.rows,
            state=State.DONE, settled_at=at, acknowledgement=line.store,
        )
        for line in outcome.lines
        if line.rows
    ]  # fmt: skip
    waiting = [
        RequestTask(
            request=request, destination=each.destination[:80], label=each.label, doing=each.doing,
            by_hand=each.by_hand, consequence=each.consequence, address=sealed(each.address),
            next_try_at=None if each.by_hand else at,
        )
        for each in asked
    ]  # fmt: skip
    RequestTask.objects.bulk_create(done + waiting)


def sealed(address: str) -> str:
    return crypto.seal(current_schema(), address) if address else ""


def address_of(task: RequestTask) -> str:
    return crypto.unseal(current_schema(), task.address) if task.address else ""


def due(now: datetime) -> list[int]:
    """Tasks whose time to be asked, or asked again, has come."""
    tasks = RequestTask.objects.filter(settled_at=None, by_hand=False, next_try_at__lte=now)
    return list(tasks.order_by("next_try_at").values_list("pk", flat=True)[:AT_ONCE])


def ask(pk: int) -> bool:
    """Asks one other system to forget; whether it has. Other workers leave a task alone meanwhile."""
    task = _claimed(pk)
    if task is None:
        return False
    destination = _destination(task)
    if destination is None or destination.forget is None:
        _by_hand(task, _("This connection is not there any more. Ask the system yourself."))
        return False
    try:
        receipt = destination.forget(address_of(task))
    except ByHand as what:
        _by_hand(task, str(what))
    except Later as why:
        _again(task, str(why))
    except Exception as error:  # the other side's connector failed in a way nobody thought of
        # Its message may hold the address, and so may its trace.
        log.error("forgetting failed: %s, task %d", type(error).__name__, task.pk)
        _again(task, type(error).__name__)
    else:
        settle(task, state=State.DONE, number=receipt, actor=None)
        return True
    return False


def _destination(task: RequestTask) -> Destination | None:
    """Another system, or the person, who is told by mail."""
    if task.destination == PERSON:
        lines = task.request.plan
        return Destination(
            key=PERSON, label="", holds=lambda _subject: iter(()),
            forget=lambda address: erasing_letter.send(address, lines),
        )  # fmt: skip
    return next((d for d in personal_data.destinations() if d.key == task.destination), None)


def _claimed(pk: int) -> RequestTask | None:
    """The task, given time to be answered in: compare and set on its next try."""
    now = clock.now()
    found = RequestTask.objects.filter(pk=pk, settled_at=None, by_hand=False, next_try_at__lte=now)
    if not found.update(state=State.ASKED, asked_at=now, next_try_at=now + FIRST_WAIT):
        return None
    return RequestTask.objects.select_related("request").get(pk=pk)


def _again(task: RequestTask, why: str) -> None:
    task.attempts += 1
    wait: timedelta = min(FIRST_WAIT * 2 ** min(task.attempts - 1, 10), LONGEST_WAIT)
    task.state, task.error, task.next_try_at = State.FAILED, why[:240], clock.now() + wait
    task.save(update_fields=["attempts", "state", "error", "next_try_at"])


def _by_hand(task: RequestTask, what: str) -> None:
    task.by_hand, task.state, task.next_try_at, task.error = True, State.WAITING, None, what[:240]
    task.save(update_fields=["by_hand", "state", "next_try_at", "error"])
    verbs.note(task.request, None, "erasure.by_hand", task.label)


def settle(task: RequestTask, *, state: str, number: str, actor: User | None) -> None:
    """Writes the answer down and forgets whom it was about."""
    with transaction.atomic():
        found = RequestTask.objects.select_for_update().get(pk=task.pk)
        if found.state in RequestTask.SETTLED:
            return
        found.state, found.settled_at, found.acknowledgement = state, clock.now(), number.strip()[:240]
        found.settled_by, found.address = str(actor)[:254] if actor else "", ""
        found.error, found.next_try_at = "", None
        found.save()
        verbs.told(found.request, actor, "request.task", found.label, destination=found.destination)


def settle_letter(task: RequestTask, *, letter: str, actor: User) -> None:
    """Settles by hand what a system did not answer, against a letter that is on file (C155).

    `letter` names it: from whom, of which date, where it is kept. Errors: NotPossible without.
    """
    if len(letter.strip()) < 8:
        raise NotPossible(
            _("Say which letter: from whom, of which date, where it is kept. Without one it stays open.")
        )
    if task.state in RequestTask.SETTLED:
        raise NotPossible(_("This is settled already."))
    settle(task, state=State.LETTER, number=letter, actor=actor)
