"""Several things happen to the same people at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from consent import answers, ledger, projection
from consent.facts import EventType
from consent.models import ConsentEvent, ContactAnswer
from organisations.models import Organisation
from tests.consent.world import claim, morning, person, point

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(organisation: Organisation, *deeds: Callable[[], object]) -> None:
    """Runs each in a thread and connection of its own; what one of them raises fails the test."""
    faults: list[BaseException] = []
    start = threading.Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> None:
        try:
            with tenant_context(organisation):
                start.wait()
                deed()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_withdrawals_a_refresh_and_a_file_do_not_stop_each_other(aurora: Organisation) -> None:
    with tenant_context(aurora):
        news = point(no_is_explicit=True)
        people = [person(f"guest{number}@example.org") for number in range(30)]
        morning(*[claim(who, "yes", news) for who in people])

    def withdraw(order: int) -> None:
        for who in people[::order]:
            assert who.email is not None
            ledger.record(
                ledger.Entry(
                    type=EventType.WITHDRAW,
                    purpose="marketing.newsletter",
                    channel="email",
                    source_system="mailchimp",
                    source_event_id="unsubscribe",
                    identifier_id=who.email.pk,
                )
            )

    at_once(
        aurora,
        lambda: withdraw(1),
        lambda: withdraw(-1),
        answers.refresh,
        lambda: morning(*[claim(who, "no", news) for who in reversed(people)]),
    )

    with tenant_context(aurora):
        answers.refresh()
        assert ConsentEvent.objects.filter(source_system="mailchimp").count() == 30
        assert projection.drift() == []
        assert not ContactAnswer.objects.may_be_mailed().exists()
