"""What an engine answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.identity.evaluate import Ints, Scored


@dataclass(frozen=True, slots=True)
class Outcome:
    """`labels`: one code per record from 0. `thresholds`: probabilities to try with the truth at hand.
    `more`: by-products, by name. `notes`: sentences for below the table."""

    labels: Ints
    scored: Scored | None = None
    thresholds: tuple[float, ...] = ()
    more: dict[str, Outcome] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
