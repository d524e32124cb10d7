"""Corners in which who is who and what is stored had come apart."""

from __future__ import annotations

import pytest

from organisations.models import Membership, Organisation, User
from profiles import own_domains
from profiles.identity import batch, rules, verbs
from profiles.ingest import undo_intake
from profiles.models import Identifier, IdentifierBlock, IdentifierKind, SourceRecord
from tests.profiles.acts import WHO, a_record, groups, ids, people, person_of
from tests.profiles.sample import a_source, deliver, ticket
from tests.profiles.visits import together, visit, website

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def state_of(value: str) -> str:
    return Identifier.objects.get(value=value).state


def test_cookies_seen_again_break_a_limit_with_a_window() -> None:
    """Nothing new is shown, but six cookies are now seen within one week."""
    for n in range(1, 6):
        deliver([visit(n, ("cookie", f"c{n}"), ("login", "kari"))], website())
    deliver([visit(6, ("cookie", "c9"), ("login", "kari"), day=18)], website())
    deliver([visit(7, ("cookie", "c9"), day=18)], website())
    assert together() == {frozenset({"login:kari", "cookie:c9"})}
    for n in range(1, 6):
        deliver([visit(10 + n, ("cookie", f"c{n}"), ("login", "kari"), day=18)], website())
    assert batch.check() == batch.Drift(0, [], [])
    assert together() == {frozenset({"login:kari"}), frozenset({"cookie:c9"})}


def test_undoing_a_delivery_that_renamed_somebody_lets_go_what_was_held_for_it() -> None:
    IdentifierKind.objects.filter(key="email").update(max_profiles=2)
    shared = "x@example.no"
    deliver(
        [
            ticket(n, email=shared, name=name, external_id=f"{n}")
            for n, name in ((1, "Kari Li"), (2, "Ola Vik"))
        ]
    )
    shop = a_source("shop")
    deliver([ticket(3, email=shared, name="Kari Li", external_id="7")], shop)
    before = together()
    renamed, _ = deliver([ticket(3, email=shared, name="Per Nes", external_id="7", day=3)], shop)
    assert state_of(shared) == "held"
    undo_intake(intake=renamed, revoke=lambda _: 0, actor=WHO)
    assert state_of(shared) == "normal"
    assert together() == before


def test_a_kind_that_joins_nobody_is_never_held() -> None:
    IdentifierKind.objects.filter(key="email").update(max_profiles=2, joins=False)
    for key, name in (("a", "Kari Li"), ("b", "Ola Li"), ("c", "Per Li")):
        a_record(key, email="x@example.no", name=name)
    verbs.merge(profiles=[person_of(key) for key in "abc"], actor=WHO)
    assert people() == groups("abc")
    assert state_of("x@example.no") == "normal"


def test_a_word_about_a_value_is_not_taken_back_under_a_later_one_of_the_same_person(alice: User) -> None:
    a_record("a", email="x@example.no", name="Kari Li")
    a_record("b", email="y@example.no", name="Ola Li")
    value, other = (Identifier.objects.get(value=text) for text in ("x@example.no", "y@example.no"))
    first = rules.judge_identifier(value, "shared", actor=alice)
    second = rules.judge_identifier(value, "held", actor=alice)
    rules.judge_identifier(other, "held", actor=alice)
    with pytest.raises(verbs.InTheWay) as refused:
        verbs.undo(act=first, actor=WHO)
    assert refused.value.acts == [second]
    assert state_of("x@example.no") == "held"
    verbs.undo(act=second, actor=WHO)
    verbs.undo(act=first, actor=WHO)
    assert state_of("x@example.no") == "normal"


def test_rules_can_be_taken_back_after_a_colleague_of_another_domain_has_joined(
    in_aurora: Organisation, alice: User
) -> None:
    found = rules.load()
    act = rules.save(found.with_block(rules.Block("email", "x@example.no")), actor=alice)
    colleague = User.objects.create_user(email="eve@new-house.example.com", password="a long enough password")
    Membership.objects.create(user=colleague, organisation=in_aurora, role="marketer")
    own_domains.note()
    verbs.undo(act=act, actor=WHO)
    assert not IdentifierBlock.objects.filter(pattern="x@example.no").exists()
    assert IdentifierBlock.objects.filter(origin="own", pattern__contains="new").exists()


def test_a_value_of_which_a_word_is_taken_back_is_what_the_rules_in_force_make_of_it(alice: User) -> None:
    for key in "ab":
        a_record(key, email="x@example.no", name="Kari Li")
    act = rules.judge_identifier(Identifier.objects.get(value="x@example.no"), "shared", actor=alice)
    rules.save(rules.load().with_block(rules.Block("email", r"x@example\.no")), actor=alice)
    undone = verbs.undo(act=act, actor=WHO)
    assert state_of("x@example.no") == "blocked"
    assert people() == groups("a", "b")
    verbs.undo(act=undone, actor=WHO)
    assert state_of("x@example.no") == "shared"


@pytest.mark.parametrize("gone", "abcd")
@pytest.mark.parametrize("joining", [True, False])
def test_whoever_goes_leaves_the_others_together(gone: str, joining: bool) -> None:
    """Nobody stands between two who show the same, whatever their order; a shared value alike."""
    IdentifierKind.objects.filter(key="email").update(shared_joins=True)
    for key in "abcd":
        a_record(key, email="x@example.no", name="Kari Li")
    if not joining:
        Identifier.objects.update(state="shared", decided_by=WHO)
    rest = "abcd".replace(gone, "")
    verbs.unmerge(profile=person_of(gone), records=ids(gone), actor=WHO, reason="her sister")
    assert people() == groups(gone, rest)
    verbs.unmerge(profile=person_of(rest[1]), records=ids(rest[1]), actor=WHO, reason="her aunt")
    assert people() == groups(gone, rest[1], rest[0] + rest[2])
    assert batch.check() == batch.Drift(0, [], [])


def test_whoever_goes_leaves_those_of_another_spelling_together() -> None:
    for key, name in (("a", "Kari Li"), ("b", "Kari Li"), ("c", "Karin Li")):
        a_record(key, email="x@example.no", name=name)
    verbs.unmerge(profile=person_of("a"), records=ids("a"), actor=WHO, reason="her sister")
    assert people() == groups("a", "bc")


def test_a_visitor_who_goes_leaves_the_others_together() -> None:
    for n in (1, 2, 3):
        deliver([visit(n, ("cookie", f"c{n}"), ("device", "d1"))], website())
    assert together() == {frozenset({"cookie:c1", "cookie:c2", "cookie:c3"})}
    first = SourceRecord.objects.get(external_id="cookie:c1")
    verbs.unmerge(profile=first.profile, records=[first.pk], actor=WHO, reason="another one")
    assert together() == {frozenset({"cookie:c1"}), frozenset({"cookie:c2", "cookie:c3"})}
