"""Whatever happens on both sides, in whatever order: nobody with a no is subscribed, silence lowers nobody.

A random history of the ledger, of the till and of Mailchimp, with mornings in between, faults included.
The rules are kept here in a few lines of their own, told from what happened and not from what Foyer stored.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from consent.facts import EventType
from integrations.mailchimp.hearing import handle_webhook
from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience
from integrations.models import Connection
from tests.fakes.mailchimp import status
from tests.mailchimp.conftest import morning, person, says, sell, sort_everybody, verify

ADDRESSES = ("a@example.no", "b@example.no", "c@example.no")
addresses = st.sampled_from(ADDRESSES)
REFUSED = frozenset({"unsubscribed", "cleaned"})


class History(RuleBasedStateMachine):
    """`said` is each person's last word here, `left` who left there by their own act, ever."""

    newsletter: Connection
    standin: Standin
    audience: Audience

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, bool] = {}
        self.ever_refused: set[str] = set()
        self.left: set[str] = set()
        self.before: dict[str, str] = {}

    @initialize(verified=st.booleans())
    def everybody_buys(self, verified: bool) -> None:
        if verified:
            verify(self.newsletter)
        sell(*(person(address, address[0].upper()) for address in ADDRESSES))
        sort_everybody()

    # What happens here

    @rule(address=addresses, yes=st.booleans())
    def somebody_answers(self, address: str, yes: bool) -> None:
        says(address, EventType.GRANT if yes else EventType.WITHDRAW)
        self.said[address] = yes

    # What happens there

    @rule(address=addresses)
    def somebody_signs_up_there(self, address: str) -> None:
        self.standin.do("subscribe", address)
        self.left.discard(address)

    @precondition(lambda self: self.audience.members)
    @rule(address=addresses, told=st.booleans())
    def somebody_unsubscribes_there(self, address: str, told: bool) -> None:
        if status(self.audience, address) in ("", "archived"):
            return
        self.standin.do("unsubscribe", address)
        self.left.add(address)
        if told:
            fired = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
            form = {"type": "unsubscribe", "fired_at": fired, "data[email]": address}
            form |= {"data[list_id]": self.audience.id, "data[action]": "unsub", "data[reason]": "manual"}
            handle_webhook(self.newsletter, form)

    @precondition(lambda self: self.audience.members)
    @rule(address=addresses)
    def an_address_bounces(self, address: str) -> None:
        if status(self.audience, address) not in ("", "archived"):
            self.standin.do("clean", address)

    @rule(address=addresses)
    def an_administrator_archives(self, address: str) -> None:
        if status(self.audience, address) in ("subscribed", "transactional"):
            self.audience.archive(address)

    @rule(fault=st.sampled_from(["fail_half", "forget", "broken"]))
    def mailchimp_stumbles(self, fault: str) -> None:
        self.standin.faults.set(**{fault: 1})

    # The morning

    @rule()
    def a_morning(self) -> None:
        self.before = {address: status(self.audience, address) for address in ADDRESSES}
        morning(self.newsletter)
        after = {address: status(self.audience, address) for address in ADDRESSES}
        for address in ADDRESSES:
            self._judge(address, self.before[address], after[address])

    def _judge(self, address: str, before: str, after: str) -> None:
        no_here = self.said.get(address) is False
        if before in REFUSED:
            assert after == before, "respected for ever"
        if after == "subscribed" and before != "subscribed":
            assert self.said.get(address) is True, "raised without a yes"
            assert address not in self.left, "raised against a no there"
        if after != before and before == "subscribed":
            assert no_here or address in self.left, "lowered on a mere silence"
            assert after == "unsubscribed"

    def teardown(self) -> None:
        """Without further faults, two mornings later every no has arrived."""
        self.standin.faults.set(fail_half=0, forget=0, broken=0)
        for _day in range(2):
            morning(self.newsletter)
        for address in ADDRESSES:
            if self.said.get(address) is False:
                assert status(self.audience, address) != "subscribed"


@pytest.mark.slow
def test_a_no_always_wins(newsletter: Connection, standin: Standin, audience: Audience) -> None:
    from django.db import transaction

    class InOneSchema(History):
        """Each history begins with an empty organisation and an empty audience."""

        def __init__(self) -> None:
            super().__init__()
            self.newsletter, self.standin, self.audience = newsletter, standin, audience
            audience.members.clear()
            audience.tags.clear()
            standin.faults.set(fail_half=0, forget=0, broken=0)
            self.mark = transaction.savepoint()

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                transaction.savepoint_rollback(self.mark)

    tries: dict[str, Any] = {"max_examples": 7, "stateful_step_count": 10, "deadline": None}
    quiet = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    phases = (Phase.explicit, Phase.generate, Phase.shrink)
    run_state_machine_as_test(
        InOneSchema, settings=settings(suppress_health_check=quiet, phases=phases, derandomize=True, **tries)
    )
