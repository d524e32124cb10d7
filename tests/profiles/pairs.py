"""Pairs of the merge queue for tests: people made through ingest, questions about them by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from profiles.models import MatchPair, Profile, SourceRecord
from tests.profiles.sample import deliver, ticket

EVIDENCE = [
    {
        "comparison": "phone",
        "level": "phone same",
        "weight": 11.2,
        "left": "4741229017",
        "right": "4741229017",
    },
    {
        "comparison": "name",
        "level": "given name same, family name nearly the same",
        "weight": 8.1,
        "left": "solveig odegard",
        "right": "solveig odegaard",
    },
    {
        "comparison": "email",
        "level": "e-mail differs",
        "weight": -1.3,
        "left": "solveig.odegard@example.no",
        "right": "solveig.o@post.example.no",
    },
    {"comparison": "prior", "level": "", "weight": -14.2, "left": "", "right": ""},
]


def two_people(number: int = 1, **second: Any) -> tuple[Profile, Profile]:
    """Solveig twice, with nothing in common that would join the two by itself."""
    one = ticket(
        10 * number,
        email=f"solveig.odegard{number}@example.no",
        name="Solveig Ødegård",
        street="Strandgaten 14",
        postal_code="5013",
        city="Bergen",
    )
    two = ticket(
        10 * number + 1,
        email=f"solveig.o{number}@post.example.no",
        name=second.pop("name", "Solveig Odegaard"),
        price="900.00",
        **{"street": "Strandgt. 14", "postal_code": "5013", "city": "Bergen", **second},
    )
    deliver([one, two])
    first = Profile.objects.get(email=f"solveig.odegard{number}@example.no")
    return first, Profile.objects.get(email=f"solveig.o{number}@post.example.no")


def ask(one: Profile, two: Profile, probability: float = 0.94, **values: Any) -> MatchPair:
    """An open question about two people."""
    a, b = sorted((one, two), key=lambda person: person.pk)
    return MatchPair.objects.create(
        profile_a=a,
        profile_b=b,
        record_a=_record(a),
        record_b=_record(b),
        **{
            "weight": 4.0,
            "probability": probability,
            "value": a.value + b.value,
            "evidence": EVIDENCE,
            **values,
        },
    )


def _record(person: Profile) -> SourceRecord:
    found = SourceRecord.objects.filter(profile=person).order_by("pk").first()
    assert found
    return found


def a_queue(probabilities: Sequence[float], **values: Any) -> list[MatchPair]:
    """A question for each probability, every one about two other people."""
    rows = [
        ticket(
            n,
            email=f"guest{n}@example.no",
            name=f"{'Kari' if n % 2 else 'Ola'} Guest{n // 2}",
            price=f"{n}.00",
        )
        for n in range(2 * len(probabilities))
    ]
    deliver(rows)
    people = {person.email: person for person in Profile.objects.filter(email__startswith="guest")}
    return [
        ask(people[f"guest{2 * n}@example.no"], people[f"guest{2 * n + 1}@example.no"], p, **values)
        for n, p in enumerate(probabilities)
    ]
