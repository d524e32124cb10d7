"""People in a real database: merging and taking apart, and looking one record up among many."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing.synchronize import Event
from random import Random
from typing import Any

from benchmarks import place
from benchmarks.identity import people
from profiles.rows import CanonicalRow, EventRow, PermitReport, PersonRow

CHUNK = 20_000
ACTOR = "bench@example.org"
START = datetime(2025, 1, 1, tzinfo=UTC)
PAIRS = {10: 50, 1_000: 20, 100_000: 3}
"""Events of both people together, and how many such couples are merged and taken apart."""
ASKED = 2_000
WRITERS = 8


def no_claims(*_args: object, **_named: object) -> PermitReport:
    return PermitReport()


def person_row(told: dict[str, str]) -> PersonRow:
    cards = (("club_card", told["club_card"]),) if told["club_card"] else ()
    return PersonRow(
        external_id=told["customer_number"] or f"{told['source']} {told['id']}", observed_at=START,
        given_name=told["given_name"], family_name=told["family_name"], full_name=told["full_name"],
        email=told["email"], phone=told["phone"], street=told["street"], postal_code=told["postal_code"],
        city=told["city"], country=told["country"], identifiers=cards,
    )  # fmt: skip


def deliver(source: Any, rows: Iterable[CanonicalRow]) -> None:
    """One delivery, chunk by chunk."""
    from profiles.ingest import close_intake, ingest, open_intake

    intake = open_intake(source=source)
    for chunk in batched_rows(rows):
        ingest(intake=intake, rows=chunk, permit=no_claims)
    close_intake(intake=intake)


def batched_rows(rows: Iterable[CanonicalRow]) -> Iterator[list[CanonicalRow]]:
    """By CHUNK rows, or as many as have CHUNK events."""
    chunk: list[CanonicalRow] = []
    weight = 0
    for row in rows:
        chunk.append(row)
        weight += 1 + len(row.events)
        if weight >= CHUNK:
            yield chunk
            chunk, weight = [], 0
    if chunk:
        yield chunk


def load(records: int, seed: int) -> None:
    """Takes the generated people in, one source after another, as an installation would."""
    from profiles.models import Source

    rows = people.generate(records, seed)
    for name in sorted({row[1] for row in rows}):
        source = Source.objects.create(slug=name, name=name)
        told = (dict(zip(people.COLUMNS, row, strict=True)) for row in rows if row[1] == name)
        deliver(
            source, (CanonicalRow(n, {}, key=t["id"], buyer=person_row(t)) for n, t in enumerate(told, 1))
        )


def _row(number: int, told: dict[str, str]) -> CanonicalRow:
    return CanonicalRow(number, {}, key=told["id"], buyer=person_row(told))


# --- merge and unmerge -------------------------------------------------------------


def verbs(bystanders: int) -> None:
    """Prints how long merge, preview, unmerge and undo take, and whether ids and events came back."""
    with place.server() as server, place.organisation(server):
        load(bystanders, 1)
        print(f"{bystanders:,} other records; both people's events together, milliseconds")
        steps = "  ".join(
            f"{step + ' p50':>11} {'max':>8}" for step in ("preview", "merge", "unmerge", "undo")
        )
        print(f"   events couples {steps}  ids back", flush=True)
        for events, couples in PAIRS.items():
            _verbs(events, couples)


def _verbs(events: int, couples: int) -> None:
    took: dict[str, list[float]] = {step: [] for step in ("preview", "merge", "unmerge", "undo")}
    back = True
    for number in range(couples):
        records = _couple(events, number)
        before = _belongings(records)
        for after in _there_and_back(records, took):
            back = back and after == before
    figures = "  ".join(f"{statistics.median(t) * 1e3:10.1f} {max(t) * 1e3:8.1f}" for t in took.values())
    print(f"{events:9,} {couples:7,} {figures}  {'yes' if back else 'NO'}", flush=True)


def _there_and_back(records: tuple[int, int], took: dict[str, list[float]]) -> Iterator[list[Belongings]]:
    """Merges two people and takes them apart in both ways; yields what is whose after each."""
    from profiles.identity import verbs
    from profiles.identity.preview import preview_merge

    people_ = _profiles(records)
    with _timed(took["preview"]):
        preview_merge(people_)
    with _timed(took["merge"]):
        verbs.merge(profiles=people_, actor=ACTOR)
    (merged,) = _profiles(records)
    with _timed(took["unmerge"]):
        verbs.unmerge(profile=merged, records=[records[1]], actor=ACTOR, reason="bench")
    yield _belongings(records)
    act = verbs.merge(profiles=_profiles(records), actor=ACTOR)
    with _timed(took["undo"]):
        verbs.undo(act=act, actor=ACTOR)
    yield _belongings(records)


@contextmanager
def _timed(took: list[float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    took.append(time.perf_counter() - began)


_numbers = count(1)


def _couple(events: int, n: int) -> tuple[int, int]:
    """Two people who share nothing, each with half the events. Returns their records' ids."""
    from profiles.models import Source, SourceRecord

    source, _created = Source.objects.get_or_create(slug="couples", defaults={"name": "Couples"})
    names = [f"{side}{events}-{n}" for side in "ab"]
    deliver(source, (row for name in names for row in _eventful(name, events // 2)))
    found = {r.external_id: r.pk for r in SourceRecord.objects.filter(source=source, external_id__in=names)}
    return found[names[0]], found[names[1]]


def _eventful(name: str, events: int) -> Iterator[CanonicalRow]:
    """Rows of one person with so many events, at most 1,000 a row."""
    buyer = PersonRow(
        external_id=name, given_name=f"Given {name}", family_name=f"Family {name}", observed_at=START,
        email=f"{name}@couples.example.no",
    )  # fmt: skip
    for part, first in enumerate(range(0, events, 1_000)):
        happened = tuple(
            EventRow(f"{name}/{n}", "page.viewed", START + timedelta(seconds=n), {"path": f"/show/{n % 50}"})
            for n in range(first, min(first + 1_000, events))
        )
        yield CanonicalRow(next(_numbers), {}, key=f"{name}/{part}", buyer=buyer, events=happened)


def _profiles(records: Sequence[int]) -> list[Any]:
    from profiles.models import Profile

    return list(Profile.objects.filter(sourcerecord__in=records).distinct().order_by("pk"))


Belongings = tuple[object, int]


def _belongings(records: Sequence[int]) -> list[Belongings]:
    """Whose each record is, by the id the world knows, and how many events hang on it."""
    from profiles.models import Event, SourceRecord

    return [
        (SourceRecord.objects.get(pk=record).profile.public_id, Event.objects.filter(record=record).count())
        for record in records
    ]


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# --- looking one record up ----------------------------------------------------------


def lookup(records: int, pause: float) -> None:
    """Prints how long "is this somebody we know?" takes, at rest and with eight writers."""
    from profiles.identity import features

    with place.server() as server, place.organisation(server):
        print(f"loading {records:,} records took {seconds(lambda: load(records, 1)):.0f} s", flush=True)
        print(f"values and blocking keys of all of them took {seconds(features.freshen):.0f} s", flush=True)
        print(f"training on them took {seconds(_learn):.0f} s", flush=True)
        asked = _asked(records)
        print("while                              p50 ms   p95 ms   p99 ms   max ms   found")
        _floor()
        _ask("nobody writes", asked)
        with _writers(pause) as written:
            _ask(f"{WRITERS} writers", asked)
        print(f"meanwhile {written():,} records were written")


def _learn() -> None:
    """Trains a model on what is stored and keeps it, as the nightly run does."""
    from profiles.identity.matching.match import match
    from profiles.identity.matching.table import Table
    from profiles.models import MatchFeatures, MatchModel

    stored = MatchFeatures.objects.values_list("record_id", "record__source_id", "values").iterator()
    matched = match(Table.of((record, source, f"{record:09d}", values) for record, source, values in stored))
    MatchModel.objects.create(records=matched.model.records, parameters=matched.model.as_json())


def _asked(records: int) -> list[Any]:
    """Other records of people some of whom are known: the same people, seen once more."""
    from benchmarks.identity.dataset import people_of

    rows = people.generate(records, 1)
    chosen = Random(2).sample(rows, ASKED)
    columns = dict(zip(people.COLUMNS, map(list, zip(*chosen, strict=True)), strict=True))
    return people_of(columns)


def _floor() -> None:
    """One record read by its primary key, for the same number of records."""
    from profiles.models import SourceRecord

    ids = list(SourceRecord.objects.values_list("pk", flat=True)[: 50 * ASKED])
    chosen = Random(3).choices(ids, k=ASKED)
    took = [seconds(lambda pk=pk: SourceRecord.objects.get(pk=pk)) for pk in chosen]  # type: ignore[misc]
    _print("read by primary key (the floor)", took, "")


def _ask(what: str, asked: Sequence[Any]) -> None:
    from profiles.identity.lookup import who_is

    who_is(asked[0])
    found = 0
    took = []
    for person in asked:
        began = time.perf_counter()
        answer = who_is(person)
        took.append(time.perf_counter() - began)
        found += bool(answer)
    _print(what, took, f"{found / len(asked):7.1%}")


def _print(what: str, took: list[float], found: str) -> None:
    took.sort()
    at = [took[int(share * (len(took) - 1))] * 1e3 for share in (0.5, 0.95, 0.99, 1)]
    print(f"{what:<32} " + " ".join(f"{ms:8.2f}" for ms in at) + f" {found}", flush=True)


@contextmanager
def _writers(pause: float) -> Iterator[Callable[[], int]]:
    """Eight processes that take in one record after another, `pause` seconds apart each."""
    from django.db import connection

    spawn = multiprocessing.get_context("spawn")
    stop, done = spawn.Event(), spawn.Value("q", 0)
    settings = {key: connection.settings_dict[key] for key in ("NAME", "HOST", "USER")}
    work = [
        spawn.Process(target=_write, args=(number, settings, pause, stop, done)) for number in range(WRITERS)
    ]
    for process in work:
        process.start()
    deadline = time.monotonic() + 60
    while done.value < WRITERS and time.monotonic() < deadline:
        time.sleep(0.1)
    try:
        yield lambda: int(done.value)
    finally:
        stop.set()
        for process in work:
            process.join(30)


def _write(number: int, settings: dict[str, str], pause: float, stop: Event, done: Any) -> None:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
    django.setup()
    from django.db import connection
    from django_tenants.utils import tenant_context

    from organisations.models import Organisation
    from profiles.models import Source

    connection.settings_dict.update(settings)
    with tenant_context(Organisation.objects.get(slug="bench")):
        source, _created = Source.objects.get_or_create(
            slug=f"w{number}", defaults={"name": f"Writer {number}"}
        )
        fresh = people.generate(5_000, 1_000 + number)
        for n in count():
            told = dict(zip(people.COLUMNS, fresh[n % len(fresh)], strict=True))
            deliver(source, [_row(1, told | {"id": f"{n}"})])
            with done.get_lock():
                done.value += 1
            if stop.wait(pause):
                return
