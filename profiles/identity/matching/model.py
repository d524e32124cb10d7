"""What the matcher has learnt, and how it is kept."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from profiles.identity.matching.compare import COMPARISONS
from profiles.identity.matching.frequency import Floats, Frequencies, Frequency

VERSION = 1
"""Changes when comparisons or levels do: an older model is trained anew."""

Probabilities = Mapping[str, Floats]
"""Per comparison the probability of each level."""


class OldModel(ValueError):
    """The stored model belongs to other comparisons than this release makes."""


@dataclass(frozen=True, slots=True)
class Model:
    """Probabilities of levels among pairs of one person, of one household, and of strangers.

    `namesakes` are those of the e-mails of strangers who have both names, the given or the family
    name in common, for local parts are made of names. `person_rate` and `household_rate` are the
    partners of a kind that an average record has, so that the prior of a pair among n records is
    rate / n. `records` is how many were learnt from.
    """

    records: int
    person_rate: float
    household_rate: float
    person: Probabilities
    household: Probabilities
    strangers: Probabilities
    namesakes: Probabilities
    frequencies: Frequencies

    def dumps(self) -> str:
        """As JSON."""
        return json.dumps(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """As values that JSON knows."""
        return {
            "version": VERSION,
            "records": self.records,
            "person_rate": self.person_rate,
            "household_rate": self.household_rate,
            **{name: _plain(getattr(self, name)) for name in _CLASSES},
            "frequencies": {" ".join(columns): _packed(f) for columns, f in self.frequencies.items()},
        }

    @classmethod
    def loads(cls, text: str) -> Model:
        """From `dumps`. Errors: OldModel."""
        return cls.of_json(json.loads(text))

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Model:
        """From `as_json`. Errors: OldModel."""
        sizes = {c.name: len(c.levels) for c in COMPARISONS}
        if stored.get("version") != VERSION or {k: len(v) for k, v in stored["person"].items()} != sizes:
            raise OldModel("Train the model again: it belongs to another release.")
        return cls(
            records=stored["records"],
            person_rate=stored["person_rate"],
            household_rate=stored["household_rate"],
            **{name: {k: np.array(v, np.float64) for k, v in stored[name].items()} for name in _CLASSES},
            frequencies={tuple(key.split(" ")): _unpacked(f) for key, f in stored["frequencies"].items()},
        )


_CLASSES = ("person", "household", "strangers", "namesakes")


def _plain(probabilities: Probabilities) -> dict[str, list[float]]:
    return {name: [float(f"{p:.8g}") for p in values] for name, values in probabilities.items()}


def _packed(frequency: Frequency) -> dict[str, Any]:
    return {
        "hashes": _text(frequency.hashes),
        "shares": _text(frequency.shares),
        "rest": frequency.rest,
        "mean": frequency.mean,
    }


def _unpacked(stored: Mapping[str, Any]) -> Frequency:
    hashes, shares = (base64.b64decode(stored[name]) for name in ("hashes", "shares"))
    return Frequency(
        np.frombuffer(hashes, "<i8"), np.frombuffer(shares, "<f8"), stored["rest"], stored["mean"]
    )


def _text(numbers: npt.NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers, numbers.dtype.newbyteorder("<")).tobytes()).decode()
