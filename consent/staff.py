"""What somebody says about permissions to staff: written to the ledger at once, undone within minutes.

A yes told to staff is grade B: it opens, but lifts no earlier no. A no needs no proof. Every
act writes the audit log; its number ties the lines of one act together.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cdp.lib import clock, sql
from consent import answers, explain, ledger
from consent.facts import ANY, NEWSLETTER, PROFILING, EventType
from consent.gather import CHANNELS
from consent.models import ConsentEvent, ConsentText
from organisations.audit.models import AuditEntry
from organisations.audit.verbs import record as audit
from organisations.models import User
from profiles.models import Identifier, Profile, SourceRecord

SYSTEM = "foyer"
TO_UNDO = timedelta(minutes=10)
"""How long whoever noted something may take it back as a slip of the hand."""

THIS, CHANNEL, TAILORED, EVERYTHING = "this", "channel", "tailored", "everything"
SCOPES = (
    (THIS, _("This one thing, by this channel")),
    (CHANNEL, _("All marketing by this channel to this address")),
    (TAILORED, _("Tailored content: scores and choices from what they did")),
    (EVERYTHING, _("All marketing, everywhere, for good")),
)

VERBS = {
    "permission.given": _("Yes noted by staff"),
    "permission.withdrawn": _("Permission taken back by staff"),
    "permission.objected": _("Objection noted by staff"),
    "permission.undone": _("Note about a permission undone"),
    "permission.link_shown": _("Link to somebody's preference page shown"),
    "permission.evidence_shown": _("Evidence of a permission shown"),
}


class TooLate(ValueError):
    """What was noted is no longer the noter's to undo."""


@dataclass(frozen=True, slots=True)
class Act:
    """What one act wrote: positions in the ledger. `number` undoes it."""

    number: uuid.UUID
    positions: list[int]


def give(
    *, actor: User, person: Profile, identifier: Identifier, wanted: Iterable[tuple[str, str]], note: str,
    text: ConsentText | None = None,
) -> Act:  # fmt: skip
    """A yes that somebody says to staff now; `wanted` are (purpose, channel) pairs."""
    whose = _record_of(person, identifier)
    entries = [
        _entry(EventType.GRANT, purpose, channel, identifier, whose, note, text_id=text.pk if text else None)
        for purpose, channel in wanted
    ]
    return _write(actor, "permission.given", entries)


def withdraw(
    *, actor: User, person: Profile, identifier: Identifier, scope: str, purpose: str = NEWSLETTER,
    channel: str = "", note: str = "",
) -> Act:  # fmt: skip
    """A no that somebody says to staff now, as wide as they mean it (`SCOPES`)."""
    whose = _record_of(person, identifier)
    channel = channel or CHANNELS[identifier.kind_id]
    if scope in (EVERYTHING, TAILORED):
        return _object(actor, whose, ANY if scope == EVERYTHING else PROFILING, identifier, note)
    said = ANY if scope == CHANNEL else purpose
    entry = _entry(EventType.WITHDRAW, said, channel, identifier, whose, note)
    return _write(actor, "permission.withdrawn", [entry])


def _object(actor: User, whose: SourceRecord, purpose: str, identifier: Identifier | None, note: str) -> Act:
    """Of the person, for every address they have or will have. A no to tailored content also
    stands at the address it was said about, where its state is read."""
    wide = replace(
        _entry(EventType.OBJECT, purpose, ANY, None, whose, note), scope="person", record_id=whose.pk
    )
    entries = [wide]
    if purpose == PROFILING and identifier is not None:
        channel = CHANNELS[identifier.kind_id]
        entries.append(_entry(EventType.OBJECT, purpose, channel, identifier, whose, note))
    return _write(actor, "permission.objected", entries)


def object_to_everything(*, actor: User, person: Profile, note: str = "") -> Act:
    """The person wants no marketing at all: for every address they have, or will have."""
    whose = person.sourcerecord_set.order_by("pk").first()
    if whose is None:
        raise SourceRecord.DoesNotExist
    return _object(actor, whose, ANY, None, note)


def undo(number: uuid.UUID, *, actor: User, person: Profile) -> list[int]:
    """Takes back what this user noted about this person minutes ago; answers the positions.

    A correcting entry beside each: nothing is removed from the ledger. Raises `TooLate`.
    """
    lately = AuditEntry.objects.filter(
        actor_id=actor.pk, act_id=number, at__gte=clock.now() - TO_UNDO, verb__in=UNDONE_BY_NOTER
    )
    if not lately.exists():
        raise TooLate(str(number))
    with transaction.atomic():
        answers.wait_for_turn()
        events = list(_of_act(number, person))
        written = [ledger.record(_correcting(event, number)) for event in events]
        positions = [position for position in written if position is not None]
        if not positions:
            raise TooLate(str(number))
        answers.refresh(identifier_ids=[each.pk for each in explain.contact_points(person)])
        audit(
            actor=actor,
            verb="permission.undone",
            target=", ".join(f"ledger {event.position}" for event in events),
            summary={"ledger": positions},
            act_id=number,
        )
    return positions


UNDONE_BY_NOTER = ("permission.given", "permission.withdrawn", "permission.objected")


def _of_act(number: uuid.UUID, person: Profile) -> Iterator[ConsentEvent]:
    """The act's lines about this person that nobody has taken back."""
    records = list(SourceRecord.objects.filter(profile=person).values_list("pk", flat=True))
    said = ConsentEvent.objects.filter(
        record__in=records, source_system=SYSTEM, source_event_id=f"staff:{number}", target=None
    )
    gone = set(ConsentEvent.objects.filter(target__in=said).values_list("target_id", flat=True))
    return (event for event in said.order_by("position") if event.position not in gone)


def _correcting(event: ConsentEvent, number: uuid.UUID) -> ledger.Entry:
    return ledger.Entry(
        type=EventType.INVALIDATED,
        identifier_id=event.identifier_id,
        record_id=event.record_id,
        purpose=event.purpose,
        channel=event.channel,
        source_system=SYSTEM,
        source_event_id=f"undo:{number}",
        actor="staff",
        via="staff",
        proof="B",
        occurred_at=clock.now(),
        target_id=event.position,
        note="undone by whoever noted it",
    )


def _record_of(person: Profile, identifier: Identifier) -> SourceRecord:
    """Whose answer it is: a record of this person that shows the address."""
    shown = SourceRecord.objects.filter(profile=person, recordidentifier__identifier=identifier)
    found = shown.order_by("-observed_at", "-pk").first()
    if found is None:
        raise SourceRecord.DoesNotExist
    return found


def _entry(
    kind: EventType,
    purpose: str,
    channel: str,
    identifier: Identifier | None,
    whose: SourceRecord,
    note: str,
    *,
    text_id: int | None = None,
) -> ledger.Entry:
    return ledger.Entry(
        type=kind,
        identifier_id=identifier.pk if identifier else None,
        record_id=whose.pk,
        purpose=purpose,
        channel=channel,
        source_system=SYSTEM,
        source_event_id="",
        actor="staff",
        via="staff",
        proof="B",
        occurred_at=clock.now(),
        text_id=text_id,
        note=note,
    )


def _write(actor: User, verb: str, entries: list[ledger.Entry]) -> Act:
    number = uuid.uuid4()
    with transaction.atomic():
        answers.wait_for_turn()
        written = [ledger.record(replace(each, source_event_id=f"staff:{number}")) for each in entries]
        positions = [position for position in written if position is not None]
        summary = {
            "purpose": sorted({each.purpose for each in entries}),
            "channel": sorted({each.channel for each in entries}),
            "ledger": positions,
        }
        target = ", ".join(f"ledger {position}" for position in positions)
        audit(actor=actor, verb=verb, target=target, summary=summary, act_id=number)
    return Act(number, positions)


def noted_by(events: Iterable[ConsentEvent]) -> dict[int, str]:
    """Who noted each of these lines that staff noted, by position, as the audit log has it."""
    noted = [event for event in events if event.via == "staff"]
    if not noted:
        return {}
    rows = sql.rows(
        "consent/noted_by",
        {"positions": [each.position for each in noted], "times": [each.recorded_at for each in noted]},
    )
    return {row["position"]: row["actor_label"] for row in rows}
