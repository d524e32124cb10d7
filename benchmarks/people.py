"""Finding people and looking at one: every kind of scrap, the list, the person page, home.

Pages are asked of the whole application in this process: middleware, access log, templates.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from benchmarks import generate, ingest, place
from consent import answers
from organisations.models import Membership, Organisation, User
from organisations.roles import Role
from profiles.models import Order, Profile, Source, SourceRecord

SAMPLE = 100
Ask = Callable[[], object]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rows", type=int, default=1_700_000, help="ticket rows to begin with (default: 500,000 people)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    call_command("collectstatic", verbosity=0, interactive=False)
    with place.server() as server, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tickets.csv"
        generate.write_tickets(path, options.rows)
        with place.organisation(server):
            source, _created = Source.objects.get_or_create(slug="tickets", defaults={"name": "Tickets"})
            ingest.deliver(path, source)
            answers.refresh(identifier_ids=None)
            _table(random.Random(7))


def _table(chance: random.Random) -> None:
    print(f"{Profile.objects.count():,} people")
    print("what                             p50 ms   p95 ms   max ms  × floor")
    browser = _browser()
    people = _sample(chance)
    floor = _line("read by primary key (the floor)", [_key_read(person) for person in people], 0)
    for what, texts in _scraps(people):
        _line(f"search: {what}", [_page(browser, "profiles:find", q=text) for text in texts], floor)
    _line("people, first page", [_page(browser, "profiles:people")] * SAMPLE, floor)
    _line("people who have bought", [_page(browser, "profiles:people", orders="yes")] * SAMPLE, floor)
    pages = [_page(browser, "profiles:person", args=[person.public_id]) for person in people]
    _line("one person", pages, floor)
    _line("home", [_page(browser, "integrations:home")] * 20, floor)


def _browser() -> Client:
    """Somebody of the benchmark's one organisation, signed in."""
    user = User.objects.create_user("bench@example.org", name="Bench")
    organisation = Organisation.objects.get(slug="bench")
    Membership.objects.create(user=user, organisation=organisation, role=Role.ADMINISTRATOR)
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(user)
    return browser


def _sample(chance: random.Random) -> list[Profile]:
    ids = list(Profile.objects.filter(state="active").exclude(email="").values_list("pk", flat=True))
    return list(Profile.objects.filter(pk__in=chance.sample(ids, min(SAMPLE, len(ids)))))


def _scraps(people: list[Profile]) -> Iterator[tuple[str, list[str]]]:
    yield "whole name", [person.name for person in people]
    yield "given name", [person.given_name for person in people]
    yield "two letters", [person.given_name[:2] for person in people]
    yield "given name and three letters", [f"{p.given_name} {p.family_name[:3]}" for p in people]
    yield "e-mail", [person.email for person in people]
    yield "beginning of an e-mail", [person.email[:6] for person in people]
    yield "phone", [person.phone[3:] for person in people if person.phone]
    yield "four digits of a phone", [person.phone[3:7] for person in people if person.phone]
    records = SourceRecord.objects.filter(profile__in=people)
    yield "customer number", list(records.values_list("external_id", flat=True)[:SAMPLE])
    orders = Order.objects.filter(record__profile__in=people)
    yield "order number", list(orders.values_list("external_id", flat=True)[:SAMPLE])
    yield "nobody", [f"qzx{person.pk}" for person in people]


def _key_read(person: Profile) -> Ask:
    return lambda: Profile.objects.get(pk=person.pk)


def _page(browser: Client, name: str, args: list[object] | None = None, **query: str) -> Ask:

    organisation = connection.tenant  # type: ignore[attr-defined]

    def ask() -> None:
        status = browser.get(reverse(name, args=args or []), query).status_code
        connection.set_tenant(organisation)  # type: ignore[attr-defined]
        assert status == 200, f"{name}: {status}"

    return ask


def _line(what: str, asks: list[Ask], floor: float) -> float:
    """Prints a line and answers the median in seconds. The first call is not counted."""
    asks[0]()
    took = sorted(_seconds(ask) for ask in asks)
    middle, late = statistics.median(took), took[int(0.95 * (len(took) - 1))]
    ratio = f"{middle / floor:8.1f}" if floor else f"{1:8.1f}"
    print(f"{what:<31} {middle * 1e3:8.1f} {late * 1e3:8.1f} {took[-1] * 1e3:8.1f} {ratio}", flush=True)
    return middle


def _seconds(work: Ask) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
