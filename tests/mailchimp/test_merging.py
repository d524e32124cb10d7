"""People are merged and taken apart: what the audience was told is put right by the next plan."""

from __future__ import annotations

from consent import ledger
from consent.facts import EventType
from integrations.mailchimp import plans
from integrations.mailchimp.models import PlanState
from integrations.mailchimp.standin.audience import Audience
from integrations.models import ApplyMode, Connection, RunState
from profiles.identity import verbs
from profiles.identity.preview import preview_merge, preview_unmerge
from profiles.models import Profile, SourceRecord
from tests.consent import world
from tests.fakes.mailchimp import status, tags
from tests.mailchimp.conftest import NEXT_MONTH, morning, person, says, sell, sort_everybody

WHO = "alice@example.org"
KARI, WORK = "kari@example.no", "kari.n@work.example.no"
HAMLET = f"Show: Hamlet {NEXT_MONTH.year}"
MACBETH = f"Show: Macbeth {NEXT_MONTH.year}"


def two() -> list[Profile]:
    sell(person(KARI, customer="1"))
    sell(person(WORK, customer="2"), show="Macbeth")
    return [who(KARI), who(WORK)]


def who(address: str) -> Profile:
    return SourceRecord.objects.get(email=address, source__slug="till").profile


def correction(shown: object, address: str) -> str:
    section = next(each for each in shown.sections if each.key == "mailchimp")  # type: ignore[attr-defined]
    return next(str(line.after) for line in section.lines if line.subject == address)


def test_the_preview_says_what_was_sent_and_the_next_plan_does_what_it_said(
    newsletter: Connection, audience: Audience
) -> None:
    people = two()
    morning(newsletter)
    assert (tags(audience, KARI), tags(audience, WORK)) == ({HAMLET}, {MACBETH})
    shown = preview_merge(people)
    assert f"+ {MACBETH}" in correction(shown, KARI)
    verbs.merge(profiles=people, actor=WHO)
    morning(newsletter)
    kept = {address for address in (KARI, WORK) if tags(audience, address) == {HAMLET, MACBETH}}
    assert KARI in kept
    back = preview_unmerge(who(WORK), [SourceRecord.objects.get(email=WORK, source__slug="till").pk])
    assert f"− {MACBETH}" in correction(back, KARI)
    records = SourceRecord.objects.filter(email=WORK).values_list("pk", flat=True)
    verbs.unmerge(profile=who(WORK), records=list(records), actor=WHO, reason="two")
    morning(newsletter)
    assert tags(audience, KARI) == {HAMLET}
    assert tags(audience, WORK) == {MACBETH}


def test_a_no_that_a_merge_brings_along_is_told_by_the_next_plan(
    newsletter: Connection, audience: Audience
) -> None:
    people = two()
    says(KARI, EventType.GRANT)
    sort_everybody()
    morning(newsletter)
    assert status(audience, KARI) == "subscribed"
    record = SourceRecord.objects.get(email=WORK, source__slug="till")
    ledger.record(
        ledger.Entry(
            type=EventType.OBJECT, purpose="*", channel="*", scope="person", record_id=record.pk,
            source_system="test", source_event_id="x",
        )
    )  # fmt: skip
    assert "Unsubscribe" in correction(preview_merge(people), KARI)
    verbs.merge(profiles=people, actor=WHO)
    morning(newsletter)
    assert status(audience, KARI) == "unsubscribed"


def test_a_plan_that_waits_and_no_longer_fits_is_out_of_date_at_once(newsletter: Connection) -> None:
    people = two()
    morning(newsletter)
    sell(person("ola@example.no", "Ola"), show="Macbeth")
    Connection.objects.update(apply_mode=ApplyMode.ASK)
    run = morning(newsletter, wants=RunState.WAITING)
    assert run.plan.state == PlanState.DRAFT
    verbs.merge(profiles=people, actor=WHO)
    run.plan.refresh_from_db()
    assert run.plan.state == PlanState.EXPIRED
    assert "merged or taken apart" in run.plan.reason


def test_a_plan_about_others_goes_on_waiting(newsletter: Connection) -> None:
    sell(person("ola@example.no", "Ola"))
    Connection.objects.update(apply_mode=ApplyMode.ASK)
    run = morning(newsletter, wants=RunState.WAITING)
    verbs.merge(profiles=[world.person(name=f"Nobody {n}").profile for n in range(2)], actor=WHO)
    run.plan.refresh_from_db()
    assert run.plan.state == PlanState.DRAFT
    assert plans.changed_since(run.plan) == 0
