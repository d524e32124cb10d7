"""Taking an act back: exactly, also the taking back, and never into a wrong state."""

from __future__ import annotations

import pytest

from profiles.identity import verbs
from profiles.identity.taking_back import is_in_force
from profiles.models import IdentityAct, LinkConstraint, MatchLink, Pin
from tests.profiles.acts import WHO, a_record, groups, ids, membership, people, person_of, the_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def some(*keys: str) -> None:
    for key in keys:
        a_record(key, email=f"{key}@example.no", name="Kari Li")


def merge(*keys: str, **more: object) -> IdentityAct:
    return verbs.merge(profiles=[person_of(key) for key in keys], actor=WHO, **more)  # type: ignore[arg-type]


def undo(act: IdentityAct) -> IdentityAct:
    return verbs.undo(act=act, actor=WHO)


def in_force() -> list[tuple[str, tuple[int, ...]]]:
    found = LinkConstraint.objects.filter(lifted_by=None).order_by("pk")
    return [(said.kind, tuple(said.members.values_list("record", flat=True))) for said in found]


def test_a_merge_is_taken_back_without_a_never_link() -> None:
    some("a", "b")
    before = membership()
    undo(merge("a", "b"))
    assert membership() == before
    assert in_force() == []


def test_taking_back_can_be_taken_back_any_number_of_times() -> None:
    some("a", "b")
    apart = membership()
    act = merge("a", "b", pins={"email": the_record("b").pk})
    together = membership()
    for _ in range(3):
        undo(act)
        assert membership() == apart
        assert not is_in_force(act)
        assert not Pin.objects.filter(lifted_by=None).exists()
        undo(IdentityAct.objects.latest("pk"))
        assert membership() == together
        assert is_in_force(act)
        assert person_of("a").email == "b@example.no"
    undo(act)
    with pytest.raises(verbs.NotPossible, match="already"):
        undo(act)


def test_what_a_merge_lifted_holds_again() -> None:
    some("a", "b")
    verbs.apart(profiles=[person_of("a"), person_of("b")], actor=WHO, reason="brothers")
    told = in_force()
    undo(merge("a", "b"))
    assert in_force() == told
    assert people() == groups("a", "b")


def test_a_split_is_taken_back_with_the_words_and_links_it_had_lifted() -> None:
    some("a", "b", "c")
    merge("a", "b")
    merge("a", "c")
    link = MatchLink.objects.create(
        record_a=the_record("a"), record_b=the_record("b"), weight=9, probability=1,
        act=verbs.bulk_link(pairs=[], actor=WHO),
    )  # fmt: skip
    told, before = in_force(), membership()
    act = verbs.unmerge(profile=person_of("a"), records=ids("b"), actor=WHO, reason="two")
    undo(act)
    assert in_force() == told
    assert membership() == before
    link.refresh_from_db()
    assert link.lifted_by is None


def test_later_acts_that_rest_on_it_stand_in_the_way_and_are_named() -> None:
    some("a", "b", "c")
    first = merge("a", "b")
    second = merge("a", "c")
    with pytest.raises(verbs.InTheWay) as found:
        undo(first)
    assert found.value.acts == [second]
    assert f"#{second.pk}" in str(found.value)
    assert people() == groups("abc")
    undo(second)
    undo(first)
    assert people() == groups("a", "b", "c")


def test_a_merge_that_was_taken_apart_since_is_not_undone_but_its_taking_apart_is() -> None:
    some("a", "b")
    first = merge("a", "b")
    second = verbs.unmerge(profile=person_of("a"), records=ids("b"), actor=WHO, reason="two")
    with pytest.raises(verbs.InTheWay) as found:
        undo(first)
    assert found.value.acts == [second]
    undo(second)
    undo(first)
    assert people() == groups("a", "b")
    assert in_force() == []


def test_a_word_said_again_since_stands_in_the_way() -> None:
    some("a", "b")
    first = verbs.apart(profiles=[person_of("a"), person_of("b")], actor=WHO, reason="two")
    second = verbs.apart(profiles=[person_of("a"), person_of("b")], actor=WHO, reason="two, really")
    with pytest.raises(verbs.InTheWay):
        undo(first)
    undo(second)
    undo(first)
    assert in_force() == []


def test_ids_return_to_where_they_were_even_where_the_rule_would_choose_another() -> None:
    a_record("a1", email="a@example.no", name="Kari Li")
    a_record("b1", email="b@example.no", name="Kari Li")
    a_record("b2", email="b@example.no", name="Kari Li")
    merge("a1", "b1")
    before = membership()
    act = verbs.unmerge(profile=person_of("b1"), records=ids(["a1", "b2"]), actor=WHO, reason="two")
    undo(act)
    assert membership() == before


def test_links_approved_together_are_taken_back_together() -> None:
    some("a", "b", "c", "d")
    before = membership()
    a, b, c, d = ids("abcd")
    act = verbs.bulk_link(pairs=[(b, a, 12.0, 0.999, None), (c, d, 11.0, 0.999, None)], actor=WHO)
    assert people() == groups("ab", "cd")
    assert {d.rule for d in act.decisions.all()} <= {"probable", "person"}
    undo(act)
    assert membership() == before
    undo(IdentityAct.objects.latest("pk"))
    assert people() == groups("ab", "cd")


def test_links_that_hold_no_more_are_lifted_with_the_run_that_says_so() -> None:
    some("a", "b")
    a, b = ids("ab")
    verbs.bulk_link(pairs=[(a, b, 12.0, 0.999, None)], actor="", kind=IdentityAct.Kind.MATCH)
    link = MatchLink.objects.get()
    verbs.bulk_link(pairs=[], lift=[link.pk], actor="", kind=IdentityAct.Kind.MATCH)
    assert people() == groups("a", "b")
