"""Facts reduced to what can matter at one moment, so that equal cases are decided once.

Of a hundred thousand buyers most differ only in dates that decide nothing: whether a
purchase was in March or April matters only if one of them is too old today. A shape
keeps everything a decision looks at and replaces such dates by what they come to. The
dates still tell when time alone may change the answer (`turns_at`).

Only contact points with at most one event are reduced; where several events have to be
put in order, their times stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from consent import gather, history
from consent.case import ONGOING
from consent.facts import LedgerEvent, Relation
from consent.gather import CHANNELS, House, Row
from consent.rules import CountryRules


class Shape(NamedTuple):
    """`key` is equal where the answer is. `said_at` is when the only event counts from."""

    key: tuple[object, ...]
    turns_at: datetime | None
    said_at: datetime | None


class Bought(NamedTuple):
    """The sales behind an address: what they come to, and when that changes."""

    key: tuple[object, ...]
    turns_at: datetime | None


def earliest(*moments: datetime | None) -> datetime | None:
    known = [moment for moment in moments if moment is not None]
    return min(known) if known else None


@dataclass
class Shaper:
    """Makes shapes for one moment and one organisation's rules."""

    house: House
    now: datetime
    _bought: dict[tuple[str, str], Bought] = field(default_factory=dict)

    def shape(self, row: Row) -> Shape:
        live = gather.live_until(row.last_day)
        lives = live is not None and live > self.now
        bought = self._sales(row)
        said, turns_at, said_at = self._said(row)
        key = (
            row.kind,
            row.shared,
            row.status,
            row.country,
            row.birth_date,
            row.company,
            row.restricted,
            tuple(row.registers or ()),
            self.house.erased_at(row.kind, row.value),
            lives,
            bought.key,
            said,
        )
        until = earliest(live if lives else None, bought.turns_at, turns_at, self._birthday(row))
        return Shape(key, until, said_at)

    def _sales(self, row: Row) -> Bought:
        if not row.relations:
            return Bought((), None)
        key = (row.relations, row.country)
        found = self._bought.get(key)
        if found is None:
            country = self.house.rules.for_country(row.country)
            sales = gather.relations(row)
            found = Bought(
                tuple(self._sale(sale, country) for sale in sales),
                earliest(*(self._sale_turns(sale, country) for sale in sales)),
            )
            self._bought[key] = found
        return found

    def _sale(self, sale: Relation, country: CountryRules) -> tuple[object, ...]:
        """What R16 to R22 look at."""
        in_force = (
            sale.type in ONGOING
            and sale.started_at <= self.now
            and (sale.ended_at is None or sale.ended_at > self.now)
        )
        last = max(sale.started_at, sale.ended_at or sale.started_at)
        months = country.soft_months
        recent = months is None or last >= history.months_before(self.now, months)
        return (sale.type, in_force, recent, sale.contract_party, sale.category, sale.optout_offered)

    def _sale_turns(self, sale: Relation, country: CountryRules) -> datetime | None:
        last = sale.ended_at or sale.started_at
        too_old = history.months_after(last, country.soft_months) if country.soft_months else None
        return self._ahead(sale.started_at, sale.ended_at, too_old)

    def _said(self, row: Row) -> tuple[object, datetime | None, datetime | None]:
        if not row.events:
            return None, None, None
        events = gather.events(row, self.house, CHANNELS[row.kind])
        turns_at = self._ahead(*(self._lapses_at(event) for event in events))
        if len(events) > 1 or row.birth_date is not None:
            return (row.events, row.uses), turns_at, None
        event = events[0]
        fields = row.events.split("|")
        key = (fields[0], *fields[3:], self._timing(event))
        return key, turns_at, event.occurred_at or event.recorded_at

    def _timing(self, event: LedgerEvent) -> str:
        """What the times of a single event come to (R28)."""
        at, policy = event.occurred_at, self.house.rules.policy
        if at is None:
            return "undated"
        if at > event.recorded_at + timedelta(minutes=policy.skew_minutes):
            return "ahead"
        used = max(at, event.last_used) if event.last_used else at
        lapsed = used < history.months_before(self.now, policy.unused_lapse_months)
        return "lapsed" if lapsed else "good"

    def _lapses_at(self, event: LedgerEvent) -> datetime | None:
        used = max((at for at in (event.occurred_at, event.last_used) if at), default=None)
        return history.months_after(used, self.house.rules.policy.unused_lapse_months) if used else None

    def _birthday(self, row: Row) -> datetime | None:
        """The day after which somebody known to be young is a customer like others."""
        if row.birth_date is None:
            return None
        months = self.house.rules.policy.soft_min_age * 12
        return self._ahead(history.months_after(gather.midnight(row.birth_date), months) + timedelta(days=1))

    def _ahead(self, *moments: datetime | None) -> datetime | None:
        """The first of these that is still to come."""
        return earliest(*(moment for moment in moments if moment is not None and moment > self.now))
