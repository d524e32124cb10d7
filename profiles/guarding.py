"""Guarded people: known to the public, or under protection. Every look at them is told to the privacy
lead (CONSENT.md 3.6). The mark hangs on all their records, so it follows them through merges."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from cdp.lib import clock
from organisations.audit.verbs import record
from organisations.models import User
from profiles.models import Profile, RecordMark, SourceRecord

GUARDED = RecordMark.Kind.GUARDED


def mark_of(person: Profile) -> RecordMark | None:
    return RecordMark.objects.filter(kind=GUARDED, record__profile=person).order_by("since").first()


def guard(person: Profile, *, actor: User) -> int:
    """Marks every record of the person; answers how many are marked anew."""
    with transaction.atomic():
        before = RecordMark.objects.filter(kind=GUARDED, record__profile=person).count()
        RecordMark.objects.bulk_create(
            [
                RecordMark(record=each, kind=GUARDED, since=clock.now(), set_by=str(actor)[:254])
                for each in SourceRecord.objects.filter(profile=person)
            ],
            ignore_conflicts=True,
        )
        marked = RecordMark.objects.filter(kind=GUARDED, record__profile=person).count() - before
        if marked:
            record(actor=actor, verb="person.guarded", target=f"person {person.public_id}")
    return marked


def lift(person: Profile, *, actor: User) -> int:
    with transaction.atomic():
        gone, _by_model = RecordMark.objects.filter(kind=GUARDED, record__profile=person).delete()
        if gone:
            record(actor=actor, verb="person.unguarded", target=f"person {person.public_id}")
    return gone


def badge(person: Profile) -> dict[str, Any]:
    return {"guarded": mark_of(person)}
