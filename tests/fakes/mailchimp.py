"""Mailchimp for tests: the stand-in that ships with Foyer, and a view of its end state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience, subscriber_hash

KEY = "standin-us0"


@contextmanager
def mailchimp() -> Iterator[Standin]:
    with Standin() as running:
        running.open(KEY, "Aurora")
        yield running


def status(audience: Audience, address: str) -> str:
    """What Mailchimp says of an address; empty for a stranger."""
    member = audience.members.get(subscriber_hash(address))
    return member.status if member else ""


def tags(audience: Audience, address: str) -> set[str]:
    return {audience.tags[number] for number in audience.members[subscriber_hash(address)].tags}


def fields(audience: Audience, address: str) -> dict[str, object]:
    return audience.members[subscriber_hash(address)].merge_fields


def statuses(audience: Audience) -> dict[str, str]:
    return {member.email_address: member.status for member in audience.members.values()}
