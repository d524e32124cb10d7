"""Fetches the facts of many contact points at once, and reads them as plain data.

One statement (`consent/sql/facts.sql`) streams a row per contact point.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, cast

from django.db import connection

from cdp.lib import clock, sql
from consent.facts import EventType, LedgerEvent, Recipient, Relation
from consent.models import CollectionPoint, ConsentText, RuleOverride
from consent.rules import Rules, tightened
from organisations.models import Organisation
from profiles.erasure import digest
from profiles.models import Tombstone

BATCH = 10_000
FEW = 500
"""Up to so many contact points the statement takes longer to plan than to run."""
CHANNELS: Mapping[str, str] = {"email": "email", "phone": "sms"}
"""By kind of contact point, the channel in which stored answers are given."""
REACHED_BY: Mapping[str, tuple[str, ...]] = {
    "email": ("email",),
    "sms": ("phone",),
    "phone": ("phone",),
    "post": ("email", "phone"),
}
"""By channel, the kinds of contact point at which its permissions are kept. A letter has none
of its own: its permissions and register marks hang on the person's address or number."""

# How long after the last performance there still is something practical to write about.
AFTER_THE_SHOW = timedelta(days=7)

# Mailboxes of nobody in particular. Only together with a company and no given name on
# file do they count as a legal person's (R12).
GENERIC_MAILBOXES = (
    "admin",
    "booking",
    "contact",
    "faktura",
    "firmapost",
    "hello",
    "hei",
    "info",
    "invoice",
    "kontakt",
    "kontor",
    "mail",
    "office",
    "post",
    "postmottak",
    "reception",
    "resepsjon",
    "salg",
    "sales",
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HERE = "here"  # the address in question; every fetched event concerns it


class Row(NamedTuple):
    """One contact point as the statement gives it."""

    identifier_id: int
    kind: str
    shared: bool
    status: str
    country: str
    birth_date: date | None
    company: bool
    last_day: date | None
    events: str | None
    relations: str | None
    uses: str | None
    positions: list[int] | None
    value: str
    refuses_profiling: bool = False
    restricted: bool = False
    registers: list[str] | None = None
    sent_week: int = 0
    sms_week: int = 0
    sent_month: int = 0
    unnoticed: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What an event's collection point and text add to it."""

    preticked: bool = False
    last_written_at: datetime | None = None
    covers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    promised_per_month: int | None = None


@dataclass(frozen=True, slots=True)
class House:
    """The organisation whose ledger is read: its rules, collection points and texts."""

    controller: str
    rules: Rules
    points: Mapping[int, CollectionPoint] = field(repr=False)
    texts: Mapping[int, ConsentText] = field(repr=False)
    own_names: frozenset[str] = frozenset()
    graves: Mapping[bytes, datetime] = field(default_factory=dict, repr=False)
    _asked: dict[tuple[int, int], Asked] = field(default_factory=dict, repr=False)

    def asked(self, point_id: int, text_id: int) -> Asked:
        key = (point_id, text_id)
        found = self._asked.get(key)
        if found is None:
            found = self._asked[key] = self._ask(point_id, text_id)
        return found

    def erased_at(self, kind: str, value: str) -> datetime | None:
        """When somebody with this address was erased on request, if ever."""
        return self.graves.get(digest((kind, "", value))) if self.graves else None

    def _ask(self, point_id: int, text_id: int) -> Asked:
        point, text = self.points.get(point_id), self.texts.get(text_id)
        named = set(text.controllers) if text else set()
        if any(name.casefold() in self.own_names for name in named):
            named.add(self.controller)
        return Asked(
            preticked=bool(point and point.preticked),
            last_written_at=point.last_written_at if point else None,
            covers=frozenset(text.covers if text else ()),
            names=frozenset(named),
            promised_per_month=text.promised_per_month if text else None,
        )


def house() -> House:
    """The current organisation's."""
    organisation = cast(Organisation, connection.tenant)  # type: ignore[attr-defined]
    overrides: dict[str, dict[str, object]] = {}
    for rule in RuleOverride.objects.all():
        overrides.setdefault(rule.place, {})[rule.name] = rule.value
    return House(
        controller=organisation.slug,
        rules=tightened(Rules(home=organisation.country), overrides, refuse=False),
        points=CollectionPoint.objects.in_bulk(),
        texts=ConsentText.objects.in_bulk(),
        own_names=frozenset({organisation.slug.casefold(), organisation.name.casefold()}),
        graves={bytes(key): at for key, at in Tombstone.objects.values_list("digest", "erased_at")},
    )


def params(
    identifier_ids: Collection[int] | None,
    *,
    now: datetime,
    pace: bool = False,
    has_notice: bool = True,
    kinds: Collection[str] = tuple(CHANNELS),
) -> dict[str, Any]:
    """What the statements that take in `consent/sql/known.sql` need to be told."""
    return {
        "identifier_ids": list(identifier_ids or ()),
        "everybody": identifier_ids is None,
        "kinds": list(kinds),
        "generic": list(GENERIC_MAILBOXES),
        "pace": pace,
        "has_notice": has_notice,
        "now": now,
    }


def stream(
    identifier_ids: Collection[int] | None = None,
    *,
    now: datetime | None = None,
    pace: bool = False,
    has_notice: bool = True,
) -> Iterator[list[Row]]:
    """The facts of these contact points, or of all, in batches. Needs a transaction.

    With `pace` also what was sent to them in the last 30 days, for a message without
    `has_notice` also who must be told whom the data came from; both cost more.
    """
    asked = params(identifier_ids, now=now or clock.now(), pace=pace, has_notice=has_notice)
    if identifier_ids is not None and len(identifier_ids) <= FEW:
        fixed = {"everybody": False, "pace": pace, "has_notice": has_notice}
        yield [Row._make(row) for row in sql.with_kept_plan("consent/facts", asked, fixed=fixed)]
        return
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql.statement("consent/facts"), asked)
        while batch := cursor.fetchmany(BATCH):
            yield [Row._make(row) for row in batch]


def recipient(row: Row, house: House, channel: str = "") -> Recipient:
    """`channel` matters for letters alone: a mailbox that bounced does not stop them."""
    status = "ok" if channel == "post" else row.status
    return Recipient(
        address=HERE,
        country=row.country,
        controller=house.controller,
        shared=row.shared,
        bounced=status == "bounced",
        reassigned=status == "reassigned",
        restricted=row.restricted,
        legal_person=row.company,
        birth_date=row.birth_date,
        live_until=live_until(row.last_day),
        erased_at=house.erased_at(row.kind, row.value),
        refuses_profiling=row.refuses_profiling,
        unnoticed=row.unnoticed,
        registers=frozenset(row.registers or ()),
        sent_last_7d=row.sent_week,
        sms_last_7d=row.sms_week,
        sent_last_30d=row.sent_month,
    )


def live_until(last_day: date | None) -> datetime | None:
    """Until when a purchase is a reason to write, by the day of its last performance."""
    return midnight(last_day) + AFTER_THE_SHOW if last_day else None


def events(row: Row, house: House, channel: str) -> list[LedgerEvent]:
    """The ledger of the contact point; ids count from 0 in the order of `row.positions`."""
    if not row.events:
        return []
    used = _used(row, channel)
    return [_event(number, line, house, used) for number, line in enumerate(row.events.split("\n"))]


def _event(number: int, line: str, house: House, used: datetime | None) -> LedgerEvent:
    (
        kind_of_event,
        occurred,
        recorded,
        purpose,
        channel,
        kind,
        proof,
        point,
        text,
        guardian,
        via,
        controller,
        shared_group,
    ) = line.split("|")
    asked = house.asked(int(point), int(text))
    return LedgerEvent(
        id=number,
        type=EventType(kind_of_event),
        occurred_at=_moment(occurred) if occurred != "0" else None,
        recorded_at=_moment(recorded),
        purpose=purpose,
        channel=channel,
        controller=controller,
        address=HERE,
        kind=kind,
        proof=proof,
        covers=asked.covers,
        names=asked.names,
        preticked=asked.preticked,
        via=via,
        guardian=guardian == "1",
        last_used=_latest(used, asked.last_written_at if kind != "act" else None),
        promised_per_month=asked.promised_per_month,
        shared_group=shared_group,
    )


def relations(row: Row) -> list[Relation]:
    if not row.relations:
        return []
    return [_relation(line) for line in row.relations.split("\n")]


def _relation(line: str) -> Relation:
    kind, day, until, party, category, optout = line.split("|")
    return Relation(
        type=kind,
        started_at=midnight(date.fromisoformat(day)),
        ended_at=None if until == "-" else midnight(date.fromisoformat(until)) + timedelta(days=1),
        contract_party="" if party == "own" else party,
        category=category,
        optout_offered=optout,
    )


def _used(row: Row, channel: str) -> datetime | None:
    for line in (row.uses or "").split("\n"):
        name, _, day = line.partition("|")
        if name == channel:
            return midnight(date.fromisoformat(day))
    return None


def _latest(*moments: datetime | None) -> datetime | None:
    known = [moment for moment in moments if moment is not None]
    return max(known) if known else None


def _moment(microseconds: str) -> datetime:
    return EPOCH + timedelta(microseconds=int(microseconds))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
