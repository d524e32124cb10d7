"""Every case of CONSENT.md 5.1, and of any file named by the variable CONSENT_CASES."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.db import transaction

from consent.reasons import REASONS
from organisations.models import Organisation
from tests.consent import cases_in_tables
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


FREE_ACCOUNTS = {"C28"}
"""No source tells of accounts without a purchase, so that no table holds one."""


def test_the_statement_decides_every_case_alike(in_aurora: Organisation) -> None:
    """The same cases, written into the tables and decided in SQL: facts, rules and all."""
    for case in CASES:
        if case.id in FREE_ACCOUNTS:
            continue
        try:
            with transaction.atomic():
                found = cases_in_tables.decide(case)
                raise TakenBack
        except TakenBack:
            pure = case.decision()
            assert (found.decision, found.basis, found.reason) == (
                pure.decision,
                pure.basis,
                pure.reason,
            ), case.id


class TakenBack(Exception):
    """Ends a case without keeping anything of it."""


def test_every_reason_has_a_text() -> None:
    told = {case.decision().reason for case in CASES} | {
        flag for case in CASES for flag in case.decision().flags
    }

    assert told <= set(REASONS)


def test_the_file_has_all_cases() -> None:
    assert len(load(HERE)) == 78
