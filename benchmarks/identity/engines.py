"""What is measured: each engine takes the same cleaned data and says who is one person."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.identity import exact_layers, foyer, splink_rival
from benchmarks.identity.dataset import Clean
from benchmarks.identity.evaluate import Ints
from benchmarks.identity.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Engine:
    """`prepare` loads what the engine needs before the clock starts."""

    run: Callable[[Clean], Outcome]
    prepare: Callable[[], None] = lambda: None
    needs_identifiers: bool = False


def floor(data: Clean) -> Outcome:
    """An exact join as anybody writes it in pandas: the time everything else is held against.

    By every identifier; where a data set has none, by name and birth date.
    """
    import pandas as pd

    columns = [pd.Series(column) for column in data.identifiers.values() if any(column)]
    if not columns:
        frame = pd.DataFrame({name: data.features[name] for name in ("given", "family", "birth")})
        columns = [frame.agg("|".join, axis=1).where((frame != "").all(axis=1), "")]
    first: list[Ints] = []
    other: list[Ints] = []
    for column in columns:
        shown = pd.DataFrame({"value": column, "record": np.arange(len(data))})[column != ""]
        heads = shown.groupby("value", sort=False)["record"].first().rename("head")
        joined = shown.merge(heads, left_on="value", right_index=True)
        first.append(joined["head"].to_numpy())
        other.append(joined["record"].to_numpy())
    return Outcome(exact_layers.connected(len(data), np.concatenate(first), np.concatenate(other)))


def splink_documented(data: Clean) -> Outcome:
    labels, scored = splink_rival.documented(data)
    return Outcome(labels, scored)


THRESHOLDS = tuple(1 - 0.5 * 0.62**n for n in range(30))
"""From .5 towards 1: the grid on which the truth chooses Splink's threshold."""


def splink_best(data: Clean) -> Outcome:
    labels, scored = splink_rival.best(data)
    return Outcome(labels, scored, THRESHOLDS)


def _pandas() -> None:
    import pandas  # noqa: F401


def _splink() -> None:
    import splink.comparison_library  # noqa: F401


def _django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
    django.setup()


ENGINES: dict[str, Engine] = {
    "exact join in pandas (the floor)": Engine(floor, _pandas),
    "exact, raw": Engine(lambda data: Outcome(exact_layers.raw(data)), needs_identifiers=True),
    "exact, cleaned and blocked": Engine(
        lambda data: Outcome(exact_layers.blocked(data)), needs_identifiers=True
    ),
    "Foyer, exact layer": Engine(
        lambda data: Outcome(exact_layers.guarded(data)), _django, needs_identifiers=True
    ),
    "Foyer, matcher alone": Engine(foyer.matcher, needs_identifiers=True),
    "Foyer": Engine(foyer.product, _django),
    "Foyer, 1,000 answers": Engine(foyer.reviewed, _django),
    "Splink, documented": Engine(splink_documented, _splink),
    "Splink, tuned": Engine(splink_best, _splink),
}
"""Those that need identifiers are left out where a data set has none: they would only repeat others."""
FLOOR = next(iter(ENGINES))
RIVALS = tuple(name for name in ENGINES if name.startswith("Splink"))
