"""A person of many records, and everything that can tie them or keep something from tying them."""

from __future__ import annotations

import dataclasses

from profiles.identity import verbs
from profiles.models import Identifier, Profile, SourceRecord
from profiles.rows import CanonicalRow, PersonRow
from tests.profiles.sample import START, a_source, deliver, ticket
from tests.profiles.visits import profile_of, visit, website

ALICE = "alice@example.org"
EMAIL, WORK = "kari.nordmann@example.no", "kari.nordmann-long-address@theatre-and-opera.example.no"


def row(key: str, **person: object) -> CanonicalRow:
    buyer = PersonRow(external_id=key, observed_at=START, **person)  # type: ignore[arg-type]
    return CanonicalRow(1, [key, repr(sorted(person.items(), key=str))], key=key, buyer=buyer)


def kari() -> Profile:
    """Ticketing and shop share an e-mail, the shop and a visitor a cookie; a colleague said that the
    service desk's is she too, and the matcher found the club's."""
    bought = ticket(1, email=EMAIL, phone="90000001", external_id="4711")
    deliver([bought], a_source("tickets", name="Ticketmaster Norge"))
    deliver([visit(1, ("cookie", "GA1.2.1234567890.1700000000"))], website())
    deliver(
        [visit(2, ("cookie", "GA1.2.1234567890.1700000000"), ("login", "kari"), day=1, email=EMAIL)],
        website(),
    )
    desk = row("D-9", full_name="Kari N", email=WORK, phone="22000000")
    deliver([desk], a_source("desk", name="Service desk"))
    deliver([row("K-77", full_name="Kari Nordman", email="karin@example.no")], a_source("club", name="Club"))
    return Profile.objects.get(sourcerecord__external_id="4711")


def joined() -> Profile:
    """`kari` with the colleague's word and the matcher's link in force."""
    person = kari()
    verbs.merge(profiles=[person, profile_of("D-9")], actor=ALICE, reason="Same person at the desk.")
    person = profile_of("4711")
    club, tickets = (SourceRecord.objects.get(external_id=key).pk for key in ("K-77", "4711"))
    verbs.bulk_link(pairs=[(tickets, club, 12.5, 0.9993, None)], actor=ALICE)
    return profile_of("4711")


def set_aside(person: Profile) -> None:
    """The box office's telephone is on too many, and the family's address is shared."""
    Identifier.objects.filter(value="+4722000000").update(
        state="held", state_reason="on more people than its kind allows"
    )
    Identifier.objects.filter(value="karin@example.no").update(state="shared", decided_by=ALICE)


def of_many_records(count: int) -> Profile:
    """One person whom a source knows by so many orders."""
    rows = [
        dataclasses.replace(
            ticket(n, order=f"o{n}", email=f"k{n % 4}@example.no", phone="90000001"), key=f"k{n}"
        )
        for n in range(count)
    ]
    deliver(rows, a_source("tickets", name="Ticketmaster Norge"))
    return Profile.objects.filter(state="active").order_by("pk")[0]
