"""Preparing, starting, stopping and promoting: what is refused, and what is written down."""

from __future__ import annotations

from typing import Any

import pytest

from consent.experiments import results, verbs
from consent.models import ConsentForm, Experiment, FormVersion
from organisations.audit.models import AuditEntry
from organisations.models import User
from tests.consent.experiments import lab
from tests.consent.experiments.lab import counted

pytestmark = pytest.mark.usefixtures("in_aurora")


@pytest.fixture
def form() -> ConsentForm:
    return lab.form()


def draft(actor: User, form: ConsentForm, *others: FormVersion, **given: Any) -> Experiment:
    facts: dict[str, Any] = {
        "name": "Shorter words", "purpose": "marketing.newsletter", "channel": "email",
        "expected_share": 0.3, "smallest_lift": 0.05,
    }  # fmt: skip
    return verbs.draft(actor=actor, form=form, versions=others or (lab.version(form),), **facts | given)


def last_audit() -> AuditEntry:
    found = AuditEntry.objects.order_by("-pk").first()
    assert found
    return found


def test_the_live_version_is_what_others_are_compared_with(bob: User, form: ConsentForm) -> None:
    live, other = form.versions.get(), lab.version(form)

    test = draft(bob, form, other, live)

    assert [(arm.key, arm.version) for arm in test.variants.all()] == [("a", live), ("b", other)]
    assert (test.state, len(test.secret)) == (Experiment.State.DRAFT, 64)
    assert (last_audit().verb, last_audit().summary) == ("experiment.drafted", {"versions": [1, 2]})


def test_a_test_needs_a_live_form_and_other_versions_of_it(bob: User, form: ConsentForm) -> None:
    other = lab.version(form)
    for versions in ([form.versions.get(number=1)], [lab.form().versions.get()]):
        with pytest.raises(verbs.Refused, match="other versions"):
            draft(bob, form, *versions)
    ConsentForm.objects.filter(pk=form.pk).update(state=ConsentForm.State.CLOSED)
    form.refresh_from_db()
    with pytest.raises(verbs.Refused, match="Publish the form first"):
        draft(bob, form, other)


def test_it_starts_stops_and_says_so(bob: User, form: ConsentForm) -> None:
    test = draft(bob, form)

    verbs.start(actor=bob, test=test)
    running = Experiment.objects.get()
    verbs.stop(actor=bob, test=test)

    assert (running.state, running.stopped_at) == (Experiment.State.RUNNING, None)
    assert running.started_at
    assert Experiment.objects.get().state == Experiment.State.STOPPED
    assert last_audit().summary == {"served": 0, "verdict": "empty"}


def test_a_filled_yes_beside_a_link_for_no_is_refused(bob: User, form: ConsentForm) -> None:
    """C163."""
    asked = form.point.text
    assert asked
    test = draft(bob, form, lab.version(form, lab.spec(asked, yes_style="filled", no_style="link")))

    with pytest.raises(verbs.NotStarted) as refused:
        verbs.start(actor=bob, test=test)

    assert ("b", "L02") in [(key, each.id) for key, each in refused.value.findings]
    assert Experiment.objects.get().state == Experiment.State.DRAFT


def test_a_variant_that_names_another_partner_is_refused(bob: User, form: ConsentForm) -> None:
    """C164. No reason of anybody's makes it the same question."""
    other = lab.version(form, lab.spec(lab.text(controllers=["Aurora", "Konsert AS"])), overridden_by="Alice")
    test = draft(bob, form, other)

    with pytest.raises(verbs.NotStarted) as refused:
        verbs.start(actor=bob, test=test)

    assert [(key, each.id) for key, each in refused.value.findings] == [("b", "L16")]


def test_a_stop_that_the_privacy_lead_overrode_does_not_stop_the_test(bob: User, form: ConsentForm) -> None:
    asked = form.point.text
    assert asked
    spec = lab.spec(asked, no_style="link")
    form.versions.update(spec=spec, overridden_by="Alice", override_reason="A court asked for it")
    other = lab.version(form, spec, overridden_by="Alice", override_reason="The same")

    verbs.start(actor=bob, test=draft(bob, form, other))

    assert Experiment.objects.get().state == Experiment.State.RUNNING


def test_one_test_of_a_form_at_a_time(bob: User, form: ConsentForm) -> None:
    first, second = draft(bob, form), draft(bob, form)
    verbs.start(actor=bob, test=first)

    with pytest.raises(verbs.Refused, match="Another test"):
        verbs.start(actor=bob, test=second)
    with pytest.raises(verbs.Refused, match="faster"):
        verbs.start(actor=bob, test=_stopped(bob, first))


def _stopped(actor: User, test: Experiment) -> Experiment:
    verbs.stop(actor=actor, test=test)
    return test


def test_a_draft_can_be_discarded_and_nothing_else(bob: User, form: ConsentForm) -> None:
    test = draft(bob, form)
    verbs.discard(actor=bob, test=test)
    assert not Experiment.objects.exists()

    running = lab.experiment()
    with pytest.raises(verbs.Refused, match="stop it"):
        verbs.discard(actor=bob, test=running)
    assert last_audit().verb == "experiment.discarded"


@pytest.fixture
def won() -> Experiment:
    """B says yes more often: 720 of 2000 beside 600."""
    test = lab.experiment()
    counted(test, "a", served=2000, yes=600)
    counted(test, "b", served=2000, yes=720)
    return test


def test_the_winner_is_published_and_the_test_ends(bob: User, won: Experiment) -> None:
    lab.yeses(won, "a", 60, regret=3)
    lab.yeses(won, "b", 72, regret=4)

    against = verbs.promote(actor=bob, test=won, key="b")

    live = won.form.versions.get(published_at__isnull=False, retired_at=None)
    kept = Experiment.objects.get()
    assert against == []
    assert live == won.variants.get(key="b").version
    assert (kept.state, kept.winner, kept.decided_by) == (Experiment.State.PROMOTED, "b", str(bob))
    assert (last_audit().verb, last_audit().summary["variant"]) == ("experiment.promoted", "b")


def test_a_winner_that_is_regretted_needs_the_privacy_leads_reason(
    alice: User, bob: User, won: Experiment
) -> None:
    """C168: 5.0 % beside 11.0 % taken back within 30 days."""
    lab.yeses(won, "a", 600, regret=30)
    lab.yeses(won, "b", 720, regret=79)

    for refused in ({"reason": "I want it", "may_override": False}, {"reason": " ", "may_override": True}):
        with pytest.raises(verbs.NeedsOverride, match=r"11\.0 % \(79 of 720\)"):
            verbs.promote(actor=bob, test=won, key="b", **refused)  # type: ignore[arg-type]
    assert Experiment.objects.get().state == Experiment.State.RUNNING

    against = verbs.promote(actor=alice, test=won, key="b", reason="A mailing went wrong", may_override=True)

    assert [each.key for each in against] == ["withdrawn_30"]
    assert Experiment.objects.get().decision_reason == "A mailing went wrong"
    assert (last_audit().verb, last_audit().summary["against"]) == ("experiment.overridden", ["withdrawn_30"])


def test_a_winner_that_is_not_understood_needs_a_reason_too(bob: User, won: Experiment) -> None:
    """C166."""
    counted(won, "a", asked=40, understood=36)
    counted(won, "b", asked=40, understood=25)

    with pytest.raises(verbs.NeedsOverride, match="Knew what they agreed to"):
        verbs.promote(actor=bob, test=won, key="b")


def test_what_has_not_won_or_is_hidden_is_not_promoted(bob: User, won: Experiment) -> None:
    with pytest.raises(verbs.NeedsOverride, match="has not shown"):
        verbs.promote(actor=bob, test=won, key="a")
    counted(lopsided := lab.experiment(), "a", served=5200, yes=100)
    counted(lopsided, "b", served=4800, yes=900)
    with pytest.raises(verbs.NeedsOverride, match=r"p = 0\.00006"):
        verbs.promote(actor=bob, test=lopsided, key="b")


def test_whoever_comes_second_is_told(bob: User, won: Experiment) -> None:
    stale = Experiment.objects.get()
    verbs.promote(actor=bob, test=won, key="b")

    with pytest.raises(verbs.Refused, match="faster"):
        verbs.promote(actor=bob, test=stale, key="b")
    assert results.look(stale).verdict is results.Verdict.BETTER
