"""The decision in SQL gives the pure one's answer, whatever is on file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks import agreeing, histories
from consent import gather
from consent.rules import Rules
from organisations.models import Organisation

pytestmark = pytest.mark.usefixtures("in_aurora")


@pytest.mark.parametrize("home", ["NO", "DK", "DE"])
def test_the_statement_gives_the_pure_answer_on_generated_histories(home: str) -> None:
    contacts = histories.Maker(seed=ord(home[0])).people(30)
    house = replace(gather.house(), rules=Rules(home=home))

    found = agreeing.compare(contacts, house, agreeing.questions("aurora"))

    assert found.differing == []
    assert found.decisions > 600
