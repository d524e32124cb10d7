"""What answers teach: how right proposals are, which thresholds they speak for, approving together."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from organisations.audit.models import AuditEntry
from organisations.models import User
from profiles.identity import answers, approval, precision, queue, thresholds, verbs
from profiles.identity.precision import Band, Measured, by_band, suggest_thresholds, wilson
from profiles.identity.thresholds import OutOfOrder, Thresholds
from profiles.models import IdentityAct, LinkConstraint, MatchPair, Profile
from tests.profiles.pairs import a_queue, ask, two_people

ALICE, BOB = "alice@example.org", "bob@example.org"
State = MatchPair.State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def merged(pairs: Sequence[MatchPair]) -> None:
    for pair in pairs:
        answers.merge(pair.pk, actor=ALICE, shown=answers.shown(pair))


def told_apart(pairs: Sequence[MatchPair]) -> None:
    for pair in pairs:
        answers.apart(pair.pk, actor=ALICE, shown=answers.shown(pair), reason="household")


def given(band_key: str, yes: int, no: int, blocked_by: str = "") -> precision.Precision:
    found = precision.band(band_key)
    assert found
    return precision.Precision("probable", blocked_by, found, Measured(yes + no, yes))


@pytest.mark.parametrize(
    ("yes", "of", "low", "high"),
    [
        (20, 20, 0.8389, 1.0),
        (48, 50, 0.8654, 0.9890),
        (0, 10, 0.0, 0.2775),
        (0, 0, 0.0, 1.0),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_the_interval_is_wilsons(yes: int, of: int, low: float, high: float) -> None:
    """Reference values: the score interval as R's prop.test without continuity correction gives it."""
    assert wilson(yes, of) == pytest.approx((low, high), abs=5e-4)


def test_bands_cover_every_probability_once() -> None:
    pairs = a_queue([0.5, 0.599, 0.6, 0.95, 0.9799, 0.98, 0.9991, 1.0])
    found = [
        [each.key for each in precision.BANDS if MatchPair.objects.filter(each.condition(), pk=pair.pk)]
        for pair in pairs
    ]
    assert found == [["0.5"], ["0.5"], ["0.6"], ["0.95"], ["0.95"], ["0.98"], ["0.999"], ["0.999"]]
    assert precision.band("0.95") == Band(0.95, 0.98)
    assert precision.band("0.42") is None


def test_answers_measure_each_rule_and_band() -> None:
    pairs = a_queue([0.92, 0.93, 0.94, 0.7, 0.96])
    MatchPair.objects.filter(pk=pairs[4].pk).update(blocked_by="birth_dates")
    merged(pairs[:2])
    told_apart(pairs[2:])
    found = {(each.blocked_by, each.band.key): each.measured for each in precision.precision()}
    assert found == {
        ("", "0.9"): Measured(3, 2),
        ("", "0.7"): Measured(1, 0),
        ("birth_dates", "0.95"): Measured(1, 0),
    }


def test_what_nobody_looked_at_and_what_was_taken_back_measures_nothing() -> None:
    first, second = a_queue([0.92, 0.93])
    act = answers.merge(first.pk, actor=ALICE, shown=answers.shown(first))
    answers.undo(act, actor=ALICE)
    bulk = verbs.bulk_link(pairs=[(second.record_a_id, second.record_b_id, 4.0, 0.93, None)], actor=ALICE)
    MatchPair.objects.filter(pk=second.pk).update(state=State.MERGED, act=bulk)
    assert precision.precision() == []


def test_a_band_nearly_always_answered_yes_speaks_for_a_lower_threshold() -> None:
    found = [given("0.95", 60, 0), given("0.98", 55, 0), given("0.99", 50, 0), given("0.9", 48, 2)]
    (suggestion,) = suggest_thresholds(Thresholds(0.999, 0.5), found)
    assert (suggestion.kind, suggestion.value) == ("automatic", 0.9)
    assert suggestion.measured == Measured(50, 48)
    assert suggestion.thresholds == Thresholds(0.9, 0.5)


def test_a_band_in_between_that_is_not_good_enough_stops_the_threshold_there() -> None:
    found = [given("0.99", 50, 0), given("0.98", 45, 5), given("0.95", 60, 0)]
    (suggestion,) = suggest_thresholds(Thresholds(0.999, 0.5), found)
    assert suggestion.value == 0.99


def test_few_answers_speak_for_nothing() -> None:
    assert suggest_thresholds(Thresholds(), [given("0.99", 49, 0), given("0.5", 0, 20)]) == []


def test_answers_where_something_spoke_against_it_do_not_count_for_thresholds() -> None:
    found = [given("0.99", 80, 0, "birth_dates")]
    assert by_band(found)[Band(0.99, 0.999)] == Measured(0, 0)
    assert suggest_thresholds(Thresholds(), found) == []


def test_a_band_nearly_never_answered_yes_speaks_for_asking_less() -> None:
    found = [given("0.5", 1, 79), given("0.6", 20, 40)]
    (suggestion,) = suggest_thresholds(Thresholds(0.999, 0.5), found)
    assert (suggestion.kind, suggestion.value) == ("review", 0.6)
    assert suggest_thresholds(Thresholds(0.999, 0.6), found) == []


def test_thresholds_are_changed_by_an_act_that_can_be_taken_back(alice: User) -> None:
    assert thresholds.thresholds() == Thresholds(0.999, 0.5)
    act = thresholds.change(Thresholds(0.95, 0.6), actor=alice, reason="48 of 50")
    assert thresholds.thresholds() == Thresholds(0.95, 0.6)
    assert (act.actor, act.reason) == (ALICE, "48 of 50")
    assert AuditEntry.objects.get(verb="thresholds.changed").actor_label
    thresholds.change(Thresholds(0.9, 0.6), actor=alice)
    verbs.undo(act=IdentityAct.objects.order_by("-pk")[0], actor=ALICE)
    assert thresholds.thresholds() == Thresholds(0.95, 0.6)
    verbs.undo(act=act, actor=ALICE)
    assert thresholds.thresholds() == Thresholds(0.999, 0.5)


@pytest.mark.parametrize(("automatic", "review"), [(0.5, 0.6), (1.1, 0.5), (0.9, 0.3), (float("nan"), 0.5)])
def test_thresholds_out_of_order_are_refused(automatic: float, review: float, alice: User) -> None:
    with pytest.raises(OutOfOrder):
        thresholds.change(Thresholds(automatic, review), actor=alice)
    assert not IdentityAct.objects.exists()


# Approving a band together

BAND = Band(0.95, 0.98)


def a_band(size: int) -> list[MatchPair]:
    return a_queue([0.96] * size)


def drawn() -> list[MatchPair]:
    return list(MatchPair.objects.filter(pk__in=approval.sample(BAND).drawn))


def test_the_sample_is_drawn_at_random_and_is_the_same_for_everybody() -> None:
    pairs = a_band(30)
    first = approval.sample(BAND)
    assert (len(first.drawn), first.waiting, first.remaining) == (20, 20, 30)
    assert first == approval.sample(BAND)
    assert sorted(first.drawn) != [pair.pk for pair in pairs[:20]]
    seen = {
        pair.pk
        for pair in iter(lambda: queue.next_pair(ALICE, among=approval.of_sample(BAND)), None)
        if _skip(pair)
    }
    assert seen <= set(first.drawn)


def _skip(pair: MatchPair) -> bool:
    MatchPair.objects.filter(pk=pair.pk).update(claimed_by=BOB)
    return True


def test_what_something_speaks_against_is_neither_drawn_nor_approved() -> None:
    pairs = a_band(21)
    MatchPair.objects.filter(pk=pairs[0].pk).update(blocked_by="accounts")
    found = approval.sample(BAND)
    assert pairs[0].pk not in found.drawn
    assert found.remaining == 20


def test_a_band_is_not_approved_before_its_sample_is_answered(alice: User) -> None:
    a_band(25)
    merged(drawn()[:19])
    with pytest.raises(approval.NotReady):
        approval.approve_band(BAND, actor=alice)


def test_one_no_in_the_sample_makes_it_larger() -> None:
    a_band(45)
    sample = drawn()
    told_apart(sample[:1])
    merged(sample[1:])
    found = approval.sample(BAND)
    assert (len(found.drawn), found.waiting, found.is_ready) == (40, 20, False)
    merged(list(MatchPair.objects.filter(pk__in=found.drawn, state=State.OPEN)))
    found = approval.sample(BAND)
    assert found.is_ready
    assert found.measured == Measured(40, 39)


def test_the_rest_of_a_band_is_approved_as_one_act_and_taken_back_as_one(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approval, "CHUNK", 3)
    a_band(28)
    merged(drawn())
    people = Profile.objects.filter(state="active").count()
    foreseen = approval.foresee(BAND)
    assert (foreseen.pairs, foreseen.people, foreseen.become, foreseen.largest) == (8, 16, 8, 2)
    act = approval.approve_band(BAND, actor=alice)
    assert approval.advance(act.pk)
    act.refresh_from_db()
    assert (act.evidence["done"], act.evidence["pairs"]) == (3, 8)
    approval.run(act.pk)
    act.refresh_from_db()
    assert (act.evidence["done"], act.evidence["joined"], act.evidence["finished"]) == (8, 8, True)
    assert Profile.objects.filter(state="active").count() == people - 8
    assert queue.open_count() == 0
    assert AuditEntry.objects.filter(verb="band.approved").count() == 1
    answers.undo(act, actor=ALICE)
    assert Profile.objects.filter(state="active").count() == people
    assert queue.open_count() == 8
    assert not approval.advance(act.pk), "what was taken back does not go on"


def test_a_persons_word_and_limits_keep_a_pair_out_of_what_is_approved(alice: User) -> None:
    a_band(21)
    merged(drawn())
    (left,) = queue.open_pairs()
    verbs.apart(profiles=[left.profile_a, left.profile_b], actor=BOB, reason="")
    MatchPair.objects.filter(pk=left.pk).update(state=State.OPEN, act=None)
    act = approval.approve_band(BAND, actor=alice)
    approval.run(act.pk)
    act.refresh_from_db()
    assert (act.evidence["done"], act.evidence["joined"]) == (1, 0)
    left.refresh_from_db()
    assert (left.state, left.blocked_by) == (State.OPEN, "limit")
    assert LinkConstraint.objects.filter(kind="cannot", lifted_by=None).exists()


def test_what_a_colleague_is_looking_at_is_left_to_them(alice: User) -> None:
    a_band(22)
    merged(drawn())
    left = queue.next_pair(BOB)
    act = approval.approve_band(BAND, actor=alice)
    approval.run(act.pk)
    assert list(queue.open_pairs()) == [left]


def test_a_band_of_few_pairs_is_not_sampled() -> None:
    ask(*two_people(), probability=0.96)
    found = approval.sample(BAND)
    assert found.is_too_small
    assert not found.is_ready
