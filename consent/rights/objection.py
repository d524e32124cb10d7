"""What an objection does, at once: a no in the ledger, for the person and not for one address.

Objecting to direct marketing is absolute (GDPR Art. 21(2)-(3)), and a no needs no proof of who
says it (CONSENT.md 2.2, 7).
"""

from __future__ import annotations

from consent import ledger
from consent.facts import ANY, EventType
from consent.ledger import Entry
from consent.models import RightsRequest
from consent.rights import erasing_lock, subject, verbs

KINDS = (RightsRequest.Kind.OBJECTION, RightsRequest.Kind.ERASURE)
"""What is a no to marketing from the moment it comes in: an erasure is read as one too (CONSENT.md 3.4)."""


def take_effect(request: RightsRequest) -> list[int]:
    """Writes the no of an objection or erasure; answers the ledger positions, none where it was written
    before.

    `decisions["objects_to"]` are the purposes, "*" for all marketing. It is written again when
    somebody becomes known as the person: where a mailbox of several people was all the proof,
    the first no is the mailbox's alone. Whoever nothing is held about leaves nothing to
    write.
    """
    if request.kind not in KINDS:
        return []
    about = subject.of(request)
    if request.kind == RightsRequest.Kind.ERASURE:
        erasing_lock.lock(request, about.records)
    purposes = request.decisions.get("objects_to", [ANY])
    if about.records:
        entries = [_entry(request, each, record_id=about.records[0], scope="person") for each in purposes]
    else:
        entries = [_entry(request, each, identifier_id=pk) for each in purposes for pk in about.proven or ()]
    written = [position for entry in entries if (position := ledger.record(entry)) is not None]
    if written:
        verbs.note(request, None, "request.objected", ", ".join(f"ledger {position}" for position in written))
    return written


def _entry(
    request: RightsRequest,
    purpose: str,
    *,
    identifier_id: int | None = None,
    record_id: int | None = None,
    scope: str = "address",
) -> Entry:
    by_link = request.came_by == RightsRequest.Came.PREFERENCES
    return Entry(
        type=EventType.OBJECT,
        purpose=purpose,
        channel=ANY,
        source_system="foyer",
        source_event_id=f"request:{request.uid}",
        identifier_id=identifier_id,
        record_id=record_id,
        scope=scope,
        occurred_at=request.received_at,
        proof="A" if by_link else "B",
        actor="person" if by_link else "staff",
        via="preferences" if by_link else "staff",
    )
