"""What an import says of people who were erased before (CONSENT.md C131, C140)."""

from __future__ import annotations

import pytest

from cdp.lib import clock
from consent import ledger
from consent.models import ConsentEvent, ConsentState
from profiles import erasure
from profiles.ingest import close_intake, ingest, open_intake
from profiles.models import Profile
from profiles.rows import CanonicalRow, ConsentClaim, PersonRow
from tests.consent import world
from tests.profiles.sample import a_source, deliver

pytestmark = [pytest.mark.usefixtures("in_aurora"), pytest.mark.django_db]


def listed(number: int, *, city: str = "", says_yes: bool = False) -> CanonicalRow:
    email = f"person{number}@example.no"
    return CanonicalRow(
        number,
        [email, city, str(says_yes)],
        buyer=PersonRow(email=email, full_name=f"Person Number{number}", city=city),
        claims=(ConsentClaim("list:consent", "yes"),) if says_yes else (),
    )


def test_forty_suppressed_addresses_among_a_thousand_lose_their_yes_and_both_are_counted() -> None:
    """C131: the list updates everybody; nobody becomes sendable."""
    world.point("list:consent", source=a_source(), verified=False)
    deliver([listed(n) for n in range(1000)])
    erasure.bury([("email", "", f"person{n}@example.no") for n in range(40)], at=clock.now())

    intake = open_intake(source=a_source())
    rows = [listed(n, city="Bergen", says_yes=True) for n in range(1000)]
    result = ingest(intake=intake, rows=rows, permit=ledger.record_claims)
    close_intake(intake=intake)

    assert intake.rows_updated == 1000
    assert result.permits.refused == {"waits_for_verification": 960, "suppressed_after_erasure": 40}
    assert set(ConsentEvent.objects.values_list("proof", flat=True)) == {"C"}
    assert ConsentEvent.objects.count() == 960
    assert Profile.objects.filter(city="Bergen").count() == 1000
    assert not ConsentState.objects.filter(state="given").exists()


def test_the_canonical_form_of_an_address_is_suppressed_too() -> None:
    """C140."""
    erasure.bury([("email", "", "anna+news@gmail.com")], at=clock.now())
    anna = world.person("a.n.n.a@gmail.com")
    report = world.morning(world.claim(anna, "yes", world.point()))
    assert (report.granted, report.refused) == (0, {"suppressed_after_erasure": 1})
    assert not anna.events()


def test_a_no_of_an_erased_person_is_taken_without_questions() -> None:
    erasure.bury([("email", "", "anna@example.org")], at=clock.now())
    anna = world.person("anna@example.org")
    report = world.morning(world.claim(anna, "no", world.point(no_is_explicit=True)))
    assert report.withdrawn == 1
