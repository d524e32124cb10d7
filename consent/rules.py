"""The country rules and the house policy, as versioned data (CONSENT.md 1.6).

An organisation may make a rule stricter, never laxer: `tightened` refuses anything
else. A laxer rule needs a release of Foyer with a new `VERSION` and a note of who
signed it off (docs/reference/consent-rules.md). The version is stored with every
decision, so that an old one can be read with the rules it was made under.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

VERSION = "2026-11.1"

Relation = Literal["sale", "ongoing"]
Approach = Literal["optout", "optout_register", "consent"]

APPROACHES: tuple[Approach, ...] = ("optout", "optout_register", "consent")
RELATIONS: tuple[Relation, ...] = ("sale", "ongoing")

UNKNOWN = "??"


class LaxerRule(ValueError):
    """An organisation asked for a rule laxer than the one that Foyer ships."""


@dataclass(frozen=True, slots=True)
class CallHours:
    """Local hours in which calling is lawful: from `start` up to, not including, `end`."""

    start: int = 9
    end: int = 21
    no_saturday: bool = True
    no_sunday: bool = True
    no_holidays: bool = True


@dataclass(frozen=True, slots=True)
class CountryRules:
    """What one country's law lets a seller do.

    `soft` says whether a customer exception exists at all, `relation` what makes a
    customer, `soft_months` how long it lasts (None: as long as the relation).
    `phone` and `post` name the approach; `register_customer_exception` lets an
    ongoing customer be called in spite of the register (only Norway).
    """

    soft: bool
    relation: Relation
    soft_months: int | None
    min_age: int
    doi: bool
    legal_person_optout: bool
    phone: Approach
    post: Approach
    register_customer_exception: bool = False
    phone_hours: CallHours | None = None
    bookkeeping_years: int = 8
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What no law says and the house applies; hours are local, `end` not included."""

    unused_lapse_months: int = 24
    skew_minutes: int = 5
    soft_min_age: int = 18
    free_account_is_sale: bool = False
    weekly_cap: int = 3
    sms_weekly_cap: int = 1
    quiet_start: int = 9
    quiet_end: int = 20
    sms_on_sunday: bool = False


COUNTRIES: Mapping[str, CountryRules] = {
    "NO": CountryRules(
        soft=True,
        relation="ongoing",
        soft_months=None,
        min_age=15,
        doi=False,
        legal_person_optout=True,
        phone="optout_register",
        post="optout_register",
        register_customer_exception=True,
        phone_hours=CallHours(),
        bookkeeping_years=5,
        zone="Europe/Oslo",
    ),
    "DK": CountryRules(
        soft=True,
        relation="sale",
        soft_months=24,
        min_age=15,
        doi=False,
        legal_person_optout=False,
        phone="consent",
        post="optout_register",
        bookkeeping_years=5,
        zone="Europe/Copenhagen",
    ),
    "SE": CountryRules(
        soft=True,
        relation="sale",
        soft_months=12,
        min_age=16,
        doi=False,
        legal_person_optout=True,
        phone="optout",
        post="optout",
        bookkeeping_years=7,
        zone="Europe/Stockholm",
    ),
    "NL": CountryRules(
        soft=True,
        relation="sale",
        soft_months=24,
        min_age=16,
        doi=False,
        legal_person_optout=False,
        phone="consent",
        post="optout",
        bookkeeping_years=7,
        zone="Europe/Amsterdam",
    ),
    "DE": CountryRules(
        soft=True,
        relation="sale",
        soft_months=24,
        min_age=16,
        doi=True,
        legal_person_optout=False,
        phone="consent",
        post="optout",
        bookkeeping_years=8,
        zone="Europe/Berlin",
    ),
    UNKNOWN: CountryRules(
        soft=False,
        relation="ongoing",
        soft_months=12,
        min_age=16,
        doi=True,
        legal_person_optout=False,
        phone="consent",
        post="consent",
    ),
}

T = TypeVar("T")
Stricter = Callable[[Any, Any], Any]


def _larger(one: Any, other: Any) -> Any:
    return max(one, other)


def _smaller(one: Any, other: Any) -> Any:
    return min(one, other)


def _forbidden(one: bool, other: bool) -> bool:
    return one and other


def _demanded(one: bool, other: bool) -> bool:
    return one or other


def _shorter(one: int | None, other: int | None) -> int | None:
    known = [months for months in (one, other) if months is not None]
    return min(known) if known else None


def _later_in(order: tuple[T, ...]) -> Callable[[T, T], T]:
    return lambda one, other: max(one, other, key=order.index)


def _fewer_hours(one: CallHours | None, other: CallHours | None) -> CallHours | None:
    if one is None or other is None:
        return one or other
    return CallHours(
        start=max(one.start, other.start),
        end=min(one.end, other.end),
        no_saturday=one.no_saturday or other.no_saturday,
        no_sunday=one.no_sunday or other.no_sunday,
        no_holidays=one.no_holidays or other.no_holidays,
    )


# For each gate: given two values, the stricter one.
STRICTER_COUNTRY: Mapping[str, Stricter] = {
    "soft": _forbidden,
    "relation": _later_in(RELATIONS),
    "soft_months": _shorter,
    "min_age": _larger,
    "doi": _demanded,
    "legal_person_optout": _forbidden,
    "phone": _later_in(APPROACHES),
    "post": _later_in(APPROACHES),
    "register_customer_exception": _forbidden,
    "phone_hours": _fewer_hours,
}
STRICTER_POLICY: Mapping[str, Stricter] = {
    "unused_lapse_months": _smaller,
    "skew_minutes": _smaller,
    "soft_min_age": _larger,
    "free_account_is_sale": _forbidden,
    "weekly_cap": _smaller,
    "sms_weekly_cap": _smaller,
    "quiet_start": _larger,
    "quiet_end": _smaller,
    "sms_on_sunday": _forbidden,
}


def stricter_of(recipient: CountryRules, sender: CountryRules) -> CountryRules:
    """The stricter of two countries' rules, gate by gate.

    Bookkeeping and the local clock are no gates: they stay the recipient's country's.
    """
    return replace(
        recipient,
        **{
            name: stricter(getattr(recipient, name), getattr(sender, name))
            for name, stricter in STRICTER_COUNTRY.items()
        },
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules that hold for one organisation whose home is the country `home`."""

    home: str = UNKNOWN
    version: str = VERSION
    countries: Mapping[str, CountryRules] = field(default_factory=lambda: COUNTRIES)
    policy: Policy = Policy()
    _pairs: dict[str, CountryRules] = field(default_factory=dict, repr=False, compare=False)

    def for_country(self, country: str) -> CountryRules:
        """The rules for a recipient in `country`: the stricter of theirs and ours."""
        found = self._pairs.get(country)
        if found is None:
            found = self._pairs[country] = self._pair(country)
        return found

    def _pair(self, country: str) -> CountryRules:
        unknown = self.countries[UNKNOWN]
        theirs = self.countries.get(country, unknown)
        ours = self.countries.get(self.home, unknown)
        pair = stricter_of(theirs, ours)
        return pair if pair.zone else replace(pair, zone=ours.zone or "UTC")


def tightened(rules: Rules, overrides: Mapping[str, Mapping[str, Any]], *, refuse: bool = True) -> Rules:
    """`rules` with an organisation's own, stricter values.

    `overrides` maps a country code, or "policy", to the fields it changes. Raises
    `LaxerRule` for a laxer value and for a field that is not the organisation's to set;
    with `refuse=False` the stricter of both holds, as when a release has overtaken a
    value set before.
    """
    if not any(overrides.values()):
        return rules
    countries = dict(rules.countries)
    policy = rules.policy
    for place, changes in overrides.items():
        if place == "policy":
            policy = _apply(policy, changes, STRICTER_POLICY, refuse)
        elif place in countries:
            countries[place] = _apply(countries[place], changes, STRICTER_COUNTRY, refuse)
        else:
            raise LaxerRule(f"No country rules exist for {place!r}.")
    version = f"{rules.version}+{_fingerprint(overrides)}"
    return Rules(home=rules.home, version=version, countries=countries, policy=policy)


R = TypeVar("R", CountryRules, Policy)


def _apply(base: R, changes: Mapping[str, Any], gates: Mapping[str, Stricter], refuse: bool) -> R:
    for name, value in changes.items():
        if name not in gates or name == "phone_hours":
            raise LaxerRule(f"{name!r} is not an organisation's to set.")
        current = getattr(base, name)
        if type(value) is not type(current) and current is not None:
            raise LaxerRule(f"{name!r} needs a value like {current!r}.")
        stricter = gates[name](current, value)
        if refuse and stricter != value:
            raise LaxerRule(f"{name!r} may only become stricter than {current!r}.")
        base = replace(base, **{name: stricter})
    return base


def _fingerprint(overrides: Mapping[str, Mapping[str, Any]]) -> str:
    text = json.dumps(overrides, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
