"""Plans as people see and send them, and as the outsider does not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from consent.facts import EventType
from integrations import alarms, runs
from integrations.mailchimp import plans
from integrations.mailchimp.models import Plan, PlanState
from integrations.mailchimp.shown import WHO
from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience
from integrations.models import ApplyMode, Connection, Run, RunState, Trigger
from organisations.audit.models import AccessEntry, AuditEntry
from organisations.models import Organisation, User
from tests.conftest import ClientFor
from tests.fakes.mailchimp import statuses
from tests.mailchimp.conftest import morning, person, says, sell, work

KARI = "kari@example.no"


@pytest.fixture
def waiting(newsletter: Connection, standin: Standin) -> Plan:
    """A plan of a connection that asks before it sends."""
    Connection.objects.update(apply_mode=ApplyMode.ASK)
    standin.do("set", "reader@example.no", status="subscribed", merge_fields={"FNAME": "Rita"})
    sell(person(KARI), person("ola@example.no", "Ola"))
    says("ola@example.no", EventType.GRANT, ago=dt.timedelta(hours=1))
    morning(newsletter, wants=RunState.WAITING)
    return Plan.objects.get()


def test_a_marketer_reads_the_plan(
    waiting: Plan, client_for: ClientFor, bob: User, aurora: Organisation
) -> None:
    page = client_for(bob, aurora).get(waiting.get_absolute_url()).content.decode().replace("<wbr>", "")
    for words in ("2 changes", "Not in the audience yet.", KARI, "Show: Hamlet", "Nobody has verified"):
        assert words in page
    assert AccessEntry.objects.filter(screen="plan").count() == 1


def test_a_marketer_sends_the_plan(
    waiting: Plan, client_for: ClientFor, bob: User, aurora: Organisation, audience: Audience
) -> None:
    answer = client_for(bob, aurora).post(reverse("mailchimp:plan_send", args=[waiting.pk]))
    assert answer.status_code == 302
    work(waiting.run)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.approved_by) == (PlanState.APPLIED, bob)
    assert statuses(audience) == {
        KARI: "transactional",
        "ola@example.no": "subscribed",
        "reader@example.no": "subscribed",
    }
    assert AuditEntry.objects.filter(verb="plan.approved").count() == 1


@pytest.mark.parametrize(
    ("query", "there", "missing"),
    [("?q=kari", KARI, "ola@"), ("?basket=marketing", "ola@", KARI), ("?action=tag", "Nobody matches", KARI)],
)
def test_contacts_can_be_narrowed_down(
    waiting: Plan,
    client_for: ClientFor,
    bob: User,
    aurora: Organisation,
    query: str,
    there: str,
    missing: str,
) -> None:
    headers = {"HX-Request": "true", "HX-Target": "contacts"}
    address = waiting.get_absolute_url() + query
    page = client_for(bob, aurora).get(address, headers=headers).content.decode()
    # An address may break at its @ and dots.
    plain = page.replace("<wbr>", "")
    assert there in plain
    assert missing not in plain
    assert "<html" not in page


@pytest.mark.parametrize("who", WHO)
def test_who_is_in_the_audience(
    waiting: Plan, client_for: ClientFor, bob: User, aurora: Organisation, who: str
) -> None:
    page = client_for(bob, aurora).get(reverse("mailchimp:plan_audience", args=[waiting.pk, who]))
    assert page.status_code == 200
    plain = page.content.decode().replace("<wbr>", "")
    assert ("reader@example.no" in plain) == (who == "others")


def test_the_list_of_plans(waiting: Plan, client_for: ClientFor, bob: User, aurora: Organisation) -> None:
    page = client_for(bob, aurora).get(reverse("mailchimp:plans")).content.decode()
    assert "Newsletter" in page
    assert waiting.get_absolute_url() in page


# The outsider, and roles that may not

PAGES = [
    ("get", "mailchimp:plan", []),
    ("post", "mailchimp:plan_send", []),
    ("post", "mailchimp:plan_retry", []),
    *(("get", "mailchimp:plan_audience", [who]) for who in WHO),
]


@pytest.mark.parametrize(("method", "name", "more"), PAGES)
def test_charlie_finds_nothing(
    waiting: Plan,
    client_for: ClientFor,
    charlie: User,
    borealis: Organisation,
    method: str,
    name: str,
    more: list[str],
) -> None:
    client = client_for(charlie, borealis)
    assert getattr(client, method)(reverse(name, args=[waiting.pk, *more])).status_code == 404


def test_charlies_list_is_empty(
    waiting: Plan, client_for: ClientFor, charlie: User, borealis: Organisation
) -> None:
    page = client_for(charlie, borealis).get(reverse("mailchimp:plans")).content.decode()
    assert "No plans yet" in page


@pytest.mark.parametrize(
    ("role", "sees", "sends"),
    [
        ("administrator", 200, 302),
        ("marketer", 200, 302),
        ("privacy_lead", 200, 403),
        ("customer_service", 403, 403),
    ],
)
def test_what_roles_may(
    waiting: Plan, client_for: ClientFor, bob: User, aurora: Organisation, role: str, sees: int, sends: int
) -> None:
    bob.memberships.update(role=role)
    client = client_for(bob, aurora)
    assert client.get(waiting.get_absolute_url()).status_code == sees
    assert client.post(reverse("mailchimp:plan_send", args=[waiting.pk])).status_code == sends


def test_what_failed_can_be_tried_again(
    newsletter: Connection, client_for: ClientFor, bob: User, aurora: Organisation
) -> None:
    sell(person("ola@example.net"))
    plan = morning(newsletter).plan
    client = client_for(bob, aurora)
    page = client.get(plan.get_absolute_url()).content.decode()
    assert "did not accept 1 contact." in page
    client.post(reverse("mailchimp:plan_retry", args=[plan.pk]))
    assert plan.items.get().state == "retry"


# Out of date


def test_a_plan_of_yesterday_is_refused(waiting: Plan, audience: Audience) -> None:
    Plan.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
    waiting.refresh_from_db()
    with pytest.raises(plans.PlanExpired):
        plans.approve(plan=waiting, actor=None)
    assert Plan.objects.get().state == PlanState.EXPIRED
    assert len(audience.members) == 1


def test_what_is_left_of_a_plan_of_yesterday_is_not_sent(waiting: Plan, audience: Audience) -> None:
    """A run that stood still for a day: a no may have been missed meanwhile."""
    plans.approve(plan=waiting, actor=None)
    yesterday = timezone.now() - dt.timedelta(hours=25)
    Plan.objects.update(state=PlanState.APPLYING, created_at=yesterday)
    run = work(waiting.run, wants=RunState.WAITING)
    assert "more than a day old" in run.reason
    assert len(audience.members) == 1


def test_a_plan_whose_facts_changed_is_refused(waiting: Plan, audience: Audience) -> None:
    Plan.objects.update(created_at=timezone.now() - dt.timedelta(hours=2))
    says("ola@example.no", EventType.WITHDRAW)
    waiting.refresh_from_db()
    with pytest.raises(plans.PlanExpired, match="1 contact "):
        plans.approve(plan=waiting, actor=None)
    assert len(audience.members) == 1


def test_a_plan_whose_facts_are_the_same_goes(waiting: Plan, audience: Audience) -> None:
    Plan.objects.update(created_at=timezone.now() - dt.timedelta(hours=2))
    waiting.refresh_from_db()
    plans.approve(plan=waiting, actor=None)
    work(waiting.run)
    assert len(audience.members) == 3


def test_a_no_between_the_look_and_the_sending_wins(waiting: Plan, audience: Audience) -> None:
    plans.approve(plan=waiting, actor=None)
    says("ola@example.no", EventType.WITHDRAW)
    work(waiting.run)
    assert statuses(audience)["ola@example.no"] == "unsubscribed"


def test_a_newer_plan_takes_the_place_of_an_older_one(waiting: Plan, newsletter: Connection) -> None:
    morning(newsletter, wants=RunState.WAITING)
    waiting.refresh_from_db()
    assert waiting.state == PlanState.EXPIRED
    with pytest.raises(plans.PlanExpired):
        plans.approve(plan=waiting, actor=None)
    old = work(Run.objects.get(pk=waiting.run_id), wants=RunState.CANCELLED)
    assert not old.is_live, "nobody needs to look at it any more"


def test_a_run_that_has_not_come_to_its_plan_can_be_watched(
    newsletter: Connection, client_for: ClientFor, bob: User, aurora: Organisation
) -> None:
    run = runs.start(connection=newsletter, trigger=Trigger.MANUAL, actor=bob)
    assert client_for(bob, aurora).get(run.get_absolute_url()).status_code == 200


def test_an_alarm_about_a_plan_is_silent_as_soon_as_the_plan_goes(
    waiting: Plan, client_for: ClientFor, bob: User, aurora: Organisation
) -> None:
    reader = client_for(bob, aurora)
    alarms.check(aurora, timezone.now())
    assert waiting.get_absolute_url() in reader.get("/").content.decode()
    reader.post(reverse("mailchimp:plan_send", args=[waiting.pk]))
    assert "alert warn" not in reader.get("/").content.decode()


@pytest.mark.parametrize(
    ("address", "linked"),
    [("http://127.0.0.1:8025", True), ("javascript:alert(1)//", False), ("data:text/html,x", False)],
)
def test_only_a_web_address_is_linked(
    waiting: Plan, client_for: ClientFor, bob: User, aurora: Organisation, address: str, linked: bool
) -> None:
    """However it came into the settings."""
    connection = waiting.run.connection
    connection.config["base_url"] = address
    connection.save()
    page = client_for(bob, aurora).get(waiting.get_absolute_url()).content.decode()
    assert (f'href="{address}' in page) == linked
    assert ("Look at the other side" in page) == linked


@pytest.mark.parametrize("address", ["javascript:alert(1)//", "ftp://example.org", "https://"])
def test_an_address_that_is_none_is_not_saved(
    newsletter: Connection, client_for: ClientFor, alice: User, aurora: Organisation, address: str
) -> None:
    form = {
        "name": "Newsletter", "schedule_time": "07:30", "weekdays": ["1"], "apply_mode": "ask",
        "setting_api_key": "demo-us21", "setting_audience": "a1b2c3", "setting_base_url": address,
    }  # fmt: skip
    url = reverse("integrations:connection_edit", args=[newsletter.slug])
    answer = client_for(alice, aurora).post(url, form)
    assert "setting_base_url" in answer.context["form"].errors
    assert set(answer.context["form"].errors) == {"setting_base_url"}
