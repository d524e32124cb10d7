"""Any sequence of acts, in any order, is worth the words in force at its end and nothing else.

A world in which people merged, took apart, told apart, undid and took in deliveries in
between is held beside one that took in the same deliveries and was told the same words
once. Compared is everything that hangs on who is who, by what it says rather than by id.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django_tenants.utils import tenant_context
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp.lib import sql
from consent import answers, ledger
from consent.facts import EventType
from consent.models import ContactAnswer
from organisations.models import Organisation
from profiles.identity import acting, verbs
from profiles.identity.resolve import resolve
from profiles.identity.taking_back import is_in_force
from profiles.models import (
    Event,
    IdentityAct,
    LinkConstraint,
    LinkConstraintRecord,
    MatchLink,
    Order,
    Pin,
    Profile,
    ProfileTag,
    RecordIdentifier,
    SourceRecord,
)
from profiles.person_page import resolved
from profiles.rows import CanonicalRow, ConsentClaim, EventRow
from tests.consent import world
from tests.profiles.sample import START, a_source, deliver, ticket

pytestmark = pytest.mark.django_db
WHO = "alice@example.org"
SOURCES = ("tickets", "shop", "desk")
NAMES = ("Kari Li", "Kari Li", "Kari Lie", "Ola Vik", "")
MAILS = ("", "a@example.no", "b@example.no", "c@example.no", "family@example.no")
PHONES = ("", "", "41229017", "41229018")


@dataclass(frozen=True)
class Plan:
    """What happens: two deliveries of each source, and acts chosen by `rng` before and after the second."""

    deliveries: list[list[tuple[str, CanonicalRow]]]
    objectors: list[str]
    rng: random.Random = field(repr=False)


def a_plan(seed: int) -> Plan:
    rng = random.Random(seed)
    numbers = iter(range(1, 1000))
    first = [_row(rng, next(numbers)) for _ in range(rng.randint(4, 7))]
    second = [_row(rng, next(numbers)) for _ in range(rng.randint(1, 3))]
    second += [_again(rng, row, next(numbers)) for row in rng.sample(first, 1)]
    return Plan([first, second], [key_of(row) for row in rng.sample(first, 1)], rng)


def _row(rng: random.Random, number: int) -> tuple[str, CanonicalRow]:
    """A ticket, what its buyer did, and what they answered; a few values collide often."""
    mail = rng.choice(MAILS)
    bought = ticket(
        number,
        email=mail,
        name=rng.choice(NAMES),
        phone=rng.choice(PHONES),
        external_id=f"r{number}",
        show=rng.choice(("Hamlet", "Peer Gynt")),
        price=f"{rng.randint(1, 5)}00.00",
        day=rng.randint(0, 5),
        status=rng.choice(("paid", "paid", "refunded")),
    )
    assert bought.buyer
    assert bought.order
    events = tuple(EventRow(f"m{number}-{n}", "page_viewed", START) for n in range(rng.randint(0, 2)))
    claim = ConsentClaim("news", rng.choice(("yes", "yes", "no")), occurred_at=START + timedelta(days=number))
    return rng.choice(SOURCES), CanonicalRow(
        number, bought.raw, buyer=bought.buyer, order=bought.order, events=events, claims=(claim,)
    )


def _again(rng: random.Random, row: tuple[str, CanonicalRow], number: int) -> tuple[str, CanonicalRow]:
    """The same record with another address: it may fit somebody else now."""
    source, told = row
    assert told.buyer
    changed = ticket(
        number, email=rng.choice(MAILS), name=told.buyer.full_name, external_id=told.buyer.external_id, day=9
    )
    return source, changed


def key_of(row: tuple[str, CanonicalRow]) -> str:
    assert row[1].buyer
    return row[1].buyer.external_id


def take_in(delivery: list[tuple[str, CanonicalRow]]) -> None:
    for slug in SOURCES:
        rows = [row for source, row in delivery if source == slug]
        if rows:
            deliver(rows, a_source(slug), permit=ledger.record_claims)


def begin(plan: Plan) -> None:
    world.point("news", source=None, kind="act")
    take_in(plan.deliveries[0])
    for key in plan.objectors:
        record = SourceRecord.objects.get(external_id=key)
        ledger.record(
            ledger.Entry(
                type=EventType.OBJECT, purpose="*", channel="*", scope="person", record_id=record.pk,
                source_system="test", source_event_id=str(uuid.uuid4()), occurred_at=START,
            )
        )  # fmt: skip
    answers.refresh()


def active() -> list[Profile]:
    return list(Profile.objects.filter(state="active", sourcerecord__isnull=False).distinct().order_by("pk"))


def do_something(rng: random.Random) -> IdentityAct | None:
    """One act, chosen by chance. None where it was not possible."""
    what = rng.choice(("merge", "merge", "unmerge", "unmerge", "apart", "undo", "link"))
    try:
        return _DO[what](rng)
    except verbs.NotPossible:
        return None


def _merge(rng: random.Random) -> IdentityAct | None:
    people = active()
    if len(people) < 2:
        return None
    chosen = rng.sample(people, rng.randint(2, min(3, len(people))))
    records = SourceRecord.objects.filter(profile__in=chosen).order_by("pk")
    pins = {"email": rng.choice(list(records)).pk} if rng.random() < 0.3 else {}
    return verbs.merge(profiles=chosen, actor=WHO, pins=pins)


def _unmerge(rng: random.Random) -> IdentityAct | None:
    big = [p for p in active() if SourceRecord.objects.filter(profile=p).count() > 1]
    if not big:
        return None
    person = rng.choice(big)
    records = list(SourceRecord.objects.filter(profile=person).order_by("pk").values_list("pk", flat=True))
    go = rng.sample(records, rng.randint(1, len(records) - 1))
    try:
        return verbs.unmerge(profile=person, records=go, actor=WHO, reason="two")
    except verbs.Ambiguous as asked:
        said: dict[int, Any] = {record: rng.choice(("stay", "go")) for record in asked.records}
        return verbs.unmerge(profile=person, records=go, actor=WHO, reason="two", answers=said)


def _apart(rng: random.Random) -> IdentityAct | None:
    people = active()
    return verbs.apart(profiles=rng.sample(people, 2), actor=WHO, reason="two") if len(people) > 1 else None


def _undo(rng: random.Random) -> IdentityAct | None:
    acts = list(IdentityAct.objects.order_by("pk"))
    return verbs.undo(act=rng.choice(acts), actor=WHO) if acts else None


def _link(rng: random.Random) -> IdentityAct | None:
    records = list(SourceRecord.objects.order_by("pk").values_list("pk", flat=True))
    a, b = rng.sample(records, 2)
    return verbs.bulk_link(pairs=[(a, b, rng.randint(5, 20), 0.999, None)], actor=WHO)


_DO = {"merge": _merge, "unmerge": _unmerge, "apart": _apart, "undo": _undo, "link": _link}


# What is compared


def who_is_who() -> dict[str, frozenset[str]]:
    groups: dict[int, set[str]] = {}
    for profile, key in SourceRecord.objects.values_list("profile", "external_id"):
        groups.setdefault(profile, set()).add(key)
    return {key: frozenset(keys) for keys in groups.values() for key in keys}


GOLDEN = (
    "name", "given_name", "family_name", "company", "email", "phone", "city", "country", "birth_date",
    "is_customer", "is_visitor", "known_since", "first_order_at", "last_order_at", "orders_count",
    "tickets_count", "value", "currency", "state",
)  # fmt: skip


def picture() -> dict[str, Any]:
    """Everything that hangs on who is who, by record key and value."""
    group = who_is_who()
    by_profile = dict(SourceRecord.objects.values_list("profile", "external_id"))
    people = Profile.objects.filter(pk__in=by_profile)
    return {
        "people": set(group.values()),
        "golden": {group[by_profile[p.pk]]: [getattr(p, name) for name in GOLDEN] for p in people},
        "won": {group[by_profile[p.pk]]: _keys(p.provenance) for p in people},
        "tags": {
            (group[by_profile[profile]], name, since)
            for profile, name, since in ProfileTag.objects.values_list("profile", "tag__name", "since")
        },
        "events": set(Event.objects.values_list("record__external_id", "message_id", "type")),
        "orders": set(Order.objects.values_list("record__external_id", "external_id", "status", "total")),
        "identifiers": set(
            RecordIdentifier.objects.values_list(
                "record__external_id", "identifier__kind", "identifier__value", "identifier__state"
            )
        ),
        "answers": set(
            ContactAnswer.objects.values_list(
                "identifier__value", "channel", "basket", "newsletter", "newsletter_reason", "own_similar",
                "own_similar_reason", "service", "service_reason",
            )
        ),
    }  # fmt: skip


def _keys(provenance: dict[str, int]) -> dict[str, str]:
    keys = dict(SourceRecord.objects.values_list("pk", "external_id"))
    return {unit: keys[record] for unit, record in provenance.items()}


@dataclass(frozen=True)
class Words:
    """What people and the matcher say at the end, by record key, oldest first."""

    constraints: list[tuple[str, list[tuple[str, int]]]]
    links: list[tuple[str, str, float]]
    pins: list[tuple[str, str]]


def words() -> Words:
    said = LinkConstraint.objects.filter(lifted_by=None).order_by("pk")
    return Words(
        [(each.kind, list(each.members.values_list("record__external_id", "side"))) for each in said],
        list(
            MatchLink.objects.filter(lifted_by=None).values_list(
                "record_a__external_id", "record_b__external_id", "weight"
            )
        ),
        list(Pin.objects.filter(lifted_by=None).order_by("pk").values_list("unit", "record__external_id")),
    )


def told_once(said: Words) -> None:
    """The words by themselves, whoever said them and on what ways."""
    pk = dict(SourceRecord.objects.values_list("external_id", "pk"))
    with acting.turn():
        act = acting.begin(IdentityAct.Kind.UPLOAD, actor=WHO)
        for kind, members in said.constraints:
            constraint = LinkConstraint.objects.create(kind=kind, actor=WHO, act=act)
            LinkConstraintRecord.objects.bulk_create(
                LinkConstraintRecord(constraint=constraint, record_id=pk[key], side=side)
                for key, side in members
            )
        for a, b, weight in said.links:
            MatchLink.objects.create(
                record_a_id=pk[a], record_b_id=pk[b], weight=weight, probability=0.999, act=act
            )
        for unit, key in said.pins:
            Pin.objects.create(unit=unit, record_id=pk[key], actor=WHO, act=act)
        resolve(list(pk.values()), act=act)
        sql.run(
            "profiles/touch",
            {"profiles": list(SourceRecord.objects.values_list("profile", flat=True).distinct())},
        ).close()
        acting.settle_touched()


@contextmanager
def never_happened() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(max_examples=7, deadline=None, derandomize=True)
@given(st.integers(0, 100_000))
def test_any_sequence_of_acts_equals_building_the_same_from_nothing(seed: int) -> None:
    aurora, borealis = Organisation.objects.get(slug="aurora"), Organisation.objects.get(slug="borealis")
    plan = a_plan(seed)
    with never_happened():
        with tenant_context(aurora):
            begin(plan)
            issued = _act_and_watch(plan)
            lived, said = picture(), words()
            assert {pk: resolved(pk).state for pk in issued} == dict.fromkeys(issued, "active")  # type: ignore[union-attr]
            answers.refresh()
            assert picture()["answers"] == lived["answers"]
        with tenant_context(borealis):
            begin(plan)
            take_in(plan.deliveries[1])
            told_once(said)
            answers.refresh()
            built = picture()
    assert lived == built


def _act_and_watch(plan: Plan) -> set[uuid.UUID]:
    """Every id that was ever given out."""
    issued: set[uuid.UUID] = set()
    for part in range(2):
        for _ in range(plan.rng.randint(2, 5)):
            issued |= set(Profile.objects.values_list("public_id", flat=True))
            do_something(plan.rng)
        if part == 0:
            take_in(plan.deliveries[1])
            answers.refresh()  # as every run does at its end, for whom it touched
    return issued | set(Profile.objects.values_list("public_id", flat=True))


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.integers(0, 100_000))
def test_taking_everything_back_in_reverse_restores_everybody_with_their_ids(seed: int) -> None:
    plan = a_plan(seed)
    with never_happened(), tenant_context(Organisation.objects.get(slug="aurora")):
        begin(plan)
        take_in(plan.deliveries[1])
        answers.refresh()
        before = [(dict(SourceRecord.objects.values_list("pk", "profile_id")), picture())]
        acts = []
        for _ in range(6):
            act = do_something(plan.rng)
            if act:
                acts.append(act)
                before.append((dict(SourceRecord.objects.values_list("pk", "profile_id")), picture()))
        for act, (membership, seen) in zip(reversed(acts), reversed(before[:-1]), strict=True):
            verbs.undo(act=act, actor=WHO)
            assert dict(SourceRecord.objects.values_list("pk", "profile_id")) == membership
            assert picture() == seen


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.integers(0, 100_000))
def test_taken_back_in_any_order_nothing_is_left_dangling(seed: int) -> None:
    plan = a_plan(seed)
    with never_happened(), tenant_context(Organisation.objects.get(slug="aurora")):
        begin(plan)
        start = picture()
        acts = [act for act in (do_something(plan.rng) for _ in range(6)) if act]
        waiting = [act for act in acts if act.kind != IdentityAct.Kind.UNDO and is_in_force(act)]
        while waiting:
            plan.rng.shuffle(waiting)
            done = [act for act in waiting if _tried(act)]
            assert done, "each of them says that another one comes first"
            waiting = [act for act in waiting if act not in done]
        assert picture() == start
        for model in (LinkConstraint, MatchLink, Pin):
            assert not model.objects.filter(lifted_by=None).exists()
        for profile in Profile.objects.all():
            assert resolved(profile.public_id).state == "active"  # type: ignore[union-attr]
        assert not ProfileTag.objects.exclude(profile__state="active").exists()


def _tried(act: IdentityAct) -> bool:
    try:
        verbs.undo(act=act, actor=WHO)
    except verbs.InTheWay:
        return False
    return True
