"""Merging people: a person's word, whatever stood against it, and what hangs on it."""

from __future__ import annotations

import pytest
from django_tenants.utils import tenant_context

from organisations.audit.models import AuditEntry
from organisations.models import Organisation
from profiles.identity import verbs
from profiles.models import Decision, LinkConstraint, MatchPair, Pin, Profile
from profiles.person_page import resolved
from tests.profiles.acts import WHO, a_record, groups, ids, membership, people, person_of, the_record
from tests.profiles.sample import deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def three() -> None:
    for key in "abc":
        a_record(key, email=f"{key}@example.no", name=f"Kari {key.upper()}")


def test_two_people_become_one_and_the_old_id_leads_to_the_new() -> None:
    three()
    a, b = person_of("a"), person_of("b")
    act = verbs.merge(profiles=[a, b], actor=WHO, reason="said so on the telephone")
    assert people() == groups("ab", "c")
    assert act.decisions.get().kind == Decision.Kind.MERGE
    gone = a if person_of("a").pk == b.pk else b
    assert resolved(gone.public_id) == person_of("a")
    assert AuditEntry.objects.filter(verb="identity.merged", actor_label__contains="Alice").exists()


def test_many_become_one_with_one_word_over_all_their_records() -> None:
    three()
    verbs.merge(profiles=[person_of(key) for key in "abc"], actor=WHO)
    assert people() == groups("abc")
    said = LinkConstraint.objects.get()
    assert sorted(said.members.values_list("record", flat=True)) == ids("abc")


def test_the_latest_word_counts_and_what_told_them_apart_is_lifted() -> None:
    three()
    told = verbs.apart(profiles=[person_of("a"), person_of("b")], actor=WHO, reason="brothers")
    act = verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    assert people() == groups("ab", "c")
    assert told.constraints.get().lifted_by == act


def test_what_the_same_word_said_of_others_stays_said() -> None:
    three()
    a_record("d", email="d@example.no", name="Kari D")
    verbs.merge(profiles=[person_of("c"), person_of("d")], actor=WHO)
    verbs.merge(profiles=[person_of("b"), person_of("c")], actor=WHO)
    verbs.apart(profiles=[person_of("a"), person_of("b")], actor=WHO, reason="two")
    verbs.unmerge(profile=person_of("b"), records=ids("b"), actor=WHO, reason="not after all")
    verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    assert people() == groups("ab", "cd")
    standing = LinkConstraint.objects.filter(kind="cannot", lifted_by=None)
    assert {tuple(sorted(said.members.values_list("side", "record"))) for said in standing} != set()
    verbs.merge(profiles=[person_of("a"), person_of("c")], actor=WHO)
    assert people() == groups("abcd")


def test_chosen_values_are_pinned_and_win() -> None:
    three()
    verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO, pins={"email": the_record("b").pk})
    assert person_of("a").email == "b@example.no"
    assert Pin.objects.get().unit == "email"


def test_open_questions_about_the_two_are_answered() -> None:
    three()
    one, two = sorted((person_of("a"), person_of("b")), key=lambda person: person.pk)
    pair = MatchPair.objects.create(
        record_a=the_record("a"),
        record_b=the_record("b"),
        profile_a=one,
        profile_b=two,
        weight=9,
        probability=0.99,
    )
    act = verbs.merge(profiles=[one, two], actor=WHO)
    pair.refresh_from_db()
    assert (pair.state, pair.act, pair.decided_by) == ("merged", act, WHO)
    verbs.undo(act=act, actor=WHO)
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by) == ("open", "")


def test_nobody_can_be_merged_who_is_not_there(borealis: Organisation) -> None:
    three()
    a, b, c = (person_of(key) for key in "abc")
    with pytest.raises(verbs.NotPossible, match="two different"):
        verbs.merge(profiles=[a, a], actor=WHO)
    verbs.merge(profiles=[a, b], actor=WHO)
    gone = a if person_of("a").pk == b.pk else b
    with pytest.raises(verbs.NotPossible, match="merged into somebody else"):
        verbs.merge(profiles=[gone, c], actor=WHO)
    empty = Profile.objects.create(state="empty", name="Nobody")
    with pytest.raises(verbs.NotPossible, match="no record left"):
        verbs.merge(profiles=[empty, c], actor=WHO)
    with tenant_context(borealis):
        deliver([ticket(1, email="x@example.no")])
        foreign = Profile.objects.get()
    with pytest.raises(verbs.NotPossible, match="no such person"):
        verbs.merge(profiles=[foreign, c], actor=WHO)
    with pytest.raises(verbs.NotPossible, match="own records"):
        verbs.merge(profiles=[person_of("a"), c], actor=WHO, pins={"email": 0})


def test_merged_across_birth_dates_names_and_limits_for_a_person_said_so() -> None:
    a_record("a", email="a@example.no", name="Kari Li")
    a_record("b", email="b@example.no", name="Ola Vik")
    verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    assert people() == groups("ab")
    before = membership()
    a_record("c", email="c@example.no", name="Per Nes")
    assert {k: v for k, v in membership().items() if k != "c"} == before
