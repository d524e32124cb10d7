"""Taking people apart: chains, what came later, and ids that return."""

from __future__ import annotations

import pytest

from profiles.identity import verbs
from profiles.identity.resolve import resolve
from profiles.ingest import gild, load
from profiles.models import IdentityAct, LinkConstraint, MatchLink, Profile
from profiles.person_page import resolved
from tests.profiles.acts import WHO, a_record, groups, ids, membership, people, person_of, the_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def merge(*keys: str) -> IdentityAct:
    return verbs.merge(profiles=[person_of(key) for key in keys], actor=WHO)


def split(who: str, go: str, **more: object) -> IdentityAct:
    return verbs.unmerge(profile=person_of(who), records=ids(go), actor=WHO, reason="two people", **more)  # type: ignore[arg-type]


def some(*keys: str) -> None:
    for key in keys:
        a_record(key, email=f"{key}@example.no", name="Kari Li")


def tonight() -> None:
    """What the nightly run and every delivery do: find everybody anew."""
    load.empty_touched()
    resolve(ids(list(membership())))
    gild.gild_touched()


def test_the_merged_away_gets_the_id_back_and_tonight_does_not_join_them_again() -> None:
    some("a", "b")
    before = membership()
    merge("a", "b")
    MatchLink.objects.create(
        record_a=the_record("a"), record_b=the_record("b"), weight=20, probability=1, act=merge_of_nobody()
    )
    split("a", "b")
    assert membership() == before
    tonight()
    assert membership() == before
    assert not MatchLink.objects.filter(lifted_by=None).exists()


def merge_of_nobody() -> IdentityAct:
    return verbs.bulk_link(pairs=[], actor=WHO)


def test_people_whom_an_identifier_joined_are_kept_apart_in_every_path() -> None:
    a_record("a", email="family@example.no", name="Kari Li")
    a_record("b", email="family@example.no", name="Kari Li")
    assert people() == groups("ab")
    kept = person_of("a")
    split("a", "b")
    assert people() == groups("a", "b")
    assert person_of("a") == kept
    tonight()
    a_record("b", email="family@example.no", name="Kari Lie")
    assert people() == groups("a", "b")


def test_a_chain_is_split_in_the_middle_and_the_others_stay_where_people_put_them() -> None:
    some("a", "b", "c")
    merge("a", "b")
    merge("a", "c")
    split("a", "b")
    assert people() == groups("ac", "b")
    tonight()
    assert people() == groups("ac", "b")


def test_two_who_only_hung_together_through_the_third_are_two() -> None:
    a_record("b", email="b@example.no", phone="41229017", name="Kari Li")
    a_record("a", email="b@example.no", name="Kari Li")
    a_record("c", phone="41229017", name="Kari Li")
    assert people() == groups("abc")
    split("a", "b")
    assert people() == groups("a", "b", "c")


def test_what_came_later_follows_its_own_identifier() -> None:
    some("a", "b")
    act = merge("a", "b")
    a_record("later", email="b@example.no", name="Kari Li")
    a_record("too", email="a@example.no", name="Kari Li")
    a_record("last", email="b@example.no", name="Kari Li")
    assert people() == groups() | {frozenset(["a", "b", "later", "too", "last"])}
    moved = verbs.records_of_act(act)
    gone = "a" if moved == {the_record("a").pk} else "b"
    split("a", gone)
    assert people() == {frozenset(["a", "too"]), frozenset(["b", "later", "last"])}


def test_what_fits_both_or_neither_is_asked_about() -> None:
    some("a", "b")
    merge("a", "b")
    a_record("both", email="a@example.no", name="Kari Li", phone="41229017")
    a_record("b", email="b@example.no", name="Kari Li", phone="41229017")
    with pytest.raises(verbs.Ambiguous) as asked:
        split("a", "b")
    both = the_record("both").pk
    assert asked.value.records == {both}
    split("a", "b", answers={both: "go"})
    assert people() == {frozenset(["a"]), frozenset(["b", "both"])}


def test_the_answer_stay_is_kept_too() -> None:
    some("a", "b")
    merge("a", "b")
    a_record("both", email="a@example.no", name="Kari Li", phone="41229017")
    a_record("b", email="b@example.no", name="Kari Li", phone="41229017")
    split("a", "b", answers={the_record("both").pk: "stay"})
    tonight()
    assert people() == {frozenset(["b"]), frozenset(["a", "both"])}


def test_whoever_a_person_put_there_later_is_not_asked_about() -> None:
    some("a", "b")
    merge("a", "b")
    a_record("c", email="c@example.no", name="Kari Li")
    merge("a", "c")
    split("a", "b")
    assert people() == groups("ac", "b")


@pytest.mark.parametrize("upwards", [True, False])
def test_old_ids_resolve_for_ever_through_chains_of_any_depth(upwards: bool) -> None:
    keys = "abcdefghij"
    some(*keys)
    first = {key: person_of(key).public_id for key in keys}
    for key in keys[1:]:
        merge(*(("a", key) if upwards else (key, "a")))
    assert {resolved(public_id) for public_id in first.values()} == {person_of("a")}
    for key in reversed(keys[1:]):
        split("a", key)
        assert resolved(first[key]) == person_of(key)
        assert person_of(key).public_id == first[key] or key == "a"
    assert {key: person_of(key).public_id for key in keys} == first


def test_ids_given_out_between_two_acts_resolve_too() -> None:
    a_record("a", email="family@example.no", name="Kari Li")
    a_record("b", email="family@example.no", name="Kari Li")
    split("a", "b")
    between = person_of("b").public_id
    merge("a", "b")
    assert resolved(between) == person_of("a")
    assert Profile.objects.filter(state="merged", merged_into=None).count() == 0


def test_only_a_persons_own_records_can_go_and_one_must_stay() -> None:
    some("a", "b")
    merge("a", "b")
    a_record("c", email="c@example.no", name="Kari Li")
    for wrong in ("", "c", "ab"):
        with pytest.raises(verbs.NotPossible):
            split("a", wrong)
    assert people() == groups("ab", "c")
    assert not LinkConstraint.objects.filter(kind="cannot").exists()
