"""The units that a golden record is made of, and the rules by which one record's value wins.

A unit survives whole: all of a name, all of an address, from one record. Rules are data
(`SurvivorshipRule`); a unit without a row has the default (IDENTITY.md section 2,
survivorship).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from profiles.models import SurvivorshipRule


class Strategy(TextChoices):
    """What can decide between two records."""

    SOURCE = "source", _("Most trusted source")
    RECENT = "recent", _("Most recently told")
    FREQUENT = "frequent", _("Told by most records")
    COMPLETE = "complete", _("Most complete")


DEFAULT = tuple(Strategy.values)


@dataclass(frozen=True, slots=True)
class Unit:
    """`by_customer`: a customer's own record goes before an attendee's (CONSENT.md C26).

    `fields` are those of SourceRecord and Profile. `is_contact`: a value held or shared
    gives way to one of the person's own.
    """

    key: str
    label: str | Promise
    fields: tuple[str, ...]
    icon: str
    by_customer: bool = False
    is_contact: bool = False


UNITS: dict[str, Unit] = {
    unit.key: unit
    for unit in (
        Unit("name", _("Name"), ("given_name", "family_name"), "user", by_customer=True),
        Unit("email", _("E-mail"), ("email",), "mail", by_customer=True, is_contact=True),
        Unit("phone", _("Phone"), ("phone",), "phone", by_customer=True, is_contact=True),
        Unit("address", _("Address"), ("street", "postal_code", "city"), "map-pin", by_customer=True),
        Unit("country", _("Country"), ("country",), "globe"),
        Unit("company", _("Company"), ("company",), "building-2"),
        Unit("birth", _("Born"), ("birth_date", "birth_year"), "cake"),
        Unit("gender", _("Gender"), ("gender",), "circle-user"),
        Unit("language", _("Language"), ("language",), "languages"),
    )
}


@dataclass(frozen=True, slots=True)
class Rule:
    """`strategies` in the order in which they decide; `sources` (ids) before all others, in order."""

    unit: str
    strategies: tuple[str, ...] = DEFAULT
    sources: tuple[int, ...] = ()


Rules = Mapping[str, Rule]


def rules() -> dict[str, Rule]:
    """The organisation's rule for every unit."""
    found = {key: Rule(key) for key in UNITS}
    in_force = SurvivorshipRule.objects.filter(lifted_by=None)
    for unit, strategies, sources in in_force.values_list("unit", "strategies", "sources"):
        if unit in found:
            found[unit] = Rule(unit, tuple(strategies), tuple(sources))
    return found


def as_json(some: Rules) -> list[dict[str, Any]]:
    """Rules as they are kept in an act and in a trial."""
    return [
        {"unit": rule.unit, "strategies": list(rule.strategies), "sources": list(rule.sources)}
        for rule in some.values()
    ]


def of_json(kept: Iterable[Mapping[str, Any]]) -> dict[str, Rule]:
    """The opposite of `as_json`; a unit that is not there has the default."""
    found = {
        each["unit"]: Rule(each["unit"], tuple(each["strategies"]), tuple(each["sources"])) for each in kept
    }
    return {key: found.get(key, Rule(key)) for key in UNITS}


def as_parameter(some: Rules) -> Mapping[str, Any]:
    """Rules as gild_winners.sql takes them."""
    return {"rules": Jsonb(as_json(some))}
