"""What people and Mailchimp said is respected for ever, whatever the ledger says."""

from __future__ import annotations

import datetime as dt

import pytest

from consent.facts import EventType
from consent.models import ConsentEvent
from integrations.mailchimp.models import AudienceMember, Plan, PlanItem
from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience
from integrations.models import Connection
from tests.fakes.mailchimp import status
from tests.mailchimp.conftest import known, morning, person, says, sell, verify

KARI = "kari@example.no"
HOUR = dt.timedelta(hours=1)


def item(address: str) -> PlanItem:
    return PlanItem.objects.get(identifier=known(address), plan=Plan.objects.newest_first().first())


@pytest.mark.parametrize("there", ["unsubscribed", "cleaned", "archived"])
def test_a_yes_here_changes_nothing_there(
    newsletter: Connection, audience: Audience, standin: Standin, there: str
) -> None:
    standin.do("set", KARI, status=there)
    sell(person(KARI))
    morning(newsletter)
    says(KARI, EventType.GRANT)
    run = morning(newsletter)
    assert status(audience, KARI) == there
    assert run.plan.contacts == 0


def test_who_unsubscribed_there_is_left_alone_with_a_reason(newsletter: Connection, standin: Standin) -> None:
    standin.do("set", KARI, status="unsubscribed")
    sell(person(KARI))
    morning(newsletter)
    says(KARI, EventType.GRANT)
    morning(newsletter)
    assert (item(KARI).action, item(KARI).reason) == ("skip", "AT_UNSUBSCRIBED")


def test_a_no_at_mailchimp_is_a_no_here(newsletter: Connection, audience: Audience, standin: Standin) -> None:
    sell(person(KARI))
    says(KARI, EventType.GRANT, ago=HOUR)
    morning(newsletter)
    standin.do("unsubscribe", KARI)
    morning(newsletter)
    assert ConsentEvent.objects.filter(type__in=["WITHDRAW", "DENY"]).count() == 1
    assert status(audience, KARI) == "unsubscribed"


def test_our_own_no_does_not_come_back_as_the_persons(
    newsletter: Connection, standin: Standin, audience: Audience
) -> None:
    """It would be later than a true yes given between the no and the morning."""
    sell(person(KARI))
    says(KARI, EventType.GRANT, ago=2 * HOUR)
    morning(newsletter)
    says(KARI, EventType.WITHDRAW, ago=HOUR)
    morning(newsletter)
    morning(newsletter)
    assert status(audience, KARI) == "unsubscribed"
    assert not ConsentEvent.objects.filter(source_system="mailchimp").exists()


def test_our_own_yes_does_not_come_back_as_the_persons(newsletter: Connection) -> None:
    verify(newsletter)
    sell(person(KARI))
    says(KARI, EventType.GRANT)
    morning(newsletter)
    morning(newsletter)
    assert list(ConsentEvent.objects.values_list("source_system", flat=True)) == ["checkout"]


def test_members_of_a_verified_audience_are_a_yes_of_grade_b(
    newsletter: Connection, standin: Standin
) -> None:
    verify(newsletter)
    opted_in = "2024-03-01T18:00:00+00:00"
    standin.do("set", KARI, status="subscribed", timestamp_opt=opted_in)
    morning(newsletter)
    event = ConsentEvent.objects.get()
    assert (event.type, event.proof, event.kind) == ("GRANT", "B", "snapshot")
    assert event.occurred_at == dt.datetime.fromisoformat(opted_in)


def test_who_unsubscribed_and_signs_up_again_there_stays_off(
    newsletter: Connection, standin: Standin, audience: Audience
) -> None:
    """Only a proven act lifts a no; a flag at Mailchimp is none (CONSENT.md 2.2)."""
    verify(newsletter)
    sell(person(KARI))
    says(KARI, EventType.WITHDRAW, ago=HOUR)
    standin.do("set", KARI, status="subscribed", timestamp_opt=dt.datetime.now(dt.UTC).isoformat())
    morning(newsletter)
    assert status(audience, KARI) == "unsubscribed"


def test_compliance_state_becomes_a_no_in_the_ledger(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    """The person unsubscribed there after the pull: the raise is refused, and the no is written here."""
    sell(person(KARI))
    morning(newsletter)
    morning(newsletter)  # confirms what was sent
    says(KARI, EventType.GRANT, ago=HOUR)
    member = audience.find(KARI)
    member.status = "archived"
    member.before_archive = "unsubscribed"
    member.last_changed = "2020-01-01T00:00:00+00:00"  # no pull shows it
    morning(newsletter)
    assert status(audience, KARI) != "subscribed"
    assert item(KARI).state == "failed"
    assert ConsentEvent.objects.filter(type="WITHDRAW", source_system="mailchimp").count() == 1


def test_the_last_moment_before_a_raise_sees_a_no(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    from integrations import runs
    from integrations.models import Step, Trigger

    sell(person(KARI))
    morning(newsletter)
    says(KARI, EventType.GRANT, ago=HOUR)
    run = runs.start(connection=newsletter, trigger=Trigger.MANUAL)
    while run.steps.filter(name=Step.PLAN).exclude(state="done").exists():
        runs.advance(run.pk)
    standin.do("unsubscribe", KARI)
    while runs.advance(run.pk).more:
        pass
    assert status(audience, KARI) == "unsubscribed"
    assert item(KARI).state == "dropped"


def test_the_forgotten_are_not_added_again(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    standin.do("set", KARI, status="subscribed")
    standin.do("erase", KARI)
    sell(person(KARI))
    morning(newsletter)
    assert (item(KARI).state, item(KARI).action) == ("failed", "add")
    asked = audience.batches
    run = morning(newsletter)
    assert status(audience, KARI) == ""
    assert audience.batches == asked
    assert run.plan.counts["reasons"] == {"skip:AT_FORGOTTEN": 1}


def test_who_is_deleted_there_is_not_added_again(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    """A pull of the whole audience notices; the stand-in would even take the address back."""
    sell(person(KARI))
    morning(newsletter)
    morning(newsletter)  # seen
    del audience.members[audience.find(KARI).id]
    Connection.objects.update(cursor={})
    run = morning(newsletter)
    assert status(audience, KARI) == ""
    assert run.plan.counts["reasons"] == {"skip:AT_FORGOTTEN": 1}


def test_own_similar_subscribes_only_where_the_audience_says_so(
    newsletter: Connection, audience: Audience
) -> None:
    from consent.models import ContactAnswer

    sell(person(KARI))
    morning(newsletter)
    ContactAnswer.objects.update(own_similar="ALLOW", basket="own_similar")
    assert wish_for(newsletter) == "transactional"
    newsletter.config["own_similar"] = True
    newsletter.save()
    assert wish_for(newsletter) == "subscribed"


def wish_for(connection: Connection) -> str:
    from cdp.lib import sql
    from integrations.mailchimp.push import work_out
    from integrations.mailchimp.settings import AudienceSettings

    AudienceMember.objects.all().delete()
    work_out(AudienceSettings.of(connection))
    return str(sql.rows("integrations/mailchimp/fresh")[0]["status_if_new"])


def test_a_no_that_comes_while_sending_goes_out_at_once(newsletter: Connection, audience: Audience) -> None:
    """The plan only meant to add a tag; the no does not wait for tomorrow."""
    from integrations import runs
    from integrations.models import Step, Trigger

    sell(person(KARI))
    says(KARI, EventType.GRANT, ago=HOUR)
    morning(newsletter)
    sell(person(KARI), show="Macbeth")
    run = runs.start(connection=newsletter, trigger=Trigger.MANUAL)
    while run.steps.filter(name=Step.PLAN).exclude(state="done").exists():
        runs.advance(run.pk)
    assert item(KARI).action == "update"
    says(KARI, EventType.WITHDRAW)
    while runs.advance(run.pk).more:
        pass
    assert status(audience, KARI) == "unsubscribed"


def test_a_no_behind_a_bounce_goes_out_too(newsletter: Connection, audience: Audience) -> None:
    from consent.ledger import mark_status

    sell(person(KARI))
    says(KARI, EventType.GRANT, ago=HOUR)
    morning(newsletter)
    mark_status([known(KARI).pk], "bounced", source_system="till")
    morning(newsletter)
    assert status(audience, KARI) == "subscribed", "a bounce elsewhere is no no"
    says(KARI, EventType.WITHDRAW)
    morning(newsletter)
    assert status(audience, KARI) == "unsubscribed"
