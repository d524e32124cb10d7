"""The organisation that a task runs in."""

from collections.abc import Iterator

import pytest
from celery import current_app, shared_task
from django.db import connection, transaction
from django_tenants.utils import schema_context
from kombu.exceptions import OperationalError
from kombu.simple import SimpleQueue

from cdp.lib.tasks import OrgTask
from organisations.models import Organisation

SEEN: list[str] = []


@shared_task
def look_around() -> None:
    SEEN.append(connection.schema_name)  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    SEEN.clear()


@pytest.fixture
def queue() -> Iterator[SimpleQueue]:
    """The messages that were sent: under test they stay in memory."""
    with current_app.connection_for_read() as sent, sent.SimpleQueue("celery") as queue:
        queue.clear()
        yield queue


@pytest.fixture
def task() -> OrgTask:
    found = current_app.tasks[look_around.name]
    assert isinstance(found, OrgTask)
    return found


@pytest.mark.django_db(transaction=True)
def test_a_task_asked_for_on_commit_keeps_the_organisation_of_the_asking(
    aurora: Organisation, queue: SimpleQueue, task: OrgTask
) -> None:
    with transaction.atomic():
        with schema_context("aurora"):
            task.delay_on_commit()
        assert queue.qsize() == 0
    assert queue.get(block=False).headers["_schema_name"] == "aurora"


@pytest.mark.django_db(transaction=True)
def test_a_task_asked_for_in_a_transaction_that_fails_is_never_sent(
    queue: SimpleQueue, task: OrgTask
) -> None:
    with transaction.atomic():
        task.delay_on_commit()
        transaction.set_rollback(True)
    assert queue.qsize() == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_is_committed_when_the_queue_is_away(
    task: OrgTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_app.amqp, "send_task_message", away)
    with transaction.atomic():
        Organisation.objects.filter(slug="aurora").update(name="Written meanwhile")
        task.delay_on_commit()
    connection.close()  # what another connection sees was really committed
    assert Organisation.objects.get(slug="aurora").name == "Written meanwhile"
    assert SEEN == []


def away(*args: object, **more: object) -> None:
    raise OperationalError


@pytest.mark.django_db
def test_a_task_runs_in_its_organisation(borealis: Organisation, task: OrgTask) -> None:
    task.apply(headers={"_schema_name": "borealis"})
    assert SEEN == ["borealis"]
    assert connection.schema_name == "public"  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_task_of_an_organisation_that_is_gone_does_not_run(task: OrgTask) -> None:
    result = task.apply(headers={"_schema_name": "gone"})
    assert result.failed()
    assert SEEN == []
