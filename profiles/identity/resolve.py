"""Who is who, in the database: reads a neighbourhood, splits it into people, writes the differences.

Membership is always what the rules make of what is stored: identifiers, people's word and
links (`exact.partition`). Whoever wants it otherwise writes one of those and resolves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from django.db import connection

from profiles.identity import writing
from profiles.identity.exact import Partition
from profiles.identity.reading import NOTHING, Record, Supposed, judge, neighbourhood
from profiles.models import IdentityAct, Profile

Homes = Mapping[int, int | None]
"""For records: the profile that should have them, or None for any. Others stay with their own."""


def resolve(
    seeds: Collection[int],
    *,
    born: Collection[int] = (),
    intake_id: int | None = None,
    actor: str = "",
    act: IdentityAct | None = None,
    homes: Homes | None = None,
) -> int:
    """Finds the persons of these source records and of everybody who hangs together with them.

    `born` are records of this transaction that have never belonged to anybody: giving
    them to a person is no decision. `act` is what a person did, or a nightly run, and
    stands behind every decision; `homes` is how ids return to where they were. Returns how
    many older records changed person. Everything touched is added to stage_touched; the
    caller holds the organisation's turn (`ingest.turn`) and gilds afterwards.
    """
    if not seeds:
        return 0
    found, records = judge(neighbourhood(seeds))
    targets = assign(found, records, homes=homes)
    return writing.write(
        found, targets, records, set(born), writing.Why(intake_id, act.actor if act else actor, act)
    )


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What resolving would come to: groups of record ids, and the profile each would be.

    A profile is None where it would be a new one. `now` maps each record to its present
    profile.
    """

    groups: list[tuple[int, ...]]
    profiles: list[int | None]
    now: Mapping[int, int]
    found: Partition


def foresee(seeds: Collection[int], supposed: Supposed = NOTHING, *, homes: Homes | None = None) -> Foreseen:
    """What `resolve` would do if people said what is supposed. Writes nothing."""
    numbers = (-n for n in count(1))
    found, records = judge(neighbourhood(_reach(seeds, supposed)), supposed)
    targets = assign(found, records, homes=homes, new=lambda: next(numbers))
    return Foreseen(
        found.groups,
        [target if target > 0 else None for target in targets],
        {r: record.profile for r, record in records.items()},
        found,
    )


def _reach(seeds: Collection[int], supposed: Supposed) -> set[int]:
    return set(seeds).union(*supposed.must, *(side for both in supposed.cannot for side in both))


def assign(
    found: Partition,
    records: Mapping[int, Record],
    *,
    homes: Homes | None = None,
    new: Callable[[], int] | None = None,
) -> list[int]:
    """A profile for every group: the one it overlaps most, then the older one.

    Known records count before visitors: a customer who logs in keeps their id, however
    many cookies the visitor had. A part that splits off gets back the profile most of its
    records were born into, if that one is free; else a new one (IDENTITY.md, stable id).
    """
    homes = homes or {}
    inside = {record.profile for record in records.values()}
    usable = inside | _free(set(filter(None, homes.values())) - inside)
    target: dict[int, int] = {}
    taken: set[int] = set()
    for _weight, profile, position in sorted(_claims(found, records, homes)):
        if position not in target and profile in usable and profile not in taken:
            target[position] = profile
            taken.add(profile)
    rest = [position for position in range(len(found.groups)) if position not in target]
    if rest:
        free = _free({record.first_profile for record in records.values()} - inside) - taken
        numbers = _new_profile_ids(len(rest)) if new is None else iter(new, None)
        for position in rest:
            home = _born_into(found.groups[position], records, free)
            target[position] = next(numbers) if home is None else home
            free.discard(target[position])
    return [target[position] for position in range(len(found.groups))]


_Weight = tuple[int, int]


def _claims(
    found: Partition, records: Mapping[int, Record], homes: Homes
) -> Iterator[tuple[_Weight, int, int]]:
    """Who has how much of which group: weight, profile, position of the group."""
    for position, group in enumerate(found.groups):
        weights = _weights(group, records, lambda record: homes.get(record.node.id, record.profile))
        for profile, weight in weights.items():
            if profile is not None:
                yield weight, profile, position


def _free(profiles: set[int]) -> set[int]:
    """Those of these ids that are nobody's: whoever was born into one may have it back."""
    if not profiles:
        return set()
    nobody = Profile.objects.filter(pk__in=profiles, sourcerecord=None)
    return set(nobody.values_list("pk", flat=True))


def _weights(
    group: Iterable[int], records: Mapping[int, Record], of: Callable[[Record], int | None]
) -> dict[int | None, _Weight]:
    """How much of a group each profile has, smaller is more: known records, then all."""
    known: Counter[int | None] = Counter()
    every: Counter[int | None] = Counter()
    for record in map(records.__getitem__, group):
        every[of(record)] += 1
        known[of(record)] += not record.node.anonymous
    return {profile: (-known[profile], -size) for profile, size in every.items()}


def _born_into(group: Iterable[int], records: Mapping[int, Record], free: set[int]) -> int | None:
    """The free profile that most of these records were born into, then the older one."""
    homes = _weights(group, records, lambda record: record.first_profile)
    return min((h for h in homes if h in free), key=lambda home: (homes[home], home), default=None)


def _new_profile_ids(how_many: int) -> Iterator[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence('profiles_profile', 'id')) from generate_series(1, %s)",
            [how_many],
        )
        return iter([int(number) for (number,) in cursor.fetchall()])
