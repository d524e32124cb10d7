"""Tombstones outside the database, so that a backup that knows nothing of an erasure can be told.

Backups are not edited (CONSENT.md 3.4, 6). After one was put back, `replay` erases again
whoever was erased since it was made. FOYER_DATA/erasures holds a line an erasure: its
request, its time and keyed hashes, nothing else; lines go when no backup is that old.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from cdp.lib.tenancy import current_schema
from consent import answers
from consent.rights import erasing_work
from organisations.audit import verbs as audit
from organisations.personal_data import Subject
from profiles.erasure import tombstones
from profiles.erasure.tombstones import RECORD
from profiles.identity import acting
from profiles.models import Profile, RecordIdentifier, SourceRecord

BACKUPS = timedelta(days=35)
"""How old a backup may become before it is deleted; what the person is told."""
KEPT = BACKUPS * 3


@dataclass(frozen=True, slots=True)
class Line:
    request: uuid.UUID
    at: datetime
    digests: frozenset[bytes]


def path() -> Path:
    return Path(settings.FOYER_DATA) / "erasures" / f"{current_schema()}.jsonl"


def write(request_uid: uuid.UUID, at: datetime, digests: Iterable[bytes]) -> None:
    """On disk before the erasure commits: what was written too much is asked for anyway."""
    said = {"request": str(request_uid), "at": at.isoformat(), "digests": sorted(d.hex() for d in digests)}
    place = path()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with place.open("a", encoding="ascii") as journal:
        journal.write(json.dumps(said) + "\n")
        journal.flush()
        os.fsync(journal.fileno())


def read() -> Iterator[Line]:
    place = path()
    if not place.exists():
        return
    for text in place.read_text(encoding="ascii").splitlines():
        said: dict[str, Any] = json.loads(text)
        digests = frozenset(map(bytes.fromhex, said["digests"]))
        yield Line(uuid.UUID(said["request"]), datetime.fromisoformat(said["at"]), digests)


def forget_old(now: datetime) -> int:
    """Drops lines older than any backup; answers how many."""
    lines = list(read())
    young = [line for line in lines if line.at >= now - KEPT]
    if len(young) < len(lines):
        place = path()
        fresh = place.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with fresh.open("w", encoding="ascii") as journal:
            for line in young:
                said = {
                    "request": str(line.request),
                    "at": line.at.isoformat(),
                    "digests": sorted(d.hex() for d in line.digests),
                }
                journal.write(json.dumps(said) + "\n")
            journal.flush()
            os.fsync(journal.fileno())
        fresh.replace(place)
    return len(lines) - len(young)


@dataclass(slots=True)
class Replayed:
    """Tombstones that were missing, people erased again, rows that went."""

    stones: int = 0
    people: int = 0
    rows: int = 0


def replay() -> Replayed:
    """Brings the current organisation up to its erasures after a restore. Safe to repeat.

    A person is known by their source's own record, as it was erased: one that was made
    after the erasure is somebody who came back.
    """
    done = Replayed()
    lines = list(read())
    when = {digest: line for line in lines for digest in line.digests}
    with acting.turn():
        answers.wait_for_turn()
        missing = when.keys() - tombstones.found(when).keys()
        tombstones.lay({digest: when[digest].at for digest in missing})
        done.stones = len(missing)
        again: dict[tuple[int, uuid.UUID, datetime], list[int]] = {}
        for pk, profile, line in _returned(when):
            again.setdefault((profile, line.request, line.at), []).append(pk)
        for (profile, request, at), records in again.items():
            about = erasing_work.whole(_subject(profile, records))
            outcome = erasing_work.carry_out(about, request_uid=request, at=at)
            done.people += 1
            done.rows += sum(line.rows for line in outcome.lines if line.doing != "keep")
        if done.people:
            audit.record(
                actor=None,
                verb="erasure.replayed",
                target="restored database",
                summary={"people": done.people, "rows": done.rows},
            )
    return done


def _returned(when: dict[bytes, Line]) -> Iterator[tuple[int, int, Line]]:
    """Records that were erased and are there: record, profile, and the erasure."""
    if not when:
        return
    records = SourceRecord.objects.values_list(
        "pk", "profile_id", "source__slug", "external_id", "created_at"
    )
    for pk, profile, slug, external_id, created_at in records.iterator(10_000):
        line = when.get(tombstones.digest((RECORD, slug, external_id)))
        if line and created_at <= line.at:
            yield pk, profile, line


def _subject(profile: int, records: list[int]) -> Subject:
    others = SourceRecord.objects.filter(profile=profile).exclude(pk__in=records).exists()
    shown = set(RecordIdentifier.objects.filter(record__in=records).values_list("identifier_id", flat=True))
    elsewhere = RecordIdentifier.objects.filter(identifier__in=shown).exclude(record__in=records)
    shared = set(elsewhere.values_list("identifier_id", flat=True))
    merged = Profile.objects.filter(merged_into=profile).values_list("pk", flat=True)
    return Subject(
        profiles=() if others else (profile, *merged),
        records=tuple(records),
        identifiers=tuple(sorted(shown - shared)),
        shared=tuple(sorted(shared)),
    )
