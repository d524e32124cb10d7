"""`manage.py identity`, the night's tasks, and when they run."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django_tenants.utils import tenant_context

from cdp.lib import locks, schedules
from organisations.models import Organisation, User
from profiles import tasks
from profiles.apps import MATCH_PEOPLE
from profiles.identity import nightly, nights
from profiles.models import IdentityAct, MatchFeatures, MatchPair, SourceRecord
from tests.profiles.nights import HOME, are_one, doubtful, sure, tell

pytestmark = pytest.mark.django_db


def identity(*args: str) -> str:
    told = StringIO()
    call_command("identity", *args, stdout=told)
    return told.getvalue()


def test_match_does_the_night_s_work_and_tells_in_numbers(aurora: Organisation) -> None:
    with tenant_context(aurora):
        pair = sure()
        doubtful()
    told = identity("match", "--organisation", "aurora")
    with tenant_context(aurora):
        assert are_one(*pair)
    assert "aurora: 4 records of 4 people, the platform's model" in told
    assert "1 joined, 0 kept apart by a limit, 0 links lifted, 0 left for the next night" in told
    assert "1 new" in told
    assert not any(word in told for word in ("Kari", "Siri", "@"))


def test_match_refuses_while_somebody_is_at_it(aurora: Organisation) -> None:
    with tenant_context(aurora), locks.held("match", nightly.key()) as free:
        assert free
        with pytest.raises(CommandError, match="already"):
            identity("match", "--organisation", "aurora")


def test_check_finds_who_is_astray_and_rebuild_mends_it(aurora: Organisation) -> None:
    with tenant_context(aurora):
        one = tell("tickets", 100, "Kari Vik", "kari@vik.no")
        two = tell("shop", 101, "Kari Vik", "kari@vik.no")
        assert are_one(one, two)
    assert "aurora: no records astray" in identity("check", "--organisation", "aurora")
    with tenant_context(aurora):
        other = tell("tickets", 200, "Ola Berg", "ola@berg.no")
        SourceRecord.objects.filter(pk=two.pk).update(profile=other.profile)
    with pytest.raises(CommandError, match="1 records are astray"):
        identity("check", "--organisation", "aurora")
    assert "aurora: 1 records moved" in identity("rebuild", "--organisation", "aurora")
    assert "no records astray" in identity("check", "--organisation", "aurora")
    with tenant_context(aurora):
        assert are_one(one, two)
        assert IdentityAct.objects.get().kind == IdentityAct.Kind.RULES


def test_rebuilding_what_is_right_leaves_no_act(aurora: Organisation) -> None:
    assert "aurora: 0 records moved" in identity("rebuild", "--organisation", "aurora")
    with tenant_context(aurora):
        assert not IdentityAct.objects.exists()


def test_households_are_found_on_demand(aurora: Organisation) -> None:
    with tenant_context(aurora):
        tell("tickets", 100, "Kari Vik", "kari@vik.no", **HOME)
        tell("tickets", 101, "Ola Vik", "ola@vik.no", **HOME)
    identity("match", "--organisation", "aurora")
    assert "aurora: 1 households of 2 people, 0 memberships written" in identity(
        "households", "--organisation", "aurora"
    )


def test_without_a_name_all_organisations_are_gone_through(
    aurora: Organisation, borealis: Organisation
) -> None:
    told = identity("match")
    assert "aurora: 0 records" in told
    assert "borealis: 0 records" in told


def test_an_organisation_that_is_not_there_is_said_so() -> None:
    with pytest.raises(CommandError, match="no organisation 'nowhere'"):
        identity("match", "--organisation", "nowhere")


# --- tasks ------------------------------------------------------------------------------


def test_the_task_matches_the_organisation_it_was_asked_in(aurora: Organisation, bob: User) -> None:
    with tenant_context(aurora):
        pair = sure()
        tasks.match_people(bob.pk)
        assert are_one(*pair)
        run = nightly.last_run()
        assert run
        assert run.started_by == bob.email


def test_two_at_once_are_one_run_and_no_failure(aurora: Organisation) -> None:
    with tenant_context(aurora), locks.held("match", nightly.key()):
        assert not nights.match_people()
        assert nightly.last_run() is None


def test_every_organisation_is_woken_in_its_own_schema(
    aurora: Organisation, borealis: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []

    def delay(*_args: Any) -> None:
        woken.append(connection.schema_name)  # type: ignore[attr-defined]

    monkeypatch.setattr(tasks.match_people, "delay", delay)
    tasks.match_everybody()
    assert {aurora.schema_name, borealis.schema_name} <= set(woken)


def test_it_is_registered_for_the_small_hours() -> None:
    assert schedules._registered["foyer: match people"] == MATCH_PEOPLE
    assert MATCH_PEOPLE.daily_at
    assert MATCH_PEOPLE.daily_at.hour < 4


def test_a_delivery_can_be_looked_up_without_waiting_for_the_night(aurora: Organisation) -> None:
    with tenant_context(aurora):
        record = tell("tickets", 100, "Kari Vik", "kari@vik.no")
        tasks.freshen_features(record.intake_id)
        assert MatchFeatures.objects.filter(record=record).exists()
        assert not MatchPair.objects.exists()
