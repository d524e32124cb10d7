"""One judge for every engine: who was put together, against who is one person.

Clusterings are compared by counting how many records each true person has in each found
one, so that a cluster of thousands costs no more than its records: nobody lists its pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BINS = 20
WORTH_A_LOOK = 0.01
AUTOMATIC = 0.999
SURE = 0.995


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of a clustering: shares from 0 to 1; `largest` is the number of records in the largest cluster."""

    precision: float
    recall: float
    f1: float
    bcubed_f1: float
    largest: int


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs of row numbers an engine gave a probability of being one person. Each pair once."""

    a: Ints
    b: Ints
    probability: Floats


@dataclass(frozen=True, slots=True)
class Judged:
    """Of scored pairs. `calibration` is the expected calibration error; the band is what may be
    merged without a person: its precision, and the share of all true pairs in it. `sure_coverage`
    is the share of true pairs in the widest band that is right in 995 of 1,000."""

    calibration: float
    band_precision: float
    band_coverage: float
    sure_coverage: float


def codes(values: object) -> Ints:
    """Numbers from 0 for any array of labels."""
    return np.unique(np.asarray(values), return_inverse=True)[1].astype(np.int64)


def accuracy(truth: Ints, labels: Ints) -> Accuracy:
    """Judges `labels` against `truth`, both one code per record, from 0."""
    people, clusters = np.bincount(truth), np.bincount(labels)
    cell, together = np.unique(truth * (labels.max(initial=0) + 1) + labels, return_counts=True)
    person, cluster = np.divmod(cell, labels.max(initial=0) + 1)
    right, true, found = pairs_in(together), pairs_in(people), pairs_in(clusters)
    precision, recall = _share(right, found), _share(right, true)
    square = together.astype(np.float64) ** 2
    b_precision = float((square / clusters[cluster]).sum() / max(len(truth), 1))
    b_recall = float((square / people[person]).sum() / max(len(truth), 1))
    return Accuracy(
        precision, recall, f1(precision, recall), f1(b_precision, b_recall), int(clusters.max(initial=0))
    )


def pairs_in(sizes: npt.NDArray[np.integer]) -> int:
    """Pairs within groups of these sizes."""
    large = sizes.astype(np.int64)
    return int((large * (large - 1) // 2).sum())


def judge(truth: Ints, scored: Scored, automatic: float = AUTOMATIC) -> Judged:
    """Judges probabilities.

    Expected calibration error: the pairs an engine gives at least one in a hundred are put in
    20 bins of equal width; the mean over pairs of the distance between a bin's mean probability
    and its share of true pairs. Pairs below are left out: millions of rightly hopeless pairs
    would make any engine look calibrated. The band holds the pairs from `automatic` on.
    """
    same = truth[scored.a] == truth[scored.b]
    band = scored.probability >= automatic
    right = int(same[band].sum())
    true_pairs = pairs_in(np.bincount(truth))
    return Judged(
        calibration_error(scored.probability, same),
        _share(right, int(band.sum())), _share(right, true_pairs),
        _share(_widest(scored.probability, same), true_pairs),
    )  # fmt: skip


def _widest(probability: Floats, same: npt.NDArray[np.bool_]) -> int:
    """True pairs above the lowest probability from which on at least SURE of the pairs are true."""
    order = np.argsort(-probability, kind="stable")
    right = np.cumsum(same[order])
    ends = np.append(np.diff(probability[order]) != 0, True)[: len(order)]
    good = ends & (right >= SURE * np.arange(1, len(order) + 1))
    return int(right[good].max(initial=0))


def calibration_error(probability: Floats, same: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error of the pairs worth a look; 0 when there are none."""
    seen = probability >= WORTH_A_LOOK
    chance, same = probability[seen], same[seen]
    if not len(chance):
        return 0.0
    place = np.minimum((chance * BINS).astype(np.int64), BINS - 1)
    said = np.bincount(place, chance, BINS)
    was = np.bincount(place, same.astype(np.float64), BINS)
    return float(np.abs(said - was).sum() / len(chance))


def f1(precision: float, recall: float) -> float:
    """Harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _share(part: int, whole: int) -> float:
    """An empty answer holds no mistake: 1 of nothing."""
    return part / whole if whole else 1.0
