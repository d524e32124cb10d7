"""A person's choice of a value: it wins, goes with its record, and can be taken back."""

from __future__ import annotations

import pytest

from organisations.audit.models import AuditEntry
from organisations.models import User
from profiles.identity import verbs
from profiles.identity.acting import NotPossible
from profiles.identity.survivorship import explain, pin, unpin
from profiles.ingest import undo_intake
from profiles.models import IdentityAct, Pin, Profile, SourceRecord
from tests.profiles.sample import a_source, deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora", "alice")]

ALICE = "alice@example.org"


def kari() -> tuple[Profile, SourceRecord, SourceRecord]:
    """Kari of the box office, who moved according to the shop; the box office is trusted more."""
    deliver([ticket(1, email="kari@example.no", city="Oslo")], a_source("box", trust=50))
    deliver([ticket(1, email="kari@example.no", city="Bergen", external_id="7")], a_source("shop"))
    box, shop = SourceRecord.objects.order_by("pk")
    return Profile.objects.get(state="active"), box, shop


def city(profile: Profile) -> str:
    profile.refresh_from_db()
    return profile.city


def choose(profile: Profile, record: SourceRecord, unit: str = "address") -> IdentityAct:
    return pin(profile=profile, unit=unit, record=record.pk, actor=ALICE)


def test_the_chosen_value_wins_and_says_who_chose_it() -> None:
    profile, _box, shop = kari()
    assert city(profile) == "Oslo"
    choose(profile, shop)
    assert city(profile) == "Bergen"
    address = next(each for each in explain(profile) if each.unit == "address")
    assert (address.because, address.is_pinned) == ("pinned", True)
    assert ALICE in address.sentence
    assert [lost.text for lost in address.losers] == ["Oslo"]


def test_the_newest_choice_counts_and_the_rules_decide_again_when_asked_to() -> None:
    profile, box, shop = kari()
    choose(profile, shop)
    choose(profile, box)
    choose(profile, shop)
    assert city(profile) == "Bergen"
    unpin(profile=profile, unit="address", actor=ALICE)
    assert city(profile) == "Oslo"
    assert not Pin.objects.filter(lifted_by=None).exists()


def test_a_later_delivery_does_not_overrule_a_choice() -> None:
    profile, _box, shop = kari()
    choose(profile, shop)
    deliver([ticket(2, email="kari@example.no", city="Tromsø", day=9)], a_source("box"))
    assert city(profile) == "Bergen"


def test_a_choice_is_taken_back_and_that_too() -> None:
    profile, _box, shop = kari()
    act = choose(profile, shop)
    back = verbs.undo(act=act, actor=ALICE)
    assert city(profile) == "Oslo"
    verbs.undo(act=back, actor=ALICE)
    assert city(profile) == "Bergen"


def test_leaving_it_to_the_rules_is_taken_back() -> None:
    profile, _box, shop = kari()
    choose(profile, shop)
    act = unpin(profile=profile, unit="address", actor=ALICE)
    verbs.undo(act=act, actor=ALICE)
    assert city(profile) == "Bergen"


def test_a_choice_goes_with_its_record_when_people_are_merged_and_taken_apart() -> None:
    profile, _box, shop = kari()
    deliver([ticket(1, phone="41234567", name="Kari Nordmann", city="Bodø")], a_source("club", trust=1))
    other = Profile.objects.exclude(pk=profile.pk).get(state="active")
    choose(profile, shop)
    merged = verbs.merge(profiles=[profile, other], actor=ALICE)
    survivor = SourceRecord.objects.get(pk=shop.pk).profile
    assert survivor.city == "Bergen"
    verbs.undo(act=merged, actor=ALICE)
    assert SourceRecord.objects.get(pk=shop.pk).profile.city == "Bergen"
    assert Profile.objects.filter(state="active", city="Bodø").exists()
    verbs.unmerge(profile=profile, records=[shop.pk], actor=ALICE, reason="two people")
    assert SourceRecord.objects.get(pk=shop.pk).profile.city == "Bergen"
    assert city(profile) == "Oslo"


def test_only_the_persons_own_records_can_be_chosen() -> None:
    profile, box, _shop = kari()
    deliver([ticket(9, email="ola@example.no", name="Ola Li", city="Moss")])
    other = SourceRecord.objects.order_by("pk").last()
    assert other is not None
    with pytest.raises(NotPossible):
        choose(profile, other)
    with pytest.raises(NotPossible):
        choose(profile, box, "company")
    with pytest.raises(NotPossible):
        choose(profile, box, "shoe size")
    with pytest.raises(NotPossible):
        unpin(profile=profile, unit="address", actor=ALICE)
    assert not Pin.objects.exists()


def test_choosing_is_in_the_audit_log_without_the_value(alice: User) -> None:
    profile, _box, shop = kari()
    act = choose(profile, shop)
    entry = AuditEntry.objects.get(verb="identity.pinned")
    assert (entry.actor_id, entry.target) == (alice.pk, f"act {act.pk}")
    assert "Bergen" not in str(entry.summary)
    assert (act.kind, act.evidence["unit"]) == ("pin", "address")


def test_a_choice_goes_with_a_record_that_is_undone() -> None:
    profile, _box, shop = kari()
    deliver([ticket(3, email="kari@example.no", external_id="9", city="Hamar")], a_source("web"))
    web = SourceRecord.objects.get(source__slug="web")
    choose(profile, shop)
    choose(profile, web)
    undo_intake(intake=web.intake, revoke=lambda _: 0, actor=ALICE)
    assert city(profile) == "Bergen"
    assert Pin.objects.count() == 1
