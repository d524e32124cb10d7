"""The journal of one person: what was done and decided, by whom, on what, and what became of it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from profiles.identity import journal, verbs
from profiles.models import IdentityAct
from tests.profiles.acts import WHO, a_record, ids, person_of, the_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def entries(key: str) -> list[journal.Entry]:
    return journal.of_profile(person_of(key))


def test_a_persons_merge_says_who_why_and_what_moved() -> None:
    a_record("a", email="a@example.no", name="Kari Li")
    a_record("b", email="b@example.no", name="Kari Li")
    act = verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO, reason="told us so")
    [told] = entries("a")
    assert (str(told.title), told.reason, told.act) == ("Merged", "told us so", act)
    assert "Alice" in str(told.who)
    assert sum(told.moved.values()) == 1
    assert told.can_undo


def test_what_an_identifier_joined_is_told_with_the_identifier() -> None:
    a_record("a", email="a@example.no", name="Kari Li")
    a_record("b", phone="41229017", name="Kari Li")
    a_record("c", email="a@example.no", phone="41229017", name="Kari Li")
    [told] = entries("a")
    assert str(told.title) == "Found to be one person"
    assert str(told.who) == "The rules: the same identifier"
    assert "E-mail a@example.no" in told.evidence or "Phone +4741229017" in told.evidence
    assert not told.can_undo


def test_what_the_matcher_found_is_told_with_its_weight() -> None:
    a_record("a", email="a@example.no", name="Kari Li")
    a_record("b", email="b@example.no", name="Kari Li")
    pair = (the_record("a").pk, the_record("b").pk, 12.5, 0.9998, None)
    verbs.bulk_link(pairs=[pair], actor="", kind=IdentityAct.Kind.MATCH)
    [told] = entries("b")
    assert (told.weight, told.certainty) == (12.5, 0.9998)
    assert str(told.who) == "The matcher"


def test_taken_apart_and_taken_back_stand_in_both_journals_newest_first() -> None:
    for key in "ab":
        a_record(key, email=f"{key}@example.no", name="Kari Li")
    merged = verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    apart = verbs.unmerge(profile=person_of("a"), records=ids("b"), actor=WHO, reason="mother and daughter")
    undone = verbs.undo(act=apart, actor=WHO)
    told = entries("a")
    assert {each.act for each in told} == {merged, apart, undone}
    by_act = {each.act: each for each in told}
    assert by_act[apart].undone is not None
    assert not by_act[apart].can_undo
    assert not by_act[undone].can_undo
    assert [each.at for each in told] == sorted((each.at for each in told), reverse=True)


def test_told_apart_is_told_although_nobody_moved() -> None:
    for key in "ab":
        a_record(key, email=f"{key}@example.no", name="Kari Li")
    verbs.apart(profiles=[person_of("a"), person_of("b")], actor=WHO, reason="twins")
    assert [str(each.title) for each in entries("a")] == ["Not the same"]
    assert [each.reason for each in entries("b")] == ["twins"]


def test_a_long_journal_costs_no_more_queries_than_a_short_one() -> None:
    for key in "abcdef":
        a_record(key, email=f"{key}@example.no", name="Kari Li")

    def cost() -> int:
        person = person_of("a")
        with CaptureQueriesContext(connection) as captured:
            journal.of_profile(person)
        return len(captured)

    verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    few = cost()
    for key in "cdef":
        verbs.merge(profiles=[person_of("a"), person_of(key)], actor=WHO)
    assert cost() == few
