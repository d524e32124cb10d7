"""Reads the ledger of one address: which yes is valid, which no stands.

Pure (CONSENT.md 2.2, 2.5). A no counts from the earlier of its two times, a yes from
the person's own time. A no stands unless a valid yes is later, was an act and carries
proof of grade A; at the same moment the no wins.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from consent.facts import (
    ANY,
    NEGATIVE,
    POSITIVE,
    EventType,
    LedgerEvent,
    Message,
    Recipient,
)
from consent.rules import CountryRules, Policy

# Why a yes does not count, in the order in which the reasons are told (R28).
FAULTS = (
    "DOI_PENDING",
    "GRANT_QUARANTINED",
    "UNPROVEN_CONSENT",
    "INVALID_CONSENT",
    "CONTROLLER_NOT_NAMED",
    "CONSENT_LAPSED",
)


@lru_cache(maxsize=512)
def months_before(moment: datetime, months: int) -> datetime:
    """The same day and hour `months` earlier; the month's last day where there is none."""
    return months_after(moment, -months)


def months_after(moment: datetime, months: int) -> datetime:
    """The same day and hour `months` later; the month's last day where there is none."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def said_at(event: LedgerEvent) -> datetime:
    """When a no counts from: the earlier of when it was said and when we heard it."""
    if event.occurred_at is None:
        return event.recorded_at
    return min(event.occurred_at, event.recorded_at)


def relevant(
    events: Iterable[LedgerEvent], message: Message, recipient: Recipient
) -> tuple[LedgerEvent, ...]:
    """The events of this sender about this address or, for person-wide nos, this person."""
    chosen = [event for event in events if _concerns(event, recipient)]
    taken_back = {event.target for event in chosen if event.target is not None}
    if taken_back:
        chosen = [event for event in chosen if event.id not in taken_back]
    own = [event for event in chosen if event.controller in ("", message.controller)]
    groups = {event.shared_group for event in own if event.shared_group}
    if not groups:
        return tuple(own)
    return tuple(own + [event for event in chosen if _shared_no(event, message, groups)])


def _shared_no(event: LedgerEvent, message: Message, groups: set[str]) -> bool:
    """A no said to another organisation that collected under the same shared text."""
    other = event.controller not in ("", message.controller)
    return other and event.type in NEGATIVE and event.shared_group in groups


def _concerns(event: LedgerEvent, recipient: Recipient) -> bool:
    if event.address == recipient.address:
        return True
    return event.scope == "person" and event.type in NEGATIVE and event.person in recipient.persons


def covers(event: LedgerEvent, purpose: str, channel: str) -> bool:
    """Whether the event speaks about this purpose and channel; `*` only in a no."""
    if event.type in NEGATIVE:
        return event.purpose in (purpose, ANY) and event.channel in (channel, ANY)
    return event.channel == channel and (event.purpose == purpose or purpose in event.covers)


def fault(
    event: LedgerEvent,
    events: Sequence[LedgerEvent],
    message: Message,
    country: CountryRules,
    policy: Policy,
    now: datetime,
) -> str:
    """Why a yes does not count, the first reason in the order of R28; empty when it does."""
    at = event.occurred_at
    if _unconfirmed(event, events, country):
        return "DOI_PENDING"
    if at is not None and at > event.recorded_at + timedelta(minutes=policy.skew_minutes):
        return "GRANT_QUARANTINED"
    if at is None or event.proof == "C":
        return "UNPROVEN_CONSENT"
    if event.preticked or _marked(event, events, EventType.INVALIDATED):
        return "INVALID_CONSENT"
    if event.names and message.controller not in event.names:
        return "CONTROLLER_NOT_NAMED"
    used = max(at, event.last_used) if event.last_used else at
    if used < months_before(now, policy.unused_lapse_months) or _marked(event, events, EventType.LAPSED):
        return "CONSENT_LAPSED"
    return ""


def _unconfirmed(event: LedgerEvent, events: Sequence[LedgerEvent], country: CountryRules) -> bool:
    """A request for confirmation always needs its click; a web form where the country asks."""
    if event.doi_confirmed or event.type is EventType.CARRIED:
        return False
    needed = event.type is EventType.DOI_REQUESTED or (country.doi and event.via == "web_form")
    return needed and not _marked(event, events, EventType.DOI_CONFIRMED)


def _marked(event: LedgerEvent, events: Sequence[LedgerEvent], mark: EventType) -> bool:
    """Whether a later row of type `mark` speaks of the same purpose and channel."""
    return any(
        other.type is mark
        and other.target is None
        and other.purpose == event.purpose
        and other.channel == event.channel
        and other.address == event.address
        and said_at(other) >= said_at(event)
        for other in events
    )


def lifts(yes: LedgerEvent, no: LedgerEvent) -> bool:
    """Only the person's own, proven and later act takes a no away."""
    return (
        yes.kind == "act"
        and yes.proof == "A"
        and yes.occurred_at is not None
        and yes.occurred_at > said_at(no)
    )


def standing(nos: Iterable[LedgerEvent], valid: Sequence[LedgerEvent]) -> list[LedgerEvent]:
    """The nos that no valid yes has lifted, newest first."""
    left = [no for no in nos if not any(lifts(yes, no) for yes in valid)]
    return sorted(left, key=lambda no: (said_at(no), no.id), reverse=True)


def positives(events: Iterable[LedgerEvent], purpose: str, channel: str) -> list[LedgerEvent]:
    """Everything that claims to be a yes to this purpose and channel, newest first."""
    found = [event for event in events if event.type in POSITIVE and covers(event, purpose, channel)]
    return sorted(found, key=lambda yes: (yes.occurred_at or yes.recorded_at, yes.id), reverse=True)


def negatives(events: Iterable[LedgerEvent], purpose: str, channel: str) -> list[LedgerEvent]:
    """Every no that covers this purpose and channel, in any order."""
    return [event for event in events if event.type in NEGATIVE and covers(event, purpose, channel)]
