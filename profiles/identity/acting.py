"""What every act about who is who has in common: the turn, the act itself, and all that follows from it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cdp.lib import sql
from organisations.audit import verbs as audit
from organisations.models import User
from profiles.identity import consequences, queue
from profiles.identity.resolve import Homes, resolve
from profiles.ingest import gild, load
from profiles.ingest.turn import wait_for_turn
from profiles.models import IdentityAct, Profile, SourceRecord

LONGEST = 240


class NotPossible(ValueError):
    """The act cannot be done. `str` says why, in words for the person who tried."""


AUDITED = {
    IdentityAct.Kind.MERGE: "identity.merged",
    IdentityAct.Kind.UNMERGE: "identity.taken_apart",
    IdentityAct.Kind.APART: "identity.told_apart",
    IdentityAct.Kind.UNDO: "identity.undone",
    IdentityAct.Kind.UPLOAD: "identity.links_uploaded",
    IdentityAct.Kind.BULK: "identity.approved_together",
    IdentityAct.Kind.MATCH: "identity.matched",
    IdentityAct.Kind.PIN: "identity.pinned",
    IdentityAct.Kind.RULES: "identity.rules_changed",
    IdentityAct.Kind.IDENTIFIER: "identity.value_judged",
}
"""What the audit log calls an act, by its kind; `LABELS` has the words."""

LABELS = {
    "identity.merged": gettext_lazy("People merged"),
    "identity.taken_apart": gettext_lazy("Person taken apart"),
    "identity.told_apart": gettext_lazy("Told not to be the same person"),
    "identity.undone": gettext_lazy("Decision about people taken back"),
    "identity.links_uploaded": gettext_lazy("Links between people uploaded"),
    "identity.approved_together": gettext_lazy("Likely pairs approved together"),
    "identity.matched": gettext_lazy("Matcher run"),
    "identity.pinned": gettext_lazy("Value chosen, or left to the rules"),
    "identity.rules_changed": gettext_lazy("Rules of who is who changed"),
    "identity.value_judged": gettext_lazy("Shared, held or joining: a value judged"),
}


@contextmanager
def turn() -> Iterator[None]:
    """One transaction, and nobody else of the organisation decides who is who until it ends."""
    with transaction.atomic():
        wait_for_turn()
        load.empty_touched()
        yield


def begin(
    kind: IdentityAct.Kind,
    *,
    actor: str,
    reason: str = "",
    undoes: IdentityAct | None = None,
    **evidence: Any,
) -> IdentityAct:
    """The act, to be named by all that it writes or lifts. Inside `turn`."""
    return IdentityAct.objects.create(
        kind=kind, actor=actor, reason=reason.replace("\x00", "")[:LONGEST], undoes=undoes, evidence=evidence
    )


def finish(
    act: IdentityAct,
    seeds: Collection[int],
    *,
    homes: Homes | None = None,
    also: Collection[int] = (),
    is_part: bool = False,
) -> None:
    """Everything that follows from what the act wrote or lifted, in its transaction.

    `seeds` are the records it speaks of, `also` profiles whose values change although
    nobody moves (a pin). Only the first part of an act goes into the audit log.
    """
    resolve(seeds, act=act, homes=homes)
    if also:
        sql.run("profiles/touch", {"profiles": list(also)}).close()
    profiles = settle_touched()
    queue.settle_about(set(profiles), act.pk)
    if not is_part:
        _audit(act, len(seeds))


def _audit(act: IdentityAct, records: int) -> None:
    summary: dict[str, Any] = {"records": records}
    if act.evidence.get("people"):
        summary["people"] = act.evidence["people"]
    audit.record(
        actor=User.objects.filter(email=act.actor).first() if act.actor else None,
        verb=AUDITED[IdentityAct.Kind(act.kind)],
        target=f"act {act.pk}",
        summary=summary,
    )


def settle_touched() -> list[int]:
    """Golden values of everybody in stage_touched, and what other rooms make of it. Returns whom."""
    gild.gild_touched()
    profiles = touched()
    consequences.settle(profiles)
    return profiles


def touched() -> list[int]:
    """The profiles that this transaction has touched so far."""
    return [row["profile_id"] for row in sql.rows("profiles/touched")]


def known(profiles: Collection[Profile]) -> list[Profile]:
    """These people as they are now, in the order given. Raises NotPossible for anybody who is not a
    person of this organisation any more: merged away, without records, or somebody else's."""
    found = {p.public_id: p for p in Profile.objects.filter(public_id__in=[p.public_id for p in profiles])}
    people = [found.get(p.public_id) for p in profiles]
    if any(p is None for p in people):
        raise NotPossible(_("There is no such person here."))
    known_people = [p for p in people if p is not None]
    for person in known_people:
        if person.state == Profile.State.MERGED:
            raise NotPossible(_("%(who)s has been merged into somebody else.") % {"who": person})
        if person.state == Profile.State.EMPTY:
            raise NotPossible(_("%(who)s has no record left.") % {"who": person})
    return known_people


def records_of(profiles: Collection[Profile]) -> dict[int, frozenset[int]]:
    """Record ids by profile id."""
    rows = SourceRecord.objects.filter(profile__in=profiles).values_list("profile_id", "pk")
    found: dict[int, set[int]] = {p.pk: set() for p in profiles}
    for profile, record in rows:
        found[profile].add(record)
    return {profile: frozenset(records) for profile, records in found.items()}
