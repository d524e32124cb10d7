"""Somebody who asks to be erased leaves lists, counts, plans and exports at once (CONSENT.md 3.4, 1)."""

from __future__ import annotations

from collections.abc import Collection

from consent import answers
from consent.models import RightsRequest
from profiles.models import RecordIdentifier, RecordMark, SourceRecord

RESTRICTED = RecordMark.Kind.RESTRICTED


def lock(request: RightsRequest, records: Collection[int]) -> None:
    """Marks what the request is about, in the caller's transaction. Who was locked before stays so."""
    marks = [RecordMark(record_id=pk, kind=RESTRICTED, set_by=_mark(request)) for pk in records]
    RecordMark.objects.bulk_create(marks, ignore_conflicts=True)
    _answer_anew(records)


def unlock(request: RightsRequest) -> None:
    """The request was refused or taken back: its own marks go, a restriction stays."""
    marks = RecordMark.objects.filter(kind=RESTRICTED, set_by=_mark(request))
    records = list(marks.values_list("record_id", flat=True))
    marks.delete()
    _answer_anew(records)


def _mark(request: RightsRequest) -> str:
    return f"request {request.uid}"


def _answer_anew(records: Collection[int]) -> None:
    people = SourceRecord.objects.filter(pk__in=records).values("profile")
    shown = RecordIdentifier.objects.filter(
        record__profile__in=people, identifier__kind__in=("email", "phone")
    )
    if ids := list(shown.values_list("identifier_id", flat=True).distinct()):
        answers.refresh(identifier_ids=ids)
