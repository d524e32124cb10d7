"""What is done to a request. Every verb writes the request's history and the audit log."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cdp.lib import clock
from consent import answers
from consent.models import RequestNote, RequestTask, RightsRequest
from consent.rights import clock as due
from consent.rights import erasing_lock
from organisations.audit import verbs as audit
from organisations.models import User

State = RightsRequest.State

REASONS: Mapping[str, Any] = {
    "unidentified": gettext_lazy("Who asks could not be established (Art. 12(2))"),
    "excessive": gettext_lazy("Manifestly unfounded or excessive (Art. 12(5))"),
    "others": gettext_lazy("It would harm the rights of others (Art. 15(4))"),
    "claims": gettext_lazy("Needed for legal claims (Art. 17(3)(e), 18(2))"),
    "law": gettext_lazy("A law asks us to keep it (Art. 17(3)(b))"),
    "accurate": gettext_lazy("It was checked and is right (Art. 16)"),
    "service": gettext_lazy("Needed for a purchase or membership in force (Art. 6(1)(b))"),
    "not_portable": gettext_lazy("Neither provided nor observed on consent or contract (Art. 20(1))"),
}
"""Why something is refused. Words of one's own might name the person, so there are none."""

LABELS = {
    "request.received": gettext_lazy("Request about personal data received"),
    "request.identified": gettext_lazy("Request: who asks was established"),
    "request.extended": gettext_lazy("Request: more time taken"),
    "request.refused": gettext_lazy("Request refused"),
    "request.closed": gettext_lazy("Request answered"),
    "request.withdrawn": gettext_lazy("Request taken back"),
    "request.package": gettext_lazy("Request: file put together"),
    "request.handed_over": gettext_lazy("Request: file handed over"),
    "request.link_sent": gettext_lazy("Request: link sent"),
    "request.task": gettext_lazy("Request: task settled"),
    "person.restricted": gettext_lazy("Person's data locked"),
    "person.unrestricted": gettext_lazy("Person's data unlocked"),
    "person.corrected": gettext_lazy("Person's data corrected"),
}


class NotPossible(ValueError):
    """It cannot be done. `str` says why, in words for whoever tried."""


@contextmanager
def turn() -> Iterator[None]:
    """One transaction for what may write permissions too. Their turn comes before any request's row:
    two that took them the other way round would wait for each other."""
    with transaction.atomic():
        answers.wait_for_turn()
        yield


def note(request: RightsRequest, actor: User | None, verb: str, note: str = "") -> RequestNote:
    """One line of the request's history. Neither word names the person."""
    who = str(actor) if actor else ""
    return RequestNote.objects.create(request=request, actor=who[:254], verb=verb[:40], note=note[:400])


def told(
    request: RightsRequest, actor: User | None, verb: str, words: str = "", **summary: Any
) -> RequestNote:
    """History and audit log at once."""
    audit.record(actor=actor, verb=verb, target=str(request), summary={"kind": request.kind} | summary)
    return note(request, actor, verb, words)


def held(request: RightsRequest) -> RightsRequest:
    """The request as it is now, locked until the transaction ends. Errors: NotPossible once it is closed."""
    found = RightsRequest.objects.select_for_update().get(pk=request.pk)
    if not found.is_open:
        raise NotPossible(_("This request is closed."))
    return found


def move(
    request: RightsRequest, to: State, *, out_of: Collection[str] = RightsRequest.OPEN, **also: Any
) -> None:
    """Compare and set. Errors: NotPossible where somebody was first."""
    found = RightsRequest.objects.filter(pk=request.pk, state__in=out_of)
    if not found.update(state=to, **also):
        raise NotPossible(_("Somebody else has moved this request on."))
    request.refresh_from_db()


def extend(*, request: RightsRequest, actor: User, because: str) -> None:
    """Two months more. The person must be told why within the first month (Art. 12(3))."""
    because = because.strip()
    if not because:
        raise NotPossible(_("Say why it takes longer: the person is told."))
    zone = connection.tenant.time_zone  # type: ignore[attr-defined]
    with transaction.atomic():
        found = held(request)
        if found.extended_because:
            raise NotPossible(_("The time has been extended once already."))
        if clock.local_date(zone) > found.due_on:
            raise NotPossible(_("The first month is over; it can no longer be extended."))
        found.due_on = due.due_if_extended(found.received_at, zone)
        found.extended_because = because[:240]
        found.save(update_fields=["due_on", "extended_because"])
        told(found, actor, "request.extended", because, due=str(found.due_on))
    request.refresh_from_db()


def refuse(*, request: RightsRequest, actor: User, reasons: Mapping[str, str], whole: bool) -> None:
    """Refuses categories of data, each with a key of `REASONS`; the whole request where that is all of it.

    In part: the request goes on and ends as “done in part”.
    """
    if not reasons or not set(reasons.values()) <= set(REASONS):
        raise NotPossible(_("Choose a reason for what is refused."))
    with transaction.atomic():
        found = held(request)
        refused = dict(found.decisions.get("refused", {})) | dict(reasons)
        found.decisions = found.decisions | {"refused": refused}
        found.save(update_fields=["decisions"])
        words = ", ".join(f"{category}: {reason}" for category, reason in sorted(reasons.items()))
        told(found, actor, "request.refused", words, whole=whole)
        if whole:
            _end(found, State.REFUSED)
    request.refresh_from_db()


def close(*, request: RightsRequest, actor: User | None, words: str = "") -> None:
    """Answered. What the person wrote goes; whatever is still to be told or done keeps it open."""
    with transaction.atomic():
        found = held(request)
        if open_tasks(found):
            raise NotPossible(_("Something is still to be done or told. Settle it first."))
        _end(found, State.REFUSED_IN_PART if found.decisions.get("refused") else State.DONE)
        told(found, actor, "request.closed", words, state=found.state)
    request.refresh_from_db()


def withdraw(*, request: RightsRequest, actor: User | None) -> None:
    """The person takes the request back. What was objected to stays objected to."""
    with transaction.atomic():
        found = held(request)
        _end(found, State.WITHDRAWN)
        told(found, actor, "request.withdrawn")
    request.refresh_from_db()


def _end(request: RightsRequest, state: State) -> None:
    move(request, state, closed_at=clock.now(), letter="")
    if request.kind == RightsRequest.Kind.ERASURE and state in (State.REFUSED, State.WITHDRAWN):
        erasing_lock.unlock(request)


def open_tasks(request: RightsRequest) -> int:
    """What stands in the way of closing. A former value that is dropped later does not."""
    return request.tasks.exclude(state__in=RequestTask.SETTLED).exclude(doing="drop").count()


def settle_task(*, task: RequestTask, actor: User, number: str) -> None:
    """Somebody has told a recipient, or written to one: `number` is the letter's or the answer's."""
    with transaction.atomic():
        found = RequestTask.objects.select_for_update().get(pk=task.pk)
        if not found.by_hand or found.state in RequestTask.SETTLED:
            raise NotPossible(_("This is settled already."))
        found.state, found.settled_at, found.settled_by = RequestTask.State.LETTER, clock.now(), str(actor)
        found.acknowledgement, found.address = number.strip()[:240], ""
        found.save()
        told(found.request, actor, "request.task", found.label, destination=found.destination)
