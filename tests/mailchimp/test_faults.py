"""Mailchimp is slow, busy, forgetful or away; a worker dies. The end is right, with nothing doubled."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.db import transaction
from django_tenants.utils import tenant_context

from cdp.lib import locks
from consent.facts import EventType
from integrations import runs
from integrations.errors import ConfigurationError, TryLater
from integrations.mailchimp import client as client_module
from integrations.mailchimp import plans, push
from integrations.mailchimp.client import Mailchimp, Patience
from integrations.mailchimp.models import AudienceMember, Plan, PlanItem
from integrations.mailchimp.settings import AudienceSettings
from integrations.mailchimp.slots import Slots
from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience
from integrations.models import Connection, RunState, Step, Trigger
from organisations.models import Organisation
from tests.fakes.mailchimp import KEY, status, statuses
from tests.mailchimp.conftest import morning, person, says, sell, work

PEOPLE = [f"p{number}@example.no" for number in range(8)]


def buyers(count: int = 8) -> None:
    sell(*(person(address, f"Given{number}", customer=f"c{number}")
           for number, address in enumerate(PEOPLE[:count])))  # fmt: skip


def test_half_a_batch_fails_and_is_tried_again(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    buyers()
    standin.faults.set(fail_half=1)
    morning(newsletter)
    assert statuses(audience) == dict.fromkeys(PEOPLE, "transactional")
    assert set(PlanItem.objects.values_list("state", flat=True)) == {"done"}
    assert sorted(PlanItem.objects.values_list("attempts", flat=True)) == [1] * 4 + [2] * 4


def test_what_always_fails_is_shown_and_can_be_retried(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    buyers(2)
    standin.faults.set(fail_half=10)
    morning(newsletter)
    plan = Plan.objects.get()
    # A lone contact of a later batch stands at an even place, so it goes through at last.
    assert plan.items.failed().count() == 0
    assert statuses(audience) == dict.fromkeys(PEOPLE[:2], "transactional")


def test_a_fake_address_fails_alone(newsletter: Connection, audience: Audience) -> None:
    sell(person("real@example.no"), person("ola@example.net", "Ola"))
    morning(newsletter)
    assert statuses(audience) == {"real@example.no": "transactional"}
    failed = PlanItem.objects.get(state="failed")
    assert "does not take this address" in failed.error


def test_a_refused_address_is_not_tried_every_morning(newsletter: Connection, audience: Audience) -> None:
    sell(person("ola@example.net"))
    morning(newsletter)
    asked = audience.batches
    run = morning(newsletter)
    assert audience.batches == asked
    assert run.plan.counts["reasons"] == {"skip:AT_REFUSED": 1}


def test_retry_by_hand_goes_on_outside_the_run(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    sell(person("ola@example.net"))
    morning(newsletter)
    plan = Plan.objects.get()
    assert plans.retry_failed(plan=plan, actor=None) == 1
    plan.refresh_from_db()
    while plans.go_on(plan):
        plan.refresh_from_db()
    assert Plan.objects.get().state == "applied"
    assert PlanItem.objects.get().state == "failed"


def test_a_retry_waits_for_no_other_organisation(newsletter: Connection, borealis: Organisation) -> None:
    """There is a connection of the same number there, which is sending at this moment."""
    sell(person("ola@example.net"))
    morning(newsletter)
    plan = Plan.objects.get()
    plans.retry_failed(plan=plan, actor=None)
    plan.refresh_from_db()
    with tenant_context(borealis):
        theirs = locks.key_of(newsletter.pk)
    with locks.held("apply_plan", theirs), locks.held("apply_plan", newsletter.pk):
        assert plans.go_on(plan)
    with locks.held("apply_plan", locks.key_of(newsletter.pk)):
        assert not plans.go_on(plan)


def test_a_retry_whose_message_was_lost_is_woken(newsletter: Connection) -> None:
    sell(person("ola@example.net"))
    morning(newsletter)
    assert plans.wake_all() == 0
    plans.retry_failed(plan=Plan.objects.get(), actor=None)
    assert plans.wake_all() == 1


@pytest.mark.django_db(transaction=True)
def test_one_organisation_s_trouble_keeps_nobody_else_s_plan_asleep(
    newsletter: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """The first one's tables are gone."""
    sell(person("ola@example.net"))
    morning(newsletter)
    plans.retry_failed(plan=Plan.objects.get(), actor=None)
    Organisation.objects.bulk_create([Organisation(pk=-1, slug="lost", schema_name="lost", name="Lost")])
    assert plans.wake_all() == 1
    assert "lost: ProgrammingError" in caplog.text


@pytest.fixture
def sent_to() -> Iterator[list[str]]:
    """Schemas of the tasks that were asked for."""
    schemas: list[str] = []

    def note(headers: dict[str, str], **_: object) -> None:
        schemas.append(headers["_schema_name"])

    before_task_publish.connect(note)
    yield schemas
    before_task_publish.disconnect(note)


def test_a_retry_is_its_own_organisation_s_whoever_is_current_at_the_commit(
    newsletter: Connection,
    borealis: Organisation,
    sent_to: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    sell(person("ola@example.net"))
    morning(newsletter)
    plan = Plan.objects.get()
    with django_capture_on_commit_callbacks() as waiting:
        assert plans.retry_failed(plan=plan, actor=None) == 1
    with tenant_context(borealis):
        for send in waiting:
            send()
    assert sent_to == ["aurora"]


@pytest.mark.parametrize("answer", [429, 403])
def test_busy_without_a_body_ends_right(
    newsletter: Connection, audience: Audience, standin: Standin, answer: int
) -> None:
    buyers()
    standin.faults.set(throttle=1.5, throttle_status=answer)
    morning(newsletter)
    assert statuses(audience) == dict.fromkeys(PEOPLE, "transactional")


def test_busy_for_longer_than_patience_hands_the_run_back(
    newsletter: Connection, audience: Audience, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run then waits by itself and goes on; nothing is lost or doubled."""
    buyers()
    run = runs.start(connection=newsletter, trigger=Trigger.MANUAL)
    while run.steps.filter(name=Step.PLAN).exclude(state="done").exists():
        runs.advance(run.pk)
    impatient = Patience(tries=2, pause=0.01, most=0.05)
    monkeypatch.setattr(client_module, "PATIENCE", impatient)
    standin.faults.set(throttle=60)
    assert runs.advance(run.pk).after > 0
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.RUNNING, 1)
    standin.faults.set(throttle=0)
    type(run).objects.update(retry_at=None)
    work(run)
    assert statuses(audience) == dict.fromkeys(PEOPLE, "transactional")


@pytest.mark.parametrize("fault", ["broken", "cut"])
def test_a_server_that_breaks_off_is_asked_again(
    newsletter: Connection, audience: Audience, standin: Standin, fault: str
) -> None:
    buyers()
    standin.faults.set(**{fault: 2})
    morning(newsletter)
    assert statuses(audience) == dict.fromkeys(PEOPLE, "transactional")


def test_a_wrong_key_waits_for_a_person(newsletter: Connection) -> None:
    newsletter.secrets = {"api_key": "wrong-us0"}
    newsletter.save()
    run = morning(newsletter, wants=RunState.WAITING)
    assert "key" in run.reason


def test_a_worker_killed_between_sending_and_writing_down_doubles_nothing(
    newsletter: Connection, audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "BATCH", 3)
    buyers()
    run = runs.start(connection=newsletter, trigger=Trigger.MANUAL)
    while run.steps.filter(name=Step.PLAN).exclude(state="done").exists():
        runs.advance(run.pk)
    plan = Plan.objects.get()
    with AudienceSettings.of(newsletter).client() as client, transaction.atomic():
        plans.apply_batch(plan, client)
        transaction.set_rollback(True)  # what a killed worker leaves: sent, and nothing written
    assert len(audience.members) == 3
    assert PlanItem.objects.waiting().count() == 8
    work(run)
    assert statuses(audience) == dict.fromkeys(PEOPLE, "transactional")
    assert AudienceMember.objects.count() == 8


def test_a_lost_update_is_noticed_and_sent_again(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    buyers(1)
    standin.faults.set(forget=1)
    morning(newsletter)
    assert statuses(audience) == {}
    run = morning(newsletter)
    assert statuses(audience) == {PEOPLE[0]: "transactional"}
    assert run.plan.counts["drift"] == {"lost": 1}


def test_a_lost_no_is_said_until_it_is_heard(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    buyers(1)
    says(PEOPLE[0], EventType.GRANT)
    morning(newsletter)
    morning(newsletter)
    says(PEOPLE[0], EventType.WITHDRAW)
    for _day in range(5):
        standin.faults.set(forget=1)
        morning(newsletter)
        assert status(audience, PEOPLE[0]) == "subscribed"
    standin.faults.set(forget=0)
    morning(newsletter)
    assert status(audience, PEOPLE[0]) == "unsubscribed"


# The connection limit


@pytest.mark.django_db(transaction=True)
def test_many_workers_stay_below_the_limit(standin: Standin) -> None:
    """Twenty at once, as if twenty organisations shared the account; the eleventh would be refused."""
    account = standin.open(KEY)
    standin.faults.set(slow=0.05)
    failures: list[Exception] = []

    def work_hard() -> None:
        try:
            with Mailchimp(KEY, standin.base, patience=Patience(tries=1)) as client:
                for _ in range(4):
                    client.ping()
        except Exception as error:
            failures.append(error)

    workers = [threading.Thread(target=work_hard) for _ in range(20)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert account.calls.count("GET /3.0/ping") == 80
    assert 2 <= account.peak <= 7


@pytest.mark.django_db(transaction=True)
def test_a_slot_goes_with_the_worker_that_died() -> None:
    first, second = Slots("account", size=1), Slots("account", size=1, patience=5)
    with first.one():
        assert first._keeper is not None
        threading.Timer(0.2, first._keeper.close).start()
        began = time.monotonic()
        with second.one():
            assert time.monotonic() - began < 4
        first._keeper = None
        first._execute = lambda query, key: True  # type: ignore[method-assign]
    second.close()


@pytest.mark.django_db(transaction=True)
def test_no_free_slot_means_later() -> None:
    first, second = Slots("account", size=1), Slots("account", size=1, patience=0.1)
    with first.one(), pytest.raises(TryLater), second.one():
        pass
    first.close()
    second.close()


def test_a_key_without_a_datacentre_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        Mailchimp("0123456789abcdef")
