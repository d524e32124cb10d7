"""The privacy lead's home, the rules that a house tightened, and what came of alerts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cdp.lib import clock
from consent.datamap import home, ruling
from consent.models import (
    ChainHead,
    Comparison,
    RetentionRule,
    RetentionRun,
    RightsRequest,
    RuleOverride,
)
from organisations.audit.models import AccessAlert, LookPurpose
from organisations.models import Organisation, User
from tests.conftest import ClientFor
from tests.consent import world

pytestmark = pytest.mark.usefixtures("in_aurora")


@pytest.fixture
def alices(client_for: ClientFor, alice: User, aurora: Organisation) -> Client:
    return client_for(alice, aurora)


def page(browser: Client, name: str = "home") -> str:
    content: str = browser.get(reverse(f"privacy:{name}")).content.decode()
    return content


def asked(days: int) -> RightsRequest:
    return RightsRequest.objects.create(
        kind="access", came_by="email", received_at=clock.now(), due_on=clock.now().date() + timedelta(days)
    )


def test_an_empty_house_says_so_in_every_card(alices: Client) -> None:
    shown = page(alices)
    for words in (
        "No request is open",
        "Nothing unusual",
        "No register is loaded",
    ):
        assert words in shown
    assert 'href=""' not in shown


def test_requests_come_by_their_clock_with_what_is_late(alices: Client) -> None:
    for days in (20, -2, 5):
        asked(days)
    told = home.page()
    assert [each.clock.level for each in told["requests"]] == ["bad", "warning", "good"]
    assert told["clocks"] == {"open": 3, "late": 1, "soon": 1}
    shown = page(alices)
    assert "1 is overdue" in shown
    assert "was due" in shown


def test_the_menu_counts_what_is_urgent() -> None:
    asked(20)
    asked(3)
    AccessAlert.objects.create(entry_id=1, kind="own", user_label="X", at=clock.now())
    assert home.waiting() == 2


def test_what_waits_what_ran_and_whether_it_agreed(alices: Client) -> None:
    checkout = world.point("checkout", verified=False)
    world.morning(world.claim(world.person("a@example.no"), "yes", checkout))
    RetentionRule.objects.create(category="events", days=90, paused=True)
    RetentionRun.objects.create(category="events", before=clock.now(), rows=1234)
    RetentionRun.objects.create(category="orders", before=clock.now(), error="stopped by a lock")
    Comparison.objects.create(kind="mailchimp", compared=500, differing=7)
    ChainHead.objects.create(day="2026-11-24", last_position=9, rows=9, head="ab" * 32)
    shown = page(alices)
    for words in (
        "checkout",
        "1 wait",
        "1,234",
        "stopped by a lock",
        "7 differ",
        "abababab",
        "rule is paused",
    ):
        assert words in shown


def test_no_customer_is_named_on_the_home(alices: Client) -> None:
    kari = world.person("kari@example.no", name="Kari Nordmann")
    request = asked(5)
    request.profile = kari.profile
    request.save()
    shown = page(alices)
    assert "Kari" not in shown


# --- rules ----------------------------------------------------------------------------------


def test_the_rules_page_shows_childrens_ages_and_what_the_house_tightened(alices: Client) -> None:
    answer = alices.post(reverse("privacy:rules"), {"place": "NO", "name": "min_age", "value": "16"})
    assert answer.status_code == 302
    cell = next(row for row in ruling.rows() if row.name == "min_age").cells[0]
    assert (cell.words, cell.shipped) == ("16", "15")
    assert "stricter than 15" in page(alices, "rules")


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("NO", "min_age", "13"),
        ("DE", "doi", "False"),
        ("NL", "phone", "optout"),
        ("policy", "weekly_cap", "9"),
    ],
)
def test_nothing_becomes_laxer(alices: Client, place: str, name: str, value: str) -> None:
    answer = alices.post(reverse("privacy:rules"), {"place": place, "name": name, "value": value})
    assert answer.status_code == 200
    assert not RuleOverride.objects.exists()


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("NO", "soft", "False"),
        ("NO", "phone", "consent"),
        ("NO", "soft_months", "12"),
        ("policy", "quiet_start", "10"),
    ],
)
def test_each_sort_of_rule_can_become_stricter(alices: Client, place: str, name: str, value: str) -> None:
    answer = alices.post(reverse("privacy:rules"), {"place": place, "name": name, "value": value})
    assert answer.status_code == 302
    assert RuleOverride.objects.get().place == place


@pytest.mark.parametrize(("place", "name"), [("NO", "phone_hours"), ("XX", "min_age"), ("policy", "min_age")])
def test_what_is_not_the_houses_to_set_is_refused(alices: Client, place: str, name: str) -> None:
    answer = alices.post(reverse("privacy:rules"), {"place": place, "name": name, "value": "1"})
    assert answer.status_code == 404


# --- looks ----------------------------------------------------------------------------------


def test_an_alert_is_looked_into_with_a_note(alices: Client, alice: User) -> None:
    alert = AccessAlert.objects.create(entry_id=1, kind="colleague", user_label="Bob", at=clock.now())
    alices.post(reverse("privacy:looking"), {"alert": alert.pk, "note": "Asked Bob: her own order."})
    alert.refresh_from_db()
    assert (alert.seen_by, alert.note) == (str(alice), "Asked Bob: her own order.")
    assert "her own order" in page(alices, "looking")


def test_a_role_can_be_made_to_say_first(alices: Client) -> None:
    alices.post(reverse("privacy:looking"), {"role": "marketer", "purpose": ""})
    assert LookPurpose.objects.get().purpose == ""
    alices.post(reverse("privacy:looking"), {"role": "marketer", "purpose": "quality"})
    assert LookPurpose.objects.get().purpose == "quality"


@pytest.mark.parametrize(
    "data", [{"role": "king", "purpose": "service"}, {"role": "marketer", "purpose": "fun"}]
)
def test_unknown_roles_and_purposes_are_refused(alices: Client, data: dict[str, str]) -> None:
    assert alices.post(reverse("privacy:looking"), data).status_code == 404
    assert not LookPurpose.objects.exists()
