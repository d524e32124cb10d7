"""Whatever happens, in any order: who is who is what the rules make of all that is stored.

Deliveries, corrections and their undoing, people's acts and taking them back, values judged,
rules changed and links of the matcher follow each other by chance. After each of them the
whole table, partitioned anew, agrees with what is there.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django_tenants.utils import tenant_context
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cdp.lib import sql
from consent import answers, ledger
from consent.models import ContactAnswer
from organisations.models import Organisation, User
from profiles.identity import acting, batch, pins, rules, upload, verbs, word
from profiles.ingest import correct, gild, undo_intake
from profiles.models import (
    HeldRow,
    Identifier,
    IdentifierKind,
    IdentityAct,
    Intake,
    LinkConstraint,
    LinkConstraintRecord,
    Profile,
    ProfileTag,
    SourceRecord,
)
from profiles.person_page import resolved
from profiles.rows import CanonicalRow, ConsentClaim, PersonRow
from tests.consent import world
from tests.profiles.sample import START, a_source, deliver, ticket
from tests.profiles.visits import visit, website

pytestmark = pytest.mark.django_db

WHO = "alice@example.org"
SOURCES = ("tickets", "shop")
NAMES = ("Kari Li", "Kari Li", "Kari Lie", "Ola Li", "Li", "")
MAILS = ("a@example.no", "b@example.no", "c@example.no", "family@example.no", "")
PHONES = ("", "41229017", "41229018")
BORN = (None, None, None, date(1980, 2, 1), date(1981, 3, 2))
COOKIES = ("c1", "c2", "c3", "c4")
ORDERS = ("A1", "A2", "A3")


def somebody(rng: random.Random, **said: Any) -> PersonRow:
    if rng.random() < 0.2:  # known by the order's number alone
        nobody: dict[str, Any] = {"full_name": rng.choice(NAMES), "observed_at": START}
        return PersonRow(**nobody | said)
    told: dict[str, Any] = {
        "full_name": rng.choice(NAMES),
        "email": rng.choice(MAILS),
        "phone": rng.choice(PHONES),
        "birth_date": rng.choice(BORN),
        "external_id": rng.choice(("", "1", "2", "3", "4")),
        "observed_at": START + timedelta(days=rng.randint(0, 30)),
    }
    return PersonRow(**told | said)


def take_in(rng: random.Random) -> None:
    source = rng.choice(SOURCES)
    rows = [a_row(rng, number) for number in range(1, rng.randint(2, 4))]
    deliver(rows, a_source(source), permit=ledger.record_claims)
    answers.refresh()  # as every run does at its end


def a_row(rng: random.Random, number: int) -> CanonicalRow:
    order = rng.choice(ORDERS)
    row = ticket(rng.randint(1, 6), order=order, price=f"{rng.randint(1, 9)}00.00")
    told = rng.random()
    buyer = somebody(rng) if told < 0.8 else somebody(rng, email="kari(at)example.no")
    attendees = (somebody(rng, is_customer=False, external_id=""),) if told < 0.2 else ()
    claim = ConsentClaim(
        "news", rng.choice(("yes", "no")), occurred_at=START + timedelta(days=rng.randint(0, 9))
    )
    raw = [number, order, repr(buyer), repr(attendees), rng.random()]
    claims = (claim,) if told < 0.5 else ()
    return replace(row, number=number, raw=raw, buyer=buyer, attendees=attendees, claims=claims)


def look_around(rng: random.Random) -> None:
    """Visitors of the website, some of whom log in."""
    shown = [("cookie", rng.choice(COOKIES))]
    if rng.random() < 0.4:
        shown.append(("device", rng.choice(("d1", "d2"))))
    if rng.random() < 0.4:
        shown.append(("login", rng.choice(("kari", "ola"))))
    mail: dict[str, Any] = {"email": rng.choice(MAILS)} if rng.random() < 0.3 else {}
    deliver([visit(rng.randint(1, 10_000), *shown, day=rng.randint(0, 20), **mail)], website())
    answers.refresh()


def take_back_a_delivery(rng: random.Random) -> None:
    there = list(Intake.objects.exclude(state=Intake.State.UNDONE).order_by("pk"))
    if there:
        undo_intake(intake=rng.choice(there), revoke=ledger.invalidate_intake, actor=WHO)
        answers.refresh()


def correct_a_row(rng: random.Random) -> None:
    waiting = HeldRow.objects.filter(state__in=("held", "failed")).exclude(intake__state=Intake.State.UNDONE)
    if waiting:
        held = rng.choice(list(waiting.order_by("pk")))
        correct(held=held, row=a_row(rng, held.number), permit=ledger.record_claims, actor=WHO)
        answers.refresh()


def pin(rng: random.Random) -> None:
    records = list(SourceRecord.objects.order_by("pk"))
    if records:
        record = rng.choice(records)
        pins.pin(profile=record.profile, unit=rng.choice(("name", "email")), record=record.pk, actor=WHO)


def active() -> list[Profile]:
    return list(Profile.objects.filter(state="active").order_by("pk"))


def merge(rng: random.Random) -> None:
    people = active()
    if len(people) > 1:
        verbs.merge(profiles=rng.sample(people, rng.randint(2, min(3, len(people)))), actor=WHO)


def unmerge(rng: random.Random) -> None:
    people = [p for p in active() if p.sourcerecord_set.count() > 1]
    if not people:
        return
    person = rng.choice(people)
    records = list(person.sourcerecord_set.order_by("pk").values_list("pk", flat=True))
    go = rng.sample(records, rng.randint(1, len(records) - 1))
    try:
        verbs.unmerge(profile=person, records=go, actor=WHO, reason="two")
    except verbs.Ambiguous as asked:
        said: dict[int, Any] = {record: rng.choice(("stay", "go")) for record in sorted(asked.records)}
        verbs.unmerge(profile=person, records=go, actor=WHO, reason="two", answers=said)


def apart(rng: random.Random) -> None:
    people = active()
    if len(people) > 1:
        verbs.apart(profiles=rng.sample(people, 2), actor=WHO, reason="two")


def take_back_an_act(rng: random.Random) -> None:
    acts = list(IdentityAct.objects.order_by("pk"))
    if acts:
        verbs.undo(act=rng.choice(acts), actor=WHO)


def link(rng: random.Random) -> None:
    records = list(SourceRecord.objects.order_by("pk").values_list("pk", flat=True))
    if len(records) > 1:
        a, b = rng.sample(records, 2)
        verbs.bulk_link(pairs=[(a, b, rng.randint(5, 20), 0.999, None)], actor=WHO)


def judge(rng: random.Random) -> None:
    values = list(Identifier.objects.exclude(state="blocked").order_by("pk"))
    if values:
        alice = User.objects.get(email=WHO)
        rules.judge_identifier(rng.choice(values), rng.choice(("normal", "shared", "held")), actor=alice)


def change_rules(rng: random.Random) -> None:
    found = rules.load()
    kind = found.by_key()[rng.choice(("email", "phone", "cookie", "customer_number"))]
    changed = replace(
        kind,
        max_profiles=rng.choice((2, 10)),
        limit_per_person=rng.choice((1, 2, 5)),
        joins=rng.random() < 0.8,
        shared_joins=rng.random() < 0.5,
        window_days=rng.choice((None, 7)),
        priority=rng.choice((kind.priority, 1, 9)),
    )
    rules.save(found.with_kind(changed), actor=User.objects.get(email=WHO))


def upload_links(rng: random.Random) -> None:
    people = active()
    if len(people) < 2:
        return
    lines = ["link,a_profile,b_profile"]
    for _ in range(rng.randint(1, 3)):
        a, b = rng.sample(people, 2)
        lines.append(f"{rng.choice(('must', 'never'))},{a.public_id},{b.public_id}")
    got = upload.receive(name="links.csv", content="\n".join(lines).encode(), actor=WHO)
    upload.apply(upload=got, actor=WHO)


STEPS: dict[str, Callable[[random.Random], None]] = {
    step.__name__: step
    for step in (
        take_in, look_around, take_back_a_delivery, merge, unmerge, apart, take_back_an_act, link, judge,
        change_rules, upload_links, correct_a_row, pin,
    )
}  # fmt: skip
OFTEN = ("take_in", "look_around", "merge", "take_back_an_act")


def step(name: str, chance: int) -> None:
    with suppress(acting.NotPossible):
        STEPS[name](random.Random(chance))


# What must hold afterwards


def everything_agrees(issued: set[Any]) -> None:
    """`issued` are all public ids ever given out; those of now are added."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; set constraints all deferred")
    assert batch.check() == batch.Drift(0, [], [])
    assert not told_apart_and_together()
    ids_lead_to_people(issued)
    golden_values_are_fresh()
    before = said_to_all()
    answers.refresh()
    assert said_to_all() == before


def ids_lead_to_people(issued: set[Any]) -> None:
    homes = dict(SourceRecord.objects.values_list("pk", "profile__state"))
    assert set(homes.values()) <= {"active"}
    assert not Profile.objects.filter(state="active", sourcerecord=None).exists()
    assert not Profile.objects.filter(merged_into__merged_into__isnull=False).exists()
    assert not Profile.objects.filter(state="merged", merged_into=None).exists()
    issued |= set(Profile.objects.values_list("public_id", flat=True))
    for public_id in issued:
        person = resolved(public_id)
        assert person
        assert person.state in ("active", "empty")
    assert not ProfileTag.objects.exclude(profile__state="active").exists()


def told_apart_and_together() -> set[int]:
    """Constraints that are broken."""
    members = LinkConstraintRecord.objects.filter(
        constraint__lifted_by=None, constraint__kind=LinkConstraint.Kind.CANNOT
    )
    home = dict(SourceRecord.objects.values_list("pk", "profile_id"))
    return {
        said.constraint.pk
        for said in word.read(members.select_related("constraint"))
        if {home[r] for r in said.sides[0]} & {home[r] for r in said.sides[1]}
    }


def golden() -> Any:
    people = Profile.objects.order_by("pk").values()
    tags = set(ProfileTag.objects.values_list("profile", "tag", "origin", "since"))
    return [{k: v for k, v in person.items() if k != "updated_at"} for person in people], tags


def golden_values_are_fresh() -> None:
    before = golden()
    with never_happened():
        with acting.turn():
            sql.run(
                "profiles/touch", {"profiles": list(Profile.objects.values_list("pk", flat=True))}
            ).close()
            gild.gild_touched()
        after = golden()
    assert after == before


def said_to_all() -> Any:
    fields = ("identifier", "channel", "basket", "newsletter", "own_similar", "service")
    return set(ContactAnswer.objects.values_list(*fields))


@contextmanager
def never_happened() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


steps = st.lists(st.tuples(st.sampled_from([*STEPS, *OFTEN]), st.integers(0, 999)), min_size=6, max_size=16)


@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(steps)
def test_after_every_step_membership_is_what_the_rules_make_of_everything(
    history: list[tuple[str, int]],
) -> None:
    with never_happened(), tenant_context(Organisation.objects.get(slug="aurora")):
        world.point("news", source=None, kind="act")
        IdentifierKind.objects.filter(key="email").update(max_profiles=3, limit_per_person=2)
        IdentifierKind.objects.filter(key="phone").update(shared_joins=True)
        IdentifierKind.objects.filter(key="cookie").update(limit_per_person=2, window_days=7)
        answers.refresh()
        issued: set[Any] = set()
        for name, chance in history:
            step(name, chance)
            everything_agrees(issued)
