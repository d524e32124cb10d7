"""What a person answered about a permission column, written down at its collection point."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.text import slugify

from consent.models import CollectionPoint
from consent.verbs import Meaning, ensure_point, verify_point
from integrations.files.spec import Column, ConsentSetup, Spec
from integrations.models import Connection
from organisations.models import User


def point_key(connection: Connection, column: Column) -> str:
    """The same question, however many columns it has, is one point: `tickets/nyhetsbrev`."""
    return f"{connection.slug}/{slugify(column.header)[:50] or 'column'}"


def questions(spec: Spec) -> dict[str, tuple[Column, ConsentSetup]]:
    """{key of the point: column and answers}, each question once."""
    return {
        column.consent.point: (column, column.consent)
        for column in spec.columns
        if column.consent is not None and column.target == "consent.answer"
    }


def write_points(
    *, connection: Connection, spec: Spec, actor: User | None, vouched: Collection[str] = ()
) -> None:
    """One collection point per question. Those in `vouched` get the actor's name put to them."""
    for key, (column, setup) in questions(spec).items():
        name = f"{connection.name}: {column.header}"[:160]
        point = ensure_point(
            key=key, name=name, source=connection.source, meaning=meaning_of(setup), actor=actor
        )
        if key in vouched and actor is not None:
            verify_point(point, meaning=meaning_of(setup), actor=actor)


def meaning_of(setup: ConsentSetup) -> Meaning:
    return Meaning(
        purposes=(setup.purpose,),
        channels=setup.channels,
        kind="snapshot" if setup.moment == "flag" else "act",
        wording=setup.words,
        no_is_explicit=setup.no_is_refusal,
        optout_offered=setup.optout_offered,
    )


def verified_points(spec: Spec) -> dict[str, CollectionPoint]:
    """Points of the mapping that somebody has vouched for already, by key."""
    found = CollectionPoint.objects.verified().filter(key__in=questions(spec))
    return {point.key: point for point in found}


def differs(point: CollectionPoint, setup: ConsentSetup) -> bool:
    """Whether the mapping says something else than what was vouched for."""
    meaning = meaning_of(setup)
    return (
        list(meaning.purposes) != point.purposes
        or sorted(meaning.channels) != sorted(point.channels)
        or meaning.no_is_explicit != point.no_is_explicit
        or meaning.optout_offered != point.optout_offered
        or meaning.wording != point.wording
    )
