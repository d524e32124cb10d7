"""One erasure as one transaction: tombstones, proof to keep, every store, and whoever is left.

The same code makes the plan, rolled back, and does the work. Nothing else ever decides what
would be erased, so the plan cannot promise something else.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from consent import answers
from consent.rights import erasing_books, erasing_ledger
from organisations import personal_data
from organisations.personal_data import Doing, Store, Subject
from profiles.erasure import verbs as people
from profiles.models import Identifier

BOOKS_BEFORE = 60
"""Stores from this `order` on touch orders; those to be kept are taken out of their way before."""


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What happens to one table: its model, words for it, what is done with how many rows, and why."""

    store: str
    label: str
    doing: str
    rows: int
    why: str = ""


@dataclass(slots=True)
class Outcome:
    """What was, or would be, done. `digests` are the tombstones; `others` profiles that are left."""

    lines: list[PlanLine] = field(default_factory=list)
    digests: set[bytes] = field(default_factory=set)
    others: int = 0

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(line) for line in self.lines]


def whole(subject: Subject) -> Subject:
    """With addresses that were theirs once and nobody's now."""
    return people.complete(subject, erasing_ledger.contact_points_once_theirs(subject))


def carry_out(
    subject: Subject,
    *,
    request_uid: uuid.UUID,
    at: datetime,
    keep_orders: bool = False,
    step: Callable[[str], None] | None = None,
) -> Outcome:
    """Erases the subject (as `whole` answers it), in the caller's transaction and turns.

    `keep_orders` where a law asks for the orders (`erasing_books`). `step` hears what is about
    to be done, by name.
    """
    done = step or (lambda _name: None)
    done("tombstones")
    graves = people.graves(subject)
    people.bury(graves, at=at)
    left = people.neighbours(subject)
    outcome = Outcome(digests=graves.digests())
    done("last words")
    erasing_ledger.leave_nos_behind(subject, request_uid=request_uid)
    kept: dict[str, int] = {
        "profiles.Tombstone": len(outcome.digests),
        "consent.KeptPermission": erasing_ledger.keep_last_words(subject, at=at),
    }
    with erasing_ledger.on_behalf_of(request_uid):
        for store in personal_data.stores():
            if keep_orders and store.order >= BOOKS_BEFORE and "consent.KeptBuyer" not in kept:
                done("books")
                kept["consent.KeptBuyer"] = erasing_books.keep(subject, request_uid=request_uid, at=at)
            done(store.model)
            outcome.lines.append(_erase(store, subject, kept))
    done("others")
    outcome.others = len(people.settle(left))
    _answer_anew(subject)
    return outcome


def forget(subject: Subject, *, act: uuid.UUID | None = None) -> dict[str, int]:
    """Takes people or addresses out of every store because their time is over; answers rows by model.

    As an erasure, without tombstones and without words kept as proof: whoever comes again comes anew.
    `act` is what the hashes of ledger rows point to. In the caller's transaction and turns.
    """
    left = people.neighbours(subject)
    rows: dict[str, int] = {}
    with erasing_ledger.on_behalf_of(act or uuid.uuid4()):
        for store in personal_data.stores():
            if store.erase and store.doing is not Doing.KEEP and (gone := store.erase(subject)):
                rows[store.model] = gone
    people.settle(left)
    _answer_anew(subject)
    return rows


def _erase(store: Store, subject: Subject, kept: Mapping[str, int]) -> PlanLine:
    """A KEEP store that can count is asked to; what this erasure itself puts there is known."""
    rows = kept.get(store.model, 0) if store.doing is Doing.KEEP else 0
    if store.erase and store.model not in kept:
        rows = store.erase(subject)
    return PlanLine(store.model, str(store.label), store.doing.value, rows, str(store.why))


def _answer_anew(subject: Subject) -> None:
    """Of addresses that are somebody else's too."""
    shared = Identifier.objects.filter(pk__in=subject.shared, kind__in=("email", "phone"))
    if ids := list(shared.values_list("pk", flat=True)):
        answers.refresh(identifier_ids=ids)


def foresee(subject: Subject, **how: Any) -> Outcome:
    """What `carry_out` would do: it is done, the database asked whether it holds together, and undone."""
    with transaction.atomic():
        outcome = carry_out(subject, **how)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return outcome


def words(doing: str) -> str:
    """For people."""
    return {
        Doing.DELETE: _("Deleted"),
        Doing.ANONYMISE: _("Made anonymous"),
        Doing.KEEP: _("Kept"),
        Doing.GOES_WITH: _("Goes along"),
    }[Doing(doing)]
