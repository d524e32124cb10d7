"""The permission pages: for whom they are, what they show, and what they do."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cdp.lib import clock
from consent import answers as stored
from consent import ledger, panels
from consent.models import CollectionPoint, ConsentEvent, ConsentText, SendDecision
from organisations.audit.models import AccessEntry
from organisations.models import Membership, Organisation, User
from tests.conftest import ClientFor, OrganisationClient
from tests.consent import world
from tests.consent.world import bought, claim, morning, person, point

pytestmark = pytest.mark.usefixtures("in_aurora")


@pytest.fixture
def alices(client_for: ClientFor, alice: User, aurora: Organisation) -> Client:
    return client_for(alice, aurora)


PAGES = [
    "/settings/permissions/",
    "/settings/permissions/points/{point}/",
    "/settings/permissions/texts/new/",
]
NOTES = ["withdraw", "give", "link"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("role", "status"),
    [("administrator", 200), ("privacy_lead", 200), ("marketer", 403), ("customer_service", 403)],
)
def test_pages_are_for_those_who_manage_permissions(
    path: str, role: str, status: int, client_for: ClientFor, alice: User, aurora: Organisation
) -> None:
    Membership.objects.filter(user=alice, organisation=aurora).update(role=role)

    answer = client_for(alice, aurora).get(path.format(point=point().pk))

    assert answer.status_code == status


@pytest.mark.parametrize("path", PAGES)
def test_charlie_gets_at_nothing_of_auroras(
    path: str, client_for: ClientFor, charlie: User, aurora: Organisation, borealis: Organisation
) -> None:
    """Neither by claiming to be there, nor by asking for Aurora's number from elsewhere."""
    address = path.format(point=point("aurora:only").pk)
    outside, inside = client_for(charlie, aurora), client_for(charlie, borealis)

    for found in (outside.get(address), inside.get(address)):
        assert b"aurora:only" not in found.content
        assert found.status_code == 404 or "points/" not in path


@pytest.mark.parametrize("what", NOTES)
def test_charlie_cannot_note_anything(
    what: str, client_for: ClientFor, charlie: User, borealis: Organisation
) -> None:
    anna = person("anna@example.org")
    address = reverse(f"consent:{what}", args=[anna.profile.public_id])

    refused = client_for(charlie, borealis).post(address, note_of(anna))

    assert refused.status_code == 404
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize("what", NOTES)
def test_somebody_signed_out_cannot_note_anything(what: str) -> None:
    anna = person("anna@example.org")

    refused = OrganisationClient().post(
        reverse(f"consent:{what}", args=[anna.profile.public_id]), note_of(anna)
    )

    assert refused.status_code == 302
    assert not ConsentEvent.objects.exists()


def note_of(who: world.Person) -> dict[str, Any]:
    assert who.email is not None
    return {"identifier": who.email.pk, "purpose": "marketing.newsletter", "note": "on the phone"}


def test_points_nobody_vouches_for_come_first_with_what_waits(alices: Client) -> None:
    point("dx:verified")
    waiting = point("dx:waiting", verified=False)
    morning(*[claim(person(f"guest{n}@example.org"), "yes", waiting) for n in range(3)])

    lines = alices.get("/settings/permissions/").context["points"]

    assert [(line.point.key, line.waiting) for line in lines] == [("dx:waiting", 3), ("dx:verified", 0)]


def answers(**changes: Any) -> dict[str, Any]:
    return {
        "purposes": ["marketing.newsletter"],
        "channels": ["email"],
        "kind": "snapshot",
        "preticked": "False",
        "no_is_explicit": "False",
        "optout_offered": "unknown",
        "contract_party": "own",
        "checked": "on",
    } | changes


def test_vouching_opens_what_waited_and_keeps_the_name(alices: Client, alice: User) -> None:
    waiting, anna = point("dx:waiting", verified=False), person("anna@example.org")
    morning(claim(anna, "yes", waiting))
    address = reverse("consent:point", args=[waiting.pk])

    shown = alices.get(address)
    alices.post(address, answers(wording="Ja takk", optout_offered="yes", valid_from="2026-01-01"))

    assert shown.context["if_empty"].opens == 1
    saved = CollectionPoint.objects.get()
    assert (saved.verified_by, saved.wording, saved.optout_offered) == (str(alice), "Ja takk", "yes")
    assert saved.valid_from is not None
    assert world.answer(anna).basket == "marketing"


def test_nobody_vouches_without_saying_that_they_checked(alices: Client) -> None:
    waiting = point("dx:waiting", verified=False)

    shown = alices.post(reverse("consent:point", args=[waiting.pk]), answers(checked=""))

    assert shown.status_code == 200
    assert not CollectionPoint.objects.get().is_verified


def test_the_form_shows_what_was_answered_before(alices: Client) -> None:
    news = point(no_is_explicit=True, optout_offered="yes", last_written_at=world.at("2026-11-01T10:00"))

    form = alices.get(reverse("consent:point", args=[news.pk])).content.decode()

    assert 'name="no_is_explicit" value="True"' in form
    assert 'value="2026-11-01"' in form


def test_a_text_and_its_next_version(alices: Client) -> None:
    given = {
        "name": "news",
        "locale": "nb",
        "body": "Ja takk til nyheter",
        "control": "unticked_box",
        "purposes": ["marketing.newsletter"],
        "covers": ["marketing.own_similar"],
        "channels": ["email"],
    }
    alices.post("/settings/permissions/texts/new/", given)
    first = ConsentText.objects.get()

    form = alices.get(f"/settings/permissions/texts/new/?from={first.pk}")
    alices.post("/settings/permissions/texts/new/", given | {"body": "Ja takk til nyheter!"})

    assert "Ja takk til nyheter" in form.content.decode()
    assert list(ConsentText.objects.order_by("version").values_list("version", flat=True)) == [1, 2]


def test_one_tick_for_two_channels_is_one_line_of_the_timeline() -> None:
    anna = person("anna@example.org", "+4790000001")
    morning(claim(anna, "yes", point(name="Box office", channels=["email", "sms"])))
    assert ConsentEvent.objects.count() > 1
    (line,) = panels.said(anna.profile, None, 50)
    assert "E-mail, SMS" in line.detail


def test_the_person_page_says_why_not(alices: Client) -> None:
    anna = person("anna@example.org", "+4790000001")
    bought(anna, starts_at=clock.now())
    morning(claim(anna, "yes", point(name="Box office", channels=["email"])))

    page = alices.get(f"/people/{anna.profile.public_id}/").content.decode()

    assert "Said yes to this on" in page
    assert "via Box office" in page
    assert "We know of no permission" in page
    assert "Practical message about a purchase" in page


def test_the_evidence_shows_words_time_and_grade(alices: Client) -> None:
    anna = person("anna@example.org")
    checkout = point(kind="act", text=world.text(body="Ja, gjerne nyheter"))
    morning(claim(anna, "yes", checkout, order_ref="4711", occurred_at=world.at("2026-03-01T10:00")))

    page = alices.get(f"/people/{anna.profile.public_id}/?tab=permissions").content.decode()

    assert "Ja, gjerne nyheter" in page
    assert "4711" in page
    assert "Proven: words, time and act on record" in page


def test_what_was_taken_back_stays_visible(alices: Client) -> None:
    anna, delivery = person("anna@example.org"), world.intake()
    morning(claim(anna, "yes", point()), delivery=delivery)
    ledger.invalidate_intake(delivery.pk)

    page = alices.get(f"/people/{anna.profile.public_id}/?tab=permissions").content.decode()

    assert "Taken back by the house" in page


def test_staff_take_back_give_and_close(alices: Client) -> None:
    anna = person("anna@example.org")
    news = note_of(anna)

    steps = []
    for what, scope in (("give", ""), ("withdraw", "this"), ("withdraw", "everything")):
        alices.post(reverse(f"consent:{what}", args=[anna.profile.public_id]), news | {"scope": scope})
        steps.append(world.answer(anna).newsletter_reason)

    assert steps == ["CONSENT", "WITHDRAWN", "OBJECTED"]


def test_nothing_is_noted_about_somebody_elses_address(alices: Client) -> None:
    anna, ben = person("anna@example.org"), person("ben@example.org")

    refused = alices.post(reverse("consent:withdraw", args=[anna.profile.public_id]), note_of(ben))

    assert refused.status_code == 404
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize(
    ("query", "names"), [("mail=yes", {"Anna"}), ("basket=service", {"Ben"}), ("basket=none", {"Cleo"})]
)
def test_the_people_list_narrows_to_who_may_be_written_to(
    alices: Client, query: str, names: set[str]
) -> None:
    now = clock.now()
    anna, ben, _ = (
        person(f"{name.lower()}@example.org", name=name, known_since=now) for name in ("Anna", "Ben", "Cleo")
    )
    bought(ben, starts_at=now)
    morning(claim(anna, "yes", point()))
    stored.refresh()

    found = alices.get(f"/people/?{query}").context["listing"].people

    assert {each.name for each in found} == names


def test_the_person_page_asks_a_constant_number_of_questions(
    alices: Client, django_assert_max_num_queries: Any
) -> None:
    anna = person("anna@example.org")
    news = point()
    for number in range(20):
        other = person(f"anna{number}@example.org", profile=anna.profile)
        morning(claim(other, "yes", news))

    with django_assert_max_num_queries(90):
        alices.get(f"/people/{anna.profile.public_id}/")


def test_who_read_the_ledger_in_the_admin_is_kept_though_no_record_is_named(alices: Client) -> None:
    """What a provider or a link told is about an address, not about a record."""
    who = person("ase@example.no")
    assert who.email is not None
    said = world.said(who, type="WITHDRAW", record_id=None).position
    decision = SendDecision.objects.create(
        message="m", identifier=who.email, purpose="p", channel="email", decision="DENY", reason="r"
    )
    for model, number in (("consentevent", said), ("senddecision", decision.pk)):
        page = alices.get(f"/admin/consent/{model}/{number}/change/").content.decode()
        assert "ase@example.no" in page
        assert AccessEntry.objects.get(screen=f"admin:consent.{model}").profile_ids == [who.profile.pk]
