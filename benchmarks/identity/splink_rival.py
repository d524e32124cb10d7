"""Splink (a development dependency) on the same columns: as its documentation does it, and as well as we can.

Both configurations use only what a data set has. Predictions from one in a hundred are kept,
for the calibration; Splink's own clustering (connected components) runs at its documented .95.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.identity.dataset import Clean
from benchmarks.identity.evaluate import Ints, Scored, codes

SEED = 1
SMALL = 20_000
"""Up to so many records the documentation blocks by one value (febrl3), else by two (historical_50k)."""
ENOUGH = 0.02
"""A column filled less than this is left out of the model."""


def documented(data: Clean) -> tuple[Ints, Scored]:
    """Settings of the documentation's person examples (febrl3 and historical_50k).

    https://moj-analytical-services.github.io/splink/demos/examples/duckdb/febrl3.html and
    …/deduplicate_50k_synthetic.html: name and date comparisons of the library, exact matches
    with term frequencies, the prior from deterministic rules, two training sessions.
    """
    import splink.comparison_library as cl
    from splink import block_on

    has = _has(data)
    comparisons: list[Any] = [cl.NameComparison(name) for name in ("given", "family") if name in has]
    if "birth" in has:
        comparisons.append(_birth(cl))
    if "email" in has:
        comparisons.append(cl.EmailComparison("email"))
    comparisons += [
        cl.ExactMatch(name).configure(term_frequency_adjustments=True)
        for name in ("phone", "number", "postal")
        if name in has
    ]
    small = [("given",), ("family",), ("birth",), ("email",), ("phone",), ("postal",)]
    large = [
        ("substr(given,1,3)", "substr(family,1,4)"), ("family", "birth"), ("given", "birth"), ("email",),
        ("phone",),
        ("postal", "given"), ("postal", "family"), ("birth", "city"),
    ]  # fmt: skip
    rules = [block_on(*rule) for rule in _within(small if len(data) <= SMALL else large, has)]
    linker = _linker(data, comparisons, rules)
    sure = _within([("given", "family", "birth"), ("email",), ("phone", "family")], has)
    sessions = _within([("given", "family"), ("email",) if "email" in has else ("birth",)], has)
    _train(linker, sure, 0.9 if len(data) <= SMALL else 0.6, sessions)
    return _result(linker, len(data))


def best(data: Clean) -> tuple[Ints, Scored]:
    """The best we can make of it: its blocking as wide as ours, custom levels, term frequencies
    wherever they help, more training. The threshold is chosen by the truth afterwards."""
    import splink.comparison_library as cl
    from splink import block_on

    has = _has(data)
    comparisons: list[Any] = [_names(cl)] if {"given", "family"} <= has else []
    if "birth" in has:
        comparisons.append(_birth(cl))
    if "email" in has:
        comparisons += [make(cl) for name, make in _CUSTOM.items() if name in has]
    else:
        comparisons += [make(cl) for name, make in _REGISTER.items() if name in has]
    wide: list[Any] = [
        ("email",), ("phone",), ("club_card",), ("mailbox", "family"), ("given", "family"),
        ("birth", "given"), ("birth", "family"), ("birth", "postal"), ("postal", "family"),
        ("postal", "given"), ("street", "number", "postal"), ("family", "street", "number"),
        ("substr(given,1,3)", "substr(family,1,4)", "city"),
    ]  # fmt: skip
    if len(data) <= SMALL:
        wide += [("birth",), ("postal",), ("street", "given"), ("family", "city")]
    rules: list[Any] = [block_on(*rule) for rule in _within(wide, has)]
    rules.append("l.given = r.family and l.family = r.given")
    linker = _linker(data, comparisons, rules)
    sure = _within(
        [("given", "family", "birth"), ("given", "family", "email"), ("given", "family", "phone")], has
    )
    sessions = _within(
        [("given", "family"), ("email",), ("phone",)]
        if "email" in has
        else [("given", "family"), ("birth",)],
        has,
    )
    _train(
        linker,
        sure,
        0.8 if len(data) <= SMALL else 0.4,
        sessions,
        sample=1.0 if len(data) <= 100_000 else 0.2,
    )
    return _result(linker, len(data))


def _has(data: Clean) -> frozenset[str]:
    columns = data.features | {"club_card": data.identifiers["club_card"]}
    return frozenset(
        name for name, column in columns.items() if sum(map(bool, column)) > ENOUGH * max(len(data), 1)
    ) | ({"mailbox"} if any(data.features["email"]) else frozenset())


def _within(rules: Sequence[tuple[str, ...]], has: frozenset[str]) -> list[tuple[str, ...]]:
    """Those rules that only need columns the data have."""
    return [rule for rule in rules if all(part.removeprefix("substr(").split(",")[0] in has for part in rule)]


def _birth(cl: Any) -> Any:
    return cl.DateOfBirthComparison("birth", input_is_string=True, datetime_format="%Y%m%d")


def _names(cl: Any) -> Any:
    return cl.ForenameSurnameComparison("given", "family", forename_surname_concat_col_name="whole_name")


def _email(cl: Any) -> Any:
    import splink.comparison_level_library as cll

    return cl.CustomComparison(
        [
            cll.NullLevel("email"),
            cll.ExactMatchLevel("email", term_frequency_adjustments=True),
            cll.ExactMatchLevel("mailbox"),
            cll.JaroWinklerLevel("mailbox", 0.93),
            cll.JaroWinklerLevel("mailbox", 0.85),
            cll.ElseLevel(),
        ],
        output_column_name="email",
    )


def _phone(cl: Any) -> Any:
    import splink.comparison_level_library as cll

    return cl.CustomComparison(
        [
            cll.NullLevel("phone"),
            cll.ExactMatchLevel("phone", term_frequency_adjustments=True),
            cll.DamerauLevenshteinLevel("phone", 1),
            cll.ElseLevel(),
        ],
        output_column_name="phone",
    )


def _address(cl: Any) -> Any:
    import splink.comparison_level_library as cll

    same_house = "number_l = number_r and postal_l = postal_r"
    return cl.CustomComparison(
        [
            cll.NullLevel("postal"),
            cll.CustomLevel(f"{same_house} and street_l = street_r", "same address"),
            cll.CustomLevel(
                f"{same_house} and jaro_winkler_similarity(street_l, street_r) > 0.88",
                "nearly the same address",
            ),
            cll.ExactMatchLevel("postal", term_frequency_adjustments=True),
            cll.ExactMatchLevel("city"),
            cll.ElseLevel(),
        ],
        output_column_name="address",
    )


def _card(cl: Any) -> Any:
    return cl.ExactMatch("club_card")


_CUSTOM = {"email": _email, "phone": _phone, "postal": _address, "club_card": _card}


def _alike(name: str, *, frequent: bool = False) -> Any:
    def make(cl: Any) -> Any:
        return cl.JaroWinklerAtThresholds(name, [0.92, 0.8]).configure(term_frequency_adjustments=frequent)

    return make


def _digits(name: str) -> Any:
    return lambda cl: cl.DamerauLevenshteinAtThresholds(name, [1, 2]).configure(
        term_frequency_adjustments=True
    )


_REGISTER = {
    "street": _alike("street", frequent=True), "number": _digits("number"), "street2": _alike("street2"),
    "postal": _digits("postal"), "city": _alike("city", frequent=True),
}  # fmt: skip
"""For data without contact points, each part of the address tells something of its own."""


def _linker(data: Clean, comparisons: list[Any], rules: list[Any]) -> Any:
    """A linker over the columns as text, unknown as null."""
    import duckdb
    import pandas as pd
    from splink import DuckDBAPI, Linker, SettingsCreator

    logging.getLogger("splink").setLevel(logging.ERROR)
    frame = pd.DataFrame(data.features | {"club_card": data.identifiers["club_card"]})
    frame = frame.drop(columns="accounts").replace("", None)
    frame["mailbox"] = frame["email"].str.partition("@")[0]
    frame["whole_name"] = frame["given"] + " " + frame["family"]
    frame["unique_id"] = np.arange(len(frame))
    settings = SettingsCreator(
        link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=rules
    )
    database = duckdb.connect()
    database.execute("set enable_progress_bar = false")
    return Linker(DuckDBAPI(database).register(frame), settings, log_level=None)


def _train(
    linker: Any,
    sure: list[tuple[str, ...]],
    recall: float,
    sessions: list[tuple[str, ...]],
    sample: float | None = None,
) -> None:
    from splink import block_on

    rules = [block_on(*rule) for rule in sure]
    linker.training.estimate_probability_two_random_records_match(rules, recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6 if sample is None else 1e7, seed=SEED)
    options: dict[str, float] = {} if sample is None else {"record_sample_proportion": sample}
    for rule in sessions:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule), **options)


def _result(linker: Any, size: int) -> tuple[Ints, Scored]:
    predictions = linker.inference.predict(threshold_match_probability=0.01)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, 0.95)
    found = clusters.as_pandas_dataframe().sort_values("unique_id")
    assert len(found) == size
    pairs = predictions.as_pandas_dataframe()[["unique_id_l", "unique_id_r", "match_probability"]]
    scored = Scored(
        pairs["unique_id_l"].to_numpy(np.int64), pairs["unique_id_r"].to_numpy(np.int64),
        pairs["match_probability"].to_numpy(np.float64),
    )  # fmt: skip
    return codes(found["cluster_id"].to_numpy()), scored
