"""Whom an erasure is about, in tests: everything of whoever shows an address."""

from __future__ import annotations

from cdp.lib import clock
from organisations.personal_data import Store, Subject, stores
from profiles.erasure import bury
from profiles.models import Identifier, Profile, SourceRecord


def subject_of(address: str) -> Subject:
    shown = SourceRecord.objects.filter(recordidentifier__identifier__value=address)
    profile = Profile.objects.get(pk__in=shown.values("profile"))
    records = SourceRecord.objects.filter(profile=profile)
    identifiers = Identifier.objects.filter(recordidentifier__record__in=records).distinct()
    return Subject(
        profiles=(profile.pk,),
        records=tuple(records.values_list("pk", flat=True)),
        identifiers=tuple(identifiers.values_list("pk", flat=True)),
    )


def buried(subject: Subject) -> None:
    """What an erasure leaves to stop tomorrow's file."""
    values = Identifier.objects.filter(pk__in=subject.identifiers)
    bury([(each.kind_id, each.namespace, each.value) for each in values], at=clock.now())


def of_room(*rooms: str) -> list[Store]:
    """The stores of these rooms, as they are erased one after the other."""
    return [store for store in stores() if store.model.partition(".")[0] in rooms]


def erased(subject: Subject, *rooms: str) -> dict[str, int]:
    return {store.model: store.erase(subject) for store in of_room(*rooms) if store.erase}
