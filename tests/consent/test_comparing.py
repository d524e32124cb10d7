"""Every night: what says the same thing in two places is compared, and differences are told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django_tenants.utils import tenant_context

from cdp.lib import clock
from consent import answers, comparing, nightly
from consent.models import Comparison, ConsentState, ContactAnswer
from organisations import health
from organisations.models import Organisation
from profiles.models import RecordMark
from tests.consent.world import bought, claim, morning, person, point

pytestmark = pytest.mark.usefixtures("in_aurora", "away_from_the_real_files")


@pytest.fixture
def away_from_the_real_files(settings: Any, tmp_path: Path) -> None:
    settings.FOYER_DATA = tmp_path


def reading(kind: str) -> health.Reading:
    [check] = [check for check in health.checks() if check.key == f"consent.{kind}"]
    return check.read()


def newsletter_for_two() -> None:
    morning(claim(person("anna@example.org", "+4790000001"), "yes", point()))
    bought(person("ben@example.org"), kind="membership")
    answers.refresh()


def test_both_forms_agree_and_the_health_says_so() -> None:
    newsletter_for_two()

    comparing.watch()

    found = Comparison.objects.get(kind="decisions")
    assert (found.compared, found.differing, found.differences) == (9, 0, {})
    assert reading("decisions").level == "good"
    assert reading("projection").level == "good"


def test_what_nobody_compared_is_not_called_good() -> None:
    assert reading("decisions").level == "unknown"


def test_an_old_comparison_is_a_warning() -> None:
    comparing.decisions()

    with time_machine.travel(clock.now() + timedelta(days=3)):
        assert reading("decisions").level == "warning"


def test_a_stored_answer_that_is_old_is_told_and_mended() -> None:
    newsletter_for_two()
    ContactAnswer.objects.filter(newsletter="ALLOW").update(newsletter="BLOCK", newsletter_reason="NO_BASIS")

    found = comparing.decisions()

    assert (found.differing, found.differences) == (1, {"old": 1})
    assert ContactAnswer.objects.filter(newsletter="ALLOW").count() == 1
    assert reading("decisions").level == "bad"
    assert comparing.decisions().differing == 0


def test_a_mark_that_nobody_decided_anew_for_is_found() -> None:
    newsletter_for_two()
    ben = person("cleo@example.org")
    answers.refresh()
    RecordMark.objects.create(record=ben.record, kind="restricted")

    comparing.decisions()

    assert ContactAnswer.objects.get(identifier=ben.email).newsletter_reason == "RESTRICTED"


def test_a_difference_of_the_two_forms_names_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the pure form had a rule that the statement does not have."""
    newsletter_for_two()
    monkeypatch.setattr("consent.decide.GATES", ())
    answers.refresh()

    found = comparing.decisions()

    assert found.differing == 3
    assert found.differences["forms: newsletter/email: BLOCK NO_BASIS, not ALLOW CONSENT"] == 1
    assert len(found.examples) == 3


def test_drift_of_the_projection_is_told() -> None:
    newsletter_for_two()
    ConsentState.objects.update(state="withdrawn")

    found = comparing.states()

    assert (found.compared, found.differing) == (1, 1)
    assert found.differences == {"withdrawn, not given": 1}
    assert reading("projection").value == "1 differ"


def test_every_organisation_is_compared_at_night(
    in_aurora: Organisation, borealis: Organisation, settings: Any
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True

    nightly.watch_everybody()

    for organisation in (in_aurora, borealis):
        with tenant_context(organisation):
            kinds = set(Comparison.objects.values_list("kind", flat=True))
            assert {"decisions", "projection", "chain"} <= kinds
