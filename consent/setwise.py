"""The decision for many contact points at once, in one statement (consent/sql/decided.sql).

The same answers as `consent.decide.decide`, which stays the measure: a property test on
generated histories and a nightly comparison (`consent.comparing`) hold the statement to it.
Rules, policy and hours are handed over as parameters, so there is one copy of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from cdp.lib import clock, sql
from consent import balancing, gather, history
from consent.decide import ADULT, CLASS_FLAGS, approach
from consent.facts import ELECTRONIC, Basis, Message, MessageClass, Outcome
from consent.gather import REACHED_BY, House
from consent.pace import house_forbids_hour, law_forbids_hour
from consent.rules import UNKNOWN, CountryRules, Policy
from profiles.models import Identifier

BATCH = 10_000


class Decided(NamedTuple):
    """One contact point's answer. `deciding` are ledger positions, newest first."""

    identifier_id: int
    decision: Outcome
    basis: Basis | None
    reason: str
    flags: frozenset[str]
    deciding: tuple[int, ...]


def decide_set(
    message: Message,
    *,
    identifier_ids: Collection[int] | None,
    now: datetime | None = None,
    house: House | None = None,
    pace: bool = False,
) -> Iterator[Decided]:
    """Decides for these contact points, or for all (None), in no particular order.

    Contact points that the message's channel does not reach, or that nobody's record shows,
    are left out. `pace` also asks hour and caps (R31 to R34). Rows are fetched as they are
    read, so memory stays flat; must be read inside a transaction.
    """
    asked = params(message, identifier_ids=identifier_ids, now=now, house=house, pace=pace)
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql.statement("consent/decide_set"), asked)
        while batch := cursor.fetchmany(BATCH):
            yield from (decided(*row) for row in batch)


def decided(
    identifier_id: int, decision: str, basis: str, reason: str, flags: list[str], deciding: list[int]
) -> Decided:
    return Decided(
        identifier_id,
        Outcome(decision),
        Basis(basis) if basis else None,
        reason,
        frozenset(flags),
        tuple(deciding),
    )


def count_by_reason(
    message: Message, *, identifier_ids: Collection[int] | None, now: datetime | None = None
) -> dict[tuple[Outcome, str], int]:
    """How many get each answer, the most frequent first; for the preview of a segment.

    Calls and letters go by the balancing tests that stand now.
    """
    moment = now or clock.now()
    with transaction.atomic():
        asked = params(weighed(message, moment), identifier_ids=identifier_ids, now=moment)
        rows = sql.rows("consent/decide_count", asked)
    return {(Outcome(row["decision"]), row["reason"]): row["contacts"] for row in rows}


def weighed(message: Message, now: datetime) -> Message:
    """The message, under a balancing test where an approved one stands (R26, R27)."""
    if message.lia or message.channel in ELECTRONIC:
        return message
    standing = balancing.approved(now.date())
    return replace(message, lia=(message.purpose, message.channel) in standing)


def params(
    message: Message,
    *,
    identifier_ids: Collection[int] | None,
    now: datetime | None = None,
    house: House | None = None,
    pace: bool = False,
) -> dict[str, Any]:
    """What the statement needs to be told: whom, about what, and under which rules."""
    house, moment = house or gather.house(), now or clock.now()
    kinds = REACHED_BY.get(message.channel, ())
    erased = dict(_erased(house, kinds, identifier_ids))
    return (
        gather.params(identifier_ids, now=moment, pace=pace, has_notice=message.has_notice, kinds=kinds)
        | _of_message(message)
        | _of_rules(message.channel, house, moment)
        | {"erased_ids": list(erased), "erased_at": list(erased.values())}
    )


def _of_message(message: Message) -> dict[str, Any]:
    return {
        "controller": message.controller,
        "purpose": message.purpose,
        "channel": message.channel,
        "electronic": message.channel in ELECTRONIC,
        "service": message.kind is MessageClass.SERVICE,
        "class_flag": CLASS_FLAGS.get(message.kind),
        "category": message.category,
        "own": message.own,
        "about_order": bool(message.order),
        "approved": message.approved,
        "has_optout": message.has_optout,
        "lia": message.lia,
        "sensitive": message.sensitive_segment,
    }


def _of_rules(channel: str, house: House, now: datetime) -> dict[str, Any]:
    rules, policy = house.rules, house.rules.policy
    laws = [
        {"country": country} | _law(rules.for_country(country), policy, channel, now)
        for country in rules.countries
    ]
    return {
        "house": house.controller,
        "laws": json.dumps(laws),
        "countries": [country for country in rules.countries if country != UNKNOWN],
        "skew": timedelta(minutes=policy.skew_minutes),
        "lapsed_before": history.months_before(now, policy.unused_lapse_months),
        "soft_min_age": policy.soft_min_age,
        "weekly_cap": policy.weekly_cap,
        "sms_weekly_cap": policy.sms_weekly_cap,
        "adult": ADULT,
        "after_the_show": gather.AFTER_THE_SHOW,
        "faults": list(history.FAULTS),
        "texts_of_others": [pk for pk in house.texts if _names_others(house, pk)],
    }


def _law(country: CountryRules, policy: Policy, channel: str, now: datetime) -> dict[str, Any]:
    """One country's rules as the statement reads them: dates and hours come down to this moment."""
    months = country.soft_months
    return {
        "soft": country.soft,
        "relation": country.relation,
        "soft_since": history.months_before(now, months).isoformat() if months is not None else None,
        "min_age": country.min_age,
        "doi": country.doi,
        "legal_person_optout": country.legal_person_optout,
        "approach": approach(channel, country),
        "register_customer_exception": country.register_customer_exception,
        "call_hours": law_forbids_hour(channel, now, country),
        "quiet_hours": house_forbids_hour(channel, now, country, policy),
    }


def _names_others(house: House, text_id: int) -> bool:
    names = house.asked(0, text_id).names
    return bool(names) and house.controller not in names


def _erased(
    house: House, kinds: Collection[str], identifier_ids: Collection[int] | None
) -> Iterator[tuple[int, datetime]]:
    """Contact points of people erased on request. Their hashes' key is kept outside the database,
    so this is found here; memory holds only those found."""
    if not house.graves:
        return
    addresses = Identifier.objects.filter(kind__in=kinds)
    if identifier_ids is not None:
        addresses = addresses.filter(pk__in=identifier_ids)
    for pk, kind, value in addresses.values_list("pk", "kind_id", "value").iterator(chunk_size=BATCH):
        at = house.erased_at(kind, value)
        if at is not None:
            yield pk, at
