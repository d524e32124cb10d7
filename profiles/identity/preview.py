"""What an act would do, before anybody does it.

A preview is the act itself, done and taken back in one breath: it cannot promise anything
else than what the act then does. It waits for its turn like the act (a few milliseconds,
unless a delivery is being taken in), and gives up with `Busy` where that takes too long.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from cdp.lib import sql
from profiles.identity import acting, consequences, verbs, wording
from profiles.identity.consequences import Section
from profiles.identity.newcomers import Side
from profiles.ingest import load
from profiles.models import IdentityAct, Profile, ProfileTag, SourceRecord

PATIENCE = "4s"
"""How long a preview waits for its turn."""

NOBODY = ""
"""Who does what is only tried."""


class Busy(Exception):
    """A delivery is being taken in: who is who cannot be looked at for a moment."""


@dataclass(frozen=True, slots=True)
class RecordShown:
    """A record as the page shows it. `number` is the customer number, empty where the source has none."""

    id: int
    source: str
    external_id: str
    name: str
    contact: str
    observed_at: datetime
    identifiers: Sequence[str]
    events: int
    orders: int


@dataclass(frozen=True, slots=True)
class PersonShown:
    """A person as they are or would be. `public_id` is None for somebody who would be new.

    `orders` and `value` are of paid orders, in `currency`; `tags` are names.
    """

    public_id: UUID | None
    name: str
    records: Sequence[RecordShown]
    orders: int
    value: Decimal
    currency: str
    tags: Sequence[str]
    provenance: Mapping[str, int] = field(default_factory=dict, repr=False)

    @property
    def events(self) -> int:
        return sum(record.events for record in self.records)

    @property
    def identifiers(self) -> list[str]:
        return list(dict.fromkeys(value for record in self.records for value in record.identifiers))


@dataclass(frozen=True, slots=True)
class Lifted:
    """Something a person said that the act sets aside."""

    kind: str
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The people concerned as they are and as they would be, and what other rooms say to it.

    `lifted` is what was said before and would count no more. `others` is how many people who
    were not asked about change too.
    """

    before: Sequence[PersonShown]
    after: Sequence[PersonShown]
    sections: Sequence[Section]
    lifted: Sequence[Lifted] = ()
    others: int = 0

    @property
    def records(self) -> int:
        return sum(len(person.records) for person in self.before)

    @property
    def events(self) -> int:
        return sum(person.events for person in self.before)

    @property
    def orders(self) -> int:
        return sum(person.orders for person in self.before)


@dataclass(frozen=True, slots=True)
class MergePreview(Preview):
    """`winners` maps each unit (name, e-mail …) to the record that would win it in the merged person."""

    winners: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnmergePreview(Preview):
    """`followed` came later and go where an identifier leads them, `ambiguous` must be asked about;
    until then they are shown as if they stayed."""

    stay: frozenset[int] = frozenset()
    go: frozenset[int] = frozenset()
    followed: Mapping[int, Side] = field(default_factory=dict)
    ambiguous: Sequence[RecordShown] = ()


def preview_merge(profiles: Sequence[Profile], pins: Mapping[str, int] | None = None) -> MergePreview:
    """What `verbs.merge` of these people would do. Errors: NotPossible, Busy."""
    tried = _try(lambda: verbs.merge(profiles=profiles, actor=NOBODY, pins=pins), {p.pk for p in profiles})
    return MergePreview(
        tried.before,
        tried.after,
        tried.sections,
        tried.lifted,
        tried.others,
        winners=tried.after[0].provenance if tried.after else {},
    )


def preview_unmerge(
    profile: Profile, records: Collection[int], answers: Mapping[int, Side] | None = None
) -> UnmergePreview:
    """What `verbs.unmerge` would do if these records went. Errors: NotPossible, Busy."""
    answers = dict(answers or {})
    sides = verbs.sides_of(profile, records, answers)
    stays: dict[int, Side] = dict.fromkeys(sides.ambiguous, "stay")
    tried = _try(
        lambda: verbs.unmerge(
            profile=profile, records=records, actor=NOBODY, reason="", answers=answers | stays
        ),
        {profile.pk},
    )
    shown = [record for person in tried.before for record in person.records]
    return UnmergePreview(
        tried.before,
        tried.after,
        tried.sections,
        tried.lifted,
        tried.others,
        stay=sides.stay,
        go=sides.go,
        followed=sides.followed,
        ambiguous=[record for record in shown if record.id in sides.ambiguous],
    )


def _try(act: Callable[[], IdentityAct], concerned: set[int]) -> Preview:
    """Does it, looks, takes it back, looks again."""
    load.empty_touched()  # here, so that what is taken back are not the tables themselves
    with _taken_back():
        done = act()
        touched = acting.touched() or sorted(concerned)
        records = frozenset(SourceRecord.objects.filter(profile__in=touched).values_list("pk", flat=True))
        after = people_of(records)
        seen_after = consequences.look(records)
        lifted = _lifted(done)
    before = people_of(records)
    asked = [person for person, pk in before if pk in concerned]
    mine = {record.id for person in asked for record in person.records}
    would_be = [person for person, _pk in after if any(record.id in mine for record in person.records)]
    return Preview(
        asked,
        would_be,
        consequences.compare(consequences.look(records), seen_after),
        lifted,
        others=len(before) - len(asked),
    )


@contextmanager
def _taken_back() -> Iterator[None]:
    """Whatever happens inside never happened. Locks are given back too."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select set_config('lock_timeout', %s, true)", [PATIENCE])
        try:
            yield
        except OperationalError as problem:
            if "lock timeout" in str(problem):
                raise Busy(_("A delivery is being taken in right now. Try again in a moment.")) from problem
            raise
        transaction.set_rollback(True)


def _lifted(act: IdentityAct) -> list[Lifted]:
    said = act.lifted_constraints.order_by("pk")
    return [
        Lifted(each.get_kind_display(), each.actor, each.created_at, wording.reason_words(each.reason))
        for each in said
    ]


def people_of(records: Collection[int]) -> list[tuple[PersonShown, int]]:
    """The people these records belong to now with their primary keys, those with most records first.

    Events are counted, never loaded.
    """
    rows = SourceRecord.objects.filter(pk__in=list(records)).select_related("source", "profile")
    found = list(rows.order_by("profile_id", "source__trust", "-observed_at", "pk"))
    hanging = {row["id"]: row for row in sql.rows("profiles/preview_records", {"records": list(records)})}
    tags = _tags({record.profile_id for record in found})
    people = [
        (_person(list(mine), hanging, tags.get(pk, [])), pk)
        for pk, mine in groupby(found, key=lambda record: record.profile_id)
    ]
    return sorted(people, key=lambda each: (-len(each[0].records), each[1]))


def _person(
    mine: list[SourceRecord], hanging: Mapping[int, Mapping[str, int]], tags: list[str]
) -> PersonShown:
    profile = mine[0].profile
    return PersonShown(
        public_id=profile.public_id,
        name=profile.name or profile.company or profile.email or profile.phone,
        records=[_record(record, hanging[record.pk]) for record in mine],
        orders=profile.orders_count,
        value=profile.value,
        currency=profile.currency,
        tags=tags,
        provenance=profile.provenance,
    )


def _record(record: SourceRecord, hanging: Mapping[str, object]) -> RecordShown:
    return RecordShown(
        id=record.pk,
        source=record.source.name,
        external_id=record.external_id,
        name=f"{record.given_name} {record.family_name}".strip() or record.company,
        contact=record.email or record.phone,
        observed_at=record.observed_at,
        identifiers=hanging["identifiers"],  # type: ignore[arg-type]
        events=hanging["events"],  # type: ignore[arg-type]
        orders=hanging["orders"],  # type: ignore[arg-type]
    )


def _tags(profiles: Collection[int]) -> dict[int, list[str]]:
    worn = ProfileTag.objects.filter(profile__in=list(profiles)).order_by("tag__name")
    found: dict[int, list[str]] = {}
    for profile, name in worn.values_list("profile", "tag__name"):
        found.setdefault(profile, []).append(name)
    return {profile: list(dict.fromkeys(names)) for profile, names in found.items()}


__all__ = [
    "Busy",
    "MergePreview",
    "PersonShown",
    "Preview",
    "RecordShown",
    "UnmergePreview",
    "preview_merge",
    "preview_unmerge",
]
