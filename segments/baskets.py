"""How many can be reached, by basket and channel, as stored when they were last decided.

Whoever's data is locked (GDPR Art. 18) is missing everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Q

from consent.facts import Outcome
from consent.models import Basket, ContactAnswer

QUESTIONS = ("newsletter", "own_similar", "service")


@dataclass(frozen=True, slots=True)
class Reach:
    """One channel: contact points in all, and how many may get what."""

    channel: str
    contacts: int
    newsletter: int
    own_similar: int
    service: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why so many contact points may, or may not, get a newsletter or an own offer."""

    reason: str
    may: bool
    contacts: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Contact points by channel and basket; every basket is there, if only with 0."""

    by_channel: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def of(self, basket: str, channel: str = "email") -> int:
        return self.by_channel.get(channel, {}).get(basket, 0)


def counts() -> Counts:
    """The three baskets, and those in none."""
    answers = ContactAnswer.objects.unrestricted()
    rows = answers.values_list("channel", "basket").annotate(contacts=Count("identifier"))
    found: dict[str, dict[str, int]] = {}
    for channel, basket, contacts in rows.order_by("channel", "basket"):
        found.setdefault(channel, dict.fromkeys(Basket.values, 0))[basket] = contacts
    return Counts(found)


def reach() -> list[Reach]:
    """Per channel, how many may be sent what."""
    may = {name: Count("identifier", filter=Q(**{name: Outcome.ALLOW})) for name in QUESTIONS}
    rows = (
        ContactAnswer.objects.unrestricted().values("channel").annotate(contacts=Count("identifier"), **may)
    )
    names = ("channel", "contacts", *QUESTIONS)
    return [Reach(*row) for row in rows.order_by("channel").values_list(*names)]


def reasons(question: str = "newsletter", channel: str = "email") -> list[Reason]:
    """Counts by reason for one of newsletter, own_similar or service; the largest first."""
    rows = (
        ContactAnswer.objects.unrestricted()
        .filter(channel=channel)
        .values_list(f"{question}_reason", question)
        .annotate(contacts=Count("identifier"))
        .order_by("-contacts", f"{question}_reason")
    )
    return [Reason(reason, decision == Outcome.ALLOW, contacts) for reason, decision, contacts in rows]
