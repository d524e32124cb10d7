"""A request to be forgotten, from lock to proof (CONSENT.md 3.4).

received → identity → scoped → approved → executing → waiting_downstream → done. Each state is in the
row and each step is one transaction, so whoever finds a request half-way goes on from there
(`round`). The erasure itself is one transaction under the organisation's turns: nobody takes
anything in meanwhile, and nothing is ever half gone.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cdp.lib import clock
from consent import answers, house
from consent.models import RequestTask, RightsRequest
from consent.rights import (
    erasing_books,
    erasing_journal,
    erasing_ledger,
    erasing_letter,
    erasing_proof,
    erasing_tasks,
    erasing_work,
    subject,
    verbs,
)
from consent.rights.erasing_tasks import Asked
from consent.rights.erasing_work import Outcome, PlanLine
from consent.rights.verbs import NotPossible
from organisations.models import User
from organisations.personal_data import Subject
from profiles.identity import acting
from profiles.models import OrderLine
from profiles.models.sale import OrderStatus

log = logging.getLogger(__name__)

State = RightsRequest.State
REFUSABLE = frozenset({"orders"})
"""What can be kept while the rest goes; everything else hangs together."""

LABELS = {
    "erasure.approved": gettext_lazy("Erasure approved"),
    "erasure.executed": gettext_lazy("Person erased"),
    "erasure.proven": gettext_lazy("Erasure proven"),
    "erasure.replayed": gettext_lazy("Erasures repeated on a restored database"),
    "kept_buyer.asked": gettext_lazy("Buyer of a kept order asked for"),
    "kept_buyer.opened": gettext_lazy("Buyer of a kept order opened"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done now. `seen` is handed back with the approval: what was looked at is what is done."""

    lines: list[PlanLine]
    asked: list[Asked]
    consequences: list[str]
    others: int
    seen: str
    letter: str = field(repr=False)

    @property
    def rows(self) -> int:
        return sum(line.rows for line in self.lines if line.doing in ("delete", "anonymise"))


def plan(request: RightsRequest) -> Plan:
    """Does it all and undoes it, so that the counts are those of the act itself. Remembers them."""
    with acting.turn():
        answers.wait_for_turn()
        found = verbs.held(request)
        about, outcome, asked = _foreseen(found)
        found.plan = outcome.as_json()
        found.save(update_fields=["plan"])
        consequences = _consequences(about, outcome, asked)
    request.refresh_from_db()
    letter = erasing_letter.text(request.plan, [each.label for each in asked], done=False)
    return Plan(outcome.lines, asked, consequences, outcome.others, _seen(outcome, asked), letter)


def _foreseen(request: RightsRequest) -> tuple[Subject, Outcome, list[Asked]]:
    about = erasing_work.whole(subject.of(request))
    asked = erasing_tasks.foresee(about)
    outcome = erasing_work.foresee(
        about, request_uid=request.uid, at=clock.now(), keep_orders=_keeps_orders(request)
    )
    return about, outcome, asked


def _keeps_orders(request: RightsRequest) -> bool:
    return house.settings().book_of_record or "orders" in request.decisions.get("refused", {})


def _seen(outcome: Outcome, asked: list[Asked]) -> str:
    """Changes when anything that is done changes."""
    done = [(line.store, line.doing, line.rows) for line in outcome.lines]
    told = [(each.destination, each.label, each.doing) for each in asked]
    return hashlib.sha256(json.dumps([done, told]).encode()).hexdigest()


def _consequences(about: Subject, outcome: Outcome, asked: list[Asked]) -> list[str]:
    """What cannot be undone, said aloud."""
    said = [_("This cannot be undone: there is no copy in Foyer to bring anything back from.")]
    coming = OrderLine.objects.filter(
        order__record__in=about.records, order__status=OrderStatus.PAID, starts_at__gt=clock.now()
    ).count()
    if coming:
        said.append(
            _("%(count)d tickets are for shows yet to come. Nobody can be told of changes to them from here.")
            % {"count": coming}
        )
    said += sorted({each.consequence for each in asked if each.consequence})
    if outcome.others:
        said.append(
            _("%(count)d other people share an address or number. Theirs stays as it is.")
            % {"count": outcome.others}
        )
    return said


def approve(*, request: RightsRequest, actor: User, seen: str) -> None:
    """A second look: approves what `plan` has shown, if it still is so. A worker does it then."""
    from consent.tasks import erase  # brings this module

    with acting.turn():
        answers.wait_for_turn()
        found = verbs.held(request)
        _may_be_approved(found)
        _about, outcome, asked = _foreseen(found)
        if _seen(outcome, asked) != seen:
            raise NotPossible(_("Something has changed since you looked. Look at the plan again."))
        now = clock.now()
        verbs.move(
            found, State.APPROVED, out_of=(State.SCOPED,), approved_by=str(actor)[:254], approved_at=now
        )
        verbs.told(found, actor, "erasure.approved", rows=sum(line.rows for line in outcome.lines))
        erase.delay_on_commit(found.pk)  # type: ignore[attr-defined]
    request.refresh_from_db()


def _may_be_approved(request: RightsRequest) -> None:
    if request.kind != RightsRequest.Kind.ERASURE or request.state != State.SCOPED:
        raise NotPossible(_("Establish who asks first, or look again: this was approved already."))
    if request.identity == RightsRequest.Identity.UNPROVEN:
        raise NotPossible(_("Establish who asks first."))
    if not set(request.decisions.get("refused", {})) <= REFUSABLE:
        raise NotPossible(_("Only orders can be kept while the rest goes. Refuse the whole request instead."))
    about = subject.of(request)
    if about.proven and not (about.records or about.identifiers):
        raise NotPossible(_("Several people use this address. Find out which of them asks."))


def execute(request: RightsRequest, *, step: Callable[[str], None] | None = None) -> bool:
    """Erases; whether there was anything to do. Safe to call again at any time: the transaction is whole or
    was never there. `step` hears what is about to be done."""
    taken = RightsRequest.objects.filter(pk=request.pk, state=State.APPROVED).update(state=State.EXECUTING)
    if not taken and not RightsRequest.objects.filter(pk=request.pk, state=State.EXECUTING).exists():
        return False
    with acting.turn():
        answers.wait_for_turn()
        found = RightsRequest.objects.select_for_update().get(pk=request.pk)
        if found.state != State.EXECUTING:
            return False
        _erase(found, step)
    request.refresh_from_db()
    finish(request)
    return True


def _erase(request: RightsRequest, step: Callable[[str], None] | None) -> None:
    at = clock.now()
    about = erasing_work.whole(subject.of(request))
    by_mail = request.identity == RightsRequest.Identity.LINK
    asked = [*erasing_tasks.foresee(about), erasing_tasks.to_tell(about, by_mail=by_mail)]
    outcome = erasing_work.carry_out(
        about, request_uid=request.uid, at=at, keep_orders=_keeps_orders(request), step=step
    )
    request.refresh_from_db()  # emptied meanwhile, with everything else of the person's
    request.plan = outcome.as_json()
    request.decisions = request.decisions | {"erased_at": at.isoformat()}
    request.letter, request.identity_note = "", ""
    request.profile, request.proven, request.records = None, None, []
    request.save()
    erasing_tasks.write(request, outcome, asked, at)
    verbs.move(request, State.WAITING_DOWNSTREAM, out_of=(State.EXECUTING,))
    rows = sum(line.rows for line in outcome.lines if line.doing in ("delete", "anonymise"))
    verbs.told(request, None, "erasure.executed", rows=rows, others=outcome.others)
    erasing_journal.write(request.uid, at, outcome.digests)


def finish(request: RightsRequest) -> bool:
    """Writes the proof and closes, once everybody has answered; whether it did."""
    with transaction.atomic():
        found = RightsRequest.objects.select_for_update().get(pk=request.pk)
        if found.state != State.WAITING_DOWNSTREAM or verbs.open_tasks(found):
            return False
        proof = erasing_proof.write(found)
        verbs.told(found, None, "erasure.proven", proof.sha256)
        verbs.close(request=found, actor=None)
    request.refresh_from_db()
    return True


def settle_letter(task: RequestTask, *, letter: str, actor: User) -> None:
    """A system that does not answer, settled against a letter on file. Errors: NotPossible (C155)."""
    erasing_tasks.settle_letter(task, letter=letter, actor=actor)
    finish(task.request)


@dataclass(slots=True)
class Round:
    executed: int = 0
    answered: int = 0
    finished: int = 0
    forgotten: int = 0


def round_(now: datetime | None = None) -> Round:
    """What is due in the current organisation. Started every few minutes; harmless as often as one likes."""
    now = now or clock.now()
    done = Round()
    open_ = RightsRequest.objects.filter(kind=RightsRequest.Kind.ERASURE, closed_at=None)
    for request in open_.filter(state__in=(State.APPROVED, State.EXECUTING)):
        done.executed += _without_stopping(request)
    for pk in erasing_tasks.due(now):
        done.answered += erasing_tasks.ask(pk)
    for request in open_.filter(state=State.WAITING_DOWNSTREAM):
        done.finished += finish(request)
    done.forgotten = erasing_ledger.forget_expired(now) + erasing_books.purge(now.date())
    erasing_journal.forget_old(now)
    return done


def _without_stopping(request: RightsRequest) -> bool:
    """One erasure that cannot be done does not keep the others from being done."""
    try:
        return execute(request)
    except Exception as error:
        log.error("erasure failed: %s, request %s", type(error).__name__, request.uid)
        verbs.note(request, None, "erasure.failed", type(error).__name__)
        return False
