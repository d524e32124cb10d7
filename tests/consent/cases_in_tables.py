"""Puts a case of consent_cases.json into the tables, as if it had happened, for the decision in SQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from consent import gather, setwise
from consent.facts import Recipient, Relation
from consent.gather import House
from consent.models import (
    CollectionPoint,
    ConsentEvent,
    ConsentText,
    ContactStatus,
    ContactUse,
    RegisterMark,
    SendDecision,
)
from consent.setwise import Decided
from profiles import erasure
from profiles.models import Identifier, Profile, RecordIdentifier, RecordMark, SourceRecord
from tests.consent import cases, world
from tests.consent.cases import Case, Facts, Known, moment

KINDS = {"email": "email", "tel": "phone", "post": "email"}
NUMBERS = count(1)


def decide(case: Case) -> Decided:
    """The statement's answer for the case's contact point."""
    facts = Known(case.facts)
    message = cases.read_message(facts.take("message"))
    now = moment(facts.take("now", case.default_now))
    assert now is not None
    house_of = case.facts.get("data_controller") or message.controller
    told = Told(case, message.controller, now)
    rules = cases.read_rules(message.controller, case.facts.get("policy", {}))
    names = frozenset({message.controller.casefold()})
    house: House = replace(gather.house(), controller=house_of, rules=rules, own_names=names)
    [found] = setwise.decide_set(message, identifier_ids=[told.address.pk], now=now, house=house, pace=True)
    return found


class Told:
    """Writes one case down. `address` is the contact point that it asks about."""

    def __init__(self, case: Case, controller: str, now: datetime) -> None:
        facts = case.facts
        self.controller, self.now = controller, now
        self.recipient = cases.read_recipient(Known(facts))
        self.source = world.source(f"s{next(NUMBERS)}", country=self.recipient.country)
        self.address = contact(self.recipient.address)
        self.people: dict[str, SourceRecord] = {}
        for name in self.recipient.persons or {"nobody we know"}:
            self._shows(self._person(name), self.address)
        self._marks(self.recipient)
        for event in facts.get("events", ()):
            self._event(event)
        for number, relation in enumerate(facts.get("relations", ())):
            self._sale(cases.read_relation(relation), number)

    def _person(self, name: str) -> SourceRecord:
        if name not in self.people:
            firm = self.recipient.legal_person
            profile = Profile.objects.create(
                company="Firma AS" if firm else "",
                given_name="" if firm else "Anna",
                birth_date=self.recipient.birth_date,
            )
            self.people[name] = self._record(profile)
        return self.people[name]

    def _record(self, profile: Profile) -> SourceRecord:
        delivery = world.intake(self.source)
        return SourceRecord.objects.create(
            source=self.source, external_id=str(next(NUMBERS)), profile=profile, first_profile=profile,
            observed_at=self.now, first_intake=delivery, intake=delivery,
        )  # fmt: skip

    def _shows(self, record: SourceRecord, address: Identifier) -> None:
        RecordIdentifier.objects.get_or_create(
            record=record,
            identifier=address,
            defaults={"first_seen": self.now, "last_seen": self.now, "intake": record.intake},
        )

    def _marks(self, known: Recipient) -> None:
        if known.shared:
            Identifier.objects.filter(pk=self.address.pk).update(state="shared")
        if known.bounced or known.reassigned:
            status = "bounced" if known.bounced else "reassigned"
            ContactStatus.objects.create(identifier=self.address, status=status, since=self.now)
        if known.restricted:
            record = next(iter(self.people.values()))
            RecordMark.objects.create(record=record, kind="restricted", since=self.now)
        for channel in known.registers:
            RegisterMark.objects.create(identifier=self.address, register=channel, channel=channel)
        if known.erased_at:
            erasure.bury([(self.address.kind_id, "", self.address.value)], at=known.erased_at)
        for number in range(known.sent_last_7d):
            SendDecision.objects.create(
                message=f"m{number}", identifier=self.address, decision="ALLOW", basis="consent",
                channel="email", acted_at=self.now - timedelta(days=1),
            )  # fmt: skip

    def _event(self, given: Facts) -> None:
        event = cases.read_event(1, given)
        said: dict[str, Any] = {
            "identifier": contact(event.address),
            "record": self._person(event.person) if event.person else None,
            "scope": event.scope,
            "purpose": event.purpose,
            "channel": event.channel,
            "recorded_at": event.recorded_at,
            "controller": event.controller,
        }
        ConsentEvent.objects.create(
            type=event.type, occurred_at=event.occurred_at, kind=event.kind, proof=event.proof,
            guardian=event.guardian, via=event.via, text=self._text(given), point=self._point(given),
            source_event_id=str(next(NUMBERS)), **said,
        )  # fmt: skip
        if event.doi_confirmed:
            number = str(next(NUMBERS))
            ConsentEvent.objects.create(type="DOI_CONFIRMED", source_event_id=number, **said)
        if event.last_used:
            ContactUse.objects.create(
                identifier=self.address, channel=event.channel, last_used_at=event.last_used
            )

    def _text(self, given: Facts) -> ConsentText | None:
        covers, names = given.get("covers", []), given.get("names", [])
        return world.text(covers=covers, controllers=names) if covers or names else None

    def _point(self, given: Facts) -> CollectionPoint | None:
        ticked = given.get("preticked", False)
        return world.point(f"p{next(NUMBERS)}", source=None, preticked=True) if ticked else None

    def _sale(self, sold: Relation, number: int) -> None:
        """Each by a source of its own, whose point says what was offered there."""
        self.source = world.source(f"s{next(NUMBERS)}", country=self.recipient.country)
        own = sold.contract_party in ("", self.controller)
        world.point(
            f"p{next(NUMBERS)}", source=self.source, optout_offered=sold.optout_offered,
            contract_party="own" if own else "other",
        )  # fmt: skip
        buyer = self._record(next(iter(self.people.values())).profile)
        if sold.given_by == "self":
            self._shows(buyer, self.address)
        world.bought(
            world.Person(buyer.profile, buyer, self.address, None),
            kind="subscription" if sold.type == "subscription" else "show",
            status={"refunded": "refunded", "abandoned": "pending"}.get(sold.status, "paid"),
            ordered_at=sold.started_at,
            ends_at=sold.ended_at,
        )


def contact(address: str) -> Identifier:
    """`email:anna@…`, `tel:+47…`; a letter's permissions are kept at the person's e-mail address."""
    scheme, _, value = address.partition(":")
    return world.identifier(KINDS[scheme], value if scheme != "post" else f"{value}@example.org")
