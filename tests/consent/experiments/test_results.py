"""What may be said of a test, and when: verdicts, guardrails, what is not known yet."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import F
from django.utils import translation

from consent.experiments import guardrails, planning, results, words
from consent.experiments.results import Results, Verdict
from consent.models import ConsentEvent, Experiment, ExposureCount
from tests.consent.experiments import lab
from tests.consent.experiments.lab import START, counted

pytestmark = pytest.mark.usefixtures("in_aurora")


@pytest.fixture(name="test")
def a_test() -> Experiment:
    return lab.experiment()


def look(test: Experiment, days: float = 10) -> Results:
    return results.look(test, now=START + timedelta(days=days))


def told(shown: Results) -> str:
    with translation.override("en"):
        found = words.verdict(shown)
    return f"{found.headline} {found.detail}"


def test_720_of_2000_beside_600_is_shown_as_decided(test: Experiment) -> None:
    """C167."""
    lab.expose(test, "a", 2000, 600)
    lab.expose(test, "b", 2000, 720)

    shown = look(test)

    assert shown.verdict is Verdict.BETTER
    assert shown.best
    assert shown.best.arm.key == "b"
    assert told(shown) == (
        "B asks better: 36.0 % say yes, instead of 30.0 % with A. The difference is between 1.4 and "
        "10.6 points, with 95 % certainty at every look (p = 0.0033)."
    )


def test_540_of_1000_beside_500_is_open(test: Experiment) -> None:
    lab.expose(test, "a", 1000, 500)
    lab.expose(test, "b", 1000, 540)

    shown = look(test)

    assert shown.verdict is Verdict.OPEN
    assert "by at most 11.4 points; if worse, by at most 3.4" in told(shown)
    assert words.p_value(shown.comparisons[0].p) == "p = 0.60"


@pytest.mark.parametrize(
    ("a", "b", "hidden", "lopsided", "p"),
    [(5200, 4800, True, True, "0.00006"), (5150, 4850, False, True, "0.0027")],
)
def test_a_wrong_sample_ratio_hides_the_results(
    test: Experiment, a: int, b: int, hidden: bool, lopsided: bool, p: str
) -> None:
    """C165, with a hundredth of the rows counted a hundred times."""
    for key, of in (("a", a), ("b", b)):
        counted(test, key, served=of, yes=of // 3)

    shown = look(test)

    assert (shown.is_hidden, shown.is_lopsided) == (hidden, lopsided)
    assert words.p_value(shown.ratio_p) == f"p = {p}"
    assert (shown.verdict is Verdict.HIDDEN) == hidden
    if hidden:
        assert "sample ratio, p = 0.00006" in told(shown)


@pytest.mark.parametrize(
    ("units", "days", "verdict"),
    [(0, 10, Verdict.EMPTY), (199, 10, Verdict.EARLY), (400, 6.9, Verdict.EARLY), (400, 7, Verdict.BETTER)],
)
def test_seven_full_days_and_200_in_each_arm_come_first(
    test: Experiment, units: int, days: float, verdict: Verdict
) -> None:
    if units:
        counted(test, "a", served=units, yes=units // 10)
        counted(test, "b", served=units, yes=units // 2)

    assert look(test, days).verdict is verdict


def test_looking_again_can_only_lower_p(test: Experiment) -> None:
    """p_av is the least over all looks: a decision stays one."""
    counted(test, "a", served=2000, yes=600)
    counted(test, "b", served=2000, yes=720)
    seen = [look(test).comparisons[0].p]
    counted_more(test, "a", served=500, yes=250)
    seen.append(look(test).comparisons[0].p)
    counted_more(test, "b", served=500, yes=400)
    seen.append(look(Experiment.objects.get()).comparisons[0].p)

    assert seen[0] == seen[1] == pytest.approx(0.0033, abs=5e-5)
    assert seen[2] < seen[1]
    assert test.variants.get(key="b").least_p == seen[2]
    assert test.variants.get(key="a").least_p == 1.0


def counted_more(test: Experiment, key: str, **measures: int) -> None:
    for measure, value in measures.items():
        ExposureCount.objects.filter(experiment_key=test.pk, variant=key, measure=measure).update(
            value=F("value") + value
        )


def test_the_first_look_is_at_200_in_each_arm(test: Experiment) -> None:
    counted(test, "a", served=150, yes=0)
    counted(test, "b", served=150, yes=150)

    assert look(test).comparisons[0].p == 1.0


def test_a_better_first_variant_is_said_so(test: Experiment) -> None:
    counted(test, "a", served=2000, yes=720)
    counted(test, "b", served=2000, yes=600)

    shown = look(test)

    assert shown.verdict is Verdict.WORSE
    assert told(shown).startswith("A asks better: 36.0 % say yes, instead of 30.0 % with B.")


def test_of_three_variants_each_comparison_is_held_to_more() -> None:
    test = lab.experiment(weights=(1, 1, 1))
    counted(test, "a", served=2000, yes=600)
    counted(test, "b", served=2000, yes=720)
    counted(test, "c", served=2000, yes=610)

    shown = look(test)

    by_key = {each.arm.key: each for each in shown.comparisons}
    assert by_key["b"].p == pytest.approx(2 * 0.0032672, rel=1e-4)
    assert by_key["c"].p == 1.0
    assert by_key["b"].interval.low < 0.0143  # wider than for two variants
    assert shown.best
    assert shown.best.arm.key == "b"


def test_the_days_add_up_to_the_whole(test: Experiment) -> None:
    lab.expose(test, "a", 60, 20, days=6)
    lab.expose(test, "b", 50, 30, days=3)

    days = results.by_day(look(test))

    assert [str(each.day) for each in days][:2] == ["2026-11-02", "2026-11-03"]
    assert [counted.of for counted in days[-1].shown] == [60, 50]
    assert [counted.yes for counted in days[-1].shown] == [20, 30]
    assert all(a.shown[0].of <= b.shown[0].of for a, b in pairwise(days))


def test_another_tests_exposures_are_not_counted(test: Experiment) -> None:
    other = lab.experiment()
    lab.expose(test, "a", 10, 5)
    lab.expose(other, "a", 7, 5)

    assert [look(test).served, look(other).served] == [10, 7]


def rails(test: Experiment) -> dict[str, Any]:
    shown = look(test)
    return {row[0].guardrail.key: (row[1].harms, str(row[1].counted)) for row in guardrails.readings(shown)}


def test_regret_is_read_from_the_ledger(test: Experiment) -> None:
    """C168's numbers: 30 of 600 beside 79 of 720."""
    counted(test, "a", served=2000, yes=600)
    counted(test, "b", served=2000, yes=720)
    lab.yeses(test, "a", 600, regret=30)
    lab.yeses(test, "b", 720, regret=79)

    found = rails(test)

    assert found["withdrawn_30"] == (True, "Counted(yes=79, of=720)")
    assert [reading.guardrail.key for reading in guardrails.bars(look(test), "b")] == ["withdrawn_30"]
    assert guardrails.bars(look(test), "a") == []


@pytest.mark.parametrize(
    ("kind", "after", "within_30", "within_90", "complained"),
    [
        ("WITHDRAW", 29, 2, 2, 0),
        ("WITHDRAW", 31, 0, 2, 0),
        ("OBJECT", 91, 0, 0, 0),
        ("COMPLAINT", 3, 2, 2, 2),
        ("DOI_REQUESTED", 3, 0, 0, 0),
    ],
)
def test_what_ends_a_yes_and_when(
    test: Experiment, kind: str, after: int, within_30: int, within_90: int, complained: int
) -> None:
    counted(test, "a", served=5, yes=5)
    lab.yeses(test, "a", 5, regret=2, kind=kind, after=after)

    found = look(test, days=200).control.yeses

    assert (found.yeses, found.within_30, found.within_90, found.complained) == (
        5,
        within_30,
        within_90,
        complained,
    )
    assert found.latest == START


def test_an_unconfirmed_yes_and_one_that_was_taken_back_by_the_house_are_none(test: Experiment) -> None:
    lab.yeses(test, "a", 3)
    first, second, third = ConsentEvent.objects.order_by("position")
    shared = {"purpose": test.purpose, "channel": test.channel, "source_system": "form", "recorded_at": START}
    ConsentEvent.objects.create(
        identifier=first.identifier, type="DOI_REQUESTED", source_event_id="d1", occurred_at=START,
        experiment_variant=first.experiment_variant, **shared,
    )  # fmt: skip
    ConsentEvent.objects.create(
        identifier=second.identifier, type="INVALIDATED", source_event_id="i2", target=second, **shared
    )

    assert look(test).control.yeses.yeses == 1
    ConsentEvent.objects.create(
        identifier=first.identifier, type="DOI_CONFIRMED", source_event_id="c1", occurred_at=START,
        experiment_variant=first.experiment_variant, **shared,
    )  # fmt: skip
    assert look(test).control.yeses.yeses == 2
    assert third.experiment_variant == f"{test.pk}/a"


@pytest.mark.parametrize(
    ("understood", "harms"), [((30, 40, 28, 40), False), ((36, 40, 28, 40), True), ((36, 40, 0, 0), False)]
)
def test_a_fall_in_comprehension_is_harm(
    test: Experiment, understood: tuple[int, int, int, int], harms: bool
) -> None:
    right_a, asked_a, right_b, asked_b = understood
    counted(test, "a", served=2000, asked=asked_a, understood=right_a)
    counted(test, "b", served=2000, asked=asked_b, understood=right_b)

    assert bool(guardrails.bars(look(test), "b")) == harms


def test_fewer_purchases_are_told_but_do_not_bar(test: Experiment) -> None:
    counted(test, "a", served=1000, bought=900)
    counted(test, "b", served=1000, bought=850)

    assert rails(test)["bought"][0] is True
    assert guardrails.bars(look(test), "b") == []


def test_how_long_it_takes_is_reckoned_from_who_comes(test: Experiment) -> None:
    lab.expose(test, "a", 280, 84, days=14)

    found = planning.traffic(test.form, now=START + timedelta(days=14))
    length = planning.length(0.3, 0.05, 2, found.per_day)

    assert found == planning.Traffic(20.0, 0.3)
    assert (length.once, length.people) == (1377, 2 * length.daily)
    assert length.days == pytest.approx(length.people / 20, abs=1)
    assert planning.length(0.3, 0.3, 2, 10_000).days == results.LEAST_DAYS
    assert planning.length(0.3, 0.05, 2, 0).days is None
    assert planning.length(0.3, 0.05, 3, 20).daily > length.daily


def test_nobody_came_means_nothing_is_known() -> None:
    assert planning.traffic(lab.form()) == planning.Traffic(0.0, None)


def test_what_is_not_known_yet_comes_with_a_day(test: Experiment) -> None:
    lab.expose(test, "a", 100, 30, days=2)
    lab.expose(test, "b", 100, 30, days=2)
    now = START + timedelta(days=2)

    found = planning.unknowns(results.look(test, now=now), now=now)

    days = {each.what: each.on for each in found}
    assert days["How a whole week answers, its weekend included."] == START + timedelta(days=7)
    assert days["Anything about the difference: each variant needs 200 people first."] == START + timedelta(
        days=4
    )
    assert [each.on for each in found] == sorted(each.on for each in found if each.on)
    assert any("30 days" in what for what in days)


def test_in_the_end_everything_is_known() -> None:
    test = lab.experiment(state=Experiment.State.STOPPED, stopped_at=START + timedelta(days=9))
    lab.expose(test, "a", 10, 5, days=5)
    lab.yeses(test, "a", 5)

    shown = results.look(test)

    assert shown.until == test.stopped_at
    assert planning.unknowns(shown, now=START + timedelta(days=91)) == []
    assert len(planning.unknowns(shown, now=START + timedelta(days=31))) == 1


@pytest.mark.parametrize(
    ("p", "told"),
    [
        (0.6, "p = 0.60"),
        (0.0734, "p = 0.073"),
        (0.0033, "p = 0.0033"),
        (0.000055, "p = 0.00006"),
        (0, "p < 0.00001"),
    ],
)
def test_ps_are_written_so_that_they_say_something(p: float, told: str) -> None:
    assert words.p_value(p) == told


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_words(verdict: Verdict) -> None:
    assert verdict in words._TELL
