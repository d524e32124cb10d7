"""Whom a request is about, after merges, with shared addresses, and through a link alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cdp.lib import clock
from consent.models import RightsRequest
from consent.rights import subject
from organisations.models import Organisation
from profiles.models import Profile, RecordIdentifier
from tests.consent import world
from tests.consent.world import Person

pytestmark = pytest.mark.django_db
Identity = RightsRequest.Identity


def asked(who: Person | None = None, **given: Any) -> RightsRequest:
    now = clock.now()
    about = {"profile": who.profile, "records": [who.record.pk]} if who else {}
    return RightsRequest.objects.create(
        **{"kind": "access", "came_by": "email", "received_at": now, "due_on": now.date()} | about | given
    )


def also(who: Person, email: str, days: int) -> int:
    """The person's record shows another address, last seen so many days from the first."""
    found = world.identifier("email", email)
    at = clock.now() + timedelta(days=days)
    RecordIdentifier.objects.create(
        record=who.record, identifier=found, first_seen=at, last_seen=at, intake=who.record.intake
    )
    return found.pk


def test_the_whole_person_with_everybody_merged_into_them(in_aurora: Organisation) -> None:
    kari = world.person("kari@example.no", "+4741234567")
    other = world.person("k.n@example.no", profile=kari.profile)
    old = Profile.objects.create(state="merged", merged_into=kari.profile)
    older = Profile.objects.create(state="merged", merged_into=old)
    stranger = world.person("somebody@example.no")

    found = subject.of(asked(kari, profile=older, identity=Identity.KNOWN))

    assert found.profiles == (kari.profile.pk, old.pk, older.pk)
    assert found.records == (kari.record.pk, other.record.pk)
    assert set(found.identifiers) == {kari.email.pk, kari.phone.pk, other.email.pk}  # type: ignore[union-attr]
    assert (found.shared, found.proven) == ((), None)
    assert stranger.record.pk not in found.records


def test_what_somebody_else_shows_too_is_shared(in_aurora: Organisation) -> None:
    kari = world.person("familien@example.no", "+4741234567")
    world.person("familien@example.no")
    found = subject.of(asked(kari, identity=Identity.SECOND_FACT))
    assert found.identifiers == (kari.phone.pk,)  # type: ignore[union-attr]
    assert found.shared == (kari.email.pk,)  # type: ignore[union-attr]
    assert found.records == (kari.record.pk,)


def test_a_link_proves_the_records_of_its_address_and_no_other(in_aurora: Organisation) -> None:
    anna = world.person("anna@example.no", "+4741234567")
    other = world.person("anna.other@example.no", profile=anna.profile)
    found = subject.of(asked(anna, identity=Identity.LINK, proven=anna.email))
    assert found.records == (anna.record.pk,)
    assert set(found.identifiers) == {anna.email.pk, anna.phone.pk}  # type: ignore[union-attr]
    assert found.profiles == ()  # scores and tags are about the whole person
    assert found.proven == (anna.email.pk,)  # type: ignore[union-attr]
    assert other.email.pk not in (*found.identifiers, *found.shared)  # type: ignore[union-attr]


def test_a_link_to_everything_a_person_has_is_the_whole_person(in_aurora: Organisation) -> None:
    anna = world.person("anna@example.no")
    found = subject.of(asked(anna, identity=Identity.LINK, proven=anna.email))
    assert found.profiles == (anna.profile.pk,)


def test_a_former_address_proves_nothing_about_the_account_that_left_it(in_aurora: Organisation) -> None:
    anna = world.person("anna@example.no")
    newer = also(anna, "anna.new@example.no", days=1)
    found = subject.of(asked(anna, identity=Identity.LINK, proven=anna.email))
    assert (found.records, found.identifiers, found.profiles) == ((), (), ())
    found = subject.of(asked(anna, identity=Identity.LINK, proven_id=newer))
    assert found.records == (anna.record.pk,)
    assert found.identifiers == (newer,)  # not the address that was theirs before


def test_a_link_to_a_mailbox_of_two_proves_neither(in_aurora: Organisation) -> None:
    one = world.person("familien@example.no")
    world.person("familien@example.no")
    found = subject.of(asked(one, identity=Identity.LINK, proven=one.email))
    assert (found.records, found.profiles, found.identifiers, found.shared) == ((), (), (), ())
    assert found.proven == (one.email.pk,)  # type: ignore[union-attr]


def test_where_a_person_was_taken_apart_the_profile_says_who_it_is(in_aurora: Organisation) -> None:
    kari = world.person("kari@example.no")
    left = world.person("another@example.no")
    found = subject.of(asked(kari, records=[kari.record.pk, left.record.pk], identity=Identity.KNOWN))
    assert found.records == (kari.record.pk,)


def test_a_profile_without_records_is_found_through_its_records(in_aurora: Organisation) -> None:
    kari = world.person("kari@example.no")
    empty = Profile.objects.create(state="empty")
    found = subject.of(asked(kari, profile=empty, identity=Identity.KNOWN))
    assert (found.profiles, found.records) == ((kari.profile.pk,), (kari.record.pk,))


def test_nobody_known_is_nobody(in_aurora: Organisation) -> None:
    found = subject.of(asked())
    assert subject.is_nobody(found)


def test_one_statement_however_much_there_is(in_aurora: Organisation) -> None:
    kari = world.person("kari@example.no")
    for number in range(5):
        world.person(f"kari{number}@example.no", profile=kari.profile)
    request = asked(kari, identity=Identity.KNOWN)
    with CaptureQueriesContext(
        connection,
    ) as asked_for:
        found = subject.of(request)
    assert len(found.records) == 6
    assert len([q for q in asked_for.captured_queries if "profiles_" in q["sql"]]) == 1
