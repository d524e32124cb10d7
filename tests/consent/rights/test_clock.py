"""By when (C159), how much longer, and how far it is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from consent.models import RightsRequest
from consent.rights import clock, verbs
from consent.rights.verbs import NotPossible
from organisations.models import User
from tests.consent.rights.test_intake import open_request


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-01-31T12:00+01:00", "2026-02-28"),
        ("2028-01-31T12:00+01:00", "2028-02-29"),
        ("2026-10-31T12:00+01:00", "2026-11-30"),
        ("2026-12-15T12:00+01:00", "2027-01-15"),
        ("2026-11-10T23:30+00:00", "2026-12-11"),  # half past midnight in Oslo
    ],
)
def test_due_one_calendar_month_after_receipt_on_the_houses_calendar(received: str, due: str) -> None:
    assert clock.due_on(datetime.fromisoformat(received), "Europe/Oslo") == date.fromisoformat(due)


def test_two_months_more_count_from_the_receipt_and_not_from_the_first_date() -> None:
    received = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert clock.due_if_extended(received, "Europe/Oslo") == date(2026, 4, 30)


@pytest.mark.parametrize(
    ("today", "days", "level"),
    [
        ("2026-12-02", 8, "good"),
        ("2026-12-03", 7, "warning"),
        ("2026-12-10", 0, "warning"),
        ("2026-12-11", -1, "bad"),
    ],
)
def test_the_colour_of_the_clock(today: str, days: int, level: str) -> None:
    request = RightsRequest(due_on=date(2026, 12, 10), state="scoped")
    found = clock.standing(request, date.fromisoformat(today))
    assert (found.days, found.level) == (days, level)
    request.state = "done"
    assert clock.standing(request, date(2027, 1, 1)).days is None


@pytest.mark.usefixtures("in_aurora")
class TestMoreTime:
    def test_once_with_a_reason_within_the_first_month(self, alice: User) -> None:
        with time_machine.travel("2026-12-01T09:00Z", tick=False):
            request = open_request()
            with pytest.raises(NotPossible):
                verbs.extend(request=request, actor=alice, because=" ")
            verbs.extend(request=request, actor=alice, because="Three systems have to be asked.")
            assert request.due_on == date(2027, 2, 10)
            with pytest.raises(NotPossible):
                verbs.extend(request=request, actor=alice, because="Again.")

    def test_not_when_the_first_month_is_over(self, alice: User) -> None:
        request = open_request()
        with time_machine.travel("2026-12-11T09:00Z", tick=False), pytest.raises(NotPossible):
            verbs.extend(request=request, actor=alice, because="Late.")
