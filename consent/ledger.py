"""The one writer of the ledger.

`record_claims` hears what a delivery says about many people, `record` one thing that one
person, a provider or staff said. Nothing here is ever changed or deleted: what a delivery
brought by mistake is taken back by `invalidate_intake`, a further entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.db import connection, transaction

from cdp.lib import clock, sql
from consent import answers, projection, suppression
from consent.collecting import evidence
from consent.facts import ANY, NEGATIVE, EventType
from consent.models import CollectionPoint, ContactStatus
from profiles.rows import PermitReport, ResolvedClaim

# How the report names what was not written, by verdict of claims_judge.sql. A `claim` is
# written with grade C: it opens nothing until somebody verifies its collection point.
NOT_OPENED = {
    "claim": "waits_for_verification",
    "box_left_empty": "box_left_empty",
    "yes_without_act": "yes_without_act",
    "no_address": "no_address",
    "standing_no": "standing_no",
    "suppressed": "suppressed_after_erasure",
}


class NotAllowed(ValueError):
    """An entry that the ledger never takes."""


def record_claims(claims: Sequence[ResolvedClaim], *, intake_id: int, source_id: int) -> PermitReport:
    """Hears the claims of one chunk, in the caller's transaction (CONSENT.md 2.6, 2.10).

    Counts in the report are permissions: one claim at a point that asks about two
    purposes by e-mail is two. Blank and unreadable answers are counted once per claim.
    """
    heard = [claim for claim in claims if claim.answer in ("yes", "no")]
    silent = Counter(str(claim.answer) for claim in claims if claim.answer not in ("yes", "no"))
    if not heard:
        return PermitReport(refused=dict(silent))
    with transaction.atomic():
        _stage(heard)
        answers.wait_for_turn()  # held to the end of the chunk, of which little is left
        params = {"intake_id": intake_id}
        sql.run("consent/claims_judge", params).close()
        written = sql.rows("consent/claims_write", params)
        sql.count("consent/claims_remember", params)
        projection.touch(sql.value("consent/claims_touched"))
        verdicts = {row["verdict"]: row["permissions"] for row in sql.rows("consent/claims_report")}
        unknown = _unknown_points(heard)
        sql.run("consent/claims_clear").close()
    return _report(written, verdicts, silent + unknown)


def _stage(claims: Sequence[ResolvedClaim]) -> None:
    erased = suppression.erased(claims)
    sql.run("consent/claims_clear").close()
    sql.run("consent/claims_stage").close()
    with connection.cursor() as cursor, cursor.copy("COPY consent_claim FROM STDIN") as copy:
        for claim in claims:
            copy.write_row(
                (
                    claim.row_number,
                    claim.record_id,
                    claim.email_id,
                    claim.phone_id,
                    claim.point,
                    claim.answer == "yes",
                    claim.occurred_at,
                    claim.order_ref,
                    claim.source_event_id,
                    claim.channel,
                    erased.get((claim.email_id, claim.record_id)),
                    erased.get((claim.phone_id, claim.record_id)),
                )
            )


def _unknown_points(claims: Sequence[ResolvedClaim]) -> Counter[str]:
    """Claims at a point that nobody has set up; they are not remembered."""
    known = {row["key"] for row in sql.rows("consent/point_keys")}
    missing = sum(1 for claim in claims if claim.point not in known)
    return Counter({"unknown_point": missing}) if missing else Counter()


def _report(written: list[dict[str, str]], verdicts: dict[str, int], silent: Counter[str]) -> PermitReport:
    granted = sum(1 for event in written if event["type"] == "GRANT" and event["proof"] != "C")
    withdrawn = sum(1 for event in written if event["type"] != "GRANT")
    repeated = sum(verdicts.get(verdict, 0) for verdict in ("grant", "act", "no")) - granted - withdrawn
    told = {name: verdicts[verdict] for verdict, name in NOT_OPENED.items() if verdict in verdicts}
    return PermitReport(
        granted=granted,
        withdrawn=withdrawn,
        unchanged=verdicts.get("same", 0) + repeated,
        refused=dict(Counter(told) + silent),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to be written to the ledger. Fields as in `ConsentEvent`.

    A yes names one purpose and one channel; a no may say `*`. With scope "person" a no
    needs `record_id` and reaches every address of that person.
    """

    type: EventType
    purpose: str
    channel: str
    source_system: str
    source_event_id: str
    identifier_id: int | None = None
    record_id: int | None = None
    scope: str = "address"
    occurred_at: datetime | None = None
    kind: str = "act"
    proof: str = "B"
    point_id: int | None = None
    text_id: int | None = None
    order_ref: str = ""
    campaign_ref: str = ""
    experiment_variant: str = ""
    guardian: bool = False
    via: str = ""
    actor: str = "person"
    carried_from_id: int | None = None
    target_id: int | None = None
    intake_id: int | None = None
    note: str = field(default="", repr=False)


def record(entry: Entry) -> int | None:
    """Writes one entry and answers its position, None when it was written before.

    Takes effect at once: the stored answers of the address, and for a person-wide no of
    all the person's addresses, are decided anew in the same transaction.
    """
    _check(entry)
    with transaction.atomic():
        answers.wait_for_turn()
        position: int | None = sql.value("consent/event_record", asdict(entry))
        if position is None:
            return None
        touched = [entry.identifier_id] if entry.identifier_id else []
        projection.touch(touched, taken_back=entry.target_id is not None)
        if entry.scope == "person" and entry.record_id:
            touched = sql.value("consent/person_contacts", {"record_id": entry.record_id}) or touched
        if entry.type in NEGATIVE:
            evidence.forget_withdrawn(touched)
        answers.refresh(identifier_ids=touched)
    return position


def _check(entry: Entry) -> None:
    starred = ANY in (entry.purpose, entry.channel)
    if starred and entry.type not in NEGATIVE and entry.target_id is None:
        raise NotAllowed("Only a no may cover every purpose or channel.")
    if entry.scope == "person" and (entry.type not in NEGATIVE or entry.record_id is None):
        raise NotAllowed("Person-wide entries are nos that name the record of the person.")
    if entry.identifier_id is None and entry.record_id is None:
        raise NotAllowed("An entry is about a contact point or a person.")


def invalidate_intake(intake_id: int) -> int:
    """Takes back every yes that one delivery brought; answers how many.

    Nos stay. A refusal that was only an empty box is mended where the mistake was made:
    by saying so at its collection point (`consent.verbs.verify_point`).
    """
    note = f"delivery {intake_id} undone"
    with transaction.atomic():
        answers.wait_for_turn()
        rows = sql.rows("consent/intake_invalidate", {"intake_id": intake_id, "note": note})
        sql.count("consent/intake_forget_flags", {"intake_id": intake_id})
        touched = {row["identifier_id"] for row in rows if row["identifier_id"]}
        projection.touch(touched, taken_back=True)
        answers.refresh(identifier_ids=touched)
    return len(rows)


@dataclass(frozen=True, slots=True)
class Consequences:
    """What verifying a collection point does, or would do; counts are permissions.

    `opens`: claims that become a yes of grade B. `stays_closed`: claims of people who have
    said no since or before. `refusals`: remembered nos that are written as refusals.
    `taken_back`: refusals from here that were only an empty box.
    """

    opens: int = 0
    stays_closed: int = 0
    refusals: int = 0
    taken_back: int = 0

    @property
    def anything(self) -> bool:
        return bool(self.opens or self.refusals or self.taken_back)


def consequences(point: CollectionPoint, *, no_is_explicit: bool) -> Consequences:
    """What `settle_point` would do with this answer about the no; for the page to show first."""
    params = {"point_id": point.pk}
    waiting = sql.rows("consent/point_waiting", params)[0]
    return Consequences(
        opens=waiting["opens"],
        stays_closed=waiting["stays_closed"],
        refusals=sql.value("consent/point_silent_nos", params) if no_is_explicit else 0,
        taken_back=0 if no_is_explicit else sql.value("consent/point_refusals", params),
    )


def settle_point(point: CollectionPoint) -> Consequences:
    """Applies what somebody has verified about a point to what was heard there before.

    Waiting claims open with grade B where no no stands; remembered nos become refusals,
    or what was taken for refusals is taken back. For `consent.verbs.verify_point`, in
    its transaction.
    """
    params = {"point_id": point.pk, "note": f"verified by {point.verified_by}"[:240]}
    closed = sql.rows("consent/point_waiting", params)[0]["stays_closed"]
    opened = sql.rows("consent/point_open", params)
    refused = sql.rows("consent/point_refuse", params) if point.no_is_explicit else []
    freed = [] if point.no_is_explicit else sql.rows("consent/point_unrefuse", params)
    touched = {row["identifier_id"] for row in (*opened, *refused, *freed)}
    projection.touch(touched, taken_back=True)
    return Consequences(len(opened), closed, len(refused), len(freed))


def mark_status(
    identifier_ids: Collection[int], status: str, *, source_system: str, since: datetime | None = None
) -> int:
    """Notes that contact points bounced, were given to somebody else, or work again.

    This is about the address, not about permission: nothing is written to the ledger
    (CONSENT.md C125).
    """
    moment = since or clock.now()
    rows = [
        ContactStatus(identifier_id=pk, status=status, since=moment, source_system=source_system)
        for pk in identifier_ids
    ]
    with transaction.atomic():
        ContactStatus.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["identifier"],
            update_fields=["status", "since", "source_system"],
        )
        answers.refresh(identifier_ids=identifier_ids)
    return len(rows)


def mark_used(identifier_ids: Collection[int], channel: str, *, at: datetime | None = None) -> int:
    """Notes that marketing went to these contact points, so that a used yes does not lapse."""
    params = {"identifier_ids": list(identifier_ids), "channel": channel, "at": at or clock.now()}
    return sql.count("consent/contacts_used", params)
