"""Generated people with sales, marks and ledgers of every sort, straight into the tables.

For holding the two forms of the decision against each other (`benchmarks.agreeing`): every
reason of CONSENT.md 1.4 and 1.5 comes up, and what seldom meets in life meets here.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection
from psycopg import sql as compose

from consent.models import CollectionPoint, ConsentText
from organisations.models import Organisation
from profiles import erasure
from profiles.models import Intake, Product, Source

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
"""A Wednesday, 13:00 in Oslo."""
ERASED = NOW - timedelta(days=200)
COUNTRIES = ("NO", "DK", "SE", "NL", "DE", "FI")
PURPOSES = (
    "marketing.newsletter", "marketing.own_similar", "marketing.partner", "survey", "profiling",
    "tracking.email_open",
)  # fmt: skip
CHANNELS = ("email", "sms", "phone", "post")
Row = Sequence[Any]


@dataclass
class Scene:
    """What the people of one organisation meet: sources, texts, collection points, products."""

    sources: list[Source]
    intake: Intake
    texts: list[ConsentText]
    points: list[CollectionPoint]
    products: list[Product]


@dataclass
class Tables:
    """Rows on their way into the tables, by table."""

    profiles: list[Row] = field(default_factory=list)
    records: list[Row] = field(default_factory=list)
    identifiers: list[Row] = field(default_factory=list)
    shown: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    statuses: list[Row] = field(default_factory=list)
    uses: list[Row] = field(default_factory=list)
    locks: list[Row] = field(default_factory=list)
    registers: list[Row] = field(default_factory=list)
    sends: list[Row] = field(default_factory=list)


COLUMNS = {
    "profiles": (
        "profiles_profile",
        "id public_id state name given_name family_name company email phone street postal_code city country"
        " birth_date gender language provenance is_customer orders_count tickets_count value currency",
    ),
    "records": (
        "profiles_sourcerecord",
        "id source_id external_id profile_id first_profile_id is_customer given_name family_name company"
        " email phone street postal_code city country gender language attributes name_key given_key"
        " observed_at first_intake_id intake_id",
    ),
    "identifiers": ("profiles_identifier", "id kind_id namespace value state invalid state_reason"),
    "shown": ("profiles_recordidentifier", "record_id identifier_id first_seen last_seen intake_id"),
    "orders": (
        "profiles_order",
        "id source_id external_id record_id status ordered_at currency channel payment_type complete"
        " first_intake_id intake_id",
    ),
    "lines": (
        "profiles_orderline",
        "order_id key product_id status starts_at venue category price_type quantity section row seat barcode"
        " campaign first_intake_id intake_id",
    ),
    "events": (
        "consent_consentevent",
        "position identifier_id record_id type scope purpose channel occurred_at recorded_at kind proof"
        " point_id text_id source_system source_event_id order_ref campaign_ref experiment_variant controller"
        " shared_group guardian via actor target_id note",
    ),
    "statuses": ("consent_contactstatus", "identifier_id status since source_system"),
    "uses": ("consent_contactuse", "identifier_id channel last_used_at"),
    "locks": ("profiles_recordmark", "record_id kind since set_by"),
    "registers": ("consent_registermark", "identifier_id register channel"),
    "sends": (
        "consent_senddecision",
        "message identifier_id purpose channel decision basis reason flags rules_version deciding_events"
        " facts decided_at acted_at",
    ),
}
KEYS = {"profiles": "id", "records": "id", "identifiers": "id", "orders": "id", "events": "position"}


class Maker:
    """Makes people from one seed; ids begin after what the tables hold."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.tables = Tables()
        self.erased: list[tuple[str, str, str]] = []
        self.serial = {name: count(_last(*_key(name)) + 1) for name in KEYS}
        self.house: Organisation = connection.tenant  # type: ignore[attr-defined]
        self.scene = make_scene(self.chance, self.house.name)
        self.sold = {
            source.pk: [one for one in self.scene.products if one.source_id == source.pk]
            for source in self.scene.sources
        }

    def people(self, number: int) -> list[int]:
        """So many people, stored. Answers the ids of their contact points."""
        self.tables, self.erased = Tables(), []
        for _ in range(number):
            self._person()
        for name, (table, columns) in COLUMNS.items():
            copy(table, columns, getattr(self.tables, name))
        erasure.bury(self.erased, at=ERASED)
        _restart_counters()
        return [row[0] for row in self.tables.identifiers]

    def _person(self) -> None:
        pick, tables = self.chance, self.tables
        profile, record = next(self.serial["profiles"]), next(self.serial["records"])
        born = pick.choice((None, None, None, NOW.date() - timedelta(days=pick.randint(10 * 365, 20 * 365))))
        firm, country = pick.random() < 0.08, pick.choice(("", "", "", *COUNTRIES))
        given = "" if firm else "Kari"
        tables.profiles.append(
            (profile, uuid.UUID(int=pick.getrandbits(128)), "active", "Kari", given, "Berg",
             "Firma" if firm else "", *[""] * 5, country, born, "", "", "{}", True, 0, 0, 0, "")
        )  # fmt: skip
        source = pick.choice(self.scene.sources)
        self._record(record, profile, source)
        if pick.random() < 0.2:
            self._record(next(self.serial["records"]), profile, pick.choice(self.scene.sources), also=record)
        if pick.random() < 0.03:
            tables.locks.append((record, "restricted", NOW, ""))
        contacts = self._contacts(record, profile, firm=firm)
        for _ in range(pick.choice((0, 1, 1, 2))):
            self._order(record, source)
        for identifier, channel in contacts:
            self._ledger(identifier, record, channel)
            self._sends(identifier)

    def _record(self, record: int, profile: int, source: Source, also: int = 0) -> None:
        tables = self.tables
        tables.records.append(
            (record, source.pk, f"h{record}", profile, profile, True, *[""] * 11, "{}", "", "", NOW,
             self.scene.intake.pk, self.scene.intake.pk)
        )  # fmt: skip
        if also and tables.identifiers and self.chance.random() < 0.3:
            # A household: the last person's mailbox is shown here too.
            tables.shown.append((record, tables.identifiers[-1][0], NOW, NOW, self.scene.intake.pk))

    def _contacts(self, record: int, profile: int, *, firm: bool) -> list[tuple[int, str]]:
        pick, found = self.chance, []
        for kind, channel in (("email", "email"), ("phone", "sms")):
            if pick.random() < 0.15:
                continue
            identifier = next(self.serial["identifiers"])
            name = "post" if firm and pick.random() < 0.7 else f"kari.{profile}"
            value = f"{name}@{profile}.example" if kind == "email" else f"+47{90_000_000 + identifier}"
            state = pick.choices(("normal", "shared", "blocked"), (95, 4, 1))[0]
            self.tables.identifiers.append((identifier, kind, "", value, state, pick.random() < 0.01, ""))
            self.tables.shown.append((record, identifier, NOW, NOW, self.scene.intake.pk))
            self._marks(identifier, kind, value, channel)
            found.append((identifier, channel))
        return found

    def _marks(self, identifier: int, kind: str, value: str, channel: str) -> None:
        pick, tables = self.chance, self.tables
        if pick.random() < 0.05:
            tables.statuses.append((identifier, pick.choice(("ok", "bounced", "reassigned")), NOW, "test"))
        if pick.random() < 0.3:
            tables.uses.append((identifier, channel, self._past(1100)))
        if pick.random() < 0.25:
            tables.registers.append((identifier, "robinson_post", "post"))
        if kind == "phone" and pick.random() < 0.25:
            tables.registers.append((identifier, "reservasjon_phone", "phone"))
        if pick.random() < 0.04:
            self.erased.append((kind, "", value))

    def _order(self, record: int, source: Source) -> None:
        pick = self.chance
        order, at = next(self.serial["orders"]), self._past(1000)
        status = pick.choices(("paid", "refunded", "pending"), (8, 1, 1))[0]
        delivery = self.scene.intake.pk
        self.tables.orders.append(
            (order, source.pk, f"o{order}", record, status, at, "", pick.choice(("", "web", "door")), "",
             True, delivery, delivery)
        )  # fmt: skip
        for key in range(pick.choice((1, 1, 2))):
            product = pick.choice(self.sold[source.pk])
            starts = pick.choice((None, at + timedelta(days=pick.randint(1, 500))))
            self.tables.lines.append(
                (order, str(key), product.pk, pick.choice(("", "", "", "refunded")), starts, "", "", "", 1,
                 *[""] * 5, delivery, delivery)
            )  # fmt: skip

    def _ledger(self, identifier: int, record: int, channel: str) -> None:
        """Now and then two things are said at one moment."""
        recorded = self._past(1000)
        for _ in range(self.chance.choices((0, 1, 2, 3, 6), (30, 35, 15, 12, 8))[0]):
            self._event(identifier, record, channel, recorded)
            recorded = recorded if self.chance.random() < 0.3 else self._past(1000)

    def _event(self, identifier: int, record: int, channel: str, recorded: datetime) -> None:
        pick = self.chance
        kind = pick.choices(
            ("GRANT", "DOI_REQUESTED", "CARRIED", "DENY", "WITHDRAW", "OBJECT", "COMPLAINT", "DOI_CONFIRMED",
             "INVALIDATED", "LAPSED"),
            (50, 6, 4, 6, 8, 4, 2, 8, 3, 3),
        )[0]  # fmt: skip
        no = kind in ("DENY", "WITHDRAW", "OBJECT", "COMPLAINT")
        number = next(self.serial["events"])
        earlier = self.tables.events[-1][0] if self.tables.events else None
        target = earlier if kind == "INVALIDATED" and earlier and pick.random() < 0.7 else None
        point, text = pick.choice((None, *self.scene.points)), pick.choice((None, None, *self.scene.texts))
        self.tables.events.append((
            number, identifier, record, kind, "person" if no and pick.random() < 0.15 else "address",
            pick.choice((*PURPOSES, "*", "marketing.newsletter") if no else (*PURPOSES[:2] * 3, *PURPOSES)),
            pick.choice((channel, channel, "*", *CHANNELS) if no else (channel, channel, channel, *CHANNELS)),
            self._own_time(recorded), recorded, pick.choice(("act", "act", "snapshot", "import")),
            pick.choice("AAABBC"), point and point.pk, text and text.pk, "test", str(number), "", "", "",
            pick.choice(("", "", "", "", self.house.slug, "elsewhere")), pick.choice(("", "", "", "season")),
            pick.random() < 0.05, pick.choice(("", "", "web_form", "checkout")), "person", target, "",
        ))  # fmt: skip

    def _own_time(self, recorded: datetime) -> datetime | None:
        """None, the same moment, a little or much earlier, or in the future."""
        pick = self.chance
        return pick.choice((
            None, recorded, recorded, recorded, recorded - timedelta(minutes=pick.randint(0, 60)),
            recorded - timedelta(days=pick.randint(0, 900)), recorded + timedelta(minutes=pick.randint(1, 9)),
        ))  # fmt: skip

    def _sends(self, identifier: int) -> None:
        pick = self.chance
        if pick.random() < 0.7:
            return
        for number in range(pick.randint(1, 4)):
            acted = pick.choice((None, NOW - timedelta(hours=pick.randint(1, 900))))
            channel, basis = pick.choice((("email", "consent"), ("sms", "consent"), ("email", "contract")))
            self.tables.sends.append(
                (f"m{number}", identifier, "marketing.newsletter", channel, "ALLOW", basis, "CONSENT", "{}",
                 "1", "{}", pick.choice(("{}", '{"notice": true}')), NOW, acted)
            )  # fmt: skip

    def _past(self, days: int) -> datetime:
        """A moment in the past; now and then one of which many things are, so that equal times meet."""
        pick = self.chance
        if pick.random() < 0.2:
            return pick.choice((ERASED, ERASED + timedelta(days=1), NOW - timedelta(days=30)))
        return NOW - timedelta(minutes=pick.randint(0, days * 1440))


def make_scene(pick: random.Random, house: str) -> Scene:
    """Sources of every country and one of a partner, points of every sort, texts that name and cover."""
    mark = f"{pick.getrandbits(40):x}"
    sources = [
        Source.objects.create(slug=f"s{n}-{mark}", name="Source", country=country)
        for n, country in enumerate((*COUNTRIES[:5], "NO", "DK"))
    ]
    texts = [
        ConsentText.objects.create(name=f"t{n}-{mark}", body="Yes", body_sha256="0", **given)
        for n, given in enumerate((*TEXTS, {"controllers": ["Elsewhere AS", house.upper()]}))
    ]
    points = [
        CollectionPoint.objects.create(key=f"p{n}-{mark}", name="Point", source=source, **given)
        for source in sources
        for n, given in enumerate(_points_of(sources.index(source)), 10 * sources.index(source))
    ]
    products = [
        Product.objects.create(source=source, external_id=f"{n}-{mark}", name=kind, kind=kind, ends_at=ends)
        for source in sources
        for n, (kind, ends) in enumerate(SOLD)
    ]
    return Scene(sources, Intake.objects.create(source=sources[0]), texts, points, products)


SOLD = (
    ("show", None),
    ("show", NOW + timedelta(days=20)),
    ("season_ticket", NOW + timedelta(days=90)),
    ("membership", None),
    ("goods", None),
)
TEXTS: tuple[dict[str, Any], ...] = (
    {"covers": ["marketing.own_similar"], "promised_per_month": 1},
    {"covers": ["tracking.email_open", "profiling"], "promised_per_month": 2},
    {"controllers": ["Elsewhere AS"]},
    {},
)


def _points_of(number: int) -> list[dict[str, Any]]:
    """The collection points of one source: what was offered differs by source and sales channel."""
    verified: dict[str, Any] = {"verified_by": "test", "verified_at": NOW}
    whole = {"optout_offered": ("yes", "no", "unknown")[number % 3]} | verified
    if number == 5:
        whole |= {"contract_party": "other", "optout_offered": "yes"}
    return [
        whole,
        {"sales_channel": "web", "optout_offered": "yes"} | verified,
        {"sales_channel": "door", "optout_offered": "no", "valid_from": NOW - timedelta(days=400)} | verified,
        {"preticked": True},
        {"last_written_at": NOW - timedelta(days=30)},
    ]


# --- into the tables ----------------------------------------------------------------------


def copy(table: str, columns: str, rows: Iterable[Row]) -> None:
    statement = compose.SQL("copy {} ({}) from stdin").format(
        compose.Identifier(table), compose.SQL(", ").join(map(compose.Identifier, columns.split()))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row(row)


def _key(name: str) -> tuple[str, str]:
    return COLUMNS[name][0], KEYS[name]


def _last(table: str, key: str) -> int:
    query = compose.SQL("select coalesce(max({}), 0) from {}").format(
        compose.Identifier(key), compose.Identifier(table)
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def _restart_counters() -> None:
    with connection.cursor() as cursor:
        for name in KEYS:
            table, key = _key(name)
            cursor.execute(
                "select setval(pg_get_serial_sequence(%s, %s), %s)", [table, key, _last(table, key) + 1]
            )
        cursor.execute("analyze")


def batches(seed: int, people: int) -> Iterator[list[int]]:
    """Batch after batch of people, each from a seed of its own; ends never."""
    for number in count(seed):
        yield Maker(number).people(people)
