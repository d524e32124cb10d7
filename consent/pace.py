"""What is allowed so far: who has to look at it, and when it may go (R30 to R34)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from consent.case import Case
from consent.facts import LedgerEvent, Outcome
from consent.holidays import norwegian_holidays

Check = Callable[[Case, LedgerEvent | None], tuple[Outcome, str] | None]
"""Asks about a case that a yes (None: another ground) allows; None lets it pass."""


def sensitive(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """R30: the segment may reveal a sensitive trait."""
    return (Outcome.REVIEW, "SENSITIVE_SEGMENT") if case.message.sensitive_segment else None


def call_hours(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """R31: the hours in which the law allows a call."""
    hours = case.country.phone_hours
    if case.message.channel != "phone" or hours is None:
        return None
    local = _local(case)
    closed = (
        (hours.no_saturday and local.weekday() == 5)
        or (hours.no_sunday and local.weekday() == 6)
        or (hours.no_holidays and local.date() in norwegian_holidays(local.year))
        or not hours.start <= local.hour < hours.end
    )
    return (Outcome.DEFER, "QUIET_HOURS_LAW") if closed else None


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
    if case.message.channel not in ("sms", "push", "phone"):
        return None
    local = _local(case)
    silent_day = case.message.channel == "sms" and local.weekday() == 6 and not case.policy.sms_on_sunday
    if silent_day or not case.policy.quiet_start <= local.hour < case.policy.quiet_end:
        return Outcome.DEFER, "QUIET_HOURS"
    return None


PACE: tuple[Check, ...] = (call_hours, promised_pace, weekly_cap, quiet_hours)


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name or "UTC")


def _local(case: Case) -> datetime:
    return case.now.astimezone(_zone(case.country.zone))
