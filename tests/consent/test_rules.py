"""Country rules as data: the stricter of two, and an organisation that may only be stricter."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from consent import verbs
from consent.history import months_after, months_before
from consent.holidays import easter, norwegian_holidays
from consent.models import ContactAnswer, RuleOverride
from consent.rules import COUNTRIES, LaxerRule, Rules, stricter_of, tightened
from organisations.models import User
from tests.consent import world

SOMEWHERE = sorted(COUNTRIES)


@pytest.mark.parametrize("one", SOMEWHERE)
@pytest.mark.parametrize("other", SOMEWHERE)
def test_the_stricter_of_two_countries_does_not_depend_on_their_order(one: str, other: str) -> None:
    gates = ("soft", "relation", "soft_months", "min_age", "doi", "legal_person_optout", "phone", "post")
    here, there = (
        stricter_of(COUNTRIES[one], COUNTRIES[other]),
        stricter_of(COUNTRIES[other], COUNTRIES[one]),
    )

    assert [getattr(here, gate) for gate in gates] == [getattr(there, gate) for gate in gates]


def test_a_dane_written_to_from_norway_needs_what_either_country_needs() -> None:
    rules = Rules(home="NO").for_country("DK")

    assert (rules.relation, rules.soft_months, rules.phone, rules.legal_person_optout) == (
        "ongoing",
        24,
        "consent",
        False,
    )
    assert rules.zone == "Europe/Copenhagen"


@pytest.mark.parametrize("country", ["??", "US", ""])
def test_an_unknown_country_opens_by_consent_alone(country: str) -> None:
    rules = Rules(home="DK").for_country(country)

    assert (rules.soft, rules.doi, rules.phone, rules.post) == (False, True, "consent", "consent")


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("NO", "relation", "sale"),
        ("NO", "min_age", 13),
        ("DK", "soft_months", 36),
        ("DE", "doi", False),
        ("DK", "legal_person_optout", True),
        ("NL", "phone", "optout"),
        ("??", "soft", True),
        ("policy", "free_account_is_sale", True),
        ("policy", "weekly_cap", 10),
        ("policy", "unused_lapse_months", 60),
        ("policy", "quiet_start", 6),
        ("NO", "bookkeeping_years", 1),
        ("NO", "phone_hours", {}),
        ("NO", "min_age", "15"),
        ("XX", "soft", False),
    ],
)
def test_nobody_makes_a_rule_laxer(place: str, name: str, value: Any) -> None:
    with pytest.raises(LaxerRule):
        tightened(Rules(home="NO"), {place: {name: value}})


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("NO", "soft", False),
        ("NO", "soft_months", 12),
        ("DK", "relation", "ongoing"),
        ("SE", "phone", "consent"),
        ("NO", "doi", True),
        ("policy", "weekly_cap", 1),
        ("policy", "quiet_end", 18),
    ],
)
def test_anybody_may_make_a_rule_stricter(place: str, name: str, value: Any) -> None:
    rules = tightened(Rules(home="NO"), {place: {name: value}})

    holder = rules.policy if place == "policy" else rules.countries[place]
    assert getattr(holder, name) == value
    assert rules.version.startswith(Rules().version + "+")


def test_a_value_that_a_release_has_overtaken_gives_way_to_the_stricter_rule() -> None:
    rules = tightened(Rules(home="NO"), {"NO": {"min_age": 13}}, refuse=False)

    assert rules.for_country("NO").min_age == 15


def test_tightening_decides_everybody_anew(in_aurora: object, alice: User) -> None:
    anna = world.person("anna@example.org")
    world.morning(world.claim(anna, "yes", world.point(), occurred_at=world.at("2026-01-01T10:00")))
    assert world.answer(anna).newsletter_reason == "CONSENT"

    verbs.tighten(actor=alice, place="policy", name="unused_lapse_months", value=6)

    stored = ContactAnswer.objects.get()
    assert (stored.newsletter_reason, RuleOverride.objects.get().set_by) == ("CONSENT_LAPSED", str(alice))
    assert stored.rules_version.startswith(Rules().version + "+")


@pytest.mark.parametrize(
    ("moment", "months", "expected"),
    [
        ("2026-11-18", 12, "2025-11-18"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2026-01-15", 25, "2023-12-15"),
    ],
)
def test_months_end_where_there_is_no_such_day(moment: str, months: int, expected: str) -> None:
    assert months_before(world.at(moment), months) == world.at(expected)


def test_months_ahead() -> None:
    assert months_after(datetime(2026, 8, 31, tzinfo=UTC), 6) == datetime(2027, 2, 28, tzinfo=UTC)


def test_norwegian_holidays() -> None:
    """Against the calendar of 2026."""
    assert easter(2026) == date(2026, 4, 5)
    assert norwegian_holidays(2026) == {
        date(2026, month, day)
        for month, day in (
            (1, 1),
            (4, 2),
            (4, 3),
            (4, 5),
            (4, 6),
            (5, 1),
            (5, 14),
            (5, 17),
            (5, 24),
            (5, 25),
            (12, 25),
            (12, 26),
        )
    }
