"""The only way in: rows of one source become people, orders, events and claims.

One call is one chunk and one transaction (docs/explanation/ingest.md):
stage, normalise, resolve, apply, permit, gild.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import psycopg
from django.db import DataError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from cdp.lib import collector, sql
from profiles import erasure, network_addresses, own_domains
from profiles.identity import networks
from profiles.identity.resolve import resolve
from profiles.ingest import gild, load, statistics
from profiles.ingest.clean import UNSTORABLE, Cleaner, Kinds
from profiles.ingest.keys import number_again, number_rows
from profiles.ingest.staged import Chunk, Held, Numbered
from profiles.ingest.turn import wait_for_turn
from profiles.models import HeldRow, IdentifierBlock, IdentifierKind, Intake, Source
from profiles.rows import CanonicalRow, PermitReport, ResolvedClaim

OUTCOMES = ("created", "updated", "unchanged", "held", "failed", "erased")


class Permit(Protocol):
    """Records claims in the chunk's transaction (`consent.ledger.record_claims`)."""

    def __call__(
        self, claims: Sequence[ResolvedClaim], *, intake_id: int, source_id: int
    ) -> PermitReport: ...


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What became of a chunk's rows, and how many records were merged into another person.

    `naming_erased` are numbers of rows that name somebody who was erased: nobody should keep them.
    """

    read: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    permits: PermitReport = field(default_factory=PermitReport)
    moved: int = 0
    naming_erased: tuple[int, ...] = ()

    def __add__(self, other: ChunkResult) -> ChunkResult:
        refused = Counter(self.permits.refused) + Counter(other.permits.refused)
        permits = PermitReport(
            granted=self.permits.granted + other.permits.granted,
            withdrawn=self.permits.withdrawn + other.permits.withdrawn,
            unchanged=self.permits.unchanged + other.permits.unchanged,
            refused=dict(refused),
        )
        return ChunkResult(
            self.read + other.read, self.counts + other.counts, permits, self.moved + other.moved,
            self.naming_erased + other.naming_erased,
        )  # fmt: skip


def open_intake(*, source: Source, label: str = "") -> Intake:
    """Begins a delivery of `source`. The house's own addresses are nobody's from the first one on."""
    own_domains.note()
    intake = Intake.objects.create(source=source, label=label[:240])
    intake.refresh_from_db()
    return intake


def close_intake(*, intake: Intake) -> None:
    """Ends a delivery: counts per day are brought up to date."""
    with transaction.atomic():
        wait_for_turn()
        gild.count_days(intake_id=intake.pk)
        sql.run("profiles/occurrences_forget", {"intake": intake.pk}).close()
        Intake.objects.filter(pk=intake.pk, state=Intake.State.OPEN).update(
            state=Intake.State.CLOSED, closed_at=timezone.now()
        )
    intake.refresh_from_db()


def ingest(*, intake: Intake, rows: Iterable[CanonicalRow], permit: Permit, reading: str = "") -> ChunkResult:
    """Takes in one chunk of an open delivery, whole or not at all.

    `reading` names how raw rows were read (a mapping's version): when it changes, rows
    that look the same are judged again. A row the database refuses is found by halving
    the chunk and waits as failed; the others go in. Raises ValueError when the delivery
    is closed or undone.
    """
    with collector.rests(), transaction.atomic():
        rows = [network_addresses.taken_off(row) for row in rows]
        wait_for_turn()
        _need_not_wait_for_the_disk()
        if not Intake.objects.filter(pk=intake.pk, state=Intake.State.OPEN).exists():
            raise ValueError("Rows go into an open delivery only.")
        result = _halving(intake, rows, permit, reading)
        _account(intake, result)
    return result


def _need_not_wait_for_the_disk() -> None:
    """A chunk that a power cut forgets was never marked done either: both are one commit, and the
    chunk is taken in again. Whatever commits after it is only safe once it is."""
    with connection.cursor() as cursor:
        cursor.execute("set local synchronous_commit = off")


def correct(*, held: HeldRow, row: CanonicalRow, permit: Permit, actor: str) -> str:
    """Runs a corrected row of a delivery again and returns what became of it.

    The delivery's equation follows: the row leaves held or failed for its new outcome.
    The row keeps the digest it came with, so that tomorrow's unchanged copy does not
    bring the mistake back. What a later delivery said meanwhile stands. Raises
    ValueError when the row no longer waits.
    """
    row = network_addresses.taken_off(row)
    with transaction.atomic():
        wait_for_turn()
        waiting = HeldRow.objects.select_for_update().get(pk=held.pk)
        intake = Intake.objects.select_for_update().get(pk=waiting.intake_id)
        if waiting.state not in (HeldRow.State.HELD, HeldRow.State.FAILED):
            raise ValueError("This row does not wait any more.")
        if intake.state == Intake.State.UNDONE:
            raise ValueError("The delivery was undone.")
        outcome = _outcome(intake, row, permit, waiting)
        _recount(intake, waiting.state, outcome)
        if outcome not in (HeldRow.State.HELD, HeldRow.State.FAILED):
            waiting.state, waiting.resolved_by = HeldRow.State.CORRECTED, actor
            waiting.resolved_at = timezone.now()
        else:
            waiting.state = outcome
        waiting.corrected_raw = _storable(network_addresses.masked(row.raw))
        waiting.save()
        gild.count_days(intake_id=intake.pk)
    return outcome


def _outcome(intake: Intake, row: CanonicalRow, permit: Permit, waiting: HeldRow) -> str:
    """What becomes of a corrected row; one that cannot be stored waits on as it was."""
    try:
        with transaction.atomic():
            result = _take(intake, [row], permit, "", correcting=waiting)
    except _REFUSALS as error:
        _raise_unless_refused(error)
        waiting.reasons = [asdict(UNSTORABLE)]
        return str(waiting.state)
    return next(iter(result.counts))


def _recount(intake: Intake, before: str, after: str) -> None:
    if before != after:
        Intake.objects.filter(pk=intake.pk).update(
            **{f"rows_{before}": F(f"rows_{before}") - 1, f"rows_{after}": F(f"rows_{after}") + 1}
        )


_REFUSALS = (DataError, psycopg.DataError, UnicodeEncodeError, OperationalError)


def _raise_unless_refused(error: Exception) -> None:
    """Of the operational errors only one is a row's own: a text too long for its index."""
    too_long = isinstance(error.__cause__, psycopg.errors.ProgramLimitExceeded)
    if isinstance(error, OperationalError) and not too_long:
        raise error


def _halving(intake: Intake, rows: list[CanonicalRow], permit: Permit, reading: str) -> ChunkResult:
    try:
        with transaction.atomic():
            return _take(intake, rows, permit, reading)
    except _REFUSALS as error:
        _raise_unless_refused(error)
        if len(rows) == 1:
            return _refuse(intake, rows[0], reading)
        middle = len(rows) // 2
        first = _halving(intake, rows[:middle], permit, reading)
        return first + _halving(intake, rows[middle:], permit, reading)


def _refuse(intake: Intake, row: CanonicalRow, reading: str) -> ChunkResult:
    """The row waits as failed, and is known when it comes again."""
    load.empty_stage()
    numbered = number_rows([row], intake_id=intake.pk, reading=reading)
    load.load_keys(numbered)
    _write_held(intake, [Held(row, numbered[0].key, [UNSTORABLE], failed=True)])
    _remember(intake, held=[], failed=[row.number])
    return ChunkResult(read=1, counts=Counter(failed=1))


def _storable(value: Any) -> Any:
    """The raw row without what PostgreSQL refuses in JSON, so that a person can see it."""
    if isinstance(value, str):
        return re.sub("[\x00\ud800-\udfff]", "�", value)
    if isinstance(value, Mapping):
        return {_storable(key): _storable(cell) for key, cell in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return [_storable(cell) for cell in value] if isinstance(value, list) else value


def _take(
    intake: Intake,
    rows: list[CanonicalRow],
    permit: Permit,
    reading: str,
    correcting: HeldRow | None = None,
) -> ChunkResult:
    load.empty_stage()
    counts: Counter[str] = Counter()
    if correcting:
        fresh = [number_again(row, key=correcting.key) for row in rows]
    else:
        fresh = _set_aside(number_rows(rows, intake_id=intake.pk, reading=reading), intake)
        counts["unchanged"] = len(rows) - len(fresh)
    if not fresh:
        return ChunkResult(read=len(rows), counts=counts)
    chunk, kinds = _clean(fresh, intake)
    counts["erased"] += chunk.erased
    load.load(chunk, kinds.blocked)
    grown = statistics.has_doubled(intake.rows_read, len(rows))
    moved = _apply(intake, grown, correcting is not None)
    permits = _permit(intake, chunk, permit)
    gild.gild_touched()
    _settle(intake, chunk, counts, correcting)
    if grown:
        statistics.derived_grew()
    return ChunkResult(len(rows), +counts, permits, moved, tuple(chunk.naming_erased))


def _set_aside(numbered: list[Numbered], intake: Intake) -> list[Numbered]:
    """Drops rows that say what they said last time."""
    load.load_keys(numbered)
    with connection.cursor() as cursor:
        sql.run("profiles/rows_set_aside", {"source": intake.source_id}, cursor=cursor)
        known = {number for (number,) in cursor.fetchall()}
    return [n for n in numbered if n.row.number not in known]


def _clean(fresh: list[Numbered], intake: Intake) -> tuple[Chunk, Kinds]:
    known = list(IdentifierKind.objects.values_list("key", "per_source", "role"))
    kinds = Kinds.of(
        {key: per_source for key, per_source, _role in known},
        IdentifierBlock.objects.filter(active=True).values_list("kind_id", "pattern"),
        {key: role for key, _per_source, role in known},
    )
    chunk = _cleaned(fresh, intake, kinds, erasure.Buried())
    source = intake.source
    if erased := erasure.buried(chunk, kinds.blocked, source_id=source.pk, slug=source.slug):
        chunk = _cleaned(fresh, intake, kinds, erased)
    return chunk, kinds


def _cleaned(fresh: list[Numbered], intake: Intake, kinds: Kinds, erased: erasure.Buried) -> Chunk:
    source = intake.source
    cleaner = Cleaner(
        source_slug=source.slug,
        country=source.country,
        arrived_at=intake.opened_at,
        kinds=kinds,
        has_customer_numbers=source.kind not in (Source.Kind.NEWSLETTER, Source.Kind.STAFF),
        erased=erased,
    )
    for n in fresh:
        cleaner.add(n)
    return cleaner.chunk


_RECORDS = (
    "records_match", "records_compare", "records_number", "identifiers_of_orders", "identifiers_insert",
    "identifiers_number", "identifiers_known", "records_keep_versions", "records_update", "records_insert",
    "identifiers_link",
)  # fmt: skip
_SALES = (
    "tags_upsert", "products_upsert", "products_number", "orders_match", "orders_number",
    "orders_leave", "orders_keep_versions", "orders_update", "orders_insert", "lines_match", "lines_compare",
    "lines_keep_versions", "lines_update", "lines_insert", "orders_settle", "events_insert", "networks_note",
    "touched_collect",
)  # fmt: skip


def _apply(intake: Intake, grown: bool, correcting: bool) -> int:
    params = {
        "source": intake.source_id,
        "intake": intake.pk,
        "arrived": intake.opened_at,
        "correcting": correcting,
        "days": networks.DAYS,
    }
    with connection.cursor() as cursor:
        for name in _RECORDS:
            sql.run(f"profiles/{name}", params, cursor=cursor)
        if grown:
            statistics.people_grew()
        sql.run("profiles/resolve_seeds", cursor=cursor)
        seeds = [record for (record,) in cursor.fetchall()]
        sql.run("profiles/records_born", cursor=cursor)
        born = {record for (record,) in cursor.fetchall()}
        moved = resolve(seeds, born=born, intake_id=intake.pk)
        sql.run("profiles/profiles_born", cursor=cursor)
        for name in _SALES:
            sql.run(f"profiles/{name}", params, cursor=cursor)
        if grown:
            statistics.sales_grew()
    return moved


def _permit(intake: Intake, chunk: Chunk, permit: Permit) -> PermitReport:
    if not chunk.claims:
        return PermitReport()
    with connection.cursor() as cursor:
        sql.run("profiles/claims_resolve", cursor=cursor)
        who = {p: (record, profile) for p, record, profile in cursor.fetchall()}
        sql.run("profiles/claims_contacts", cursor=cursor)
        contact = {(kind, value): identifier for kind, value, identifier in cursor.fetchall()}
    claims = [
        ResolvedClaim(
            c.number, *who[c.p], contact.get(("email", c.email)), contact.get(("phone", c.phone)),
            c.claim.point, c.claim.answer, c.claim.occurred_at, c.claim.order_ref, c.claim.source_event_id,
            c.claim.channel,
        )
        for c in chunk.claims.values()
    ]  # fmt: skip
    return permit(claims, intake_id=intake.pk, source_id=intake.source_id)


def _settle(intake: Intake, chunk: Chunk, counts: Counter[str], correcting: HeldRow | None) -> None:
    """Writes what waits, remembers digests and counts outcomes."""
    if correcting is None:
        _write_held(intake, chunk.held)
    elif chunk.held:
        correcting.reasons = [_storable(asdict(r)) for r in chunk.held[0].reasons]
    failed = [h.row.number for h in chunk.held if h.failed]
    held = [h.row.number for h in chunk.held if not h.failed]
    _remember(intake, held=held, failed=failed, correcting=correcting is not None)
    with connection.cursor() as cursor:
        sql.run("profiles/rows_count", cursor=cursor)
        counts.update(dict(cursor.fetchall()))


def _remember(intake: Intake, *, held: list[int], failed: list[int], correcting: bool = False) -> None:
    """Writes every row's outcome into the stage, and its digest where tomorrow will look."""
    params = {"source": intake.source_id, "intake": intake.pk, "held": held, "failed": failed}
    with connection.cursor() as cursor:
        sql.run("profiles/rows_held", params, cursor=cursor)
        sql.run("profiles/rows_outcomes", params, cursor=cursor)
        if not correcting:
            sql.run("profiles/rows_remember", params, cursor=cursor)
            sql.run("profiles/held_overtaken", params, cursor=cursor)


def _write_held(intake: Intake, held: Sequence[Held]) -> None:
    HeldRow.objects.bulk_create(
        [
            HeldRow(
                intake=intake,
                number=h.row.number,
                key=h.key,
                raw=_storable(network_addresses.masked(h.row.raw)),
                reasons=[_storable(asdict(reason)) for reason in h.reasons],
                state=HeldRow.State.FAILED if h.failed else HeldRow.State.HELD,
            )
            for h in held
        ]
    )


def _account(intake: Intake, result: ChunkResult) -> None:
    """Adds the chunk to the delivery's equation; the database refuses one that does not add up."""
    p, before = result.permits, intake.permits
    Intake.objects.filter(pk=intake.pk).update(
        rows_read=F("rows_read") + result.read,
        permits={
            "granted": before.get("granted", 0) + p.granted,
            "withdrawn": before.get("withdrawn", 0) + p.withdrawn,
            "unchanged": before.get("unchanged", 0) + p.unchanged,
            "refused": dict(Counter(before.get("refused", {})) + Counter(p.refused)),
        },
        **{f"rows_{name}": F(f"rows_{name}") + result.counts[name] for name in OUTCOMES},
    )
    intake.refresh_from_db()
