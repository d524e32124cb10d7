"""A person whose data is locked is missing everywhere, and still there for the privacy lead (C160)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from consent import answers
from consent.facts import EventType
from consent.models import Basket, ConsentEvent
from integrations.byhand.nouns import NOUNS
from integrations.home import daily_counts
from integrations.mailchimp.models import Plan, PlanItem
from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience
from integrations.models import Connection
from organisations.models import Membership, Organisation, User
from organisations.roles import Role
from profiles.models import RecordMark, SourceRecord
from segments import baskets
from tests.conftest import ClientFor
from tests.fakes.mailchimp import status
from tests.mailchimp.conftest import known, morning, person, says, sell

KARI, OLA = "kari@example.no", "ola@example.no"
HOUR = dt.timedelta(hours=1)


def lock(address: str) -> None:
    """Art. 18, as `consent.rights` does it: a mark on a record, and the answers decided anew."""
    for record in SourceRecord.objects.filter(recordidentifier__identifier=known(address)):
        RecordMark.objects.get_or_create(record=record, kind="restricted")
    answers.refresh(identifier_ids=[known(address).pk])


def unlock() -> None:
    RecordMark.objects.all().delete()
    answers.refresh(identifier_ids=None)


@pytest.fixture
def both(newsletter: Connection, audience: Audience) -> Connection:
    """Kari and Ola have said yes and are subscribed."""
    sell(person(KARI), person(OLA, "Ola"))
    for address in (KARI, OLA):
        says(address, EventType.GRANT, ago=HOUR)
    morning(newsletter)
    morning(newsletter)
    assert (status(audience, KARI), status(audience, OLA)) == ("subscribed", "subscribed")
    return newsletter


def exported(noun: str) -> str:
    zone = dt.UTC
    return str(list(NOUNS[noun].outgoing().lines(zone)))


def test_who_is_locked_is_missing_from_every_segment_and_count(both: Connection) -> None:
    assert baskets.counts().of(Basket.MARKETING) == 2
    lock(KARI)
    assert {basket: baskets.counts().of(basket) for basket in Basket.values} == {
        "marketing": 1, "own_similar": 0, "service": 0, "none": 0,
    }  # fmt: skip
    assert [(each.contacts, each.newsletter) for each in baskets.reach()] == [(1, 1)]
    assert [each.reason for each in baskets.reasons()] == ["CONSENT"]
    assert daily_counts(dt.datetime.now(dt.UTC).date()) is not None


@pytest.mark.parametrize("noun", ["people", "orders", "permissions"])
def test_who_is_locked_is_missing_from_every_table_that_leaves(both: Connection, noun: str) -> None:
    lock(KARI)
    table = exported(noun)
    assert KARI not in table
    assert OLA in table


def test_the_next_plan_takes_them_out_of_what_is_mailed_and_leaves_their_word(
    both: Connection, audience: Audience
) -> None:
    lock(KARI)
    run = morning(both)
    assert (status(audience, KARI), status(audience, OLA)) == ("archived", "subscribed")
    assert run.plan.counts["reasons"] == {"archive:RESTRICTED": 1}
    assert not ConsentEvent.objects.exclude(type="GRANT").exists(), "nobody has withdrawn anything"
    assert morning(both).plan.counts["actions"] == {}, "and from then on nothing is said of them"


def test_they_come_back_when_the_lock_is_lifted(both: Connection, audience: Audience) -> None:
    lock(KARI)
    morning(both)
    unlock()
    morning(both)
    morning(both)
    assert status(audience, KARI) == "subscribed"


def test_a_stranger_to_the_audience_is_not_even_left_alone_in_words(
    newsletter: Connection, audience: Audience
) -> None:
    sell(person(KARI))
    lock(KARI)
    morning(newsletter)
    assert status(audience, KARI) == ""
    assert not PlanItem.objects.exists()


def test_a_no_goes_out_all_the_same(both: Connection, audience: Audience) -> None:
    says(KARI, EventType.WITHDRAW)
    lock(KARI)
    morning(both)
    assert status(audience, KARI) == "unsubscribed"


def test_a_lock_between_plan_and_push_stops_the_contact(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    from integrations import runs
    from integrations.models import Step, Trigger

    sell(person(KARI))
    says(KARI, EventType.GRANT, ago=HOUR)
    run = runs.start(connection=newsletter, trigger=Trigger.MANUAL)
    while run.steps.filter(name=Step.PLAN).exclude(state="done").exists():
        runs.advance(run.pk)
    lock(KARI)
    while runs.advance(run.pk).more:
        pass
    plan = Plan.objects.get(run=run)
    assert plan.items.get(identifier=known(KARI)).state == "dropped"
    assert status(audience, KARI) == ""


def test_the_privacy_lead_still_sees_the_person(
    both: Connection, client_for: ClientFor, bob: User, in_aurora: Organisation
) -> None:
    lock(KARI)
    Membership.objects.filter(user=bob, organisation=in_aurora).update(role=Role.PRIVACY_LEAD)
    client: Client = client_for(bob, in_aurora)
    profile = SourceRecord.objects.filter(recordidentifier__identifier=known(KARI))[0].profile
    page = client.get(f"/people/{profile.public_id}/")
    assert page.status_code == 200
    assert KARI in page.content.decode().replace("<wbr>", "")
