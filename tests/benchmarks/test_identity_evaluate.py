"""The judge of the identity benchmark, against pairs counted one by one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from benchmarks.identity.evaluate import Scored, accuracy, calibration_error, codes, judge


@pytest.mark.parametrize("seed", range(20))
def test_pairwise_figures_equal_those_of_all_pairs(seed: int) -> None:
    chance = np.random.default_rng(seed)
    truth = chance.integers(0, 12, 40)
    labels = codes(chance.integers(0, int(chance.integers(1, 30)), 40))
    found = accuracy(truth, labels)
    pairs = list(combinations(range(40), 2))
    together = {(a, b) for a, b in pairs if labels[a] == labels[b]}
    same = {(a, b) for a, b in pairs if truth[a] == truth[b]}
    assert found.precision == pytest.approx(len(together & same) / len(together) if together else 1)
    assert found.recall == pytest.approx(len(together & same) / len(same))
    assert found.largest == max(np.bincount(labels))


@pytest.mark.parametrize("seed", range(10))
def test_b_cubed_equals_the_mean_over_records(seed: int) -> None:
    chance = np.random.default_rng(seed)
    truth, labels = chance.integers(0, 9, 30), chance.integers(0, 9, 30)
    right = [(labels == labels[n]) & (truth == truth[n]) for n in range(30)]
    precision = np.mean([r.sum() / (labels == labels[n]).sum() for n, r in enumerate(right)])
    recall = np.mean([r.sum() / (truth == truth[n]).sum() for n, r in enumerate(right)])
    expected = 2 * precision * recall / (precision + recall)
    assert accuracy(truth, labels).bcubed_f1 == pytest.approx(expected)


def test_one_cluster_of_everybody_costs_no_pairs() -> None:
    truth = np.arange(1_000_000) // 2
    found = accuracy(truth, np.zeros(1_000_000, np.int64))
    assert found.recall == 1
    assert found.precision == pytest.approx(500_000 / (1_000_000 * 999_999 / 2))


def test_nobody_together_is_no_mistake() -> None:
    found = accuracy(np.array([0, 0, 1]), np.array([0, 1, 2]))
    assert (found.precision, found.recall, found.f1) == (1, 0, 0)


def test_calibration_error_is_the_distance_between_what_was_said_and_what_was() -> None:
    assert calibration_error(np.full(10, 0.9), np.arange(10) < 9) == pytest.approx(0)
    assert calibration_error(np.full(10, 0.9), np.arange(10) < 4) == pytest.approx(0.5)


def test_hopeless_pairs_do_not_flatter_the_calibration() -> None:
    said = np.append(np.full(10, 0.9), np.zeros(10_000))
    assert calibration_error(said, np.arange(len(said)) < 4) == pytest.approx(0.5)


def test_the_band_counts_pairs_from_its_threshold_on_against_all_true_pairs() -> None:
    truth = np.array([0, 0, 0, 1, 1])
    scored = Scored(np.array([0, 0, 3]), np.array([1, 3, 4]), np.array([0.9995, 0.999, 0.9]))
    found = judge(truth, scored)
    assert found.band_precision == 0.5
    assert found.band_coverage == 0.25


def test_the_widest_sure_band_ends_where_too_many_are_wrong() -> None:
    said = np.linspace(1, 0, 1_001)
    right = np.arange(1_001) < 400
    truth = np.zeros(1_000_000, np.int64)
    truth[1:] = np.arange(1, 1_000_000)
    truth[1_000 + np.flatnonzero(right)] = np.flatnonzero(right)
    scored = Scored(np.arange(1_001), np.arange(1_001) + 1_000, said)
    found = judge(truth, scored)
    assert found.sure_coverage == pytest.approx(1.0)
    assert found.band_precision == 1.0
