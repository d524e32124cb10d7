"""Rules as data: whoever changes them changes who is who, and can take that back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from organisations.audit.models import AuditEntry
from organisations.models import User
from profiles.identity import batch, dry_run, rules, taking_back
from profiles.identity.acting import NotPossible
from profiles.identity.rules import Block
from profiles.models import (
    Identifier,
    IdentifierBlock,
    IdentifierKind,
    IdentityAct,
    Profile,
    RuleTrial,
    SourceRecord,
)
from tests.profiles.sample import a_source, deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]
CREW = ("Kari Li", "Ola Li", "Per Li", "Anne Li")


def people() -> set[frozenset[str]]:
    groups = defaultdict(set)
    for profile, external_id in SourceRecord.objects.values_list("profile", "external_id"):
        groups[profile].add(external_id)
    return {frozenset(group) for group in groups.values()}


def two_purchases(email: str = "post@theatre.no") -> None:
    """Kari twice, known to be one by this address alone."""
    deliver([ticket(1, email=email, external_id="1"), ticket(2, email=email, external_id="2")])


@pytest.fixture
def loose(in_aurora: object) -> None:
    """One person may have several customer numbers, so that tests may give each record one."""
    IdentifierKind.objects.filter(key="customer_number").update(limit_per_person=50)


def changed(**values: Any) -> rules.RuleSet:
    """The rules in force with another rule for e-mail."""
    now = rules.load()
    return now.with_kind(replace(now.by_key()["email"], **values))


def everything_agrees() -> bool:
    return batch.check() == batch.Drift(0, [], [])


@pytest.mark.usefixtures("loose")
def test_a_value_that_is_blocked_joins_nobody_and_joins_again_when_that_is_taken_back(alice: User) -> None:
    two_purchases()
    assert people() == {frozenset("12")}
    wanted = rules.load().with_block(Block("email", rules.pattern_of("post@*"), "the shop's own"))
    act = rules.save(wanted, actor=alice, reason="it is the shop's")
    assert people() == {frozenset("1"), frozenset("2")}
    assert Identifier.objects.get(kind="email").state == "blocked"
    assert everything_agrees()
    taking_back.undo(act=act, actor=alice.email)
    assert people() == {frozenset("12")}
    assert not IdentifierBlock.objects.filter(pattern=rules.pattern_of("post@*")).exists()
    assert everything_agrees()


@pytest.mark.usefixtures("loose")
def test_taking_back_can_be_taken_back(alice: User) -> None:
    two_purchases()
    wanted = rules.load().with_block(Block("email", rules.pattern_of("post@*")))
    act = rules.save(wanted, actor=alice)
    undone = taking_back.undo(act=act, actor=alice.email)
    taking_back.undo(act=undone, actor=alice.email)
    assert rules.load() == wanted
    assert people() == {frozenset("1"), frozenset("2")}


def test_a_change_of_rules_cannot_be_taken_back_past_a_later_one(alice: User) -> None:
    first = rules.save(changed(max_profiles=7), actor=alice)
    second = rules.save(changed(max_profiles=8), actor=alice)
    with pytest.raises(taking_back.InTheWay) as refused:
        taking_back.undo(act=first, actor=alice.email)
    assert refused.value.acts == [second]
    assert rules.load().by_key()["email"].max_profiles == 8


def test_a_standard_block_can_be_switched_off_and_stays(alice: User) -> None:
    deliver(
        [
            ticket(1, email="test1@mail.no", external_id="1"),
            ticket(2, email="test1@mail.no", name="K Nordmann"),
        ]
    )
    assert Identifier.objects.get(value="test1@mail.no").state == "blocked"
    now = rules.load()
    block = next(b for b in now.blocks if b.pattern.startswith("(test|"))
    rules.save(now.with_block(replace(block, active=False)), actor=alice)
    assert Identifier.objects.get(value="test1@mail.no").state == "normal"
    assert len(people()) == 1
    assert IdentifierBlock.objects.get(pattern=block.pattern).origin == "standard"
    assert everything_agrees()


@pytest.mark.usefixtures("loose")
def test_a_lower_limit_holds_a_value_and_a_higher_one_lets_it_go(alice: User) -> None:
    deliver([ticket(n, email="fam@li.no", name=name, external_id=f"{n}") for n, name in enumerate(CREW, 1)])
    deliver([ticket(9, email="fam@li.no", name="Kari Li", external_id="9")])
    assert frozenset("19") in people()
    rules.save(changed(max_profiles=3), actor=alice)
    assert Identifier.objects.get(kind="email").state == "held"
    assert all(len(group) == 1 for group in people())
    rules.save(changed(max_profiles=4), actor=alice)
    assert Identifier.objects.get(kind="email").state == "normal"
    assert frozenset("19") in people()
    assert everything_agrees()


@pytest.mark.usefixtures("loose")
def test_a_kind_can_be_a_contact_point_only(alice: User) -> None:
    two_purchases()
    rules.save(changed(joins=False), actor=alice)
    assert people() == {frozenset("1"), frozenset("2")}
    assert everything_agrees()


def test_an_organisation_adds_a_kind_of_its_own_and_takes_it_back(alice: User) -> None:
    card = rules.KindRule("season_card", "Season card", "account_key", False, 22, 1, None, 10, True, False)
    act = rules.save(rules.load().with_kind(card), actor=alice)
    assert rules.load().by_key()["season_card"] == card
    assert IdentifierKind.objects.get(key="season_card").label == "Season card"
    taking_back.undo(act=act, actor=alice.email)
    assert "season_card" not in rules.load().by_key()


def test_a_kind_with_values_stays(alice: User) -> None:
    card = rules.KindRule("season_card", "Season card", "account_key", False, 22, 1, None, 10, True, False)
    act = rules.save(rules.load().with_kind(card), actor=alice)
    for n in (1, 2):
        deliver([ticket(n, external_id=f"c{n}", identifiers=(("season_card", "S-1"),))])
    assert {len(group) for group in people()} == {1}  # two customer numbers of one source
    with pytest.raises(NotPossible):
        taking_back.undo(act=act, actor=alice.email)


def test_the_audit_log_names_what_changed_and_nobody(alice: User) -> None:
    rules.save(changed(priority=41), actor=alice, reason="phones first")
    entry = AuditEntry.objects.get(verb="identity.rules_changed")
    assert entry.summary == {"records": 0, "kinds": ["email"], "blocked": 0}
    act = IdentityAct.objects.get(kind="rules")
    assert (act.actor, act.reason) == ("alice@example.org", "phones first")


def test_rules_that_change_nothing_or_cannot_be_meant_are_refused(alice: User) -> None:
    for wanted in (
        rules.load(),
        changed(limit_per_person=0),
        rules.load().with_block(Block("", "(")),
        rules.load().with_block(Block("", "")),
    ):
        with pytest.raises(NotPossible):
            rules.save(wanted, actor=alice)


@pytest.mark.parametrize(("value", "matches"), [("test@*", "test@mail.no"), ("a.b+c@d.no", "a.b+c@d.no")])
def test_a_value_is_written_as_people_write_it(value: str, matches: str) -> None:
    blocked = rules.load().with_block(Block("email", rules.pattern_of(value))).blocking().blocked
    assert blocked("email", matches)
    assert not blocked("email", "axb+c@dxno")
    assert rules.value_of(rules.pattern_of(value)) == value


# --- one value ------------------------------------------------------------------


@pytest.mark.usefixtures("loose")
def test_a_shared_mailbox_stops_joining_and_joins_again_when_let(alice: User) -> None:
    two_purchases("fam@li.no")
    mailbox = Identifier.objects.get(kind="email")
    rules.judge_identifier(mailbox, "shared", actor=alice, reason="the family's")
    mailbox.refresh_from_db()
    assert (mailbox.state, mailbox.decided_by) == ("shared", "alice@example.org")
    assert len(people()) == 2
    assert everything_agrees()
    act = rules.judge_identifier(mailbox, "normal", actor=alice)
    assert len(people()) == 1
    taking_back.undo(act=act, actor=alice.email)
    mailbox.refresh_from_db()
    assert (mailbox.state, mailbox.state_reason) == ("shared", "the family's")
    assert len(people()) == 2


@pytest.mark.usefixtures("loose")
def test_a_persons_word_about_a_value_outlasts_the_rules(alice: User) -> None:
    deliver([ticket(n, email="fam@li.no", name=name, external_id=f"{n}") for n, name in enumerate(CREW, 1)])
    deliver([ticket(9, email="fam@li.no", name="Kari Li", external_id="9")])
    rules.save(changed(max_profiles=3), actor=alice)
    rules.judge_identifier(Identifier.objects.get(kind="email"), "normal", actor=alice)
    assert frozenset("19") in people()
    rules.save(changed(max_profiles=2), actor=alice)
    rules.save(rules.load().with_block(Block("email", "fam@.*")), actor=alice)
    assert Identifier.objects.get(kind="email").state == "normal"
    assert frozenset("19") in people()
    assert everything_agrees()


def test_a_value_cannot_be_called_a_placeholder_by_hand(alice: User) -> None:
    two_purchases()
    with pytest.raises(NotPossible):
        rules.judge_identifier(Identifier.objects.get(kind="email"), "blocked", actor=alice)


# --- trying first ---------------------------------------------------------------


def tried(wanted: rules.RuleSet, actor: User) -> RuleTrial:
    trial = dry_run.begin_trial(wanted, actor=actor.email)
    dry_run.run(trial.pk)
    trial.refresh_from_db()
    return trial


@pytest.mark.usefixtures("loose")
def test_a_dry_run_foretells_what_applying_does_and_writes_nothing(alice: User) -> None:
    two_purchases("post@theatre.no")
    deliver([ticket(3, email="ola@li.no", name="Ola Li", external_id="3")])
    before = people()
    trial = tried(rules.load().with_block(Block("email", rules.pattern_of("post@*"))), alice)
    assert trial.state == "tried"
    assert (trial.report["merged"], trial.report["split"], trial.report["records"]) == (0, 1, 1)
    assert trial.report["values"]["blocked"]["count"] == 1
    (example,) = trial.report["splits"]
    assert SourceRecord.objects.get(pk=example["records"][0]).profile_id == example["profile"]
    assert people() == before
    assert everything_agrees()
    dry_run.apply(trial, actor=alice)
    dry_run.run(trial.pk)
    trial.refresh_from_db()
    assert trial.state == "applied"
    assert trial.act is not None
    assert trial.act.decisions.filter(kind="split").count() == 1
    assert people() == {frozenset("1"), frozenset("2"), frozenset("3")}


@pytest.mark.usefixtures("loose")
def test_a_dry_run_names_who_would_merge_and_by_what(alice: User) -> None:
    act = rules.save(changed(joins=False), actor=alice)
    two_purchases()
    trial = tried(rules.RuleSet.of_json(act.evidence["identity"]["before"]), alice)
    assert (trial.report["merged"], trial.report["split"]) == (1, 0)
    (example,) = trial.report["merges"]
    assert example["identifiers"] == [Identifier.objects.get(kind="email").pk]
    assert {example["profile"], example["into"]} == set(
        SourceRecord.objects.values_list("profile", flat=True)
    )


@pytest.mark.usefixtures("loose")
def test_a_dry_run_tells_of_values_that_would_be_held_and_let_go(alice: User) -> None:
    deliver([ticket(n, email="fam@li.no", name=name, external_id=f"{n}") for n, name in enumerate(CREW, 1)])
    values = tried(changed(max_profiles=3), alice).report["values"]
    assert {name: told["count"] for name, told in values.items()} == {
        "held": 1, "released": 0, "blocked": 0, "unblocked": 0,
    }  # fmt: skip
    assert Identifier.objects.get(kind="email").state == "normal"
    rules.save(changed(max_profiles=3), actor=alice)
    values = tried(changed(max_profiles=9), alice).report["values"]
    assert values["released"] == {"count": 1, "ids": [Identifier.objects.get(kind="email").pk]}


@pytest.mark.usefixtures("loose")
def test_what_has_changed_since_is_not_applied(alice: User) -> None:
    two_purchases()
    trial = tried(changed(joins=False), alice)
    deliver([ticket(3, email="post@theatre.no", external_id="3")])
    dry_run.apply(trial, actor=alice)
    dry_run.run(trial.pk)
    trial.refresh_from_db()
    assert (trial.state, trial.report["stale"], trial.act) == ("tried", True, None)
    assert rules.load().by_key()["email"].joins
    assert people() == {frozenset("123")}


def test_a_trial_is_applied_once(alice: User) -> None:
    trial = tried(changed(priority=41), alice)
    dry_run.apply(trial, actor=alice)
    dry_run.run(trial.pk)
    dry_run.run(trial.pk)
    with pytest.raises(NotPossible):
        dry_run.apply(trial, actor=alice)
    assert IdentityAct.objects.filter(kind="rules").count() == 1


def test_the_golden_address_follows_what_is_said_of_it(alice: User) -> None:
    deliver([ticket(1, email="post@theatre.no", phone="90000001")])
    deliver([ticket(2, email="kari@li.no", phone="90000001", external_id="c2", day=-5)], a_source("shop"))
    person = Profile.objects.get(state="active")
    assert person.email == "post@theatre.no"
    act = rules.judge_identifier(Identifier.objects.get(value="post@theatre.no"), "shared", actor=alice)
    person.refresh_from_db()
    assert person.email == "kari@li.no"
    taking_back.undo(act=act, actor=alice.email)
    person.refresh_from_db()
    assert person.email == "post@theatre.no"
    rules.save(rules.load().with_block(Block("email", rules.pattern_of("post@*"))), actor=alice)
    person.refresh_from_db()
    assert person.email == "kari@li.no"
