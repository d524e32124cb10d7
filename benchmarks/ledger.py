"""Permissions: one decision, the statement for many, a long ledger projected, both forms side by side."""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import connection, transaction

from benchmarks import agreeing, histories, place
from benchmarks.agreeing import Question
from benchmarks.histories import NOW
from benchmarks.place import Measured, measure
from cdp.lib import sql
from consent import gather, projection, reasons, sending, setwise
from consent.gather import House
from consent.rules import Rules
from consent.setwise import Decided
from profiles.models import Identifier

BATCH = 2_000
FILLED_AT_ONCE = 20_000
HOMES = ("NO", "DK", "SE", "NL", "DE")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--contacts", type=int, default=100_000, help="contact points decided at once")
    parser.add_argument("--events", type=int, default=1_000_000, help="length of the ledger to rebuild from")
    parser.add_argument("--property", type=int, default=0, help="compare so many decisions, and nothing else")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--explain", action="store_true", help="also print the statement's plan")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    with place.server() as server, place.organisation(server):
        if options.property:
            compare(options.property, options.seed)
        else:
            decide(options.contacts, options.seed, explain=options.explain)
            rebuild(options.events, options.seed)


# --- both forms, side by side -----------------------------------------------------------------


def compare(decisions: int, seed: int) -> None:
    """Raises if any decision differs, or if a reason or flag never came up."""
    done, told, started = 0, Counter[str](), time.perf_counter()
    for number, contacts in enumerate(histories.batches(seed, BATCH)):
        house = replace(gather.house(), rules=Rules(home=HOMES[number % len(HOMES)]))
        found = agreeing.compare(contacts, house, agreeing.questions(house.controller))
        assert not found.differing, found.differing[:3]
        done, told = done + found.decisions, told + found.reasons
        print(f"{done:>12,} decisions, none differs", flush=True)
        if done >= decisions:
            break
    print(f"{done:,} decisions compared in {time.perf_counter() - started:.0f} s; by reason and flag:")
    for reason, times in told.most_common():
        print(f"  {reason:<32} {times:>10,}")
    missing = set(reasons.REASONS) - told.keys()
    assert not missing, f"never came up: {sorted(missing)}"


# --- how long it takes -------------------------------------------------------------------------


def decide(contacts: int, seed: int, *, explain: bool) -> None:
    fill(seed, lambda: _count(_ADDRESSES) >= contacts)
    print(f"{_count(_ADDRESSES):,} e-mail addresses, {_count(_EVENTS):,} ledger rows")
    house, asked = gather.house(), agreeing.questions("bench")[:4]
    _one_decision(house, asked[1])
    floor = _line("read the addresses (the floor)", lambda: _count(_READ), None)
    for question in asked[:3]:
        name = f"{question.message.purpose}, {question.message.kind}"
        _line(f"decide: {name}", partial(_decide, question, house), floor)
        _line(f"count by reason: {name}", partial(_tally, question), floor)
    some = list(Identifier.objects.filter(kind="email").order_by("pk").values_list("pk", flat=True)[:10_000])
    _line("decide and log: 10,000 of them", partial(_ask, asked[1], some), floor)
    _line("decide one by one (pure), facts and all", lambda: _purely(asked[1], house), floor)
    if explain:
        _explain(asked[1], house)


_ADDRESSES = "select count(*) from profiles_identifier where kind_id = 'email'"
_EVENTS = "select count(*) from consent_consentevent"
_READ = (
    "select count(i.value) from profiles_identifier i"
    " join profiles_recordidentifier r on r.identifier_id = i.id where i.kind_id = 'email'"
)
_LEDGER = "select count(note) from consent_consentevent"


def _one_decision(house: House, question: Question) -> None:
    with transaction.atomic():
        rows = next(gather.stream(now=NOW))[:5_000]
    took = []
    for row in rows:
        began = time.perf_counter()
        agreeing.purely(row, house, question)
        took.append(time.perf_counter() - began)
    took.sort()
    print(f"one decision (pure, with reading its facts): median {statistics.median(took) * 1e6:.0f} µs, "
          f"p99 {took[int(len(took) * 0.99)] * 1e6:.0f} µs")  # fmt: skip


def _decide(question: Question, house: House) -> int:
    with transaction.atomic():
        return sum(1 for _ in _answers(question, house))


def _answers(question: Question, house: House) -> Iterator[Decided]:
    return setwise.decide_set(
        question.message, identifier_ids=None, now=question.now, house=house, pace=question.pace
    )


def _ask(question: Question, ids: list[int]) -> int:
    return len(sending.ask(question.message, label="bench", identifier_ids=ids, now=question.now).decisions)


def _tally(question: Question) -> int:
    return sum(setwise.count_by_reason(question.message, identifier_ids=None, now=question.now).values())


def _purely(question: Question, house: House) -> int:
    with transaction.atomic():
        return sum(
            1
            for batch in gather.stream(now=question.now, pace=question.pace)
            for row in batch
            if row.kind == "email" and agreeing.purely(row, house, question)
        )


def _line(what: str, work: Callable[[], int], floor: Measured | None) -> Measured:
    """The second of two times: how long, and by how much this process grew meanwhile."""
    work()
    with measure() as before:
        time.sleep(0.2)
    with measure() as took:
        number = work()
    ratio, grown = took.wall / floor.wall if floor else 1.0, max(took.memory_mb - before.memory_mb, 0)
    print(f"{what:<52} {number:>9,} {took.wall:8.2f} s {grown:+6.0f} MB {ratio:7.1f} x", flush=True)
    return took


def _count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def _explain(question: Question, house: House) -> None:
    asked: dict[str, Any] = setwise.params(
        question.message, identifier_ids=None, now=question.now, house=house, pace=question.pace
    )
    with connection.cursor() as cursor:
        cursor.execute("explain (analyze, buffers) " + sql.statement("consent/decide_set"), asked)
        print("\n".join(row[0] for row in cursor.fetchall()))


def rebuild(events: int, seed: int) -> None:
    """The projection, dropped and computed anew, beside reading the ledger."""
    fill(seed + 1000, lambda: _count(_EVENTS) >= events)
    floor = _line(f"read the ledger of {_count(_EVENTS):,} rows (the floor)", lambda: _count(_LEDGER), None)
    _line("rebuild the projection", projection.rebuild, floor)
    _line("look for drift", lambda: len(projection.drift()), floor)


def fill(seed: int, enough: Callable[[], bool]) -> None:
    batches = histories.batches(seed, FILLED_AT_ONCE)
    while not enough():
        next(batches)
