"""What happens around the stores: tombstones before, and everybody who is left after.

All of it in the caller's transaction, which has the organisation's turn (`identity.acting.turn`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from cdp.lib import sql
from organisations.personal_data import Subject
from profiles.erasure import tombstones
from profiles.erasure.stores import parameters
from profiles.erasure.tombstones import ORDER, RECORD, Value
from profiles.identity import acting, queue
from profiles.identity.resolve import resolve
from profiles.models import Identifier, Order, Profile, RecordIdentifier, SourceRecord


def complete(subject: Subject, also: Iterable[int] = ()) -> Subject:
    """With values that nobody shows any more but once were theirs: former addresses of their records, and
    `also`, ids of identifiers that another room knows of."""
    params = parameters(subject) | {"also": list(also)}
    orphans = [row["id"] for row in sql.rows("profiles/erasure_orphans", params)]
    if not orphans:
        return subject
    return replace(subject, identifiers=tuple(sorted({*subject.identifiers, *orphans})))


@dataclass(frozen=True, slots=True)
class Graves:
    """What tombstones are laid of. `narrow` are values that others show too, with the name they had."""

    values: frozenset[Value]
    narrow: frozenset[tuple[Value, str]]

    def digests(self) -> set[bytes]:
        wide = {tombstones.digest(value) for value in self.values}
        return wide | {tombstones.digest(value, name) for value, name in self.narrow}


def graves(subject: Subject) -> Graves:
    """Every contact point by its canonical form, account key, record and order number of the person."""
    own = Identifier.objects.filter(pk__in=subject.identifiers).exclude(state=Identifier.State.BLOCKED)
    values = {(kind, space, value) for kind, space, value in own.values_list("kind", "namespace", "value")}
    records = SourceRecord.objects.filter(pk__in=subject.records)
    names = set(records.values_list("name_key", flat=True))
    alike = {value for value in values if value[0] == "email" and _is_anothers(value, subject)}
    narrow = {(value, name) for value in alike for name in names}
    shown = RecordIdentifier.objects.filter(record__in=subject.records, identifier__in=subject.shared)
    narrow |= {
        ((kind, space, value), name)
        for kind, space, value, name in shown.values_list(
            "identifier__kind", "identifier__namespace", "identifier__value", "record__name_key"
        )
    }
    values -= alike
    values |= {(RECORD, slug, key) for slug, key in records.values_list("source__slug", "external_id")}
    orders = Order.objects.filter(record__in=subject.records)
    values |= {(ORDER, slug, number) for slug, number in orders.values_list("source__slug", "external_id")}
    return Graves(frozenset(values), frozenset(narrow))


def _is_anothers(value: Value, subject: Subject) -> bool:
    """Whether somebody else has an address of the same canonical form: only the name parts the two."""
    local, _at, domain = value[2].partition("@")
    domains = (
        ("@gmail.com", "@googlemail.com") if domain in ("gmail.com", "googlemail.com") else (f"@{domain}",)
    )
    alike = Identifier.objects.filter(kind="email", value__startswith=local[:1]).exclude(
        pk__in=subject.identifiers
    )
    wanted = tombstones.canonical(value)
    return any(
        tombstones.canonical(("email", "", other)) == wanted
        for each in domains
        for other in alike.filter(value__endswith=each).values_list("value", flat=True)
    )


def bury(found: Graves, *, at: datetime) -> int:
    return tombstones.bury(found.values, at=at, shared=found.narrow)


@dataclass(frozen=True, slots=True)
class Left:
    """Who is left of those the person hung together with: records to be judged anew, and profiles
    whose values may change."""

    records: tuple[int, ...]
    profiles: tuple[int, ...]


def neighbours(subject: Subject) -> Left:
    """Asked before anything is erased."""
    records = [row["record_id"] for row in sql.rows("profiles/erasure_neighbours", parameters(subject))]
    people = SourceRecord.objects.filter(pk__in=records).values_list("profile_id", flat=True)
    return Left(tuple(records), tuple(set(people) - _gone(subject)))


def _gone(subject: Subject) -> set[int]:
    """Profiles of which nothing is left: where only a part goes, the profile stays."""
    staying = SourceRecord.objects.filter(profile__in=subject.profiles).exclude(pk__in=subject.records)
    return set(subject.profiles) - set(staying.values_list("profile_id", flat=True))


def settle(left: Left) -> list[int]:
    """Finds anew who the others are, and computes their values, permissions and questions. Returns whom."""
    records = SourceRecord.objects.filter(pk__in=left.records).values_list("pk", flat=True)
    resolve(list(records))
    people = list(Profile.objects.filter(pk__in=left.profiles).values_list("pk", flat=True))
    if people:
        sql.run("profiles/touch", {"profiles": people}).close()
    touched = acting.settle_touched()
    queue.settle_about(set(touched), None)
    return touched
