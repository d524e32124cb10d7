"""What is believed before any record is seen; the model of organisations with few records.

Shares are of pairs where the parts compared are known of both records.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from profiles.identity.matching import compare
from profiles.identity.matching.compare import COMPARISONS, Grid
from profiles.identity.matching.frequency import RULES, Floats, Frequency
from profiles.identity.matching.model import Model, Probabilities

_BELIEFS = {
    "person": {
        "given": (0.03, 0.02, 0.06, 0.08, 0.81),
        "family": (0.07, 0.02, 0.06, 0.85),
        "swapped": (0.002, 0.002, 0.008),
        "birth": (0.02, 0.04, 0.01, 0.02, 0.94, 0.01, 0.01, 0.07, 0.01, 0.87),
        "email": (0.36, 0.03, 0.04, 0.06, 0.51),
        "phone": (0.22, 0.04, 0.74),
        "account": (0.5, 0.5, 0.05, 0.95),
        "source": (0.5, 0.5),
        "street": (0.2, 0.03, 0.06, 0.71, 0.2, 0.1, 0.7),
        "place": (0.1, 0.05, 0.04, 0.04, 0.77, 0.15, 0.05, 0.8, 0.12, 0.03, 0.85),
        "second_line": (0.2, 0.2, 0.6),
    },
    "household": {
        "given": (0.9755, 0.01, 0.005, 0.008, 0.0015),
        "family": (0.2, 0.03, 0.04, 0.73),
        "swapped": (0.0005, 1e-5, 1e-5),
        "birth": (0.85, 0.95, 0.03, 0.02, 0.03, 0.003, 0.06, 0.01, 0.001, 0.05),
        "email": (0.8, 0.06, 0.03, 0.01, 0.1),
        "phone": (0.83, 0.02, 0.15),
        "account": (0.995, 0.005, 0.995, 0.005),
        "source": (0.5, 0.5),
        "street": (0.06, 0.03, 0.04, 0.87, 0.06, 0.06, 0.88),
        "place": (0.03, 0.02, 0.02, 0.03, 0.9, 0.04, 0.03, 0.93, 0.03, 0.02, 0.95),
        "second_line": (0.1, 0.2, 0.7),
    },
    "strangers": {
        "given": (0.97, 0.005, 0.012, 0.008, 0.005),
        "family": (0.98, 0.002, 0.008, 0.01),
        "swapped": (1e-4, 1e-6, 1e-7),
        "birth": (0.94, 0.96, 0.02, 0.025, 0.015, 0.003, 0.035, 0.001, 5e-5, 4e-5),
        "email": (0.985, 0.01, 0.003, 0.001, 1e-6),
        "phone": (0.999, 1e-4, 1e-6),
        "account": (0.9999, 1e-6, 0.9999, 1e-6),
        "source": (0.5, 0.5),
        "street": (0.996, 0.001, 1e-5, 1e-5, 0.996, 0.002, 0.002),
        "place": (0.92, 0.06, 0.01, 0.001, 0.004, 0.97, 0.025, 0.005, 0.93, 0.01, 0.06),
        "second_line": (0.99, 0.005, 0.002),
    },
}
"""Per class the shares of the levels of every comparison or half of one."""


@cache
def model() -> Model:
    """The platform's model."""
    classes = {name: _probabilities(beliefs) for name, beliefs in _BELIEFS.items()}
    nothing = Frequency(np.zeros(0, np.int64), np.zeros(0), 1e-3, 1e-3)
    return Model(
        records=2_000,
        person_rate=0.4,
        household_rate=1.0,
        **classes,
        namesakes={shared.name: classes["strangers"]["email"] for shared in compare.Names},
        frequencies={columns: nothing for rules in RULES.values() for columns in rules},
    )


def _probabilities(beliefs: dict[str, tuple[float, ...]]) -> Probabilities:
    shares = {name: np.array(values) for name, values in beliefs.items()}
    found = {
        **shares,
        "name": np.append(_product(compare.NAME, shares["given"], shares["family"]), shares["swapped"]),
        "address": _product(compare.ADDRESS, shares["street"], shares["place"]),
    }
    return {c.name: _normalised(c.groups, found[c.name]) for c in COMPARISONS}


def _product(grid: Grid, first: Floats, second: Floats) -> Floats:
    return np.outer(np.append(1.0, first), np.append(1.0, second)).ravel()[1:]


def _normalised(groups: tuple[int, ...], shares: Floats) -> Floats:
    numbers = np.array(groups)
    return np.asarray(shares / np.bincount(numbers, shares)[numbers])
