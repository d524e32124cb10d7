"""Visitors behind one network address: what is kept of it, what it says, and what settles it."""

from __future__ import annotations

import dataclasses
import logging
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from organisations.models import Organisation
from profiles import network_addresses, tasks
from profiles.identity import networks
from profiles.ingest import correct, undo_intake
from profiles.models import (
    Event,
    HeldRow,
    IdentityAct,
    LinkConstraint,
    LinkConstraintRecord,
    NetworkSighting,
    Profile,
    SourceRecord,
)
from profiles.rows import CanonicalRow, EventRow, PersonRow
from tests.profiles.sample import START, deliver, no_permit
from tests.profiles.visits import pages_of, profile_of, together, visit, website

HOME, OFFICE = "203.0.113.9", "198.51.100.7"
C1, C2, KARI, OLA = ("cookie", "c1"), ("cookie", "c2"), ("login", "kari"), ("login", "ola")


def ago(*, days: float = 0, minutes: float = 0) -> datetime:
    return timezone.now() - timedelta(days=days, minutes=minutes)


# --- reading addresses, no database -------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("203.0.113.9", "203.0.113.9"), (" 203.0.113.9:443 ", "203.0.113.9"),
        ("203.0.113.9, 10.0.0.1", "203.0.113.9"), ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"), ("fe80::1%eth0", "fe80::1"),
    ],
)  # fmt: skip
def test_an_address_is_read_as_systems_write_it(text: str, meant: str) -> None:
    assert str(network_addresses.read(text)) == meant


@pytest.mark.parametrize(
    "text", ["", "unknown", "203.0.113", "203.0.113.999", "example.no", ":", "[]", "a:b"]
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert network_addresses.read(text) is None


@pytest.mark.parametrize("name", ["ip", "IP", "ip_address", "clientIp", "X-Forwarded-For", "remote_addr"])
def test_a_property_is_known_by_its_name(name: str) -> None:
    assert network_addresses.is_name(name)


@pytest.mark.parametrize("name", ["zip", "tip", "trip", "address", "", None, 3])
def test_other_properties_are_left_alone(name: object) -> None:
    assert not network_addresses.is_name(name)


def test_an_address_leaves_properties_attributes_and_raw_wherever_it_stands() -> None:
    properties = {
        "path": "/a", "context": {"ip": HOME, "hops": [f"for={HOME};proto=https", "x"]}, "zip": "5013",
        "version": "1203.0.113.91",
    }  # fmt: skip
    row = CanonicalRow(
        1,
        {"event": properties, "line": f"GET / from {HOME}:443"},
        buyer=PersonRow(attributes={"ip": HOME, "colour": "red"}),
        events=(EventRow("m1", "page_viewed", START, properties),),
    )
    taken = network_addresses.taken_off(row)
    assert HOME not in repr(taken).replace("1203.0.113.91", "")
    assert taken.buyer
    assert taken.buyer.attributes == {"colour": "red"}
    assert taken.events[0].network == HOME
    assert taken.events[0].properties["zip"] == "5013"
    assert taken.events[0].properties["version"] == "1203.0.113.91"
    assert taken.events[0].properties["context"] == {"hops": ["for=[not kept];proto=https", "x"]}


def test_a_row_of_cells_keeps_its_cells() -> None:
    row = CanonicalRow(1, ["m1", HOME, "5013"], events=(EventRow("m1", "x", START, network=HOME),))
    assert network_addresses.taken_off(row).raw == ["m1", "[not kept]", "5013"]


def test_a_row_without_events_passes_untouched() -> None:
    row = CanonicalRow(1, {"ip": HOME}, buyer=PersonRow(email="kari@example.no"))
    assert network_addresses.taken_off(row) is row


# --- what is kept -------------------------------------------------------------

database = pytest.mark.usefixtures("in_aurora", "db")


def every_table() -> str:
    """Every value of every table of the organisation, as text."""
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = current_schema()")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for name in tables:
            cursor.execute(f'select string_agg(t::text, chr(10)) from "{name}" t')  # noqa: S608
            found.append(cursor.fetchone()[0] or "")
    return "\n".join(found)


@database
def test_the_address_itself_is_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    by_field = visit(1, C1, at=ago(days=1), network=HOME)
    by_property = visit(2, C2, at=ago(days=1), properties={"path": "/", "ip": HOME})
    held = visit(3, C1, at=ago(days=1), properties={"ip": HOME}, phone="12")
    failed = visit(4, at=ago(days=1), properties={"context": {"ip": HOME}})
    without_event = CanonicalRow(5, {"ip": HOME, "tel": "12"}, buyer=PersonRow(phone="12", external_id="7"))
    rows = [
        dataclasses.replace(row, raw={"n": row.number, "from": HOME, "ip": HOME, "url": f"http://{HOME}/x"})
        for row in (by_field, by_property, held, failed)
    ]
    deliver([*rows, without_event], website())
    assert HeldRow.objects.count() == 3
    assert NetworkSighting.objects.count() == 2
    text = every_table()
    assert "/1" in text
    assert HOME not in text
    assert HOME not in caplog.text


@database
def test_a_corrected_row_gives_its_address_away_no_more_than_the_first(
    caplog: pytest.LogCaptureFixture,
) -> None:
    deliver([visit(4, at=ago(days=1), properties={"ip": HOME})], website())
    held = HeldRow.objects.get()
    row = visit(4, C1, at=ago(days=1), network=HOME)
    row = CanonicalRow(4, {"ip": HOME, "x": HOME}, buyer=row.buyer, events=row.events)
    assert correct(held=held, row=row, permit=no_permit, actor="alice@example.org") == "created"
    assert NetworkSighting.objects.count() == 1
    assert HOME not in every_table()


@database
def test_a_sighting_is_a_keyed_hash_of_this_organisation(borealis: Organisation) -> None:
    deliver([visit(1, C1, at=ago(days=1), network=HOME)], website())
    kept = bytes(NetworkSighting.objects.get().network)
    assert kept == networks.digest(HOME)
    assert len(kept) == 32
    connection.set_tenant(borealis)  # type: ignore[attr-defined]
    assert networks.digest(HOME) != kept


@database
def test_one_line_of_ipv6_is_one_network_and_a_house_is_none() -> None:
    assert networks.digest("2001:db8:1:2::3") == networks.digest("2001:db8:1:2:ffff::4")
    assert networks.digest("2001:db8:1:2::3") != networks.digest("2001:db8:1:3::3")
    for local in (
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.5",
        "100.64.0.1",
        "fe80::1",
        "fd00::1",
        "::1",
        "nonsense",
    ):
        assert networks.digest(local) is None


@database
def test_nothing_is_kept_longer_than_thirty_days() -> None:
    deliver(
        [
            visit(1, C1, at=ago(days=40), network=HOME),
            visit(2, C2, at=ago(days=28), network=HOME),
            visit(3, KARI, at=ago(days=2), network=HOME),
        ],
        website(),
    )
    assert NetworkSighting.objects.count() == 2, "what is older when it comes is not even taken in"
    NetworkSighting.objects.filter(last_seen__lt=ago(days=20)).update(
        last_seen=ago(days=networks.DAYS, minutes=1)
    )
    NetworkSighting.objects.filter(last_seen__gt=ago(days=20)).update(first_seen=ago(days=300))
    assert networks.forget_old() == 1
    left = NetworkSighting.objects.get()
    assert left.record == SourceRecord.objects.get(external_id="login:kari")
    assert left.first_seen > ago(days=30)


@database
def test_every_night_all_organisations_forget(aurora: Organisation, borealis: Organisation) -> None:
    for organisation in (borealis, aurora):
        connection.set_tenant(organisation)  # type: ignore[attr-defined]
        deliver([visit(1, C1, at=ago(days=2), network=HOME)], website())
        NetworkSighting.objects.update(last_seen=ago(days=30))
    tasks.forget_networks()
    for organisation in (borealis, aurora):
        connection.set_tenant(organisation)  # type: ignore[attr-defined]
        assert not NetworkSighting.objects.exists()


@database
def test_an_undone_delivery_leaves_no_sighting() -> None:
    deliver([visit(1, C1, at=ago(days=3), network=OFFICE)], website())
    intake, _result = deliver(
        [visit(2, C1, at=ago(days=1), network=HOME), visit(3, C2, at=ago(days=1), network=HOME)], website()
    )
    undo_intake(intake=intake, revoke=lambda _pk: 0, actor="alice@example.org")
    assert not NetworkSighting.objects.filter(network=networks.digest(HOME)).exists()
    assert Event.objects.count() == 1


@database
def test_the_same_events_again_note_nothing_anew() -> None:
    row = visit(1, C1, at=ago(days=1), network=HOME)
    deliver([row], website())
    NetworkSighting.objects.all().delete()
    deliver([CanonicalRow(1, ["again"], buyer=row.buyer, events=row.events)], website())
    assert not NetworkSighting.objects.exists()


# --- what it says -------------------------------------------------------------


def maybes(external_id: str) -> list[str]:
    found = networks.weak_evidence(profile_of(external_id))
    return [
        maybe.profile.sourcerecord_set.order_by("pk").values_list("external_id", flat=True)[0]
        for maybe in found
    ]


@database
def test_a_visitor_behind_a_known_persons_address_at_another_time_may_be_that_person() -> None:
    deliver(
        [visit(1, KARI, C2, at=ago(days=5), network=HOME), visit(2, C1, at=ago(days=3), network=HOME)],
        website(),
    )
    assert maybes("cookie:c1") == ["login:kari"]
    assert maybes("login:kari") == ["cookie:c1"]
    assert together() == {frozenset({"cookie:c1"}), frozenset({"login:kari"})}, "and never by itself"
    [maybe] = networks.weak_evidence(profile_of("cookie:c1"))
    assert (maybe.here.date(), maybe.there.date()) == (ago(days=3).date(), ago(days=5).date())


@database
def test_between_two_visits_of_the_known_person_is_another_time_too() -> None:
    deliver(
        [
            visit(1, KARI, at=ago(days=5), network=HOME), visit(3, KARI, at=ago(days=1), network=HOME),
            visit(2, C1, at=ago(days=3), network=HOME),
        ],
        website(),
    )  # fmt: skip
    assert maybes("cookie:c1") == ["login:kari"]


@database
def test_whoever_was_there_at_the_same_time_is_somebody_else() -> None:
    deliver(
        [
            visit(1, KARI, at=ago(days=5), network=HOME),
            visit(2, C1, at=ago(days=5, minutes=10), network=HOME),
            visit(3, C1, at=ago(days=3), network=HOME),
        ],
        website(),
    )
    assert maybes("cookie:c1") == []


@database
def test_two_visitors_or_two_known_people_say_nothing_of_each_other() -> None:
    rows = [(C1, 5), (C2, 4), (KARI, 3), (OLA, 2)]
    deliver([visit(n, who, at=ago(days=day), network=HOME) for n, (who, day) in enumerate(rows)], website())
    assert maybes("cookie:c1") == ["login:ola", "login:kari"]
    assert maybes("login:kari") == ["cookie:c2", "cookie:c1"]


@database
def test_a_cafe_is_no_evidence() -> None:
    crowd = [
        visit(n, ("cookie", f"g{n}"), at=ago(days=9), network=HOME) for n in range(networks.MOST_RECORDS - 2)
    ]
    deliver([*crowd, visit(100, KARI, at=ago(days=5), network=HOME)], website())
    deliver([visit(101, C1, at=ago(days=3), network=HOME)], website())
    assert maybes("cookie:c1") == ["login:kari"]
    deliver([visit(102, C2, at=ago(days=2), network=HOME)], website())
    assert maybes("cookie:c1") == []


@database
def test_another_address_or_an_old_one_says_nothing() -> None:
    deliver(
        [visit(1, KARI, at=ago(days=5), network=OFFICE), visit(2, C1, at=ago(days=3), network=HOME)],
        website(),
    )
    assert maybes("cookie:c1") == []
    NetworkSighting.objects.update(network=networks.digest(HOME))
    assert maybes("cookie:c1") == ["login:kari"]
    NetworkSighting.objects.filter(record__external_id="login:kari").update(last_seen=ago(days=31))
    assert maybes("cookie:c1") == [], "before the night has deleted it"


@database
def test_whom_a_person_told_apart_is_not_suggested() -> None:
    deliver(
        [visit(1, KARI, at=ago(days=5), network=HOME), visit(2, C1, at=ago(days=3), network=HOME)], website()
    )
    act = IdentityAct.objects.create(kind="apart", actor="alice@example.org")
    word = LinkConstraint.objects.create(kind="cannot", actor=act.actor, act=act)
    for side, record in enumerate(SourceRecord.objects.all()):
        LinkConstraintRecord.objects.create(constraint=word, record=record, side=side)
    assert maybes("cookie:c1") == []


@database
def test_the_whole_story_a_later_log_in_settles_it() -> None:
    """At home: a known person on the laptop, later an unknown phone, which in the end logs in."""
    laptop, phone = ("cookie", "laptop"), ("device", "phone")
    deliver([visit(1, laptop, at=ago(days=9), network=HOME)], website())
    deliver([visit(2, laptop, KARI, at=ago(days=8), network=HOME)], website())
    known = profile_of("login:kari")
    deliver(
        [visit(3, phone, at=ago(days=6), network=HOME), visit(4, phone, at=ago(days=5), network=HOME)],
        website(),
    )
    assert maybes("device:phone") == [known.sourcerecord_set.order_by("pk")[0].external_id]
    assert len(together()) == 2, "weak evidence alone joins nobody"
    visitor = profile_of("device:phone")
    deliver([visit(5, phone, KARI, at=ago(days=1), network=OFFICE)], website())
    assert together() == {frozenset({"cookie:laptop", "device:phone", "login:kari"})}
    visitor.refresh_from_db()
    assert (visitor.state, visitor.merged_into) == ("merged", known)
    assert pages_of(known) == ["m1", "m2", "m3", "m4", "m5"]
    assert networks.weak_evidence(Profile.objects.get(pk=known.pk)) == []
