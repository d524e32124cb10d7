"""Putting a person's data right (GDPR Art. 16): a new fact with a source, which wins from now on.

A correction comes in through the front door like any other delivery, as the house's own record of
the person, and is pinned. What it replaces is kept sealed for 30 days and then dropped from
every record that said it (CONSENT.md 1.1). Whoever was given the old value is told (Art. 19).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from cdp.lib import clock
from consent import ledger
from consent.facts import EventType
from consent.ledger import Entry
from consent.models import ConsentState, RequestTask, RightsRequest
from consent.rights import intake, subject, verbs
from consent.rights.verbs import NotPossible
from organisations import personal_data
from organisations.models import User
from profiles import normalise
from profiles.identity import acting, pins
from profiles.identity import verbs as identity
from profiles.identity.units import UNITS, Unit
from profiles.ingest import close_intake, ingest, open_intake
from profiles.ingest.turn import wait_for_turn
from profiles.models import HeldRow, Identifier, IdentityAct, Profile, RecordIdentifier, Source, SourceRecord
from profiles.rows import CanonicalRow, PersonRow

KEPT_DAYS = 30
OWN_SOURCE = "corrections"


@dataclass(frozen=True, slots=True)
class Former:
    """What records said of one unit before: exact field values, and which records said it."""

    unit: str
    values: tuple[tuple[Any, ...], ...]
    records: tuple[int, ...]


def correct(*, request: RightsRequest, values: Mapping[str, Any], actor: User) -> list[str]:
    """Takes corrected values in; answers the units they are of.

    `values` are by field of `profiles.rows.PersonRow`, as the person wrote them; a unit (a name, an
    address) is corrected as a whole, so all of its fields must be given. Errors: NotPossible.
    """
    with verbs.turn():
        wait_for_turn()
        found = verbs.held(request)
        person = _person(found)
        units = [unit for unit in UNITS.values() if any(values.get(field) for field in unit.fields)]
        if not units:
            raise NotPossible(_("Enter what is right."))
        before = {unit.key: _former(person, unit) for unit in units}
        record = _taken_in(person, values, actor)
        _pinned(person, record, units, actor)
        for unit in units:
            _keep_a_while(found, unit, before[unit.key], record)
            _carry_nos(before[unit.key], record, unit.key)
        _tell(found, before)
        verbs.move(found, RightsRequest.State.EXECUTING)
        verbs.told(found, actor, "person.corrected", ", ".join(unit.key for unit in units))
    request.refresh_from_db()
    return [unit.key for unit in units]


def _person(request: RightsRequest) -> Profile:
    if request.identity == RightsRequest.Identity.UNPROVEN:
        raise NotPossible(_("Establish who asks first."))
    records = subject.of(request).records
    person = Profile.objects.filter(sourcerecord__in=records).first() if records else None
    if person is None:
        raise NotPossible(_("Nothing is held about this person."))
    return person


def _former(person: Profile, unit: Unit) -> Former:
    rows = SourceRecord.objects.filter(profile=person).exclude(source__slug=OWN_SOURCE)
    said = [(pk, tuple(told)) for pk, *told in rows.values_list("pk", *unit.fields) if any(told)]
    return Former(unit.key, tuple({exact for _pk, exact in said}), tuple(pk for pk, _exact in said))


def _taken_in(person: Profile, values: Mapping[str, Any], actor: User) -> SourceRecord:
    """The house's own record of this person, with the corrected values in it."""
    delivery = open_intake(source=_source(), label=_("Correction"))
    row = CanonicalRow(number=1, raw={}, buyer=_row(person, values))
    ingest(intake=delivery, rows=[row], permit=ledger.record_claims)
    waiting = HeldRow.objects.filter(intake=delivery).values_list("reasons", flat=True).first()
    if waiting:
        raise NotPossible(" ".join(str(reason["message"]) for reason in waiting))
    close_intake(intake=delivery)
    record = SourceRecord.objects.get(source__slug=OWN_SOURCE, external_id=str(person.public_id))
    if record.profile_id == person.pk:
        return record
    if SourceRecord.objects.filter(profile=record.profile_id).exclude(pk=record.pk).exists():
        raise NotPossible(
            _("Somebody else here has this address or number. Say first whether the two are one person.")
        )
    identity.merge(profiles=[person, record.profile], actor=actor.email, reason=_("Correction"))
    record.refresh_from_db()
    return record


def _source() -> Source:
    own = {"name": _("Corrected by staff"), "kind": Source.Kind.STAFF, "trust": 1}
    return Source.objects.get_or_create(slug=OWN_SOURCE, defaults=own)[0]


def _row(person: Profile, values: Mapping[str, Any]) -> PersonRow:
    given = {field: values[field] for unit in UNITS.values() for field in unit.fields if values.get(field)}
    country = given.get("country") or person.country
    try:
        if phone := given.get("phone"):
            given["phone"] = normalise.phone(phone, country or "NO")
        if email := given.get("email"):
            given["email"] = normalise.email(email)
    except normalise.Unusable as error:
        raise NotPossible(str(error)) from None
    return PersonRow(
        external_id=str(person.public_id), is_customer=person.is_customer, observed_at=clock.now(), **given
    )


def _pinned(person: Profile, record: SourceRecord, units: list[Unit], actor: User) -> None:
    person = Profile.objects.get(pk=record.profile_id)
    for unit in units:
        pins.pin(profile=person, unit=unit.key, record=record.pk, actor=actor.email, reason=_("Correction"))


def _keep_a_while(request: RightsRequest, unit: Unit, former: Former, record: SourceRecord) -> None:
    """The old value, sealed, with the day on which it is dropped."""
    exact = tuple(getattr(record, field) for field in unit.fields)
    old = [list(map(_json, each)) for each in former.values if each != exact]
    if not old:
        return
    kept = json.dumps({"unit": unit.key, "values": old, "records": list(former.records)})
    RequestTask.objects.create(
        request=request,
        destination="foyer",
        label=str(unit.label),
        doing="drop",
        address=intake.sealed(kept),
        next_try_at=clock.now() + timedelta(days=KEPT_DAYS),
    )


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _carry_nos(former: Former, record: SourceRecord, unit: str) -> None:
    """A no goes along to the new address; a yes never does (CONSENT.md 2.8)."""
    if unit not in ("email", "phone"):
        return
    new = Identifier.objects.get(kind=unit, namespace="", value=getattr(record, unit))
    old = Identifier.objects.filter(kind=unit, namespace="", value__in=[value for (value,) in former.values])
    standing = ConsentState.objects.filter(identifier__in=old.exclude(pk=new.pk))
    for state in standing.filter(state__in=(ConsentState.State.REFUSED, ConsentState.State.WITHDRAWN)):
        ledger.record(
            Entry(
                type=EventType.WITHDRAW,
                purpose=state.purpose,
                channel=state.channel,
                source_system="foyer",
                source_event_id=f"carried:{state.deciding_event_id}",
                identifier_id=new.pk,
                record_id=record.pk,
                occurred_at=state.since,
                carried_from_id=state.deciding_event_id,
                actor="system",
                via="correction",
            )
        )


def _tell(request: RightsRequest, before: Mapping[str, Former]) -> None:
    """A task for each recipient, by name (Art. 19), and for each source that has the old value."""
    about = subject.of(request)
    names = {
        each.name: destination.key
        for destination in personal_data.destinations()
        if destination.recipients
        for each in destination.recipients(about)
    }
    records = {pk for former in before.values() for pk in former.records}
    sources = Source.objects.filter(sourcerecord__in=records).distinct().values_list("name", "slug")
    for name, key in {**dict(sources), **names}.items():
        RequestTask.objects.get_or_create(
            request=request,
            destination=key[:80],
            doing="tell",
            defaults={"label": name[:160], "by_hand": True},
        )


def drop_due() -> int:
    """Drops the former values whose 30 days are over; answers how many. Safe to repeat."""
    due = RequestTask.objects.filter(
        doing="drop", state=RequestTask.State.WAITING, next_try_at__lte=clock.now()
    )
    return sum(_drop(task) for task in due.order_by("pk"))


def _drop(task: RequestTask) -> int:
    with verbs.turn(), acting.turn():
        task = RequestTask.objects.select_for_update().get(pk=task.pk)
        if task.state != RequestTask.State.WAITING:
            return 0
        kept = json.loads(intake.unsealed(task.address))
        rows = _forget(UNITS[kept["unit"]], kept["values"], kept["records"])
        task.state, task.address, task.rows = RequestTask.State.DONE, "", rows
        task.settled_at = clock.now()
        task.save()
    return 1


def _forget(unit: Unit, values: list[list[Any]], records: list[int]) -> int:
    """Takes the old values out of the records and their earlier versions."""
    old = [tuple(each) for each in values]
    found = [
        record
        for record in SourceRecord.objects.filter(pk__in=records)
        if tuple(_json(getattr(record, field)) for field in unit.fields) in old
    ]
    for record in found:
        _blank(record, unit)
    for record in SourceRecord.objects.filter(pk__in=records):
        _forget_versions(record, unit, old)
    if unit.is_contact:
        shown = RecordIdentifier.objects.filter(record__in=records, identifier__kind=unit.key)
        shown.filter(identifier__value__in=[value for (value,) in old]).delete()
    act = acting.begin(IdentityAct.Kind.PIN, actor="", reason="correction", unit=unit.key)
    people = set(SourceRecord.objects.filter(pk__in=records).values_list("profile_id", flat=True))
    acting.finish(act, records, also=people)
    return len(found)


def _blank(record: SourceRecord, unit: Unit) -> None:
    fields = [*unit.fields, *(("name_key", "given_key") if unit.key == "name" else ())]
    for field in fields:
        setattr(record, field, None if field.startswith("birth") else "")
    record.save(update_fields=fields)


def _forget_versions(record: SourceRecord, unit: Unit, old: list[tuple[Any, ...]]) -> None:
    for version in record.recordversion_set.all():
        if tuple(version.values.get(field) for field in unit.fields) in old:
            gone = {*unit.fields, *(("name_key", "given_key") if unit.key == "name" else ())}
            version.values = {
                key: (None if key.startswith("birth") else "") if key in gone else value
                for key, value in version.values.items()
            }
            version.save(update_fields=["values"])
