"""Other rules are tried over the history first, then applied, and can be taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from organisations.audit.models import AuditEntry
from organisations.models import User
from profiles.identity import starting, survivorship_trial, units, verbs
from profiles.identity.acting import NotPossible
from profiles.identity.units import Rule
from profiles.models import IdentityAct, Profile, RuleTrial, Source, SurvivorshipRule
from tests.profiles.sample import a_source, deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]

ALICE = "alice@example.org"


def people(how_many: int = 4) -> None:
    """Of the box office, trusted more, and of the shop, which heard of them later. Every second one has
    moved, the first goes by another name at the shop, one more is known to the shop alone."""
    numbers = range(how_many)
    deliver(
        [ticket(n, email=f"p{n}@example.no", name=f"Kari Li{n}", city="Oslo") for n in numbers],
        a_source("box", trust=50),
    )
    deliver(
        [
            ticket(
                n,
                email=f"p{n}@example.no",
                name="Kari Berg" if n == 0 else f"Kari Li{n}",
                city="Bergen" if n % 2 else "Oslo",
                external_id=str(n),
                day=3,
            )
            for n in numbers
        ]
        + [ticket(99, email="alone@example.no", name="Ola Li", external_id="99", city="Moss")],
        a_source("shop"),
    )


def recent_first(*changed: str) -> dict[str, Rule]:
    now = units.rules()
    return {
        key: replace(rule, strategies=("recent", "source")) if key in changed else rule
        for key, rule in now.items()
    }


def tried(*changed: str) -> RuleTrial:
    trial = survivorship_trial.begin_trial(recent_first(*changed), actor=ALICE)
    survivorship_trial.run(trial.pk)
    trial.refresh_from_db()
    return trial


def golden() -> set[Any]:
    active = Profile.objects.filter(state="active")
    return {(p.email, p.name, p.city, tuple(sorted(p.provenance.items()))) for p in active}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survivorship_trial, "BATCH", 3)


def test_a_trial_counts_people_and_fields_and_changes_nothing() -> None:
    people()
    before = golden()
    trial = tried("name", "address")
    assert (trial.state, trial.done, trial.total) == ("tried", 4, 4)
    assert (trial.report["people"], trial.report["units"]) == (3, {"name": 1, "address": 2})
    assert golden() == before
    assert not SurvivorshipRule.objects.exists()
    assert "Bergen" not in str(trial.report)


def test_its_examples_are_the_people_it_counts() -> None:
    people()
    trial = tried("name", "address")
    found = survivorship_trial.examples(trial)
    moved = Profile.objects.filter(email__in=["p1@example.no", "p3@example.no"])
    assert {each.profile for each in found if each.unit == "address"} == {p.pk for p in moved}
    assert len(found) == 3


def test_at_most_fifty_examples_are_kept_and_some_of_every_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survivorship_trial, "EXAMPLES", 3)
    people(12)
    found = survivorship_trial.examples(tried("name", "address"))
    assert sorted(each.unit for each in found) == ["address", "address", "name"]


def test_applying_changes_exactly_what_the_trial_foresaw(alice: User) -> None:
    people()
    before = golden()
    trial = tried("name", "address")
    act = survivorship_trial.apply(trial, actor=alice)
    survivorship_trial.run(trial.pk)
    trial.refresh_from_db()
    assert (trial.state, trial.act, act.kind) == ("applied", act, "rules")
    changed = {row[0] for row in golden() - before}
    assert changed >= {"p0@example.no", "p1@example.no", "p3@example.no"}
    assert set(Profile.objects.filter(city="Bergen").values_list("email", flat=True)) == {
        "p1@example.no",
        "p3@example.no",
    }
    assert Profile.objects.get(email="p0@example.no").name == "Kari Berg"
    assert units.rules()["address"].strategies == ("recent", "source")
    assert AuditEntry.objects.get(verb="survivorship.changed").summary == {"units": ["name", "address"]}


def test_a_second_trial_of_what_is_in_force_finds_nothing_to_change(alice: User) -> None:
    people()
    trial = tried("address")
    survivorship_trial.apply(trial, actor=alice)
    survivorship_trial.run(trial.pk)
    with pytest.raises(NotPossible):
        tried("address")
    again = tried("address", "company")
    assert again.report["people"] == 0


def test_taking_it_back_brings_rules_and_values_back(alice: User) -> None:
    people()
    before, rules = golden(), units.rules()
    trial = tried("name", "address")
    act = survivorship_trial.apply(trial, actor=alice)
    survivorship_trial.run(trial.pk)
    back = verbs.undo(act=act, actor=ALICE)
    assert (units.rules(), golden()) == (rules, before)
    recount = RuleTrial.objects.get(act=back)
    assert (recount.state, recount.done) == ("applied", 4)
    verbs.undo(act=back, actor=ALICE)
    assert Profile.objects.filter(city="Bergen").count() == 2


def test_a_later_change_of_the_same_field_is_in_the_way_of_taking_back(alice: User) -> None:
    people()
    first = survivorship_trial.apply(tried("address"), actor=alice)
    now = units.rules() | {"address": Rule("address", ("complete",))}
    later = survivorship_trial.begin_trial(now, actor=ALICE)
    survivorship_trial.run(later.pk)
    survivorship_trial.apply(later, actor=alice)
    with pytest.raises(verbs.InTheWay):
        verbs.undo(act=first, actor=ALICE)


def test_a_trial_of_rules_that_have_changed_since_is_not_applied(alice: User) -> None:
    people()
    old, new = tried("address"), tried("name")
    survivorship_trial.apply(new, actor=alice)
    with pytest.raises(NotPossible):
        survivorship_trial.apply(old, actor=alice)
    with pytest.raises(NotPossible):
        survivorship_trial.apply(new, actor=alice)
    assert IdentityAct.objects.filter(kind="rules").count() == 1


def test_going_back_to_the_default_leaves_no_rule_in_force(alice: User) -> None:
    people()
    survivorship_trial.apply(tried("address"), actor=alice)
    back = survivorship_trial.begin_trial({key: Rule(key) for key in units.UNITS}, actor=ALICE)
    survivorship_trial.run(back.pk)
    survivorship_trial.apply(back, actor=alice)
    assert not SurvivorshipRule.objects.filter(lifted_by=None).exists()


def test_an_own_order_of_sources_is_tried_too(alice: User) -> None:
    people()
    shop = Source.objects.get(slug="shop")
    wanted = units.rules() | {"address": Rule("address", units.DEFAULT, (shop.pk,))}
    trial = survivorship_trial.begin_trial(wanted, actor=ALICE)
    starting.go_on(trial)
    trial.refresh_from_db()
    assert trial.report["units"] == {"address": 2}


def test_a_task_goes_on_where_another_stopped() -> None:
    people()
    trial = survivorship_trial.begin_trial(recent_first("address"), actor=ALICE)
    assert survivorship_trial.run(trial.pk, seconds=0)
    trial.refresh_from_db()
    assert (trial.state, trial.done) == ("trying", 3)
    survivorship_trial.run(trial.pk)
    trial.refresh_from_db()
    assert (trial.state, trial.report["units"]) == ("tried", {"address": 2})


def test_much_of_it_goes_to_the_background(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[int] = []
    people()
    monkeypatch.setattr(starting, "AT_ONCE", 3)
    monkeypatch.setattr("profiles.tasks.survivorship.apply_async", lambda args, **_rest: sent.append(args[0]))
    trial = survivorship_trial.begin_trial(recent_first("address"), actor=ALICE)
    with django_capture_on_commit_callbacks(execute=True):
        starting.go_on(trial)
    assert sent == [trial.pk]
