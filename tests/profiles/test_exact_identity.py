"""Who is found to be whom by shared identifiers: the rules, and that order does not matter."""

from __future__ import annotations

import dataclasses
import random
from collections import defaultdict
from datetime import date
from itertools import combinations

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.identity import names
from profiles.identity.exact import Kind, Node, Seen, Shared, Word, partition
from profiles.models import Decision, Profile, SourceRecord
from profiles.rows import CanonicalRow, PersonRow
from tests.profiles.sample import START, a_source, deliver, ticket

KINDS = {"email": Kind(40, 5, 10), "phone": Kind(50, 5, 10), "customer_number": Kind(10, 1, 10)}
History = list[tuple[str, date | None, frozenset[tuple[str, str]]]]
NAMES = ("", "kari", "kari anne", "k", "ola", "per", "anne")


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Records as (given name, birth date, {(kind, value)}), dense enough to collide."""
    values = st.tuples(st.sampled_from(("email", "phone")), st.sampled_from("abcde"))
    births = st.sampled_from((None, None, date(1980, 1, 1), date(1990, 2, 2)))
    record = st.tuples(st.sampled_from(NAMES), births, st.frozensets(values, max_size=3))
    return draw(st.lists(record, min_size=1, max_size=12))


Said = dict[int, list[tuple[str, str, str, Seen]]]
World = tuple[dict[int, Node], list[Shared], Said]


def world(records: History) -> World:
    nodes = {i: Node(i, (1, f"r{i:02d}"), given, birth) for i, (given, birth, _) in enumerate(records)}
    shown = defaultdict(list)
    for i, (_, _, values) in enumerate(records):
        for value in values:
            shown[value].append(i)
    shared = [
        Shared(n, kind, "", value, tuple(members))
        for n, ((kind, value), members) in enumerate(sorted(shown.items()))
        if len(members) > 1
    ]
    said: Said = {
        i: [(kind, "", value, None) for kind, value in shows] for i, (_, _, shows) in enumerate(records)
    }
    return nodes, shared, said


@given(histories(), st.randoms(use_true_random=False))
def test_the_partition_does_not_depend_on_the_order_in_which_records_came(
    records: History, rng: random.Random
) -> None:
    nodes, shared, values = world(records)
    mixed = [
        Shared(s.id, s.kind, s.namespace, s.value, tuple(rng.sample(s.nodes, len(s.nodes)))) for s in shared
    ]
    rng.shuffle(mixed)
    keys = list(nodes)
    rng.shuffle(keys)
    one = partition(nodes, shared, KINDS, values=values).groups
    two = partition({k: nodes[k] for k in keys}, mixed, KINDS, values=values).groups
    assert one == two


@given(histories())
def test_nobody_in_a_group_contradicts_another_and_every_group_hangs_together(
    records: History,
) -> None:
    nodes, shared, values = world(records)
    found = partition(nodes, shared, KINDS, values=values)
    assert sorted(n for group in found.groups for n in group) == sorted(nodes)
    for group in found.groups:
        for a, b in combinations(group, 2):
            assert names.agree(nodes[a].given_key, nodes[b].given_key)
            assert not (
                nodes[a].birth_date and nodes[b].birth_date and nodes[a].birth_date != nodes[b].birth_date
            )
        assert _hangs_together(group, records)


def _hangs_together(group: tuple[int, ...], records: History) -> bool:
    """A plain walk over shared values reaches everybody."""
    reached, frontier = {group[0]}, [group[0]]
    while frontier:
        here = frontier.pop()
        for other in set(group) - reached:
            if records[here][2] & records[other][2]:
                reached.add(other)
                frontier.append(other)
    return reached == set(group)


def test_a_record_without_a_name_is_left_alone_where_two_names_share_the_address() -> None:
    nodes = {
        1: Node(1, (1, "a"), "kari", None),
        2: Node(2, (1, "b"), "", None),
        3: Node(3, (1, "c"), "ola", None),
    }
    shared = [Shared(9, "email", "", "familien", (1, 2, 3))]
    assert partition(nodes, shared, KINDS).groups == [(1,), (2,), (3,)]


def test_two_customer_numbers_of_one_source_are_two_people_whatever_they_share() -> None:
    nodes = {1: Node(1, (1, "a"), "kari", None), 2: Node(2, (1, "b"), "kari", None)}
    shared = [Shared(9, "email", "", "k", (1, 2))]
    values: Said = {
        1: [("customer_number", "tickets", "1", None)],
        2: [("customer_number", "tickets", "2", None)],
    }
    assert partition(nodes, shared, KINDS, values=values).groups == [(1,), (2,)]


def test_a_persons_word_goes_before_every_rule() -> None:
    nodes = {1: Node(1, (1, "a"), "kari", None), 2: Node(2, (1, "b"), "ola", None)}
    assert partition(nodes, [], KINDS, word=Word(must=(frozenset({1, 2}),))).groups == [(1, 2)]
    alike = {1: Node(1, (1, "a"), "kari", None), 2: Node(2, (1, "b"), "kari", None)}
    shared = [Shared(9, "email", "", "k", (1, 2))]
    assert partition(alike, shared, KINDS, word=Word(cannot=((frozenset({1}), frozenset({2})),))).groups == [
        (1,),
        (2,),
    ]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("kari", "kari", True), ("kari", "", True), ("kari", "k", True), ("anne kari", "kari", True),
        ("kristofer", "kristoffer", True), ("krsitoffer", "kristoffer", True), ("kari", "ola", False),
        ("kari", "o", False), ("tor", "per", False),
    ],
)  # fmt: skip
def test_given_names_agree(a: str, b: str, same: bool) -> None:
    assert names.agree(a, b) is same
    assert names.agree(b, a) is same


# --- in the database ----------------------------------------------------------


def _people() -> set[frozenset[str]]:
    """Who is together with whom, by the records' external ids."""
    groups = defaultdict(set)
    for profile, source, external in SourceRecord.objects.values_list(
        "profile", "source__slug", "external_id"
    ):
        groups[profile].add(f"{source}/{external}")
    return {frozenset(group) for group in groups.values()}


@pytest.mark.django_db
@pytest.mark.usefixtures("in_aurora")
@settings(max_examples=15, deadline=None)
@given(histories(), st.integers(0, 10_000))
def test_one_delivery_after_another_gives_the_same_people_as_all_at_once(records: History, seed: int) -> None:
    rows = [_row(i, *record) for i, record in enumerate(records, 1)]
    apart = rows[:]
    random.Random(seed).shuffle(apart)
    found = []
    for batches in ([rows], [[row] for row in apart]):
        with transaction.atomic():
            for batch in batches:
                deliver(batch)
            found.append(_people())
            transaction.set_rollback(True)
    assert found[0] == found[1]


def _row(i: int, given_name: str, birth: date | None, values: frozenset[tuple[str, str]]) -> CanonicalRow:
    contact = dict(sorted(values))
    base = ticket(i)
    buyer = PersonRow(
        given_name=given_name,
        birth_date=birth,
        email=f"{contact['email'] * 3}@example.no" if "email" in contact else "",
        phone=f"9000000{ord(contact['phone']) - 96}" if "phone" in contact else "",
        observed_at=START,
        identifiers=(("login", f"l{i}"),),
    )
    return dataclasses.replace(base, raw=[str(i)], buyer=buyer)


@pytest.mark.django_db
@pytest.mark.usefixtures("in_aurora")
@settings(max_examples=6, deadline=None)
@given(st.randoms(use_true_random=False))
def test_records_that_show_more_and_more_addresses_end_up_the_same_in_any_order(rng: random.Random) -> None:
    """Limits per person are broken by what comes later, be it shared with anybody or not."""
    a_source("tickets"), a_source("shop")  # the order of sources is part of the rules
    called = [rng.choice(("Kari Li", "K Li", "Kari Ås", "Ola Li", "")) for _ in range(8)]
    shown = [(rng.randrange(8), _contact(n, rng)) for n in range(1, 13)]
    rows = [
        (("tickets", "shop")[who % 2], dataclasses.replace(row, buyer=_known(row, str(who), called[who])))
        for who, row in shown
    ]
    found = []
    for shuffled in (False, True):
        if shuffled:
            rng.shuffle(rows)
        with transaction.atomic():
            for source, row in rows:
                deliver([row], a_source(source))
            found.append(_people())
            transaction.set_rollback(True)
    assert found[0] == found[1]


def _contact(n: int, rng: random.Random) -> CanonicalRow:
    email = f"e{rng.randrange(8)}@example.no" if rng.random() < 0.8 else ""
    phone = f"9000000{rng.randrange(4)}" if rng.random() < 0.4 else ""
    return CanonicalRow(n, [n], key=f"k{n}", buyer=PersonRow(email=email, phone=phone, observed_at=START))


def _known(row: CanonicalRow, external_id: str, name: str) -> PersonRow:
    assert row.buyer is not None
    return dataclasses.replace(row.buyer, external_id=external_id, full_name=name)


@pytest.mark.django_db
def test_a_record_that_ties_two_people_merges_them_and_the_journal_says_why(in_aurora: object) -> None:
    deliver([ticket(1, email="kari@example.no"), ticket(2, phone="90000001")])
    young = Profile.objects.get(phone="+4790000001")
    deliver([ticket(3, email="kari@example.no", phone="90000001", external_id="7")], a_source("shop"))
    assert Profile.objects.filter(state="active").count() == 1
    young.refresh_from_db()
    survivor = Profile.objects.get(state="active")
    assert (young.state, young.merged_into) == ("merged", survivor)
    decision = Decision.objects.get()
    assert (decision.kind, decision.rule, decision.retired) == ("merge", "exact", young)
    assert decision.evidence["identifiers"]
    assert survivor.orders_count == 3
