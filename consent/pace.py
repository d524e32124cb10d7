"""What is allowed so far: who has to look at it, and when it may go (R30 to R34)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from consent.case import Case
from consent.facts import LedgerEvent, Outcome
from consent.holidays import norwegian_holidays
from consent.rules import CountryRules, Policy

Check = Callable[[Case, LedgerEvent | None], tuple[Outcome, str] | None]
"""Asks about a case that a yes (None: another ground) allows; None lets it pass."""


def sensitive(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """R30: the segment may reveal a sensitive trait."""
    return (Outcome.REVIEW, "SENSITIVE_SEGMENT") if case.message.sensitive_segment else None


def notice(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """C171: the first message to somebody known from a partner tells them so (Art. 14(3)(b))."""
    if case.recipient.unnoticed and not case.message.has_notice:
        return Outcome.DEFER, "NOTICE_MISSING"
    return None


def call_hours(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """R31: the hours in which the law allows a call."""
    closed = law_forbids_hour(case.message.channel, case.now, case.country)
    return (Outcome.DEFER, "QUIET_HOURS_LAW") if closed else None


def law_forbids_hour(channel: str, now: datetime, country: CountryRules) -> bool:
    hours = country.phone_hours
    if channel != "phone" or hours is None:
        return False
    local = _local(now, country)
    return (
        (hours.no_saturday and local.weekday() == 5)
        or (hours.no_sunday and local.weekday() == 6)
        or (hours.no_holidays and local.date() in norwegian_holidays(local.year))
        or not hours.start <= local.hour < hours.end
    )


def promised_pace(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """R32: the consent text promised at most so many a month."""
    promised = deciding.promised_per_month if deciding else None
    if promised is None or case.recipient.sent_last_30d < promised:
        return None
    return Outcome.DEFER, "PROMISED_FREQUENCY"


def weekly_cap(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """R33: the organisation's weekly limits, over all channels and for SMS alone."""
    sms_full = case.message.channel == "sms" and case.recipient.sms_last_7d >= case.policy.sms_weekly_cap
    if sms_full or case.recipient.sent_last_7d >= case.policy.weekly_cap:
        return Outcome.DEFER, "FREQUENCY_CAP"
    return None


def quiet_hours(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """R34: the organisation's own hours for what rings or buzzes."""
    quiet = house_forbids_hour(case.message.channel, case.now, case.country, case.policy)
    return (Outcome.DEFER, "QUIET_HOURS") if quiet else None


def house_forbids_hour(channel: str, now: datetime, country: CountryRules, policy: Policy) -> bool:
    if channel not in ("sms", "push", "phone"):
        return False
    local = _local(now, country)
    silent_day = channel == "sms" and local.weekday() == 6 and not policy.sms_on_sunday
    return silent_day or not policy.quiet_start <= local.hour < policy.quiet_end


PACE: tuple[Check, ...] = (call_hours, promised_pace, weekly_cap, quiet_hours)


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name or "UTC")


def _local(now: datetime, country: CountryRules) -> datetime:
    return now.astimezone(_zone(country.zone))
