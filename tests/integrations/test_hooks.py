"""Webhooks in: kept at once, answered at once, acted on once."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.db import connection as database
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from integrations import hooks, runs
from integrations.connectors import Connector
from integrations.errors import ConfigurationError, Rejected, TryLater
from integrations.models import Connection, DeliveryState, Run, RunState, Trigger, WebhookDelivery
from integrations.pretix.connector import PretixConnector
from organisations.models import Organisation, User
from profiles.models import Source
from tests.conftest import ClientFor


@pytest.fixture
def shop(in_aurora: Organisation) -> Connection:
    """Aurora's pretix. Nothing here asks it anything."""
    return made()


def made(**fields: Any) -> Connection:
    source = Source.objects.create(name="pretix", slug="pretix")
    connection = Connection(connector="pretix", name="pretix", slug="pretix", source=source, **fields)
    connection.config = {"base_url": "https://pretix.example.org", "organizer": "kulturhus"}
    connection.save()
    return connection


def address(connection: Connection, **other: str) -> str:
    parts = {"slug": "aurora", "id": str(connection.public_id), "secret": connection.webhook_secret} | other
    return f"/hooks/{parts['slug']}/{parts['id']}/{parts['secret']}/"


def body(number: int = 1, **other: Any) -> dict[str, Any]:
    thin = {"notification_id": number, "organizer": "kulturhus", "event": "hamlet", "code": "AAAAA"}
    return thin | {"action": "pretix.event.order.placed"} | other


def send(connection: Connection, told: Any, **other: str) -> Any:
    """As pretix does: no cookie, no token, and nobody to ask for one."""
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(address(connection, **other), json.dumps(told), content_type="application/json")
    database.set_tenant(Organisation.objects.get(slug="aurora"))  # type: ignore[attr-defined]
    return answer


@pytest.fixture
def published() -> Iterator[list[str]]:
    """Names of the tasks that were asked for."""
    names: list[str] = []

    def note(sender: str, **_: Any) -> None:
        names.append(sender)

    before_task_publish.connect(note)
    yield names
    before_task_publish.disconnect(note)


# --- receiving -------------------------------------------------------------------------------------


def test_a_delivery_is_kept_word_for_word(shop: Connection) -> None:
    assert send(shop, body()).status_code == 200
    kept = WebhookDelivery.objects.get()
    assert (kept.connection, kept.key, kept.state) == (shop, "1", DeliveryState.WAITING)
    assert json.loads(bytes(kept.body)) == body()
    assert kept.content_type == "application/json"


def test_a_repeat_is_the_same_delivery(shop: Connection) -> None:
    for _ in range(3):
        assert send(shop, body()).status_code == 200
    assert WebhookDelivery.objects.count() == 1


def test_the_request_does_one_insert_and_nothing_else(shop: Connection) -> None:
    with CaptureQueriesContext(database) as queries:
        send(shop, body())
    writes = [each["sql"] for each in queries if not each["sql"].startswith(("SELECT", "SET search_path"))]
    assert len(writes) == 1
    assert writes[0].startswith("INSERT INTO")


def test_a_worker_is_woken_once_it_is_committed(
    shop: Connection, published: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        send(shop, body())
        assert published == []
    assert published == ["integrations.tasks.deliver"]


def test_a_worker_is_woken_in_the_delivery_s_organisation(
    shop: Connection, borealis: Organisation, django_capture_on_commit_callbacks: Any
) -> None:
    """Whichever is current at the commit."""
    schemas: list[str] = []

    def note(headers: dict[str, str], **_: Any) -> None:
        schemas.append(headers["_schema_name"])

    with django_capture_on_commit_callbacks() as waiting:
        hooks.store(connection=shop, key="1", body=b"{}")
    before_task_publish.connect(note)
    with tenant_context(borealis):
        for wake in waiting:
            wake()
    before_task_publish.disconnect(note)
    assert schemas == ["aurora"]


def test_unknown_addresses_all_get_the_same_answer(shop: Connection, borealis: Organisation) -> None:
    with tenant_context(borealis):
        other = made()
    wrong = (
        {"slug": "nowhere"},
        {"slug": "borealis"},
        {"id": str(uuid.uuid4())},
        {"id": str(other.public_id)},
        {"id": str(other.public_id), "secret": other.webhook_secret},
        {"secret": "guess"},
        {"secret": shop.webhook_secret[:-1]},
        {"id": "none"},
        {"secret": f"{shop.webhook_secret}/more"},
        {"slug": ""},
    )
    answers = [send(shop, body(), **each) for each in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert not WebhookDelivery.objects.exists()


def test_a_refused_address_is_not_logged(shop: Connection, caplog: pytest.LogCaptureFixture) -> None:
    """It may hold a secret, or most of one."""
    for wrong in ({"slug": "nowhere"}, {"id": "none"}, {"slug": "a/b/c"}):
        assert send(shop, body(), **wrong).status_code == 404
    assert send(shop, []).status_code == 400
    assert Client().post(address(shop).rstrip("/"), "[]", content_type="application/json").status_code == 400
    assert shop.webhook_secret not in caplog.text


def test_a_fault_of_ours_is_answered_with_later_and_not_logged_with_the_address(
    shop: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: Connector, request: Any) -> str:
        raise KeyError("kari@example.no")

    monkeypatch.setattr(PretixConnector, "webhook_key", broken)
    assert send(shop, body()).status_code == 503
    assert "KeyError" in caplog.text
    assert shop.webhook_secret not in caplog.text
    assert "kari@example.no" not in caplog.text


def test_a_system_that_sends_none_has_no_address(shop: Connection) -> None:
    Connection.objects.update(connector="files")
    assert send(shop, body()).status_code == 404


def test_a_connection_that_is_switched_off_is_gone(shop: Connection) -> None:
    Connection.objects.update(enabled=False)
    assert send(shop, body()).status_code == 410
    assert not WebhookDelivery.objects.exists()


def test_somebody_may_try_the_address(shop: Connection) -> None:
    """Mailchimp does, before it saves the webhook."""
    assert Client().get(address(shop)).status_code == 200
    assert Client().head(address(shop)).status_code == 200
    assert Client().get(address(shop, secret="guess")).status_code == 404
    assert Client().put(address(shop)).status_code == 405


@pytest.mark.parametrize(
    "told",
    [{}, [], "x", 7, None, {"notification_id": None}, {"notification_id": {}}, {"notification_id": True}],
)
def test_what_is_no_delivery_is_refused(told: Any, shop: Connection) -> None:
    assert send(shop, told).status_code == 400
    assert not WebhookDelivery.objects.exists()


def test_what_is_too_large_is_refused(shop: Connection) -> None:
    assert send(shop, body(filler="x" * hooks.LARGEST)).status_code == 413
    assert send(shop, body(filler="x" * (hooks.LARGEST - 400))).status_code == 200


# --- handling --------------------------------------------------------------------------------------


def test_a_delivery_wakes_a_run(shop: Connection) -> None:
    send(shop, body())
    assert hooks.process(connection_id=shop.pk) == 1
    run = Run.objects.get()
    assert (run.connection, run.trigger, run.state) == (shop, Trigger.WEBHOOK, RunState.QUEUED)
    kept = WebhookDelivery.objects.get()
    assert (kept.state, kept.note) == (DeliveryState.DONE, f"Woke run {run.pk}.")
    assert kept.handled_at is not None


def test_a_flood_is_one_run(shop: Connection) -> None:
    for number in range(120):
        hooks.store(connection=shop, key=str(number), body=json.dumps(body(number)).encode())
    assert hooks.process(connection_id=shop.pk) == 120
    assert Run.objects.count() == 1


def test_more_than_one_task_s_worth_asks_for_another(
    shop: Connection,
    published: list[str],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(hooks, "AT_ONCE", 3)
    for number in range(5):
        hooks.store(connection=shop, key=str(number), body=json.dumps(body(number)).encode())
    with django_capture_on_commit_callbacks(execute=True):
        assert hooks.process(connection_id=shop.pk) == 3
    assert published.count("integrations.tasks.deliver") == 1
    assert hooks.process(connection_id=shop.pk) == 2


def test_a_delivery_during_a_run_makes_the_next_one(shop: Connection) -> None:
    send(shop, body(1))
    hooks.process(connection_id=shop.pk)
    Run.objects.update(state=RunState.RUNNING)
    send(shop, body(2))
    hooks.process(connection_id=shop.pk)
    assert sorted(Run.objects.values_list("state", flat=True)) == ["queued", "running"]


@pytest.mark.parametrize("state", [RunState.WAITING, RunState.FAILED])
def test_a_run_that_waits_for_a_person_gets_no_company(state: str, shop: Connection) -> None:
    """A withdrawn key would else leave one waiting run for every sale of the day."""
    send(shop, body(1))
    hooks.process(connection_id=shop.pk)
    Run.objects.update(state=state)
    send(shop, body(2))
    hooks.process(connection_id=shop.pk)
    assert Run.objects.count() == 1
    Run.objects.update(state=RunState.CANCELLED)
    send(shop, body(3))
    hooks.process(connection_id=shop.pk)
    assert Run.objects.count() == 2


@pytest.mark.parametrize(
    "told",
    [
        body(organizer="other"),
        body(event="faust"),
        body(action="pretix.event.checkin"),
        {
            "notification_id": 1,
            "issuer_slug": "kulturhus",
            "giftcard": 3,
            "action": "pretix.giftcards.created",
        },
    ],
)
def test_what_is_not_for_us_wakes_nobody(told: dict[str, Any], shop: Connection) -> None:
    shop.config["events"] = "hamlet"
    shop.save()
    send(shop, told)
    hooks.process(connection_id=shop.pk)
    assert not Run.objects.exists()
    kept = WebhookDelivery.objects.get()
    assert kept.state == DeliveryState.DONE
    assert kept.note


def handler(error: BaseException | None) -> Any:
    """What a connector does when something goes wrong after it has begun to act."""

    def handle(self: Connector, delivery: WebhookDelivery) -> str:
        runs.start(connection=self.connection, trigger=Trigger.WEBHOOK)
        if error:
            raise error
        return "done"

    return handle


@pytest.mark.parametrize(
    ("error", "state", "note"),
    [
        (Rejected("No such list."), DeliveryState.FAILED, "No such list."),
        (ConfigurationError("No key."), DeliveryState.FAILED, "No key."),
        (TryLater("Busy."), DeliveryState.WAITING, "Busy."),
        (KeyError("kari@example.no"), DeliveryState.WAITING, "A fault in Foyer (KeyError)."),
    ],
)
def test_what_goes_wrong_leaves_nothing_half_done(
    error: Exception, state: str, note: str, shop: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PretixConnector, "handle_webhook", handler(error))
    send(shop, body())
    hooks.process(connection_id=shop.pk)
    kept = WebhookDelivery.objects.get()
    assert (kept.state, kept.note, kept.attempts) == (state, note, 1)
    assert not Run.objects.exists()


def test_it_is_tried_again_later_and_not_for_ever(shop: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PretixConnector, "handle_webhook", handler(TryLater("Busy.", after=1000)))
    send(shop, body())
    waits = []
    for _ in range(hooks.MOST_TRIES):
        assert hooks.process(connection_id=shop.pk) == 1
        kept = WebhookDelivery.objects.get()
        waits.append((kept.due_at - kept.received_at).total_seconds())
        WebhookDelivery.objects.update(due_at=kept.received_at)
    assert waits[0] == pytest.approx(1000, abs=60)  # the sender's own wish
    assert waits[6] == pytest.approx(3840, abs=60)  # then doubling from a minute
    assert WebhookDelivery.objects.get().state == DeliveryState.FAILED


def test_a_worker_that_dies_leaves_the_delivery_waiting(
    shop: Connection,
    monkeypatch: pytest.MonkeyPatch,
    published: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(PretixConnector, "handle_webhook", handler(SystemExit(9)))
        send(shop, body())
        with pytest.raises(SystemExit):
            hooks.process(connection_id=shop.pk)
    kept = WebhookDelivery.objects.get()
    assert (kept.state, kept.attempts) == (DeliveryState.WAITING, 0)
    assert not Run.objects.exists()
    assert hooks.sweep() == 0  # not forgotten yet
    WebhookDelivery.objects.update(due_at=kept.received_at - dt.timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert hooks.sweep() == 1
    assert published == ["integrations.tasks.deliver"]
    hooks.process(connection_id=shop.pk)
    assert Run.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_and_none_is_done_twice(aurora: Organisation) -> None:
    with tenant_context(aurora):
        shop = made()
        for number in range(60):
            hooks.store(connection=shop, key=str(number), body=json.dumps(body(number)).encode())

    def work(_: int) -> int:
        try:
            with tenant_context(aurora):
                return hooks.process(connection_id=shop.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(work, range(2))) == 60
    with tenant_context(aurora):
        done = WebhookDelivery.objects.filter(state=DeliveryState.DONE, attempts=1)
        assert done.count() == 60
        assert Run.objects.count() == 1


def test_bodies_are_emptied_after_thirty_days(shop: Connection) -> None:
    send(shop, body(1))
    send(shop, body(2))
    old = WebhookDelivery.objects.get(key="1")
    WebhookDelivery.objects.filter(pk=old.pk).update(received_at=old.received_at - hooks.KEPT)
    assert hooks.empty_old_bodies() == 1
    assert hooks.empty_old_bodies() == 0
    assert [bytes(each.body) == b"" for each in WebhookDelivery.objects.order_by("key")] == [True, False]


def test_the_connection_s_page_shows_what_came_of_them(
    shop: Connection, alice: User, in_aurora: Organisation, client_for: ClientFor
) -> None:
    """To whoever may see the address; a failed delivery is not a secret of the database."""
    send(shop, body(1))
    send(shop, body(2, organizer="other"))
    WebhookDelivery.objects.filter(key="1").update(state=DeliveryState.FAILED, note="No such list.")
    hooks.process(connection_id=shop.pk)
    page = client_for(alice, in_aurora).get(shop.get_absolute_url()).content.decode()
    assert "No such list." in page
    assert "Another organizer" in page
