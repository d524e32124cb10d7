"""A person with a life in several sources, and what is asked about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from consent import ledger
from consent.models import RightsRequest
from consent.rights import erasure, identity, intake
from organisations.models import User
from profiles.models import Profile, Source
from profiles.rows import CanonicalRow, EventRow, PersonRow
from tests.profiles.sample import START, a_source, deliver, ticket

KARI, OLA, HOME = "kari@example.no", "ola@example.no", "familien@example.no"


def claims(rows: Sequence[CanonicalRow], source: Source | None = None) -> object:
    """A delivery whose claims the real ledger hears."""
    return deliver(rows, source, permit=ledger.record_claims)


def a_life() -> list[CanonicalRow]:
    """Two orders at the till with a telephone, and visits of the website after a log-in."""
    return [
        ticket(
            1, order="A1", email=KARI, phone="+4790000001", external_id="4711", birth_date=dt.date(1980, 5, 5)
        ),
        ticket(2, order="A2", email=KARI, external_id="4711", day=1, street="Storgata 1", postal_code="0155"),
    ]


def visits() -> list[CanonicalRow]:
    buyer = PersonRow(email=KARI, full_name="Kari Nordmann", identifiers=(("login", "kari-n"),))
    events = tuple(
        EventRow(f"m{n}", "page_seen", START + dt.timedelta(hours=n), {"page": f"/show/{n}"})
        for n in range(3)
    )
    return [CanonicalRow(1, ["visit"], buyer=buyer, events=events)]


def live() -> Profile:
    deliver(a_life())
    deliver(visits(), a_source("web", kind=Source.Kind.WEBSITE))
    return Profile.objects.get(email=KARI)


def asked(person: Profile, actor: User) -> RightsRequest:
    """An erasure that somebody has entered and vouched for."""
    request = intake.open_request(
        RightsRequest.Kind.ERASURE,
        person=person,
        came_by=RightsRequest.Came.PHONE,
        received_at=dt.datetime.now(dt.UTC),
        letter="Please forget me. Kari",
        actor=actor,
    )
    identity.vouch(request=request, words="Known at the counter", actor=actor)
    return request


def erased(person: Profile, actor: User) -> RightsRequest:
    request = asked(person, actor)
    erasure.approve(request=request, actor=actor, seen=erasure.plan(request).seen)
    erasure.execute(request)
    request.refresh_from_db()
    return request
