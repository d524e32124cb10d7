"""Every case of CONSENT.md 5.1, and of any file named by the variable CONSENT_CASES."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from consent.reasons import REASONS
from tests.consent.cases import Case, load

HERE = Path(__file__).resolve().parent.parent / "data" / "consent_cases.json"
OTHER = os.environ.get("CONSENT_CASES")
CASES = load(HERE) + (load(Path(OTHER)) if OTHER else [])


@pytest.mark.parametrize("case", CASES, ids=[f"{case.id} {case.title}" for case in CASES])
def test_it_decides_as_the_case_says(case: Case) -> None:
    decision = case.decision()
    expected = case.expected

    assert (decision.decision, decision.basis, decision.reason) == (
        expected["decision"],
        expected["basis"],
        expected["reason"],
    )
    assert set(expected.get("flags", ())) <= decision.flags


def test_every_reason_has_a_text() -> None:
    told = {case.decision().reason for case in CASES} | {
        flag for case in CASES for flag in case.decision().flags
    }

    assert told <= set(REASONS)


def test_the_file_has_all_cases() -> None:
    assert len(load(HERE)) == 78
