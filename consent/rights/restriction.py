"""Locking a person's data (GDPR Art. 18): stored, shown greyed, and missing from everything else.

The mark hangs on the person's records. A person is locked when any of their records is, so that a
merge and a record that comes later change nothing (`Profile.objects.restricted`).
"""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from consent import answers
from consent.models import RightsRequest
from consent.rights import subject, verbs
from consent.rights.verbs import NotPossible
from organisations.audit import verbs as audit
from organisations.models import User
from profiles.models import Profile, RecordIdentifier, RecordMark, SourceRecord

RESTRICTED = RecordMark.Kind.RESTRICTED


def carry_out(*, request: RightsRequest, actor: User) -> int:
    """Locks what the request proves to be the person's; answers how many records. Errors: NotPossible."""
    with verbs.turn():
        found = verbs.held(request)
        if found.identity == RightsRequest.Identity.UNPROVEN:
            raise NotPossible(_("Establish who asks first."))
        records = subject.of(found).records
        if not records:
            raise NotPossible(_("Nothing is held about this person."))
        lock(records, actor)
        verbs.move(found, RightsRequest.State.EXECUTING)
        verbs.told(found, actor, "person.restricted", records=len(records))
    request.refresh_from_db()
    return len(records)


def restrict(*, person: Profile, actor: User) -> int:
    """Locks all of a person's records, from the person's page; answers how many."""
    with verbs.turn():
        records = list(SourceRecord.objects.filter(profile=person).values_list("pk", flat=True))
        lock(records, actor)
        _audited(actor, "person.restricted", person, len(records))
    return len(records)


def lift(*, person: Profile, actor: User, told: bool) -> int:
    """Unlocks a person; answers how many marks went.

    Whoever obtained the restriction is told before it is lifted (Art. 18(3)): `told` is the
    actor's word that this was done. Errors: NotPossible.
    """
    if not told:
        raise NotPossible(_("Tell the person before you unlock (Art. 18(3))."))
    with verbs.turn():
        records = list(SourceRecord.objects.filter(profile=person).values_list("pk", flat=True))
        gone, _each = RecordMark.objects.restricted().filter(record__in=records).delete()
        if not gone:
            raise NotPossible(_("This person is not locked."))
        _refresh(records)
        _audited(actor, "person.unrestricted", person, gone)
    return gone


def lock(records: Collection[int], actor: User | None) -> None:
    """Marks these records and decides anew about their addresses, in the caller's transaction."""
    who = str(actor)[:254] if actor else ""
    marks = [RecordMark(record_id=pk, kind=RESTRICTED, set_by=who) for pk in records]
    RecordMark.objects.bulk_create(marks, ignore_conflicts=True)
    _refresh(records)


def _refresh(records: Collection[int]) -> None:
    """Of everybody's whose address it is: the addresses of the whole person change their answer."""
    people = SourceRecord.objects.filter(pk__in=records).values("profile")
    shown = RecordIdentifier.objects.filter(record__profile__in=people)
    answers.refresh(identifier_ids=list(shown.values_list("identifier_id", flat=True).distinct()))


def _audited(actor: User, verb: str, person: Profile, records: int) -> None:
    audit.record(actor=actor, verb=verb, target=f"person {person.public_id}", summary={"records": records})
