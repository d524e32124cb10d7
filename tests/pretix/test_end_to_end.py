"""From a sale in pretix to a person in Foyer, through the real engine, ingest and ledger."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone

from consent.models import CollectionPoint, ConsentEvent, ConsentText
from integrations import connectors, hooks, runs
from integrations.models import Connection, Run, RunState, Trigger, WebhookDelivery
from integrations.runs import pulling
from integrations.runs.account import equation
from organisations.models import Organisation
from profiles.models import HeldRow, Identifier, Order, OrderLine, Product, Profile, ProfileTag, SourceRecord
from tests.fakes.pretix import Pretix, address, answer, ticket

MAX_UNITS = 200


@pytest.fixture(autouse=True)
def _registry() -> None:
    connectors.registry.cache_clear()


def work(run: Run, *, patient: bool = False) -> Run:
    """Does units as a worker would. `patient` also waits out the pauses between failures."""
    for _ in range(MAX_UNITS):
        if not runs.advance(run.pk).more:
            break
        if patient:
            Run.objects.filter(pk=run.pk).update(retry_at=None)
    run.refresh_from_db()
    return run


def run_now(connection: Connection, **more: Any) -> Run:
    connection.refresh_from_db()
    return work(runs.start(connection=connection, trigger=Trigger.MANUAL), **more)


def state() -> dict[str, int]:
    """How much there is of everything that a repeat could double."""
    models = (Profile, SourceRecord, Identifier, Order, OrderLine, Product, ProfileTag, ConsentEvent)
    return {model.__name__: model.objects.count() for model in models}


def emails() -> set[str]:
    return set(Identifier.objects.filter(kind="email").values_list("value", flat=True))


def fill(shop: Pretix, count: int = 5) -> None:
    for number in range(count):
        shop.sell(f"A{number:04d}", ticket(), email=f"kunde{number}@example.no")


def test_sales_become_people_orders_and_tags(connection: Connection, shop: Pretix) -> None:
    shop.sell(
        "AAAAA",
        ticket(attendee_name="Kari Nordmann"),
        ticket(attendee_name="Ola Venn", attendee_email="ola@example.no"),
        email="kari@example.no",
        phone="+4790000001",
        customer="KARI1234",
        invoice_address=address("Kari Nordmann"),
    )
    shop.join("KARI1234", "kari@example.no", "Kari Nordmann", phone="+4790000001")
    shop.join("SIRI5678", "siri@example.no", "Siri Uten Kjøp")
    run = run_now(connection)
    assert (run.state, run.reason) == (RunState.DONE, "")
    assert equation(run)["read"] == 3
    kari = Profile.objects.get(email="kari@example.no")
    assert (kari.given_name, kari.family_name, kari.phone) == ("Kari", "Nordmann", "+4790000001")
    assert (kari.orders_count, kari.tickets_count, kari.is_customer) == (1, 2, True)
    assert kari.city == "Oslo"
    order = Order.objects.get()
    assert (order.external_id, order.status, order.currency, str(order.total)) == (
        "AAAAA",
        "paid",
        "NOK",
        "700.00",
    )
    assert OrderLine.objects.count() == 2
    assert ProfileTag.objects.filter(profile=kari).count() == 1
    assert not Profile.objects.get(email="ola@example.no").is_customer
    assert Profile.objects.filter(email="siri@example.no").exists()
    assert Profile.objects.count() == 3


def test_a_repeat_changes_nothing(connection: Connection, shop: Pretix) -> None:
    fill(shop)
    shop.join("KARI1234", "kari@example.no")
    run_now(connection)
    before = state()
    run = run_now(connection)
    assert (run.state, equation(run)["read"]) == (RunState.DONE, 0)
    Connection.objects.update(cursor={})  # somebody asks for everything once more
    run = run_now(connection)
    assert (equation(run)["read"], equation(run)["unchanged"]) == (6, 6)
    assert state() == before


def test_a_cancellation_takes_the_tag_and_the_counters_back(connection: Connection, shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(), email="kari@example.no")
    run_now(connection)
    assert ProfileTag.objects.count() == 1
    shop.cancel("AAAAA", refunded=True)
    run = run_now(connection)
    assert (equation(run)["updated"], Order.objects.get().status) == (1, "refunded")
    kari = Profile.objects.get()
    assert (ProfileTag.objects.count(), kari.orders_count, kari.value) == (0, 0, Decimal(0))


def test_a_pending_order_counts_once_it_is_paid(connection: Connection, shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(), email="kari@example.no", status="n")
    run_now(connection)
    assert (Order.objects.get().status, ProfileTag.objects.count()) == ("pending", 0)
    shop.change("AAAAA", "paid", status="p")
    run_now(connection)
    assert (Order.objects.get().status, ProfileTag.objects.count()) == ("paid", 1)


def test_one_ticket_less(connection: Connection, shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(), ticket(), email="kari@example.no")
    run_now(connection)
    shop.orders["AAAAA"]["positions"][1]["canceled"] = True
    shop.change("AAAAA", "changed")
    run_now(connection)
    assert sorted(OrderLine.objects.values_list("status", flat=True)) == ["cancelled", "paid"]
    assert Profile.objects.get().tickets_count == 1


# --- permissions -----------------------------------------------------------------------------------


def point(**changes: Any) -> CollectionPoint:
    """A checkout whose box somebody has put their name to."""
    text = ConsentText.objects.create(
        name="checkout", body="Ja takk", body_sha256="0" * 64, withdrawal_told=True,
        purposes=["marketing.newsletter"], channels=["email"],
    )  # fmt: skip
    own = {"purposes": ["marketing.newsletter"], "channels": ["email"], "kind": "act", "text": text}
    own |= {"verified_by": "alice@example.org", "verified_at": timezone.now(), "no_is_explicit": True}
    return CollectionPoint.objects.create(key="newsletter", name="Checkout", **own | changes)


def told() -> list[str]:
    return list(ConsentEvent.objects.order_by("pk").values_list("type", flat=True))


def test_an_answer_at_the_checkout_is_heard_once(connection: Connection, shop: Pretix) -> None:
    point()
    shop.sell("AAAAA", ticket(marketing="True"), email="kari@example.no")
    run_now(connection)
    assert told() == ["GRANT"]
    shop.change("AAAAA", "contact.changed", phone="+4790000001")
    run_now(connection)
    assert told() == ["GRANT"]


def test_a_yes_taken_back_in_pretix_is_taken_back_here(connection: Connection, shop: Pretix) -> None:
    point()
    shop.sell("AAAAA", ticket(marketing="True"), email="kari@example.no")
    run_now(connection)
    shop.orders["AAAAA"]["positions"][0]["answers"] = [answer("MARKETING", "False")]
    shop.change("AAAAA")
    run_now(connection)
    assert told()[0] == "GRANT"
    assert len(told()) == 2
    assert told()[1] in ("WITHDRAW", "DENY")


def test_a_question_nobody_has_registered_opens_nothing(connection: Connection, shop: Pretix) -> None:
    shop.sell("AAAAA", ticket(marketing="True"), email="kari@example.no")
    run = run_now(connection)
    assert run.state == RunState.DONE
    assert told() == []
    assert Order.objects.count() == 1


# --- webhooks --------------------------------------------------------------------------------------


def test_three_deliveries_have_one_effect(connection: Connection, shop: Pretix) -> None:
    fill(shop, 2)
    run_now(connection)
    shop.sell("LATER", ticket(), email="sen@example.no")
    body = shop.sent[-1]
    for _ in range(3):
        hooks.store(connection=connection, key=str(body["notification_id"]), body=_json(body))
        hooks.process(connection_id=connection.pk)
    run = Run.objects.get(trigger=Trigger.WEBHOOK)
    work(run)
    assert (run.state, equation(run)["read"]) == (RunState.DONE, 1)
    assert "sen@example.no" in emails()
    before = state()
    hooks.store(connection=connection, key=str(body["notification_id"]), body=_json(body))
    assert hooks.process(connection_id=connection.pk) == 0
    assert state() == before


def test_a_webhook_about_a_customer_fetches_that_one(connection: Connection, shop: Pretix) -> None:
    for number in range(60):
        shop.join(f"C{number:03d}", f"c{number:03d}@example.no")
    run_now(connection)
    shop.join("C042", "ny42@example.no")
    body = shop.sent[-1]
    hooks.store(connection=connection, key="1", body=_json(body))
    hooks.process(connection_id=connection.pk)
    shop.asked.clear()
    run = work(Run.objects.get(trigger=Trigger.WEBHOOK))
    assert equation(run)["read"] == 1
    assert "ny42@example.no" in emails()
    assert not any("/customers/?" in path for path in shop.asked)


def test_many_webhooks_about_customers_are_fetched_in_pages(connection: Connection, shop: Pretix) -> None:
    run_now(connection)
    for number in range(120):
        shop.join(f"C{number:03d}", f"c{number:03d}@example.no")
        body = shop.sent[-1]
        hooks.store(connection=connection, key=str(number), body=_json(body))
    hooks.process(connection_id=connection.pk)
    run = work(Run.objects.get(trigger=Trigger.WEBHOOK))
    assert (run.state, equation(run)["created"]) == (RunState.DONE, 120)
    assert run.parcels.count() == 3


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


# --- trouble: a clear state, nothing lost, nothing doubled -----------------------------------------


@pytest.mark.parametrize("trouble", ["hang", "half", "drip", 503, 429])
def test_trouble_in_the_middle_is_got_over(trouble: int | str, connection: Connection, shop: Pretix) -> None:
    fill(shop, 120)
    shop.troubles = ["", trouble, trouble, "", trouble, trouble]
    run = run_now(connection, patient=True)
    assert (run.state, run.reason) == (RunState.DONE, "")
    assert Order.objects.count() == Profile.objects.count() == 120
    assert equation(run)["created"] == 120


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [("half", "broke off"), ("hang", "too long"), ("drip", "too long"), (503, "fault of its own")],
)
def test_trouble_that_stays_waits_for_a_person_and_goes_on_from_there(
    trouble: int | str, sentence: str, connection: Connection, shop: Pretix
) -> None:
    fill(shop, 120)
    shop.troubles = ["", *[trouble] * 40]
    run = run_now(connection, patient=True)
    assert run.state == RunState.WAITING
    assert sentence in run.reason
    connection.refresh_from_db()
    assert connection.cursor == {}
    shop.troubles = []
    runs.retry(run=run, actor=None)
    run = work(run)
    assert run.state == RunState.DONE
    assert Order.objects.count() == 120
    assert equation(run)["read"] == 120


def test_two_gigabytes_of_nothing_wait_for_a_person_at_once(connection: Connection, shop: Pretix) -> None:
    fill(shop, 3)
    shop.troubles = ["flood"]
    run = run_now(connection)
    assert run.state == RunState.WAITING
    assert "more than" in run.reason
    assert shop.troubles == []  # asked once, not again and again
    runs.retry(run=run, actor=None)
    assert work(run).state == RunState.DONE
    assert Order.objects.count() == 3


def test_a_broken_order_is_a_failed_row_and_the_rest_goes_in(connection: Connection, shop: Pretix) -> None:
    fill(shop, 3)
    shop.orders["A0001"] = {
        "code": "A0001",
        "event": "hamlet",
        "last_modified": shop.orders["A0001"]["last_modified"],
    }
    run = run_now(connection)
    assert run.state == RunState.DONE
    assert (equation(run)["created"], equation(run)["failed"]) == (2, 1)
    assert HeldRow.objects.get().raw["order"]["code"] == "A0001"


def test_a_wrong_key_waits_for_a_person(connection: Connection, shop: Pretix) -> None:
    connection.secrets = {"token": "revoked"}
    connection.save()
    run = run_now(connection)
    assert run.state == RunState.WAITING
    assert "refused the key" in run.reason


def test_orders_that_change_during_the_pull_are_all_there(connection: Connection, shop: Pretix) -> None:
    fill(shop, 120)
    touched = iter([f"A{number:04d}" for number in range(2)])

    def meanwhile() -> None:
        code = next(touched, None)
        if code:
            shop.change(code, comment="changed")

    shop.between = meanwhile
    run = run_now(connection)
    assert run.state == RunState.DONE
    assert Order.objects.count() == 120


def test_every_page_may_be_another_worker_s(
    connection: Connection, shop: Pretix, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page and the cursor after it are one transaction; the next unit goes on from there."""
    monkeypatch.setattr(pulling, "UNIT_SECONDS", 0)
    fill(shop, 120)
    for number in range(60):
        shop.join(f"C{number:03d}", f"c{number:03d}@example.org")
    run = run_now(connection)
    assert run.state == RunState.DONE
    assert equation(run)["read"] == 180
    assert Order.objects.count() == 120
    connection.refresh_from_db()
    assert equation(run_now(connection))["read"] == 0


# --- over the wire ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_pretix_itself_calls_and_repeats_until_it_is_heard(
    aurora: Organisation, shop: Pretix, live_server: Any, settings: Any
) -> None:
    """A real POST to a real server, twice with the same number, and one run that brings the order."""
    from django_tenants.utils import tenant_context

    from tests.pretix.conftest import connect, new_source

    settings.ALLOWED_HOSTS = ["*"]
    with tenant_context(aurora):
        made = connect(shop)
        made.source = new_source()
        made.save()
    shop.hooks = [f"{live_server.url}/hooks/aurora/{made.public_id}/{made.webhook_secret}/"]
    shop.sell("AAAAA", ticket(), email="kari@example.no")
    assert shop.deliver(shop.sent[-1]) == [200]
    threads = [threading.Thread(target=shop.deliver, args=(shop.sent[-1],)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tenant_context(aurora):
        assert WebhookDelivery.objects.count() == 1
        hooks.process(connection_id=made.pk)
        run = work(Run.objects.get())
        assert (run.state, Order.objects.count()) == (RunState.DONE, 1)
        Connection.objects.update(enabled=False)
    assert shop.deliver(shop.sent[-1]) == [410]
    assert shop.hooks == []
    assert database.schema_name == "public"  # type: ignore[attr-defined]
