"""What is stored about who may get what, and from which facts it comes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cdp.lib import clock
from consent import answers
from consent.models import ContactAnswer
from organisations.models import Organisation
from profiles.models import Identifier, RecordIdentifier
from tests.consent import world
from tests.consent.world import answer, bought, claim, morning, person, point

pytestmark = pytest.mark.usefixtures("in_aurora")

NOW = clock.now()
DAYS = timedelta(days=1)


@pytest.fixture
def danish(aurora: Organisation) -> Organisation:
    aurora.country = "DK"
    return aurora


def test_nothing_on_file_is_no_basis() -> None:
    found = answer(person("anna@example.org"))

    assert (found.basket, found.newsletter_reason, found.service_reason) == (
        "none",
        "NO_BASIS",
        "SERVICE_WITHOUT_ORDER",
    )


def test_a_ticket_to_a_show_to_come_is_a_reason_to_write() -> None:
    anna = person("anna@example.org")
    bought(anna, starts_at=NOW + 30 * DAYS)

    found = answer(anna)

    assert (found.basket, found.service, found.own_similar_reason) == (
        "service",
        "ALLOW",
        "NO_ONGOING_RELATION",
    )
    assert found.valid_until is not None
    assert NOW + 36 * DAYS < found.valid_until <= NOW + 38 * DAYS


@pytest.mark.parametrize(("days_ago", "basket"), [(5, "service"), (9, "none")])
def test_a_week_after_the_show_there_is_nothing_left_to_say(days_ago: int, basket: str) -> None:
    anna = person("anna@example.org")
    bought(anna, starts_at=NOW - days_ago * DAYS)

    assert answer(anna).basket == basket


@pytest.mark.parametrize("status", ["pending", "cancelled", "refunded", "expired"])
def test_only_paid_orders_count(status: str) -> None:
    anna = person("anna@example.org")
    bought(anna, status=status, starts_at=NOW + 30 * DAYS)

    assert (answer(anna).basket, answer(anna).own_similar_reason) == ("none", "NO_SALE")


@pytest.mark.parametrize("kind", ["season_ticket", "subscription", "membership"])
def test_an_ongoing_customer_may_get_own_offers_in_norway(kind: str) -> None:
    """C07."""
    anna = person("anna@example.org")
    point(optout_offered="yes")
    bought(anna, kind=kind, ordered_at=NOW - 60 * DAYS, ends_at=NOW + 200 * DAYS)

    assert (answer(anna).basket, answer(anna).own_similar_reason) == ("own_similar", "SOFT_OPT_IN")


def test_a_subscription_without_an_end_holds_for_a_year() -> None:
    anna, ben = person("anna@example.org"), person("ben@example.org")
    point(optout_offered="yes")
    bought(anna, kind="membership", ordered_at=NOW - 300 * DAYS)
    bought(ben, kind="membership", ordered_at=NOW - 400 * DAYS)

    assert answer(anna).own_similar_reason == "SOFT_OPT_IN"
    assert answer(ben).own_similar_reason == "NO_ONGOING_RELATION"


@pytest.mark.parametrize(
    ("verified", "offered", "reason"),
    [
        (True, "yes", "SOFT_OPT_IN"),
        (True, "no", "NO_OPTOUT_OFFERED"),
        (True, "unknown", "NO_OPTOUT_OFFERED"),
        (False, "yes", "NO_OPTOUT_OFFERED"),
    ],
)
def test_in_denmark_one_ticket_will_do_if_the_buyer_could_decline(
    danish: Organisation, verified: bool, offered: str, reason: str
) -> None:
    """C11, C13; an answer counts only once somebody has put a name to it."""
    shop = world.source("shop", country="DK")
    anna = person("anna@example.org", of=shop)
    point(source=shop, optout_offered=offered, verified=verified)
    bought(anna)

    assert answer(anna).own_similar_reason == reason


def test_a_danish_sale_is_too_old_after_two_years(danish: Organisation) -> None:
    shop = world.source("shop", country="DK")
    anna, ben = person("anna@example.org", of=shop), person("ben@example.org", of=shop)
    point(source=shop, optout_offered="yes")
    bought(anna, ordered_at=NOW - 700 * DAYS)
    bought(ben, ordered_at=NOW - 760 * DAYS)

    assert answer(anna).basket == "own_similar"
    assert answer(ben).own_similar_reason == "RELATION_TOO_OLD"


def test_the_sales_channel_answers_for_itself(danish: Organisation) -> None:
    shop = world.source("shop", country="DK")
    point("shop", source=shop, optout_offered="yes")
    point("shop:till", source=shop, optout_offered="no", sales_channel="till")
    web, till = person("web@example.org", of=shop), person("till@example.org", of=shop)
    bought(web, channel="web")
    bought(till, channel="till")

    assert answer(web).own_similar_reason == "SOFT_OPT_IN"
    assert answer(till).own_similar_reason == "NO_OPTOUT_OFFERED"


def test_a_sale_before_the_point_was_there_offered_nothing(danish: Organisation) -> None:
    shop = world.source("shop", country="DK")
    point(source=shop, optout_offered="yes", valid_from=NOW - 30 * DAYS)
    anna = person("anna@example.org", of=shop)
    bought(anna, ordered_at=NOW - 90 * DAYS)

    assert answer(anna).own_similar_reason == "NO_OPTOUT_OFFERED"


def test_a_contract_with_somebody_else_makes_no_customer(danish: Organisation) -> None:
    """C29."""
    shop = world.source("shop", country="DK")
    point(source=shop, optout_offered="yes", contract_party="other")
    anna = person("anna@example.org", of=shop)
    bought(anna)

    assert answer(anna).own_similar_reason == "PARTNER_SALE"


def test_a_t_shirt_is_not_similar_to_a_show(danish: Organisation) -> None:
    shop = world.source("shop", country="DK")
    point(source=shop, optout_offered="yes")
    anna = person("anna@example.org", of=shop)
    bought(anna, kind="goods")

    assert answer(anna).own_similar_reason == "NOT_SIMILAR"


def test_an_attendee_whose_address_the_buyer_typed_is_no_customer(danish: Organisation) -> None:
    """C26: a record of its own, without orders."""
    shop = world.source("shop", country="DK")
    point(source=shop, optout_offered="yes")
    bought(person("buyer@example.org", of=shop))
    friend = person("friend@example.org", of=shop)

    assert answer(friend).own_similar_reason == "NO_SALE"


def test_sources_in_two_countries_leave_the_country_unknown() -> None:
    norwegian = person("anna@example.org", of=world.source("no", country="NO"))
    person("anna@example.org", of=world.source("dk", country="DK"), profile=norwegian.profile)
    bought(norwegian)

    assert answer(norwegian).own_similar_reason == "NO_BASIS"


def test_the_persons_own_country_comes_before_the_sources() -> None:
    anna = person("anna@example.org", country="DK")
    bought(anna)
    point(optout_offered="yes")

    assert answer(anna).own_similar_reason == "NO_ONGOING_RELATION"  # the stricter of sender's and theirs


def test_a_child_gets_no_offers_as_a_customer() -> None:
    """C89."""
    child = person("child@example.org", birth_date=(NOW - 17 * 365 * DAYS).date())
    point(optout_offered="yes")
    bought(child, kind="membership", ordered_at=NOW - 10 * DAYS)

    assert answer(child).own_similar_reason == "MINOR_NO_SOFT_OPTIN"


@pytest.mark.parametrize(("mailbox", "reason"), [("post", "LEGAL_PERSON"), ("ola.nordmann", "NO_BASIS")])
def test_a_companys_mailbox_is_not_a_person(mailbox: str, reason: str) -> None:
    """C100, C101."""
    firm = person(f"{mailbox}@firma.example.no", company="Firma AS")

    assert answer(firm).newsletter_reason == reason


def test_the_answer_says_since_when() -> None:
    anna = person("anna@example.org")
    said = world.at("2026-03-01T10:00")
    morning(claim(anna, "yes", point(), occurred_at=said))

    assert answer(anna).since == said


def test_asking_again_writes_nothing() -> None:
    for number in range(20):
        person(f"guest{number}@example.org")
    first, second = answers.refresh(), answers.refresh()

    assert (first.decided, first.changed) == (20, 20)
    assert (second.decided, second.changed) == (20, 0)
    assert first.of("none") == 20


def test_equal_cases_are_decided_once_with_their_own_dates() -> None:
    news = point()
    people = [person(f"guest{number}@example.org") for number in range(30)]
    said = [world.at("2026-03-01T10:00") + number * DAYS for number in range(30)]
    morning(*[claim(who, "yes", news, occurred_at=at) for who, at in zip(people, said, strict=True)])

    counts = answers.refresh()

    assert (counts.of("marketing"), counts.shapes) == (30, 1)
    assert set(ContactAnswer.objects.values_list("since", flat=True)) == set(said)


def test_what_time_alone_changes_is_decided_again_when_it_is_due() -> None:
    anna, ben = person("anna@example.org"), person("ben@example.org")
    bought(anna, starts_at=NOW + 3 * DAYS)
    bought(ben, starts_at=NOW + 300 * DAYS)
    answers.refresh(now=NOW)

    later = answers.refresh_due(now=NOW + 20 * DAYS)

    assert (later.decided, later.changed) == (1, 1)
    assert anna.email is not None
    assert ContactAnswer.objects.get(identifier=anna.email).basket == "none"


def test_nobody_is_asked_twice_on_the_same_day() -> None:
    bought(person("anna@example.org"), starts_at=NOW + 3 * DAYS)
    answers.refresh(now=NOW)
    answers.refresh_due(now=NOW + 20 * DAYS)

    assert answers.refresh_due(now=NOW + 20 * DAYS).decided == 0


def test_an_address_that_no_record_shows_any_more_has_no_answer() -> None:
    anna = person("anna@example.org")
    answers.refresh()
    RecordIdentifier.objects.all().delete()

    answers.refresh()

    assert not ContactAnswer.objects.filter(identifier=anna.email).exists()


def test_blocked_and_invalid_addresses_have_no_answer() -> None:
    person("test@example.org")
    person("no@example.org")
    Identifier.objects.filter(value="test@example.org").update(state="blocked")
    Identifier.objects.filter(value="no@example.org").update(invalid=True)

    assert answers.refresh().decided == 0


def test_answers_of_older_rules_are_due() -> None:
    person("anna@example.org")
    answers.refresh()
    ContactAnswer.objects.update(rules_version="2025-01.1")

    assert answers.refresh_due().changed == 1
    assert answers.refresh_due().decided == 0
