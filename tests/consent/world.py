"""Small builders for tests about permissions: people, what they bought, where they were asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from cdp.lib import clock
from consent import answers, ledger
from consent.facts import EventType
from consent.models import CollectionPoint, ConsentEvent, ConsentText, ContactAnswer
from profiles.models import (
    Identifier,
    Intake,
    Order,
    OrderLine,
    Product,
    Profile,
    RecordIdentifier,
    Source,
    SourceRecord,
)
from profiles.rows import PermitReport, ResolvedClaim

NUMBERS = count(1)


@dataclass(frozen=True)
class Person:
    """Somebody in one source's records, with the identifiers shown there."""

    profile: Profile
    record: SourceRecord
    email: Identifier | None
    phone: Identifier | None

    def events(self) -> list[ConsentEvent]:
        return list(ConsentEvent.objects.filter(identifier__in=[i for i in (self.email, self.phone) if i]))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def source(slug: str = "box-office", country: str = "NO") -> Source:
    return Source.objects.get_or_create(slug=slug, defaults={"name": slug, "country": country})[0]


def intake(of: Source | None = None) -> Intake:
    return Intake.objects.create(source=of or source())


def identifier(kind: str, value: str) -> Identifier:
    return Identifier.objects.get_or_create(kind_id=kind, namespace="", value=value)[0]


def person(
    email: str = "",
    phone: str = "",
    *,
    of: Source | None = None,
    profile: Profile | None = None,
    **golden: Any,
) -> Person:
    of = of or source()
    profile = profile or Profile.objects.create(**golden)
    delivery = intake(of)
    now = clock.now()
    record = SourceRecord.objects.create(
        source=of,
        external_id=f"customer {next(NUMBERS)}",
        profile=profile,
        first_profile=profile,
        observed_at=now,
        first_intake=delivery,
        intake=delivery,
    )
    shown = [
        identifier(kind, value) if value else None for kind, value in (("email", email), ("phone", phone))
    ]
    for found in filter(None, shown):
        RecordIdentifier.objects.create(
            record=record, identifier=found, first_seen=now, last_seen=now, intake=delivery
        )
    return Person(profile, record, *shown)


def bought(
    who: Person,
    *,
    kind: str = "show",
    status: str = "paid",
    ordered_at: datetime | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    channel: str = "",
) -> Order:
    number = next(NUMBERS)
    delivery = intake(who.record.source)
    product = Product.objects.create(
        source=who.record.source,
        external_id=f"product {number}",
        name="Peer Gynt",
        kind=kind,
        ends_at=ends_at,
    )
    order = Order.objects.create(
        source=who.record.source,
        external_id=f"order {number}",
        record=who.record,
        status=status,
        ordered_at=ordered_at or clock.now() - timedelta(days=90),
        channel=channel,
        first_intake=delivery,
        intake=delivery,
    )
    OrderLine.objects.create(
        order=order, key="1", product=product, starts_at=starts_at, first_intake=delivery, intake=delivery
    )
    return order


def text(**given: Any) -> ConsentText:
    defaults: dict[str, Any] = {
        "name": f"newsletter-{next(NUMBERS)}",
        "body": "Ja, send meg nyheter og tilbud på e-post.",
        "body_sha256": "0" * 64,
        "purposes": ["marketing.newsletter"],
        "channels": ["email"],
    }
    return ConsentText.objects.create(**defaults | given)


def point(key: str = "box-office:news", *, verified: bool = True, **given: Any) -> CollectionPoint:
    defaults: dict[str, Any] = {
        "name": key,
        "source": source(),
        "purposes": ["marketing.newsletter"],
        "channels": ["email"],
    }
    if verified:
        defaults |= {"verified_by": "Alice", "verified_at": clock.now()}
    return CollectionPoint.objects.create(key=key, **defaults | given)


def claim(who: Person, answer: str, at_point: CollectionPoint | str, **given: Any) -> ResolvedClaim:
    key = at_point if isinstance(at_point, str) else at_point.key
    defaults: dict[str, Any] = {
        "row_number": next(NUMBERS),
        "occurred_at": None,
        "order_ref": "",
        "source_event_id": "",
        "channel": "",
    }
    return ResolvedClaim(
        record_id=who.record.pk,
        profile_id=who.profile.pk,
        email_id=who.email.pk if who.email else None,
        phone_id=who.phone.pk if who.phone else None,
        point=key,
        answer=answer,  # type: ignore[arg-type]
        **defaults | given,
    )


def morning(*claims: ResolvedClaim, delivery: Intake | None = None) -> PermitReport:
    """One delivery's claims, heard as the morning run hears them."""
    delivery = delivery or intake()
    return ledger.record_claims(claims, intake_id=delivery.pk, source_id=delivery.source_id)


def answer(who: Person, channel: str = "email") -> ContactAnswer:
    """What is stored about a person's address after deciding anew."""
    found = who.email if channel == "email" else who.phone
    assert found is not None
    answers.refresh(identifier_ids=[found.pk])
    return ContactAnswer.objects.get(identifier=found, channel=channel)


def said(who: Person, **given: Any) -> ConsentEvent:
    """One thing the person said at their e-mail address, a proven yes to the newsletter by default."""
    assert who.email is not None
    entry: dict[str, Any] = {
        "type": EventType.GRANT,
        "purpose": "marketing.newsletter",
        "channel": "email",
        "identifier_id": who.email.pk,
        "record_id": who.record.pk,
        "source_system": "test",
        "source_event_id": f"said {next(NUMBERS)}",
        "occurred_at": clock.now(),
        "proof": "A",
    }
    position = ledger.record(ledger.Entry(**entry | given))
    assert position is not None
    return ConsentEvent.objects.get(pk=position)


def types(who: Person) -> list[tuple[str, str]]:
    return [(event.type, event.proof) for event in who.events()]
