"""Takes a person out of the ledger: what goes, what is kept as proof, and the nos that stay behind.

Rows go through `consent_erase_events` alone, which leaves each row's hash in its place.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from cdp.lib import sql
from consent import ledger
from consent.facts import EventType
from consent.ledger import Entry
from consent.models import ConsentEvidence, KeptPermission, RetentionRule
from organisations.personal_data import Subject
from profiles.erasure import digest
from profiles.models import Identifier, SourceRecord

PROOF_DAYS = 730
"""Of a last yes and no after erasure (CONSENT.md 1.8: 24 months at most; a house may shorten)."""
CATEGORY = "kept_permissions"

_request: ContextVar[uuid.UUID | None] = ContextVar("erasure request", default=None)


@contextmanager
def on_behalf_of(request_uid: uuid.UUID) -> Iterator[None]:
    """Names the request that the hashes of erased rows point to."""
    token = _request.set(request_uid)
    try:
        yield
    finally:
        _request.reset(token)


def doomed(subject: Subject) -> list[int]:
    """Positions of everything the person said, and of what was carried from there or takes it back."""
    return list(sql.value("consent/erase_events_of", _ids(subject)) or [])


def contact_points_once_theirs(subject: Subject) -> list[int]:
    """Those that entries of their records hang on."""
    return [row["identifier_id"] for row in sql.rows("consent/erase_contacts_of", _ids(subject))]


def _ids(subject: Subject) -> dict[str, Any]:
    return {
        "identifiers": list(subject.identifiers),
        "shared": list(subject.shared),
        "records": list(subject.records),
    }


def forget_evidence(subject: Subject) -> int:
    return ConsentEvidence.objects.filter(event__in=doomed(subject)).delete()[0]


def forget_events(subject: Subject) -> int:
    params = {"request": _request.get() or uuid.uuid4(), "doomed": doomed(subject)}
    return int(sql.value("consent/erase_events", params))


def keep_last_words(subject: Subject, *, at: datetime) -> int:
    """The last yes and the last no of each key, under the keyed hash of the address; answers how many.

    Of a shared address under the hash of address and name. Before the events go.
    """
    rule = RetentionRule.objects.filter(category=CATEGORY).first()
    until = at + timedelta(days=min(rule.days, PROOF_DAYS) if rule else PROOF_DAYS)
    names = dict(SourceRecord.objects.filter(pk__in=subject.records).values_list("pk", "name_key"))
    ids = [*subject.identifiers, *subject.shared]
    values = {i.pk: (i.kind_id, i.namespace, i.value) for i in Identifier.objects.filter(pk__in=ids)}
    kept = [
        KeptPermission(
            digest=digest(values[pk], names.get(said["record_id"], "") if pk in subject.shared else None),
            expires_at=until,
            **{name: said[name] for name in _KEPT},
        )
        for said in sql.rows("consent/erase_last_words", {"doomed": doomed(subject)})
        if (pk := said["identifier_id"]) in values
    ]
    KeptPermission.objects.bulk_create(kept)
    return len(kept)


_KEPT = ("type", "purpose", "channel", "text_id", "point_id", "occurred_at", "recorded_at", "source_system")


def leave_nos_behind(subject: Subject, *, request_uid: uuid.UUID) -> int:
    """A no that the person said at an address they shared goes on holding there, as the address's own.

    What is closed stays closed (CONSENT.md 2.8, C76): others use the mailbox, nobody can tell
    who reads it. The no of the erasure itself is not among them: it was about the person.
    """
    if not subject.shared:
        return 0
    params = _ids(subject) | {"doomed": doomed(subject), "request": f"request:{request_uid}"}
    nos = sql.rows("consent/erase_standing_nos", params)
    for said in nos:
        ledger.record(
            Entry(
                type=EventType(said["type"]),
                purpose=said["purpose"],
                channel=said["channel"],
                source_system="foyer",
                source_event_id=f"left behind {uuid.uuid4()}",
                identifier_id=said["identifier_id"],
                occurred_at=said["at"],
                actor="system",
            )
        )
    return len(nos)


def forget_expired(now: datetime) -> int:
    """Proof whose time is over."""
    return KeptPermission.objects.filter(expires_at__lt=now).delete()[0]
