"""An audience at the stand-in, a till that sells, a ledger that hears, and mornings that run."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from consent import answers, ledger
from consent.facts import EventType
from consent.models import CollectionPoint, ConsentText
from integrations import runs
from integrations.mailchimp import setup
from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience
from integrations.models import Connection, Run, RunState, Trigger
from organisations.models import Organisation
from profiles.ingest import close_intake, ingest, open_intake
from profiles.models import Identifier, Source
from profiles.rows import CanonicalRow, LineRow, OrderRow, PersonRow
from tests.fakes.mailchimp import KEY, mailchimp

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
NEXT_MONTH = NOW + dt.timedelta(days=30)
_numbers = itertools.count(1)


@pytest.fixture
def standin() -> Iterator[Standin]:
    with mailchimp() as running:
        yield running


@pytest.fixture(autouse=True)
def _out_of_reach(settings: Settings) -> None:
    """No server of this machine answers a webhook by chance; the test that wants one says so."""
    settings.FOYER_BASE_URL = "http://127.0.0.1:9"


@pytest.fixture
def audience(standin: Standin) -> Audience:
    return standin.audience(KEY)


@pytest.fixture
def newsletter(in_aurora: Organisation, standin: Standin, audience: Audience) -> Connection:
    return connect(standin, audience)


def connect(standin: Standin, audience: Audience, **config: object) -> Connection:
    source, _made = Source.objects.get_or_create(
        slug="mailchimp", defaults={"name": "Mailchimp", "kind": Source.Kind.NEWSLETTER, "trust": 200}
    )
    connection = Connection(
        connector="mailchimp",
        name="Newsletter",
        slug="newsletter",
        source=source,
        config={"audience": audience.id, "base_url": standin.base} | config,
    )
    connection.secrets = {"api_key": KEY}
    connection.save()
    return connection


def verify(connection: Connection) -> None:
    """Somebody puts their name to what being in this audience means, and that it is in steady use."""
    point = setup.collection_point(connection)
    CollectionPoint.objects.filter(pk=point.pk).update(
        verified_by="privacy lead", verified_at=NOW, last_written_at=NOW
    )


def morning(connection: Connection, *, wants: str = RunState.DONE, **options: object) -> Run:
    """One whole run, done unit by unit as a worker would."""
    connection.refresh_from_db()
    return work(runs.start(connection=connection, trigger=Trigger.MANUAL, options=options), wants)


def work(run: Run, wants: str = RunState.DONE) -> Run:
    for _ in range(500):
        if not runs.advance(run.pk).more:
            break
    run.refresh_from_db()
    assert run.state == wants, run.reason
    return run


def sell(
    *people: PersonRow, show: str = "Hamlet", starts_at: dt.datetime = NEXT_MONTH, **order: object
) -> None:
    """Each of these people buys a ticket at the till."""
    source, _made = Source.objects.get_or_create(slug="till", defaults={"name": "Till", "country": "NO"})
    intake = open_intake(source=source, label="sale")
    rows = [_sale(number, person, show, starts_at, order) for number, person in enumerate(people, start=1)]
    ingest(intake=intake, rows=rows, permit=ledger.record_claims)
    close_intake(intake=intake)


def _sale(
    number: int, person: PersonRow, show: str, starts_at: dt.datetime, order: dict[str, object]
) -> CanonicalRow:
    key = str(order.pop("external_id", "") or f"order-{next(_numbers)}")
    line = LineRow(external_id="1", product_id=show, product_name=show, starts_at=starts_at)
    sold = OrderRow(external_id=key, ordered_at=NOW, lines=(line,), **order)  # type: ignore[arg-type]
    raw = {"order": key, "address": person.email, "status": sold.status}
    return CanonicalRow(number, raw, key=key, buyer=person, order=sold)


def person(address: str, given: str = "Kari", family: str = "Nordmann", customer: str = "") -> PersonRow:
    return PersonRow(
        external_id=customer, given_name=given, family_name=family, email=address, observed_at=NOW
    )


def says(address: str, what: EventType, *, ago: dt.timedelta = dt.timedelta(), proof: str = "A") -> None:
    """The person says yes or no to the newsletter in person, at a checkout whose words are on record."""
    ledger.record(
        ledger.Entry(
            identifier_id=known(address).pk,
            type=what,
            purpose="marketing.newsletter",
            channel="email",
            occurred_at=dt.datetime.now(dt.UTC) - ago,
            source_system="checkout",
            source_event_id=f"said-{next(_numbers)}",
            proof=proof,
            point_id=_checkout().pk,
            text_id=_words().pk,
        )
    )


def _words() -> ConsentText:
    text, _made = ConsentText.objects.get_or_create(
        name="newsletter-checkout",
        defaults={
            "body": "Yes please, send me news by e-mail.",
            "body_sha256": "0" * 64,
            "purposes": ["marketing.newsletter"],
            "channels": ["email"],
        },
    )
    return text


def _checkout() -> CollectionPoint:
    point, _made = CollectionPoint.objects.get_or_create(
        key="checkout",
        defaults={
            "name": "Checkout",
            "kind": CollectionPoint.Kind.ACT,
            "purposes": ["marketing.newsletter"],
            "channels": ["email"],
            "text": _words(),
            "verified_by": "privacy lead",
            "verified_at": NOW,
        },
    )
    return point


def known(address: str) -> Identifier:
    return Identifier.objects.get(kind_id="email", value=address)


def sort_everybody() -> None:
    answers.refresh(identifier_ids=None)
