"""What happens to rows on their way in."""

from __future__ import annotations

import pytest

from profiles.models import Identifier, Order, OrderLine, Profile, ProfileTag, SourceRecord
from tests.profiles.sample import a_source, deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def test_two_tickets_of_one_order_become_one_person_one_order_two_lines_and_a_tag() -> None:
    intake, _ = deliver(
        [ticket(1, order="A1", email="kari@example.no"), ticket(2, order="A1", email="Kari@Example.no ")]
    )
    assert intake.equation() == {
        "read": 2, "created": 2, "updated": 0, "unchanged": 0, "held": 0, "failed": 0, "erased": 0,
    }  # fmt: skip
    person = Profile.objects.get()
    assert (person.name, person.email, person.orders_count, person.tickets_count, person.value) == (
        "Kari Nordmann", "kari@example.no", 1, 2, 900,
    )  # fmt: skip
    assert Order.objects.get().status == "paid"
    assert OrderLine.objects.count() == 2
    assert ProfileTag.objects.get().tag.name == "Hamlet 2026"


def test_the_same_delivery_again_changes_nothing_and_says_so() -> None:
    rows = [
        ticket(n, order=f"A{n // 2}", email=f"p{n % 5}@example.no", name=f"Kari{n % 5} Li")
        for n in range(1, 40)
    ]
    deliver(rows)
    before = list(SourceRecord.objects.values())
    intake, _ = deliver(rows)
    assert intake.equation()["unchanged"] == 39
    assert list(SourceRecord.objects.values()) == before


def test_records_of_two_sources_with_one_address_and_name_are_one_person() -> None:
    deliver([ticket(1, email="kari@example.no")])
    deliver([ticket(1, email="KARI@example.no", external_id="77")], source=a_source("shop"))
    assert SourceRecord.objects.count() == 2
    assert Profile.objects.filter(state="active").count() == 1


def test_two_people_with_one_family_address_stay_two() -> None:
    deliver(
        [ticket(1, email="familien@example.no"), ticket(2, email="familien@example.no", name="Ola Nordmann")]
    )
    assert Profile.objects.filter(state="active").count() == 2
    assert Identifier.objects.filter(kind="email").count() == 1
