"""Addresses change: the yes stays behind, the no comes along, the old member is archived."""

from __future__ import annotations

import datetime as dt

from consent.facts import EventType
from consent.models import ConsentEvent, ContactAnswer
from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience
from integrations.models import Connection
from tests.fakes.mailchimp import status, statuses
from tests.mailchimp.conftest import known, morning, person, says, sell, sort_everybody, verify

OLD, NEW = "kari@old.example.no", "kari@new.example.no"


def test_the_old_member_is_archived(newsletter: Connection, audience: Audience) -> None:
    sell(person(OLD, customer="c1"))
    morning(newsletter)
    sell(person(NEW, customer="c1"))
    morning(newsletter)
    assert statuses(audience) == {OLD: "archived", NEW: "transactional"}


def test_archiving_twice_is_no_fault(newsletter: Connection, audience: Audience) -> None:
    sell(person(OLD, customer="c1"))
    morning(newsletter)
    sell(person(NEW, customer="c1"))
    audience.archive(OLD)
    audience.find(OLD).last_changed = "2020-01-01T00:00:00+00:00"
    run = morning(newsletter)
    assert statuses(audience) == {OLD: "archived", NEW: "transactional"}
    assert run.plan.items.failed().count() == 0


def test_who_moves_back_is_back(newsletter: Connection, audience: Audience) -> None:
    sell(person(OLD, customer="c1"))
    morning(newsletter)
    sell(person(NEW, customer="c1"))
    morning(newsletter)
    sell(person(OLD, customer="c1"))
    morning(newsletter)
    assert statuses(audience) == {OLD: "transactional", NEW: "archived"}


def test_a_yes_does_not_move_with_the_till(newsletter: Connection, audience: Audience) -> None:
    sell(person(OLD, customer="c1"))
    says(OLD, EventType.GRANT)
    morning(newsletter)
    sell(person(NEW, customer="c1"))
    morning(newsletter)
    assert status(audience, NEW) == "transactional"


def test_an_unsubscribed_old_address_stays_on_file(newsletter: Connection, audience: Audience) -> None:
    """Archiving it would take Mailchimp's own memory of the no away."""
    sell(person(OLD, customer="c1"))
    says(OLD, EventType.WITHDRAW)
    morning(newsletter)
    sell(person(NEW, customer="c1"))
    morning(newsletter)
    assert status(audience, OLD) == "unsubscribed"


def test_a_change_at_mailchimp_carries_no_yes(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    verify(newsletter)
    opted = (dt.datetime.now(dt.UTC) - dt.timedelta(days=9)).isoformat(timespec="seconds")
    standin.do("set", OLD, status="subscribed", timestamp_opt=opted)
    morning(newsletter)
    standin.do("change-address", OLD, new_email=NEW)
    morning(newsletter)
    assert not ConsentEvent.objects.filter(identifier=known(NEW)).exists()
    assert status(audience, NEW) == "subscribed", "silence lowers nobody"


def test_a_change_at_mailchimp_carries_the_no(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    standin.do("set", OLD, status="transactional")
    morning(newsletter)
    says(OLD, EventType.OBJECT)
    standin.do("change-address", OLD, new_email=NEW)
    morning(newsletter)
    event = ConsentEvent.objects.get(identifier=known(NEW))
    assert (event.type, event.carried_from is not None) == ("OBJECT", True)
    sort_everybody()
    assert ContactAnswer.objects.get(identifier=known(NEW)).newsletter_reason == "OBJECTED"
    assert status(audience, NEW) == "unsubscribed"
