"""Every contact that is subscribed or added is decided about right before, and the log says by what."""

from __future__ import annotations

import datetime as dt

from consent.facts import EventType
from consent.models import ConsentEvent, RuleOverride, SendDecision
from integrations import runs
from integrations.mailchimp.models import Plan, PlanItem
from integrations.mailchimp.standin.audience import Audience
from integrations.models import Connection, Run, Step, Trigger
from tests.fakes.mailchimp import status, statuses
from tests.mailchimp.conftest import known, morning, person, says, sell

KARI, OLA, PER = "kari@example.no", "ola@example.no", "per@example.no"
HOUR = dt.timedelta(hours=1)


def planned(connection: Connection) -> Run:
    run = runs.start(connection=connection, trigger=Trigger.MANUAL)
    while run.steps.filter(name=Step.PLAN).exclude(state="done").exists():
        runs.advance(run.pk)
    return run


def sent(run: Run) -> Plan:
    while runs.advance(run.pk).more:
        pass
    return Plan.objects.get(run=run)


def test_each_contact_has_its_decision_with_the_facts(newsletter: Connection, audience: Audience) -> None:
    sell(person(KARI), person(OLA, "Ola"), person(PER, "Per"))
    says(KARI, EventType.GRANT, ago=HOUR)
    says(PER, EventType.WITHDRAW, ago=HOUR)
    plan = morning(newsletter).plan
    assert statuses(audience) == {KARI: "subscribed", OLA: "transactional", PER: "unsubscribed"}
    logged = {each.identifier_id: each for each in SendDecision.objects.all()}
    assert set(logged) == {known(KARI).pk, known(OLA).pk}, "a no needs no permission"
    yes = logged[known(KARI).pk]
    assert (yes.message, yes.decision, yes.basis) == (
        f"mailchimp newsletter, plan {plan.pk}",
        "ALLOW",
        "consent",
    )
    assert yes.deciding_events == [ConsentEvent.objects.get(identifier=known(KARI)).pk]
    assert yes.facts["country"] == "NO"
    assert (logged[known(OLA).pk].purpose, logged[known(OLA).pk].basis) == ("service.event_info", "contract")
    assert not any(each.acted_at for each in logged.values()), "no message has gone to anybody"
    assert "@" not in "".join(each.message for each in logged.values())


def test_a_change_that_gives_no_standing_asks_nothing(newsletter: Connection) -> None:
    sell(person(KARI))
    morning(newsletter)
    morning(newsletter)
    asked = SendDecision.objects.count()
    sell(person(KARI), show="Peer Gynt")
    run = morning(newsletter)
    assert set(run.plan.counts["actions"]) & {"update", "tag"}
    assert SendDecision.objects.count() == asked


def test_a_no_between_plan_and_push_stops_it(newsletter: Connection, audience: Audience) -> None:
    sell(person(KARI))
    morning(newsletter)
    morning(newsletter)
    says(KARI, EventType.GRANT, ago=HOUR)
    run = planned(newsletter)
    assert PlanItem.objects.get(plan__run=run).action == "raise"
    says(KARI, EventType.WITHDRAW)
    sent(run)
    assert status(audience, KARI) == "unsubscribed"
    assert not SendDecision.objects.filter(decision="ALLOW", purpose="marketing.newsletter").exists()


def test_later_is_for_the_next_plan(newsletter: Connection, audience: Audience) -> None:
    """The week's letters are used up, which the stored answers for plans leave out."""
    sell(person(KARI))
    says(KARI, EventType.GRANT, ago=HOUR)
    RuleOverride.objects.create(place="policy", name="weekly_cap", value=0, set_by="privacy lead")
    item = sent(planned(newsletter)).items.get()
    assert (item.state, item.error) == ("dropped", "FREQUENCY_CAP")
    assert SendDecision.objects.get().decision == "DEFER"
    assert status(audience, KARI) == ""
    RuleOverride.objects.all().delete()
    morning(newsletter)
    assert status(audience, KARI) == "subscribed"


def test_a_batch_is_asked_about_at_once(newsletter: Connection) -> None:
    sell(*(person(f"kari{n}@example.no") for n in range(30)))
    run = planned(newsletter)
    runs.advance(run.pk)
    assert SendDecision.objects.count() == 30
    assert SendDecision.objects.values("decided_at").distinct().count() == 1
