"""Who is who over the whole table at once: the same people as delivery by delivery, and as the rules say."""

from __future__ import annotations

import dataclasses
import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import combinations, count, pairwise

import networkx
import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.identity import acting, batch, names, resolve
from profiles.models import (
    Decision,
    Identifier,
    IdentifierKind,
    IdentityAct,
    LinkConstraint,
    LinkConstraintRecord,
    MatchLink,
    Profile,
    SourceRecord,
)
from profiles.rows import CanonicalRow, PersonRow
from tests.profiles.sample import START, deliver, ticket

GIVEN = ("", "Kari", "Anne Kari", "K", "Ola", "Nordmann")
FAMILY = ("", "Nordmann", "Hansen")
BIRTHS = (None, None, date(1980, 1, 1), date(1990, 2, 2))
KINDS = ("email", "phone", "club_card", "cookie")


@dataclasses.dataclass(frozen=True)
class Said:
    """What one record says of itself."""

    given: str
    family: str
    birth: date | None
    shows: frozenset[tuple[str, str]]


@st.composite
def histories(draw: st.DrawFn, most: int = 14) -> list[Said]:
    """Records dense enough to collide, a few of them visitors without a name."""
    values = st.tuples(st.sampled_from(KINDS), st.sampled_from("abcd"))
    person = st.builds(
        Said, st.sampled_from(GIVEN), st.sampled_from(FAMILY), st.sampled_from(BIRTHS),
        st.frozensets(values, min_size=1, max_size=3),
    )  # fmt: skip
    return draw(st.lists(person, min_size=2, max_size=most))


def row(n: int, said: Said) -> CanonicalRow:
    """A customer number each, so that every row is a record of its own and nothing else decides."""
    contact = {kind: value for kind, value in sorted(said.shows) if kind in ("email", "phone")}
    others = [(kind, f"{kind}-{value}") for kind, value in sorted(said.shows) if kind not in contact]
    buyer = PersonRow(
        external_id=f"r{n:02d}",
        given_name=said.given,
        family_name=said.family,
        birth_date=said.birth,
        email=f"{contact['email'] * 3}@example.no" if "email" in contact else "",
        phone=f"9000000{ord(contact['phone']) - 96}" if "phone" in contact else "",
        observed_at=START,
        identifiers=tuple(others),
    )
    return dataclasses.replace(ticket(n), raw=[str(n)], buyer=buyer)


def visitor(n: int, rng: random.Random) -> CanonicalRow:
    """Somebody without a name, seen with two cookies, which others may have shown."""
    shown = tuple(("cookie", f"cookie-{value}") for value in rng.sample("abcdef", 2))
    buyer = PersonRow(observed_at=START, identifiers=shown)
    return CanonicalRow(900 + n, [f"visit {n}"], key=f"visit-{n}", buyer=buyer)


def people() -> set[frozenset[str]]:
    """Who is together with whom, by the records' external ids."""
    groups = defaultdict(set)
    for profile, external_id in SourceRecord.objects.values_list("profile", "external_id"):
        groups[profile].add(external_id)
    return {frozenset(group) for group in groups.values()}


def an_act() -> IdentityAct:
    return IdentityAct.objects.create(kind=IdentityAct.Kind.RULES, actor="alice@example.org")


def scatter() -> None:
    """Everybody alone, nothing held: as if nobody had ever been found to be anybody."""
    for record in SourceRecord.objects.exclude(profile=F("first_profile")):
        Profile.objects.filter(pk=record.first_profile_id).update(state="active", merged_into=None)
    SourceRecord.objects.update(profile=F("first_profile"))
    Identifier.objects.filter(state="held").update(state="normal", state_reason="")


# --- a plain oracle of the rules ---------------------------------------------


class Oracle:
    """The rules as the documents tell them (docs/reference/identity-rules.md), slowly and plainly."""

    def __init__(self, history: list[Said], kinds: dict[str, IdentifierKind]) -> None:
        self.said = {f"r{n:02d}": said for n, said in enumerate(history, 1)}
        self.kinds = kinds
        self.groups = [{key} for key in sorted(self.said)]
        self.showers = defaultdict(list)
        for key in sorted(self.said):
            for value in self.shows(key):
                self.showers[value].append(key)

    def shows(self, key: str) -> set[tuple[str, str]]:
        """Of e-mail and phone a row has one each, the last."""
        found = dict(sorted(v for v in self.said[key].shows if v[0] in ("email", "phone")))
        rest = {v for v in self.said[key].shows if v[0] not in ("email", "phone")}
        return rest | set(found.items()) | {("customer_number", key)}

    def called(self, key: str) -> names.Called:
        given, family = self.said[key].given.lower(), self.said[key].family.lower()
        return given, f"{given} {family}".strip()

    def looks(self, key: str) -> tuple[str, date | None]:
        return self.called(key)[0], self.said[key].birth

    def people(self) -> set[frozenset[str]]:
        by_strength = sorted(
            self.showers.items(), key=lambda each: (self.kinds[each[0][0]].priority, each[0])
        )
        for (kind, _value), members in by_strength:
            apart = {self.looks(key) for key in members}
            if kind != "cookie" and len(apart) <= self.kinds[kind].max_profiles:
                for one, two in self.pairs(members):
                    self.join(one, two, kind)
        return {frozenset(group) for group in self.groups}

    def pairs(self, members: list[str]) -> list[tuple[str, str]]:
        """Alike first: each with the next who says the same; then everybody with everybody."""
        alike = defaultdict(list)
        for key in members:
            alike[self.called(key), self.said[key].birth].append(key)
        found = []
        for (called, _birth), same in alike.items():
            if not self.is_anybodys(called, members):
                found.append(same)
        return [
            *(pair for same in found for pair in pairwise(same)),
            *combinations([same[0] for same in found], 2),
        ]

    def is_anybodys(self, called: names.Called, members: list[str]) -> bool:
        against = names.contradictions(self.called(key) for key in members)
        return names.is_anybodys(called, against)

    def group_of(self, key: str) -> set[str]:
        return next(group for group in self.groups if key in group)

    def join(self, one: str, two: str, kind: str) -> None:
        a, b = self.group_of(one), self.group_of(two)
        if a is not b and len(a | b) <= 12 and self.agree(a, b) and self.within(a, b, kind):
            self.groups.remove(b)
            a |= b

    def agree(self, a: set[str], b: set[str]) -> bool:
        births = {self.said[key].birth for key in a | b} - {None}
        return len(births) <= 1 and all(
            names.may_be_one(self.called(x), self.called(y)) for x in a for y in b
        )

    def within(self, a: set[str], b: set[str], joining: str) -> bool:
        """A limit speaks against a join unless the kind that joins is the stronger."""
        for kind, rule in self.kinds.items():
            mine, theirs = self.values(a, kind), self.values(b, kind)
            too_many = mine and theirs and len(mine | theirs) > rule.limit_per_person
            if too_many and rule.priority <= self.kinds[joining].priority:
                return False
        return True

    def values(self, group: Iterable[str], kind: str) -> set[str]:
        return {value for key in group for shown, value in self.shows(key) if shown == kind}


def loosen() -> dict[str, IdentifierKind]:
    """Limits small enough that a dozen records break them."""
    IdentifierKind.objects.filter(key="email").update(max_profiles=4, limit_per_person=2)
    IdentifierKind.objects.filter(key="phone").update(max_profiles=3)
    IdentifierKind.objects.filter(key="customer_number").update(limit_per_person=6)
    return {kind.key: kind for kind in IdentifierKind.objects.all()}


@pytest.mark.django_db
@pytest.mark.usefixtures("in_aurora")
@settings(max_examples=12, deadline=None)
@given(histories(), st.integers(0, 10_000))
def test_batch_one_by_one_and_the_rules_read_plainly_find_the_same_people(
    history: list[Said], seed: int
) -> None:
    rows = [row(n, said) for n, said in enumerate(history, 1)]
    random.Random(seed).shuffle(rows)
    with transaction.atomic():
        kinds = loosen()
        for each in rows:
            deliver([each])
        one_by_one = people()
        assert batch.check() == batch.Drift(0, [], [])
        scatter()
        moved = batch.rebuild(an_act())
        assert people() == one_by_one == Oracle(history, kinds).people()
        assert moved == SourceRecord.objects.exclude(profile=F("first_profile")).count()
        assert batch.check() == batch.Drift(0, [], [])
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.usefixtures("in_aurora")
@settings(max_examples=12, deadline=None)
@given(histories())
def test_without_guards_people_are_connected_components(history: list[Said]) -> None:
    bare = [dataclasses.replace(said, given="", family="Li", birth=None) for said in history[:12]]
    with transaction.atomic():
        IdentifierKind.objects.update(max_profiles=1000, limit_per_person=1000)
        deliver([row(n, said) for n, said in enumerate(bare, 1)])
        scatter()
        batch.rebuild(an_act())
        graph = networkx.Graph()
        oracle = Oracle(bare, {})
        graph.add_nodes_from(oracle.said)
        for (kind, _value), members in oracle.showers.items():
            if kind != "cookie":
                networkx.add_path(graph, members)
        components = {frozenset(c) for c in networkx.connected_components(graph)}
        assert people() == components
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.usefixtures("in_aurora")
@settings(max_examples=12, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_what_people_and_the_matcher_said_holds_in_the_batch_too(
    history: list[Said], rng: random.Random
) -> None:
    with transaction.atomic():
        for n, said in enumerate(history, 1):
            deliver([row(n, said)])
        for n in range(4):
            deliver([visitor(n, rng)])
        Identifier.objects.filter(kind="email", value__startswith="aaa").update(
            state="shared", decided_by="alice@example.org"
        )
        IdentifierKind.objects.filter(key="email").update(shared_joins=rng.random() < 0.5)
        ids = list(SourceRecord.objects.order_by("external_id").values_list("pk", flat=True))
        _say_something(ids, rng)
        with acting.turn():
            resolve.resolve(ids)
            acting.settle_touched()
        one_by_one = people()
        assert batch.check() == batch.Drift(0, [], [])
        scatter()
        batch.rebuild(an_act())
        assert people() == one_by_one
        transaction.set_rollback(True)


def _say_something(ids: list[int], rng: random.Random) -> None:
    act = an_act()
    for kind in rng.choices(("must", "cannot"), k=3):
        said = LinkConstraint.objects.create(kind=kind, actor=act.actor, act=act)
        for side, record in enumerate(rng.sample(ids, 2)):
            LinkConstraintRecord.objects.create(
                constraint=said, record_id=record, side=side if kind == "cannot" else 0
            )
    pairs = {tuple(sorted(rng.sample(ids, 2))) for _ in range(3)}
    for (a, b), weight in zip(sorted(pairs), count(5), strict=False):
        MatchLink.objects.create(record_a_id=a, record_b_id=b, weight=weight, probability=0.99, act=act)


# --- what is written ----------------------------------------------------------


@pytest.mark.django_db
def test_drift_is_found_and_mended_and_the_journal_says_by_which_act(in_aurora: object) -> None:
    deliver([ticket(1, email="kari@example.no"), ticket(2, email="kari@example.no", external_id="7")])
    deliver([ticket(3, email="ola@example.no", name="Ola Nordmann")])
    kari = Profile.objects.get(email="kari@example.no")
    stray = SourceRecord.objects.filter(profile=kari).first()
    assert stray is not None
    elsewhere = Profile.objects.get(email="ola@example.no")
    SourceRecord.objects.filter(pk=stray.pk).update(profile=elsewhere)
    drift = batch.check()
    assert (drift.records, len(drift.moves), drift.held) == (1, 1, [])
    act = an_act()
    assert batch.rebuild(act) == 1
    assert batch.check().records == 0
    assert sorted(len(together) for together in people()) == [1, 2]
    decision = Decision.objects.get(act=act)
    assert (decision.kind, decision.actor) == ("split", "alice@example.org")


@pytest.mark.django_db
def test_a_merge_in_the_batch_names_its_proof_and_the_old_id_resolves(in_aurora: object) -> None:
    deliver([ticket(1, email="kari@example.no"), ticket(2, phone="90000001")])
    deliver([ticket(3, email="kari@example.no", phone="90000001", external_id="7")])
    scatter()
    act = an_act()
    assert batch.rebuild(act) == 1
    survivor = Profile.objects.get(state="active")
    assert Profile.objects.get(state="merged").merged_into == survivor
    told = Decision.objects.filter(act=act, kind="merge", rule="exact", survivor=survivor)
    proved = {i for decision in told for i in decision.evidence["identifiers"]}
    assert proved == {Identifier.objects.get(kind="phone").pk}
    assert survivor.orders_count == 3


@pytest.mark.django_db
def test_a_value_on_too_many_people_is_held_by_the_batch_too(in_aurora: object) -> None:
    IdentifierKind.objects.filter(key="email").update(max_profiles=2)
    everybody = [ticket(n, email="post@theatre.no", name=f"{name} Li", external_id=str(n))
                 for n, name in enumerate(("Kari", "Ola", "Per", "Anne"), 1)]  # fmt: skip
    deliver(everybody)
    Identifier.objects.update(state="normal", state_reason="")
    assert batch.check().held == list(Identifier.objects.filter(kind="email").values_list("pk", flat=True))
    batch.rebuild(an_act())
    assert Identifier.objects.get(kind="email").state == "held"
    assert len(people()) == 4


@pytest.mark.django_db
def test_an_empty_organisation_has_nothing_to_rebuild(in_aurora: object) -> None:
    assert batch.check() == batch.Drift(0, [], [])
    assert batch.rebuild(an_act()) == 0
