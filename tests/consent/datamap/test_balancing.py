"""Balancing tests: written by one, approved by another, counting for a year (CONSENT.md 2.14)."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from consent import balancing
from consent.models import BalancingTest
from organisations.audit.models import AuditEntry
from organisations.models import Membership, Organisation, User
from tests.conftest import ClientFor

pytestmark = pytest.mark.usefixtures("in_aurora")

PARTS = ("interest", "necessity", "expectation", "data", "children", "safeguards", "result")
TODAY = date(2026, 11, 25)


@pytest.fixture
def alices(client_for: ClientFor, alice: User, aurora: Organisation) -> Client:
    return client_for(alice, aurora)


def written(actor: User, channel: str = "post") -> BalancingTest:
    words = dict.fromkeys(("name", *PARTS), "Season brochure")
    return balancing.write(actor=actor, purpose_id="marketing.newsletter", channel=channel, **words)


def second_lead(bob: User) -> None:
    Membership.objects.filter(user=bob).update(role="privacy_lead")


def test_what_is_only_written_opens_nothing(alice: User) -> None:
    written(alice)
    assert balancing.approved(TODAY) == {}


def test_the_author_does_not_approve_where_somebody_else_may(alice: User, bob: User) -> None:
    second_lead(bob)
    test = written(alice)
    with pytest.raises(balancing.NotAllowed):
        balancing.approve(test, actor=alice)
    assert balancing.approve(test, actor=bob).approved_by == bob.email


def test_the_only_one_who_may_approves_their_own(alice: User) -> None:
    assert balancing.approve(written(alice), actor=alice).approved_by == alice.email


def test_it_counts_for_twelve_months_and_for_its_channel(alice: User) -> None:
    with time_machine.travel("2026-11-25 12:00+00:00"):
        test = balancing.approve(written(alice), actor=alice)
    assert test.review_on == date(2027, 11, 25)
    assert set(balancing.approved(date(2027, 11, 24))) == {("marketing.newsletter", "post")}
    assert balancing.approved(date(2027, 11, 25)) == {}


def test_without_a_channel_it_is_for_calls_and_letters(alice: User) -> None:
    balancing.approve(written(alice, channel=""), actor=alice)
    assert {channel for _purpose, channel in balancing.approved(TODAY)} == {"phone", "post"}


def test_a_retired_test_counts_no_more_and_is_not_approved_again(alice: User) -> None:
    test = balancing.retire(balancing.approve(written(alice), actor=alice), actor=alice)
    assert balancing.approved(TODAY) == {}
    with pytest.raises(balancing.NotAllowed):
        balancing.approve(test, actor=alice)


def test_from_writing_to_retiring_on_the_pages(alices: Client, alice: User) -> None:
    words = dict.fromkeys(PARTS, "As weighed.")
    alices.post(
        reverse("privacy:test_new"),
        {"name": "Brochure", "purpose": "marketing.newsletter", "channel": "post", **words},
    )
    test = BalancingTest.objects.get()
    page = reverse("privacy:test", args=[test.pk])

    alices.post(page, {"do": "approve"})
    assert "Counts" in alices.get(reverse("privacy:tests")).content.decode()
    again = alices.get(f"{reverse('privacy:test_new')}?from={test.pk}").content.decode()
    assert "As weighed." in again
    alices.post(page, {"do": "retire"})

    assert "Retired" in alices.get(page).content.decode()
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "balancing_test.written",
        "balancing_test.approved",
        "balancing_test.retired",
    ]


def test_the_author_is_told_that_somebody_else_approves(alices: Client, alice: User, bob: User) -> None:
    second_lead(bob)
    page = reverse("privacy:test", args=[written(alice).pk])
    assert 'value="approve"' not in alices.get(page).content.decode()
    alices.post(page, {"do": "approve"})
    assert BalancingTest.objects.get().approved_at is None


@pytest.mark.parametrize("missing", PARTS)
def test_every_part_has_to_be_answered(alices: Client, missing: str) -> None:
    words = dict.fromkeys(PARTS, "As weighed.") | {missing: ""}
    alices.post(reverse("privacy:test_new"), {"name": "x", "purpose": "marketing.newsletter", **words})
    assert not BalancingTest.objects.exists()
