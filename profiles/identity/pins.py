"""A person's choice of which record's value counts. It goes where the record goes; the newest wins."""

from __future__ import annotations

from django.utils.translation import gettext as _

from profiles.identity.acting import NotPossible, begin, finish, known, turn
from profiles.identity.units import UNITS
from profiles.models import IdentityAct, Pin, Profile, SourceRecord


def pin(*, profile: Profile, unit: str, record: int, actor: str, reason: str = "") -> IdentityAct:
    """For this unit this record's value wins, whatever the rules say. Taken back by `verbs.undo`.

    `record` is the id of one of the person's records, `actor` an e-mail address. Errors:
    NotPossible.
    """
    with turn():
        person = _of(profile, unit)
        found = SourceRecord.objects.filter(pk=record, profile=person).first()
        if found is None:
            raise NotPossible(_("A value can only be chosen from this person's own records."))
        if not any(getattr(found, field) for field in UNITS[unit].fields):
            raise NotPossible(_("That record says nothing of this."))
        act = _begin(person, unit, actor, reason)
        Pin.objects.create(record=found, unit=unit, actor=actor, act=act)
        finish(act, (), also=[person.pk])
    return act


def unpin(*, profile: Profile, unit: str, actor: str, reason: str = "") -> IdentityAct:
    """The rules decide again: every choice about this unit of this person is lifted. Errors: NotPossible."""
    with turn():
        person = _of(profile, unit)
        chosen = Pin.objects.filter(record__profile=person, unit=unit, lifted_by=None)
        if not chosen.exists():
            raise NotPossible(_("Nobody has chosen this value."))
        act = _begin(person, unit, actor, reason)
        chosen.update(lifted_by=act)
        finish(act, (), also=[person.pk])
    return act


def _of(profile: Profile, unit: str) -> Profile:
    if unit not in UNITS:
        raise NotPossible(_("There is no such field."))
    return known([profile])[0]


def _begin(person: Profile, unit: str, actor: str, reason: str) -> IdentityAct:
    return begin(IdentityAct.Kind.PIN, actor=actor, reason=reason, people=[str(person.public_id)], unit=unit)
