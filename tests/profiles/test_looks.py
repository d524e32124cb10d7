"""Who looked at whom: the purpose first, a line for every look, and word of the odd ones (CONSENT.md 3.6)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from organisations.audit.models import AccessAlert, AccessEntry, AuditEntry, LookPurpose
from organisations.models import Membership, Organisation, User
from profiles import guarding, looks, purposes
from profiles.models import Profile
from tests.conftest import ClientFor
from tests.consent import world

pytestmark = pytest.mark.usefixtures("in_aurora")

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)  # half past eleven in the evening in Oslo


@pytest.fixture
def browser(client_for: ClientFor, alice: User, aurora: Organisation) -> Client:
    return client_for(alice, aurora)


def somebody(address: str = "kari@example.no") -> Profile:
    return world.person(address, name="Kari", known_since=NOON).profile


def open_person(browser: Client, person: Profile) -> bytes:
    content: bytes = browser.get(reverse("profiles:person", args=[person.public_id])).content
    return content


def must_pick(role: str = "administrator") -> None:
    LookPurpose.objects.create(role=role, purpose="")


def kinds() -> list[str]:
    return sorted(AccessAlert.objects.values_list("kind", flat=True))


@pytest.mark.parametrize("path", ["/people/", "/people/find/?q=kari@example.no", "/people/{}/"])
def test_c161_nothing_is_shown_before_a_purpose_is_picked_and_the_attempt_is_logged(
    browser: Client, path: str
) -> None:
    person = somebody()
    must_pick()

    page = browser.get(path.format(person.public_id))

    assert b"Kari" not in page.content
    entry = AccessEntry.objects.get()
    assert (entry.purpose, entry.result_size) == ("", 0)


def test_c161_the_attempt_names_the_person_it_was_about(browser: Client) -> None:
    person = somebody()
    must_pick()
    open_person(browser, person)
    assert AccessEntry.objects.get().profile_ids == [person.pk]


def test_once_picked_the_purpose_holds_for_the_visit(browser: Client) -> None:
    person = somebody()
    must_pick()
    page = reverse("profiles:person", args=[person.public_id])

    answer = browser.post(reverse("profiles:purpose"), {"purpose": "service", "next": page})

    assert answer["Location"] == page
    assert b"Kari" in open_person(browser, person)
    assert AccessEntry.objects.latest("pk").purpose == "service"


def test_a_part_of_a_page_asks_too(browser: Client) -> None:
    somebody()
    must_pick()
    part = browser.get("/people/", headers={"HX-Request": "true", "HX-Target": "people"})
    assert b"Kari" not in part.content
    assert b"<html" not in part.content


def test_a_role_looks_for_what_the_privacy_lead_set(browser: Client, alice: User) -> None:
    somebody()
    purposes.set_default(role="administrator", purpose="quality", actor=alice)
    browser.get("/people/")
    assert AccessEntry.objects.get().purpose == "quality"
    assert AuditEntry.objects.get(verb="look_purpose.set").summary == {"purpose": "quality"}


def test_every_page_with_people_says_what_for_and_offers_the_others(browser: Client) -> None:
    person = somebody()
    page = open_person(browser, person)
    assert b'data-key="p"' in page
    assert all(f'value="{value}"'.encode() in page for value in purposes.Purpose.values)
    assert b'data-key="p"' not in browser.get("/settings/").content


def test_a_look_says_which_fields_were_shown(browser: Client) -> None:
    open_person(browser, somebody())
    assert AccessEntry.objects.get().fields == "contact, permissions, timeline"


def test_ones_own_profile_is_told(browser: Client, alice: User) -> None:
    open_person(browser, somebody(alice.email))
    assert kinds() == ["own"]


def test_a_colleague_is_told_when_opened_and_not_when_merely_listed(browser: Client, bob: User) -> None:
    person = somebody(bob.email)
    browser.get("/people/")
    assert kinds() == []
    open_person(browser, person)
    assert kinds() == ["colleague"]


def test_a_member_of_another_organisation_is_no_colleague(browser: Client, charlie: User) -> None:
    open_person(browser, somebody(charlie.email))
    assert kinds() == []


def test_every_look_at_a_guarded_person_is_told_until_the_mark_is_lifted(browser: Client) -> None:
    person = somebody()
    page = reverse("profiles:guard", args=[person.public_id])
    browser.post(page)
    browser.get("/people/")
    assert b"Guarded" in open_person(browser, person)
    assert kinds() == ["guarded"] * 2

    browser.post(page, {"do": "lift"})
    AccessAlert.objects.all().delete()
    open_person(browser, person)
    assert kinds() == []
    assert sorted(AuditEntry.objects.values_list("verb", flat=True))[-2:] == [
        "person.guarded",
        "person.unguarded",
    ]


def test_guarding_twice_marks_once(alice: User) -> None:
    person = somebody()
    assert guarding.guard(person, actor=alice) == 1
    assert guarding.guard(person, actor=alice) == 0


@pytest.mark.parametrize(("role", "status"), [("privacy_lead", 302), ("customer_service", 403)])
def test_only_who_handles_requests_guards(
    role: str, status: int, client_for: ClientFor, bob: User, aurora: Organisation
) -> None:
    person = somebody()
    Membership.objects.filter(user=bob).update(role=role)
    answer = client_for(bob, aurora).post(reverse("profiles:guard", args=[person.public_id]))
    assert answer.status_code == status


def test_an_export_without_a_reason_is_refused(alice: User) -> None:
    with pytest.raises(looks.ReasonNeeded):
        looks.bulk(user=alice, screen="export.people", reason="  ", size=3)
    assert not AccessEntry.objects.exists()


@pytest.mark.parametrize(("moment", "told"), [(NOON, []), (NIGHT, ["bulk"])])
def test_many_people_at_an_odd_hour_are_told(alice: User, moment: datetime, told: list[str]) -> None:
    with time_machine.travel(moment, tick=False):
        looks.bulk(user=alice, screen="export.people", reason="Christmas cards", size=500)
    assert kinds() == told


def test_few_people_at_night_are_not_told(alice: User) -> None:
    with time_machine.travel(NIGHT, tick=False):
        looks.bulk(user=alice, screen="export.people", reason="One address", size=3)
    assert kinds() == []


def test_an_alert_is_seen_once_and_by_name(alice: User, bob: User) -> None:
    alert = AccessAlert.objects.create(entry_id=1, kind="own", user_id=1, user_label="X", at=NOON)
    assert looks.seen(alert, actor=alice, note="Asked: changed her own address.")
    assert not looks.seen(alert, actor=bob, note="again")
    alert.refresh_from_db()
    assert (alert.seen_by, alert.note) == (str(alice), "Asked: changed her own address.")
    assert looks.open_alerts() == 0


def test_a_look_costs_four_statements_at_most(browser: Client, django_assert_max_num_queries: object) -> None:
    """The purpose of the role, the looker's role, the line, whom it met; each after setting the schema."""
    person = somebody()
    request = browser.get("/people/").wsgi_request
    with django_assert_max_num_queries(8), time_machine.travel(NOON, tick=False):  # type: ignore[operator]
        looks.looked(request, [person.pk], "person")  # type: ignore[arg-type]
