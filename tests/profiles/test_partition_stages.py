"""The stages of deciding who is who: people's word, identifiers, links, visitors. Pure, no database."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from profiles.identity.exact import Kind, Link, Node, Seen, Shared, Word, partition

KINDS = {
    "customer_number": Kind(10, 1, 10),
    "email": Kind(40, 2, 10),
    "phone": Kind(50, 2, 10),
    "cookie": Kind(80, 2, 10, window_days=7, anonymous=True),
}
Said = dict[int, list[tuple[str, str, str, Seen]]]
World = tuple[dict[int, Node], list[Shared], Word, list[Link]]
START = datetime(2026, 5, 1, tzinfo=UTC)


def person(n: int, given_key: str = "kari", birth: date | None = None, family: str = "li") -> Node:
    return Node(n, (1, f"r{n:02d}"), given_key, birth, f"{given_key} {family}".strip())


def visitor(n: int) -> Node:
    return Node(n, (1, f"r{n:02d}"), "", None, "", anonymous=True)


def nodes(*each: Node) -> dict[int, Node]:
    return {node.id: node for node in each}


def on(kind: str, *members: int, number: int = 100, shared: bool = False, trusted: bool = False) -> Shared:
    return Shared(number, kind, "", f"v{number}", members, shared, trusted)


def shows(**values: dict[int, str]) -> Said:
    said: Said = {}
    for kind, by_node in values.items():
        for n, value in by_node.items():
            said.setdefault(n, []).append((kind, "", value, None))
    return said


def test_a_set_that_people_called_one_is_one_whatever_its_names_and_numbers() -> None:
    people = nodes(person(1), person(2, "ola"), person(3, "per", date(1980, 1, 1)))
    assert partition(people, [], KINDS, word=Word(must=(frozenset({1, 2, 3}),))).groups == [(1, 2, 3)]


def test_told_apart_goes_before_called_one() -> None:
    people = nodes(person(1), person(2), person(3))
    word = Word(must=(frozenset({1, 2, 3}),), cannot=((frozenset({1}), frozenset({2})),))
    assert partition(people, [], KINDS, word=word).groups == [(1, 3), (2,)]


def test_told_apart_holds_in_every_path() -> None:
    people = nodes(person(1), person(2), person(3))
    shared = [on("email", 1, 3), on("phone", 2, 3, number=101)]
    word = Word(cannot=((frozenset({1}), frozenset({2})),))
    assert partition(people, shared, KINDS, word=word).groups == [(1, 3), (2,)]
    links = [Link(1, 1, 2, 20.0), Link(2, 2, 3, 19.0)]
    assert partition(people, shared[:1], KINDS, word=word, links=links).groups == [(1, 3), (2,)]


def test_a_newcomer_who_could_be_either_of_two_told_apart_is_neither_until_something_stronger_says() -> None:
    people = nodes(person(1), person(2), person(3))
    word = Word(cannot=((frozenset({1}), frozenset({2})),))
    mailbox = on("email", 1, 2, 3)
    assert partition(people, [mailbox], KINDS, word=word).groups == [(1,), (2,), (3,)]
    card = on("customer_number", 2, 3, number=101)
    assert partition(people, [mailbox, card], KINDS, word=word).groups == [(1,), (2, 3)]


def test_a_newcomer_who_fits_only_one_of_two_told_apart_joins_that_one() -> None:
    people = nodes(person(1), person(2, "ola"), person(3))
    word = Word(cannot=((frozenset({1}), frozenset({2})),))
    assert partition(people, [on("email", 1, 2, 3)], KINDS, word=word).groups == [(1, 3), (2,)]


def test_over_a_limit_the_weaker_identifier_is_set_aside_and_the_search_goes_on() -> None:
    people = nodes(person(1), person(2), person(3))
    said = shows(customer_number={1: "11", 2: "22"})
    found = partition(people, [on("email", 1, 2), on("phone", 2, 3, number=101)], KINDS, values=said)
    assert found.groups == [(1,), (2, 3)]
    [demoted] = found.demoted
    assert (demoted.identifier, demoted.kind, demoted.limit) == (100, "customer_number", 1)


def test_a_stronger_identifier_joins_though_there_are_too_many_of_a_weaker_kind() -> None:
    people = nodes(person(1), person(2))
    said = shows(email={1: "a", 2: "b"})
    said[1].append(("email", "", "c", None))
    found = partition(people, [on("customer_number", 1, 2)], KINDS, values=said)
    assert found.groups == [(1, 2)]
    assert [(d.identifier, d.kind) for d in found.demoted] == [(0, "email")]
    assert partition(people, [on("phone", 1, 2)], KINDS, values=said).groups == [(1,), (2,)]


def test_a_shared_value_joins_nobody_or_where_the_kind_says_so_one_full_name() -> None:
    people = nodes(person(1), person(2), person(3, family="moe"), person(4, ""))
    mailbox = on("email", 1, 2, 3, 4, shared=True)
    assert partition(people, [mailbox], KINDS).groups[0] == (1, 2)
    assert len(partition(people, [mailbox], KINDS).groups) == 3


def test_a_value_on_too_many_people_is_held_unless_a_person_let_it_join() -> None:
    people = nodes(*(person(n, "kari" if n < 3 else f"{'abcdefghijk'[n - 3] * 6}") for n in range(1, 14)))
    everybody = tuple(people)
    found = partition(people, [on("email", *everybody)], KINDS)
    assert (found.held, len(found.groups)) == ([100], 13)
    trusted = partition(people, [on("email", *everybody, trusted=True)], KINDS)
    assert (trusted.held, trusted.groups[0]) == ([], (1, 2))


def test_a_link_of_the_matcher_joins_other_names_but_never_two_birth_dates_or_beyond_a_limit() -> None:
    one, other = date(1980, 1, 1), date(1981, 1, 1)
    link = [Link(1, 1, 2, 12.0)]
    assert partition(nodes(person(1), person(2, "katrine")), [], KINDS, links=link).groups == [(1, 2)]
    two = nodes(person(1, birth=one), person(2, birth=other))
    assert partition(two, [], KINDS, links=link).groups == [(1,), (2,)]
    said = shows(customer_number={1: "11", 2: "22"})
    assert partition(nodes(person(1), person(2)), [], KINDS, values=said, links=link).groups == [(1,), (2,)]


def test_the_heavier_link_comes_first() -> None:
    people = nodes(person(1), person(2), person(3))
    said = shows(customer_number={1: "11", 3: "33"})
    links = [Link(1, 1, 2, 12.0), Link(2, 2, 3, 15.0)]
    found = partition(people, [], KINDS, values=said, links=links)
    assert (found.groups, dict(found.linked)) == ([(1,), (2, 3)], {2: (2,), 3: (2,)})


def test_a_visitor_becomes_the_one_known_person_on_the_device() -> None:
    people = nodes(person(1), visitor(2), visitor(3))
    shared = [on("cookie", 1, 2), on("cookie", 2, 3, number=101)]
    assert partition(people, shared, KINDS).groups == [(1, 2, 3)]


def test_a_device_of_two_known_people_joins_neither_them_nor_the_visitor() -> None:
    people = nodes(person(1), person(2), visitor(3))
    assert partition(people, [on("cookie", 1, 2, 3)], KINDS).groups == [(1,), (2,), (3,)]


def test_people_found_to_be_one_by_a_link_are_one_for_their_device_too() -> None:
    people = nodes(person(1), person(2), visitor(3))
    found = partition(people, [on("cookie", 1, 2, 3)], KINDS, links=[Link(1, 1, 2, 12.0)])
    assert found.groups == [(1, 2, 3)]


def test_a_limit_with_a_window_counts_only_what_was_seen_close_together() -> None:
    people = nodes(person(1), visitor(2), visitor(3), visitor(4))
    shared = [on("cookie", 1, n, number=100 + n) for n in (2, 3, 4)]

    def seen(days: tuple[int, int, int]) -> Said:
        said: Said = {}
        for n, day in zip((2, 3, 4), days, strict=True):
            at = START + timedelta(days=day)
            said[n] = [("cookie", "", f"v{100 + n}", (at, at))]
        return said

    assert partition(people, shared, KINDS, values=seen((0, 10, 20))).groups == [(1, 2, 3, 4)]
    assert partition(people, shared, KINDS, values=seen((0, 1, 2))).groups == [(1, 2, 3), (4,)]


def test_visitors_do_not_count_towards_the_size_of_a_group() -> None:
    people = nodes(person(1), *(visitor(n) for n in range(2, 20)))
    shared = [on("cookie", 1, n, number=100 + n) for n in range(2, 20)]
    assert len(partition(people, shared, KINDS).groups) == 1


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to nine records with few names, some visitors, and something said of every sort."""
    count = draw(st.integers(2, 9))
    numbers = st.integers(1, count)
    people = nodes(
        *(
            draw(st.sampled_from((visitor(n), person(n), person(n, "ola"), person(n, ""))))
            for n in range(1, count + 1)
        )
    )
    kinds = st.sampled_from(("customer_number", "email", "phone", "cookie"))
    shared = [
        on(kind, *sorted(members), number=100 + i)
        for i, (kind, members) in enumerate(
            draw(st.lists(st.tuples(kinds, st.sets(numbers, min_size=2)), max_size=5))
        )
    ]
    sets = st.frozensets(numbers, min_size=1, max_size=3)
    pairs = draw(st.lists(st.tuples(sets, sets), max_size=2))
    cannot = tuple((a, b - a) for a, b in pairs if b - a)
    must = tuple(draw(st.lists(sets, max_size=2)))
    weights = st.floats(5, 30)
    links = [
        Link(i, a, b, weight)
        for i, (a, b, weight) in enumerate(draw(st.lists(st.tuples(numbers, numbers, weights), max_size=3)))
        if a != b
    ]
    return people, shared, Word(must, cannot), links


@given(worlds(), st.randoms(use_true_random=False))
def test_nothing_said_apart_is_ever_together_and_order_is_of_no_matter(
    world: World, rng: random.Random
) -> None:
    people, shared, word, links = world
    found = partition(people, shared, KINDS, word=word, links=links)
    for group in found.groups:
        for one, two in word.cannot:
            assert not (one & set(group) and two & set(group))
    mixed = list(people.items())
    rng.shuffle(mixed)
    again = partition(
        dict(mixed),
        rng.sample(shared, len(shared)),
        KINDS,
        word=word,
        links=list(reversed(links)),
    )
    assert again.groups == found.groups


@given(worlds())
def test_a_visitor_never_ties_two_known_people(world: World) -> None:
    people, shared, word, links = world
    with_visitors = partition(people, shared, KINDS, word=word, links=links)
    known = {n: node for n, node in people.items() if not node.anonymous}
    if any(people[n].anonymous for link in links for n in (link.a, link.b)) or any(
        people[n].anonymous for said in word.must for n in said
    ):
        return
    without = [
        Shared(s.id, s.kind, s.namespace, s.value, tuple(n for n in s.nodes if n in known))
        for s in shared
        if s.kind != "cookie"
    ]
    if any(len(s.nodes) != len([n for n in s.nodes if n in known]) for s in shared if s.kind != "cookie"):
        return
    alone = partition(known, [s for s in without if len(s.nodes) > 1], KINDS, word=word, links=links)
    assert [g for g in ([n for n in group if n in known] for group in with_visitors.groups) if g] == [
        list(group) for group in alone.groups
    ]
