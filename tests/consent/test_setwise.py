"""The decision in SQL gives the pure one's answer, whatever is on file."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from django.db import transaction

from benchmarks import agreeing, histories
from consent import gather, projection, setwise
from consent.facts import Message
from consent.models import ConsentState
from consent.rules import Rules
from tests.consent.world import person

pytestmark = pytest.mark.usefixtures("in_aurora")


@pytest.mark.parametrize(("part", "home"), list(enumerate(["NO", "DK", "DE"])))
def test_the_statement_gives_the_pure_answer_on_generated_histories(part: int, home: str) -> None:
    """A third of the questions for each home; `python -m benchmarks ledger --property` asks all, of many."""
    contacts = histories.Maker(seed=part).people(100)
    house = replace(gather.house(), rules=Rules(home=home))

    found = agreeing.compare(contacts, house, agreeing.questions("aurora")[part::3])

    assert found.differing == []
    assert found.decisions > 700


def test_a_long_ledger_is_projected_to_the_same_rows_again() -> None:
    """C144: a million events in `python -m benchmarks ledger`."""
    histories.Maker(seed=3).people(150)
    projection.rebuild()
    before = states()

    projection.rebuild()

    assert states() == before
    assert len(before) > 150
    assert projection.drift() == []


def states() -> list[tuple[object, ...]]:
    return list(ConsentState.objects.order_by("identifier", "purpose", "channel").values_list())


def test_a_preview_counts_answers_by_reason() -> None:
    contacts = histories.Maker(seed=4).people(40)
    letter = Message("aurora", "marketing.newsletter", "email")

    counts = setwise.count_by_reason(letter, identifier_ids=contacts, now=histories.NOW)

    with transaction.atomic():
        decided = setwise.decide_set(letter, identifier_ids=contacts, now=histories.NOW)
        told = Counter((each.decision, each.reason) for each in decided)
    assert counts == told
    assert list(counts.values()) == sorted(counts.values(), reverse=True)


def test_who_is_on_no_list_of_the_channel_is_left_out() -> None:
    anna = person(phone="+4790000001")
    assert anna.phone is not None

    counts = setwise.count_by_reason(
        Message("aurora", "marketing.newsletter", "email"), identifier_ids=[anna.phone.pk]
    )

    assert counts == {}
