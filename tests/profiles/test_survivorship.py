"""Whose value wins: the statement, the explanation, and a plain account of the rules say the same."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp.lib import sql
from profiles import normalise
from profiles.identity import survivorship, units
from profiles.identity.units import UNITS, Rule, Strategy, Unit
from profiles.ingest import gild, load
from profiles.models import Identifier, IdentityAct, Pin, Profile, Source, SourceRecord, SurvivorshipRule
from tests.profiles.sample import START, a_source, deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]

SOURCES = (("box", 50), ("shop", 50), ("club", 100))
POOLS: dict[str, tuple[Any, ...]] = {
    "given_name": ("Kari", "KARI", "Kari Anne", ""),
    "family_name": ("Li", "Berg"),
    "email": ("", "a@example.no", "b@example.no", "held@example.no", "shared@example.no", "bad@example.no"),
    "phone": ("", "+4741234567", "+4741234568"),
    "street": ("", "Storgata 1", "STORGATA 1", "Torget 2"),
    "city": ("", "Oslo", "Bergen"),
    "company": ("", "Foyer", "FOYER"),
    "country": ("", "NO", "SE"),
    "gender": ("", "female", "other"),
    "language": ("", "nb", "en-GB"),
}
STATES = {"held@example.no": "held", "shared@example.no": "shared", "bad@example.no": "blocked"}


def sources() -> list[Source]:
    return [a_source(slug, trust=trust) for slug, trust in SOURCES]


def a_profile() -> Profile:
    return Profile.objects.create()


def a_record(profile: Profile, source: Source, day: int = 0, **values: Any) -> SourceRecord:
    """A record as ingest would have written it."""
    name = f"{values.get('given_name', '')} {values.get('family_name', '')}"
    number = SourceRecord.objects.count()
    record = SourceRecord.objects.create(
        source=source,
        external_id=f"x{number}",
        profile=profile,
        first_profile=profile,
        name_key=normalise.fold(name),
        given_key=normalise.fold(values.get("given_name", "")),
        observed_at=START + timedelta(days=day),
        first_intake_id=1,
        intake_id=1,
        **values,
    )
    return record


def recompute(*profiles: Profile) -> None:
    load.empty_stage()
    sql.run("profiles/touch", {"profiles": [p.pk for p in profiles]}).close()
    gild.gild_touched()
    for profile in profiles:
        profile.refresh_from_db()


def a_pin(record: SourceRecord, unit: str, lifted: bool = False) -> Pin:
    act = IdentityAct.objects.create(kind="pin")
    return Pin.objects.create(record=record, unit=unit, act=act, lifted_by=act if lifted else None)


def a_rule(unit: str, strategies: list[str], sources: Iterable[int] = ()) -> None:
    act = IdentityAct.objects.create(kind="rules")
    SurvivorshipRule.objects.create(unit=unit, strategies=strategies, sources=list(sources), act=act)


def explained(profile: Profile) -> dict[str, survivorship.UnitExplained]:
    return {each.unit: each for each in survivorship.explain(profile)}


# --- a plain account of the rules ------------------------------------------------------------


def exact(unit: Unit, record: SourceRecord) -> tuple[Any, ...]:
    return tuple(getattr(record, field) for field in unit.fields)


def alike(unit: Unit, record: SourceRecord) -> str:
    if unit.key == "name":
        return record.name_key
    return "|".join(str(value).lower() for value in exact(unit, record))


def tells(unit: Unit, record: SourceRecord) -> bool:
    if unit.key in ("email", "phone") and STATES.get(getattr(record, unit.key)) == "blocked":
        return False
    return bool(record.name_key) if unit.key == "name" else any(exact(unit, record))


def told_at(unit: Unit, record: SourceRecord) -> datetime:
    own = record.observed.get(unit.key)
    return datetime.fromisoformat(own) if own else record.observed_at


def completeness(unit: Unit, record: SourceRecord) -> Any:
    values = exact(unit, record)
    return {
        "name": len(record.name_key),
        "address": (sum(map(bool, values)), len("".join(map(str, values)))),
        "birth": values[0] is not None,
        "company": len(str(values[0])),
        "language": len(str(values[0])),
    }.get(unit.key, 0)


def questions_of(unit: Unit, rule: Rule, told: list[SourceRecord], pins: list[Pin]) -> list[tuple[str, Any]]:
    """What is asked of each record in turn; the greatest answer wins."""
    newest = {pin.record_id: pin.pk for pin in pins if pin.unit == unit.key and not pin.lifted_by_id}
    how_many = Counter(alike(unit, record) for record in told)
    trusted = [*rule.sources, *(s.pk for s in sorted(Source.objects.all(), key=lambda s: s.trust))]
    trust = dict(Source.objects.values_list("pk", "trust"))

    def faith(record: SourceRecord) -> tuple[bool, int]:
        named = record.source_id in rule.sources
        return named, -trusted.index(record.source_id) if named else -trust[record.source_id]

    by_strategy = {
        "source": faith,
        "recent": lambda r: told_at(unit, r),
        "frequent": lambda r: how_many[alike(unit, r)],
        "complete": lambda r: completeness(unit, r),
    }
    return [
        ("pinned", lambda r: newest.get(r.pk, 0)),
        ("own", lambda r: not (unit.is_contact and getattr(r, unit.key) in STATES)),
        ("customer", lambda r: r.is_customer or not unit.by_customer),
        *((name, by_strategy[name]) for name in rule.strategies),
        ("older", lambda r: -r.pk),
    ]


def best(told: list[SourceRecord], questions: list[tuple[str, Any]]) -> SourceRecord:
    for _name, answer in questions:
        most = max(answer(record) for record in told)
        told = [record for record in told if answer(record) == most]
    return told[0]


def oracle(
    unit: Unit, rule: Rule, records: Iterable[SourceRecord], pins: list[Pin]
) -> tuple[SourceRecord | None, str]:
    """Who wins, and what separated them from the best of those who say something else."""
    told = [record for record in records if tells(unit, record)]
    if not told:
        return None, "blocked"
    if len({exact(unit, record) for record in told}) == 1:
        return min(told, key=lambda r: r.pk), "only" if len(told) == 1 else "agree"
    questions = questions_of(unit, rule, told, pins)
    winner = best(told, questions)
    others = [r for r in told if exact(unit, r) != exact(unit, winner)]
    really = [r for r in others if alike(unit, r) != alike(unit, winner)]
    loser = best(really or others, questions)
    return winner, next(name for name, answer in questions if answer(winner) != answer(loser))


@st.composite
def a_world(draw: st.DrawFn) -> dict[str, Any]:
    rng = random.Random(draw(st.integers(0, 1_000_000)))
    strategies = list(Strategy.values)

    def one() -> dict[str, Any]:
        born = rng.choice((None, date(1980, 5, 17), date(1980, 5, 18), 1980, 1981))
        return {
            "source": rng.randrange(len(SOURCES)),
            "day": rng.randrange(3),
            "is_customer": rng.random() < 0.7,
            "observed": {
                unit: (START - timedelta(days=rng.randrange(3))).isoformat()
                for unit in UNITS
                if rng.random() < 0.3
            },
            "birth_date": born if isinstance(born, date) else None,
            "birth_year": born.year if isinstance(born, date) else born,
        } | {name: rng.choice(pool) for name, pool in POOLS.items()}

    return {
        "people": [[one() for _ in range(rng.randrange(1, 6))] for _ in range(3)],
        "rules": {
            unit: (rng.sample(strategies, rng.randrange(5)), rng.sample(range(3), rng.randrange(4)))
            for unit in UNITS
            if rng.random() < 0.5
        },
        "pins": [
            (rng.random(), rng.choice(list(UNITS)), rng.random() < 0.4) for _ in range(rng.randrange(8))
        ],
    }


def build(world: dict[str, Any]) -> tuple[dict[Profile, list[SourceRecord]], list[Pin]]:
    known = sources()
    for value, state in STATES.items():
        Identifier.objects.create(kind_id="email", value=value, state=state)
    people = {}
    for records in world["people"]:
        profile = a_profile()
        people[profile] = [
            a_record(profile, known[values.pop("source")], **values)
            for values in ({**values} for values in records)
        ]
    for unit, (strategies, order) in world["rules"].items():
        a_rule(unit=unit, strategies=strategies, sources=[known[position].pk for position in order])
    everybody = [record for records in people.values() for record in records]
    pins = [
        a_pin(everybody[int(where * len(everybody))], unit, lifted) for where, unit, lifted in world["pins"]
    ]
    return people, pins


def golden(profile: Profile, unit: Unit) -> tuple[Any, ...]:
    return tuple(getattr(profile, field) for field in unit.fields)


@settings(max_examples=60, deadline=None)
@given(a_world())
def test_the_statement_and_the_explanation_follow_the_rules(world: dict[str, Any]) -> None:
    with transaction.atomic():
        people, pins = build(world)
        recompute(*people)
        rules = units.rules()
        for profile, records in people.items():
            found = explained(profile)
            home = oracle(UNITS["address"], rules["address"], records, pins)[0]
            for key, unit in UNITS.items():
                winner, reason = oracle(unit, rules[key], records, pins)
                if key == "country" and reason != "pinned" and home is not None and home.country:
                    winner, reason = (
                        home,
                        "address" if winner is not None and winner.country != home.country else reason,
                    )
                if winner is None:
                    assert key not in profile.provenance
                    continue
                assert golden(profile, unit) == exact(unit, winner), key
                if len({exact(unit, r) for r in records if tells(unit, r)}) > 1 and key != "country":
                    assert profile.provenance[key] == winner.pk
                shown = found[key]
                assert shown.winner is not None
                assert shown.winner.text == survivorship.text_of(exact(unit, winner))
                assert shown.because == reason, key
                others = {exact(unit, r) for r in records if any(exact(unit, r))} - {exact(unit, winner)}
                if key != "name":
                    assert {each.text for each in shown.losers} == {
                        survivorship.text_of(each) for each in others
                    }
        transaction.set_rollback(True)


# --- each rule by itself ---------------------------------------------------------------------


def test_the_more_trusted_source_wins_and_the_loser_stays_visible() -> None:
    box, _shop, club = sources()
    profile = a_profile()
    a_record(profile, club, 5, given_name="Kari", family_name="Berg")
    a_record(profile, box, 1, given_name="Kari", family_name="Li")
    recompute(profile)
    name = explained(profile)["name"]
    assert profile.name == "Kari Li"
    assert (name.because, name.sentence) == ("source", "Box is trusted more than Club.")
    assert [(lost.text, lost.source, lost.observed_at) for lost in name.losers] == [
        ("Kari Berg", "Club", START + timedelta(days=5))
    ]


def test_equal_trust_leaves_it_to_the_fields_own_time() -> None:
    """The shop has delivered last, but told nothing of the address then."""
    box, shop, _club = sources()
    profile = a_profile()
    a_record(profile, shop, 9, city="Oslo", observed={"address": START.isoformat()})
    a_record(profile, box, 4, city="Bergen")
    recompute(profile)
    assert (profile.city, explained(profile)["address"].because) == ("Bergen", "recent")


def test_what_most_records_say_wins_where_the_rule_says_so() -> None:
    box, shop, club = sources()
    a_rule(unit="name", strategies=["frequent", "source"])
    profile = a_profile()
    a_record(profile, box, 9, given_name="Kari", family_name="Berg")
    a_record(profile, shop, given_name="Kari", family_name="Ås")
    a_record(profile, club, given_name="KARI", family_name="ÅS")
    recompute(profile)
    name = explained(profile)["name"]
    assert (profile.name, name.because) == ("Kari Ås", "frequent")
    assert name.sentence == "2 records say so, fewer say anything else."


def test_a_units_own_source_order_goes_before_general_trust() -> None:
    box, _shop, club = sources()
    a_rule(unit="phone", strategies=["source"], sources=[club.pk])
    profile = a_profile()
    a_record(profile, box, phone="+4741234567", email="a@example.no")
    a_record(profile, club, phone="+4741234568", email="b@example.no")
    recompute(profile)
    assert (profile.phone, profile.email) == ("+4741234568", "a@example.no")


def test_the_most_complete_address_wins_whole() -> None:
    box, _shop, club = sources()
    a_rule(unit="address", strategies=["complete"])
    profile = a_profile()
    a_record(profile, box, street="Storgata 1")
    a_record(profile, club, postal_code="5003", city="Bergen")
    recompute(profile)
    assert (profile.street, profile.postal_code, profile.city) == ("", "5003", "Bergen")


def test_a_held_mailbox_is_shown_only_when_there_is_nothing_better() -> None:
    box, _shop, club = sources()
    Identifier.objects.create(kind_id="email", value="post@example.no", state="held")
    both, alone = a_profile(), a_profile()
    a_record(both, box, email="post@example.no")
    a_record(both, club, email="kari@example.no", is_customer=False)
    a_record(alone, box, email="post@example.no")
    recompute(both, alone)
    assert (both.email, alone.email) == ("kari@example.no", "post@example.no")
    mail = explained(both)["email"]
    assert (mail.because, [(lost.text, lost.state) for lost in mail.losers]) == (
        "own",
        [("post@example.no", "held")],
    )


def test_whoever_was_shown_with_a_mailbox_gets_a_better_one_when_it_is_held() -> None:
    """Nobody moves: the phone holds her two records together."""
    phone: dict[str, Any] = {"phone": "41234567", "name": "Kari Li"}
    deliver([ticket(1, email="post@example.no", external_id="7", **phone)], a_source("box", trust=1))
    deliver([ticket(1, email="kari@example.no", external_id="8", **phone)])
    kari = Profile.objects.get(state="active")
    assert kari.email == "post@example.no"
    names = ["Ola", "Anne", "Per", "Ingrid", "Lars", "Solveig", "Marit", "Nils", "Astrid", "Knut", "Bo"]
    deliver(
        [ticket(n, email="post@example.no", name=f"{name} Li") for n, name in enumerate(names)],
        a_source("club"),
    )
    assert Identifier.objects.get(value="post@example.no").state == "held"
    kari = SourceRecord.objects.get(external_id="8").profile
    assert kari.email == "kari@example.no"
    assert all(each.because != "stale" for each in survivorship.explain(kari))


def test_a_blocked_placeholder_is_nobodys_but_stays_visible() -> None:
    box, _shop, _club = sources()
    Identifier.objects.create(kind_id="email", value="kasse@example.no", state="blocked")
    profile = a_profile()
    record = a_record(profile, box, email="kasse@example.no")
    a_pin(record, "email")
    recompute(profile)
    mail = explained(profile)["email"]
    assert (profile.email, mail.winner, mail.because) == ("", None, "blocked")
    assert [lost.state for lost in mail.losers] == ["blocked"]


def test_a_customers_own_word_goes_before_what_a_buyer_typed() -> None:
    box, _shop, club = sources()
    profile = a_profile()
    a_record(profile, box, 9, given_name="Kari", family_name="Guest", is_customer=False)
    a_record(profile, club, given_name="Kari", family_name="Li")
    recompute(profile)
    assert (profile.name, explained(profile)["name"].because) == ("Kari Li", "customer")


def test_the_country_goes_with_the_address_unless_it_is_pinned() -> None:
    box, _shop, club = sources()
    a_rule(unit="country", strategies=["source"], sources=[club.pk])
    profile = a_profile()
    a_record(profile, box, city="Oslo", country="NO")
    other = a_record(profile, club, country="SE")
    recompute(profile)
    assert (profile.country, explained(profile)["country"].because) == ("NO", "address")
    a_pin(other, "country")
    recompute(profile)
    assert (profile.country, explained(profile)["country"].because) == ("SE", "pinned")


def test_a_year_and_a_day_of_birth_come_from_one_record() -> None:
    box, _shop, club = sources()
    profile = a_profile()
    a_record(profile, box, birth_year=1979)
    a_record(profile, club, birth_date=date(1980, 5, 17), birth_year=1980)
    recompute(profile)
    assert (profile.birth_date, profile.birth_year) == (None, 1979)


def test_explaining_costs_the_same_for_two_records_and_for_many() -> None:
    box, shop, _club = sources()
    few, many = a_profile(), a_profile()
    for profile, how_many in ((few, 2), (many, 12)):
        for number in range(how_many):
            a_record(profile, box if number % 2 else shop, number, email=f"k{number}@example.no")
    asked = []
    for profile in (few, many):
        with CaptureQueriesContext(connection) as queries:
            survivorship.explain(profile)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_rules_changed_since_are_said_to_count_later() -> None:
    box, _shop, club = sources()
    profile = a_profile()
    a_record(profile, box, city="Oslo")
    a_record(profile, club, city="Bergen")
    recompute(profile)
    a_rule(unit="address", strategies=["source"], sources=[club.pk])
    address = explained(profile)["address"]
    assert (address.because, address.winner and address.winner.text) == ("stale", "Oslo")


def test_gilding_touches_only_who_was_touched() -> None:
    box, _shop, _club = sources()
    touched, other = a_profile(), a_profile()
    for profile in (touched, other):
        a_record(profile, box, city="Oslo")
    recompute(touched)
    other.refresh_from_db()
    assert (touched.city, other.city) == ("Oslo", "")
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from stage_winner")
        assert cursor.fetchone() == (1,)
