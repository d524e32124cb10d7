"""People whom the exact layer made, among the matcher's likely pairs."""

from __future__ import annotations

import numpy as np

from profiles.identity.matching.cluster import _agglomerate


def test_a_person_of_two_records_is_joined_by_a_third_that_fits_both() -> None:
    weights = np.full((1, 3, 3), 5.0)
    weights[0, 0, 1] = weights[0, 1, 0] = np.inf
    assert _agglomerate(weights, np.arange(3)[None], None).tolist() == [[0, 0, 0]]
