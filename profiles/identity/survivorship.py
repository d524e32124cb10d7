"""Where a person's values come from: who won each unit, why, and what everybody else says.

The golden values themselves are computed by gild_winners.sql, for all people touched at
once. Here the same order is read again for one person, to say why (a property test holds
the two together). See docs/reference/survivorship.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import inf
from typing import Any

from django.db.models import Q
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from profiles.identity import units
from profiles.identity.pins import pin, unpin
from profiles.identity.units import UNITS, Rule, Rules, Strategy, Unit
from profiles.models import Identifier, Pin, Profile, SourceRecord

__all__ = ["UNITS", "UnitExplained", "Value", "explain", "pin", "unpin"]


@dataclass(frozen=True, slots=True)
class Value:
    """What records say of one unit. `record` is the best of those that say exactly this.

    `observed_at` is when that record's source told it last, `also` how many more records
    say it. `state` is held, shared or blocked for a contact point that is not the
    person's own.
    """

    record: int
    text: str
    source: str
    observed_at: datetime
    also: int = 0
    state: str = ""


@dataclass(frozen=True, slots=True)
class UnitExplained:
    """`because` is the code of what decided: pinned, only, agree, own, customer, a strategy,
    older, address (the country goes with it) or stale (the rules have changed since).

    `losers` hold each other value once, best first. `is_pinned`: a person's choice is in
    force, whether or not it decided.
    """

    unit: str
    label: Any
    icon: str
    winner: Value | None
    because: str
    sentence: str
    losers: list[Value]
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What one record says of a unit. `exact` is how, `alike` how it compares.

    `trust` is the source's: lower wins. `pin` is the id of the newest pin in force on it.
    """

    record: int
    exact: tuple[Any, ...]
    alike: str
    filled: int
    at: datetime
    source_id: int
    source: str
    trust: int
    is_customer: bool
    pin: Pin | None = None
    state: str = ""


def told(unit: Unit, record: SourceRecord, chosen: Pin | None = None, state: str = "") -> Told | None:
    """What a record says of a unit, None where that is nothing."""
    exact = tuple(getattr(record, field) for field in unit.fields)
    alike = _alike(unit.key, record)
    if not alike:
        return None
    own = record.observed.get(unit.key)
    return Told(
        record.pk,
        exact,
        alike,
        len(alike) if unit.key == "name" else _filled(unit.key, exact),
        datetime.fromisoformat(own) if own else record.observed_at,
        record.source_id,
        record.source.name,
        record.source.trust,
        record.is_customer,
        chosen,
        state,
    )


def _alike(unit: str, record: SourceRecord) -> str:
    """The value as it is compared: what is written alike counts as the same."""
    if unit == "name":
        return record.name_key
    if unit == "birth":
        return str(record.birth_date or record.birth_year or "")
    if unit == "address":
        place = (record.street, record.postal_code, record.city)
        return "|".join(place).lower() if any(place) else ""
    return str(getattr(record, unit)).lower() if unit == "company" else str(getattr(record, unit))


def _filled(unit: str, exact: tuple[Any, ...]) -> int:
    """How complete a value is, in a number that only compares within its unit."""
    if unit == "address":
        return sum(10_000 for part in exact if part) + sum(map(len, exact))
    if unit == "birth":
        return int(exact[0] is not None)
    return sum(map(len, exact)) if unit in ("company", "language") else 0


Key = tuple[tuple[str, float], ...]
"""What decides, strongest first, as (reason, number): the lower number wins."""


def key(unit: Unit, each: Told, rule: Rule, counts: Mapping[str, int]) -> Key:
    """The order in which records of a unit win. `counts` says how many give each value."""
    numbers = {
        Strategy.SOURCE: _rank(each, rule),
        Strategy.RECENT: -each.at.timestamp(),
        Strategy.FREQUENT: -counts[each.alike],
        Strategy.COMPLETE: -each.filled,
    }
    return (
        ("pinned", -each.pin.pk if each.pin else inf),
        ("own", bool(each.state) if unit.is_contact else 0),
        ("customer", not each.is_customer if unit.by_customer else 0),
        *((strategy, numbers[Strategy(strategy)]) for strategy in rule.strategies),
        ("older", each.record),
    )


def _rank(each: Told, rule: Rule) -> int:
    if each.source_id in rule.sources:
        return rule.sources.index(each.source_id)
    return 1_000_000 + each.trust


@dataclass(frozen=True, slots=True)
class Ranked:
    """Those who tell a unit, best first, with what placed each; placeholders apart."""

    unit: Unit
    told: list[tuple[Told, Key]]
    blocked: list[Told]

    @property
    def winner(self) -> Told | None:
        """The best; the oldest record's where all say exactly the same."""
        if not self.told:
            return None
        if len({each.exact for each, _key in self.told}) == 1:
            return min((each for each, _key in self.told), key=lambda each: each.record)
        return self.told[0][0]

    @property
    def pinned(self) -> Pin | None:
        """The choice in force, if the record it is of still says something."""
        return self.told[0][0].pin if self.told else None


def rank(unit: Unit, said: Collection[Told], rule: Rule) -> Ranked:
    """Orders what all records of one person say of one unit."""
    usable = [each for each in said if each.state != Identifier.State.BLOCKED]
    counts = Counter(each.alike for each in usable)
    placed = sorted(((each, key(unit, each, rule, counts)) for each in usable), key=lambda pair: pair[1])
    return Ranked(unit, placed, [each for each in said if each.state == Identifier.State.BLOCKED])


States = Mapping[tuple[str, str], str]
"""States of contact points that are not a person's own, by (unit, value)."""


def explain(
    profile: Profile, records: Sequence[SourceRecord] | None = None, states: States | None = None
) -> list[UnitExplained]:
    """Every unit that any of the person's records tells. Two queries, and one more for each of
    `records` (all of the person's, with their source) and `states` that are not given."""
    if records is None:
        records = list(SourceRecord.objects.filter(profile=profile).select_related("source"))
    pins = _pins(records)
    states = _states(records) if states is None else states
    return _all(records, units.rules(), pins, states, profile.provenance)


def foresee(people: Mapping[int, Sequence[SourceRecord]], rules: Rules) -> dict[int, list[UnitExplained]]:
    """What other rules would make of these people, by profile id: their records, each with its source."""
    everybody = [record for records in people.values() for record in records]
    pins, states = _pins(everybody), _states(everybody)
    return {profile: _all(records, rules, pins, states, {}) for profile, records in people.items()}


def _all(
    records: Sequence[SourceRecord], rules: Rules, pins: Pins, states: States, stored: Mapping[str, int]
) -> list[UnitExplained]:
    ranked = {}
    for unit in UNITS.values():
        said = (
            told(unit, r, pins.get((r.pk, unit.key)), states.get((unit.key, getattr(r, unit.fields[0])), ""))
            for r in records
        )
        ranked[unit.key] = rank(unit, [each for each in said if each], rules[unit.key])
    return [
        _explained(found, stored.get(found.unit.key), ranked["address"])
        for found in ranked.values()
        if found.told or found.blocked
    ]


Pins = Mapping[tuple[int, str], Pin]


def _pins(records: Collection[SourceRecord]) -> Pins:
    """The newest pin in force on each record and unit."""
    found = Pin.objects.filter(record__in=[r.pk for r in records], lifted_by=None).order_by("pk")
    return {(pin.record_id, pin.unit): pin for pin in found}


def _states(records: Collection[SourceRecord]) -> States:
    shown = Q(kind="email", value__in={r.email for r in records} - {""})
    shown |= Q(kind="phone", value__in={r.phone for r in records} - {""})
    found = Identifier.objects.filter(shown, namespace="").exclude(state=Identifier.State.NORMAL)
    return {(i.kind_id, i.value): i.state for i in found}


def _explained(found: Ranked, stored: int | None, address: Ranked) -> UnitExplained:
    winner = found.winner
    because = _reason(found)
    home = address.winner if found.unit.key == "country" and not found.pinned else None
    if home:
        mine = [each for each, _key in found.told if each.record == home.record]
        if mine and mine[0].exact != (winner and winner.exact):
            winner, because = mine[0], "address"
    kept = [each for each, _key in found.told if each.record == stored]
    if winner and kept and kept[0].exact != winner.exact:
        winner, because = kept[0], "stale"
    rest = [each for each, _key in found.told] + found.blocked
    return UnitExplained(
        found.unit.key,
        found.unit.label,
        found.unit.icon,
        _value(winner, rest) if winner else None,
        because,
        _sentence(because, found, winner),
        _losers(winner, rest),
        found.pinned is not None,
    )


def best_loser(found: Ranked) -> tuple[Told, Key] | None:
    """The best of those who say something else than the winner; failing that, of those who only
    write it in another way."""
    winner = found.winner
    others = [pair for pair in found.told if winner and pair[0].exact != winner.exact]
    really = [pair for pair in others if winner and pair[0].alike != winner.alike]
    return next(iter(really or others), None)


def _reason(found: Ranked) -> str:
    """What separated the winner from the best of those who say something else."""
    loser = best_loser(found)
    if not found.told:
        return "blocked"
    if loser is None:
        return "only" if len(found.told) == 1 else "agree"
    for (reason, mine), (_reason_too, theirs) in zip(found.told[0][1], loser[1], strict=True):
        if mine != theirs:
            return reason
    raise AssertionError("Two records have one id.")


def _losers(winner: Told | None, rest: list[Told]) -> list[Value]:
    seen = {winner.exact} if winner else set()
    losers = []
    for each in rest:
        if each.exact not in seen:
            seen.add(each.exact)
            losers.append(_value(each, rest))
    return losers


def _value(each: Told, everybody: Collection[Told]) -> Value:
    also = sum(other.exact == each.exact for other in everybody) - 1
    return Value(each.record, text_of(each.exact), each.source, each.at, also, each.state)


def text_of(exact: tuple[Any, ...]) -> str:
    """A unit's value in one line: "Storgata 1, 0150 Oslo"; dates as the reader writes them."""
    if isinstance(exact[0], date):
        return formats.date_format(exact[0])
    if len(exact) == 3:
        street, *place = exact
        return ", ".join(part for part in (street, " ".join(filter(None, place))) if part)
    return " ".join(str(part) for part in exact if part)


def _sentence(because: str, found: Ranked, winner: Told | None) -> str:
    """The reason in words, with what was compared."""
    loser = best_loser(found)
    if winner is None or because in ("stale", "address", "only", "agree") or loser is None:
        return _plain(because, found, winner)
    theirs = loser[0]
    counts = Counter(each.alike for each, _key in found.told)
    if because == "pinned" and winner.pin:
        day = formats.date_format(winner.pin.created_at, "SHORT_DATE_FORMAT")
        return _("Chosen by %(who)s on %(day)s.") % {"who": winner.pin.actor, "day": day}
    if because == Strategy.SOURCE:
        return _("%(source)s is trusted more than %(other)s.") % {
            "source": winner.source,
            "other": theirs.source,
        }
    if because == Strategy.RECENT:
        days = [formats.date_format(each.at, "SHORT_DATE_FORMAT") for each in (winner, theirs)]
        if days[0] == days[1]:
            return _("Told last, a little later the same day than the next.")
        return _("Told last, on %(day)s; the next was told on %(other)s.") % {
            "day": days[0],
            "other": days[1],
        }
    if because == Strategy.FREQUENT:
        n = counts[winner.alike]
        return ngettext(
            "%(n)s record says so, fewer say anything else.",
            "%(n)s records say so, fewer say anything else.",
            n,
        ) % {"n": n}
    return _plain(because, found, winner)


def _plain(because: str, found: Ranked, winner: Told | None) -> str:
    """Reasons that compare nothing in particular."""
    return {
        "blocked": _("A placeholder, nobody's own."),
        "only": _("Only %(source)s tells it.") % {"source": winner.source if winner else ""},
        "agree": _("All %(n)s records say the same.") % {"n": len(found.told)},
        "pinned": _("Chosen by a colleague."),
        "own": _("The person's own. The next is shared, or on too many people."),
        "customer": _("The customer's own word. The next was typed by somebody who bought for them."),
        "complete": _("The most complete."),
        "older": _("Nothing tells them apart, so the record that came first stays."),
        "address": _("It belongs to the address."),
        "stale": _("The rules have changed since this was decided. They count from the next recount on."),
    }[because]
