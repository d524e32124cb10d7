"""Permissions of people who are merged and taken apart (CONSENT.md 2.7): a no always survives."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from cdp.lib import clock
from consent import explain, ledger
from consent.facts import EventType
from consent.models import ContactAnswer
from organisations.models import User
from profiles.identity import verbs
from profiles.identity.preview import preview_merge, preview_unmerge
from profiles.models import IdentityAct, Profile, SourceRecord
from tests.consent import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]
WHO = "alice@example.org"


def say(who: world.Person, what: EventType, **given: Any) -> None:
    defaults: dict[str, Any] = {
        "identifier_id": who.email.pk if who.email else None,
        "purpose": "marketing.newsletter",
        "channel": "email",
        "occurred_at": clock.now() - timedelta(days=10),
        "source_system": "test",
        "source_event_id": str(uuid.uuid4()),
        "proof": "A",
    }
    ledger.record(ledger.Entry(type=what, **defaults | given))


def answer(who: world.Person) -> tuple[str, str]:
    """As stored: nobody asks again here."""
    found = ContactAnswer.objects.get(identifier=who.email, channel="email")
    return found.newsletter, found.newsletter_reason


def now(who: world.Person) -> Profile:
    return SourceRecord.objects.get(pk=who.record.pk).profile


def merge(*whom: world.Person) -> IdentityAct:
    return verbs.merge(profiles=[now(who) for who in whom], actor=WHO)


def split(who: world.Person) -> IdentityAct:
    return verbs.unmerge(profile=now(who), records=[who.record.pk], actor=WHO, reason="two people")


@pytest.fixture
def two() -> tuple[world.Person, world.Person]:
    return world.person("kari@example.no"), world.person("k.li@example.no")


def test_each_address_keeps_its_own_answer(two: tuple[world.Person, world.Person]) -> None:
    yes, no = two
    say(yes, EventType.GRANT)
    say(no, EventType.WITHDRAW)
    merge(*two)
    assert answer(yes) == ("ALLOW", "CONSENT")
    assert answer(no) == ("BLOCK", "WITHDRAWN")


def test_a_person_wide_no_of_either_side_reaches_every_address_and_leaves_with_its_person(
    two: tuple[world.Person, world.Person],
) -> None:
    yes, no = two
    say(yes, EventType.GRANT)
    objection = {"identifier_id": None, "record_id": no.record.pk, "scope": "person", "purpose": "*"}
    say(no, EventType.OBJECT, channel="*", **objection)
    assert answer(yes) == ("ALLOW", "CONSENT")
    merge(*two)
    assert answer(yes) == ("BLOCK", "OBJECTED")
    assert answer(no) == ("BLOCK", "OBJECTED")
    split(no)
    assert answer(yes) == ("ALLOW", "CONSENT")
    assert answer(no) == ("BLOCK", "OBJECTED")


def test_the_same_address_on_both_sides_is_one_history(two: tuple[world.Person, world.Person]) -> None:
    first, other = two
    assert first.email
    again = world.person("kari@example.no")
    say(again, EventType.WITHDRAW)
    merge(first, again)
    merge(first, other)
    assert answer(first) == ("BLOCK", "WITHDRAWN")


def flags(who: world.Person) -> frozenset[str]:
    assert who.email
    told = explain.explain([who.email])
    return next(each.decision.flags for each in told if each.question == "newsletter")


def test_a_no_to_tailored_content_on_either_side_wins_whatever_its_date(
    two: tuple[world.Person, world.Person],
) -> None:
    new, old = two
    for who in two:
        say(who, EventType.GRANT)
    say(old, EventType.DENY, purpose="profiling", occurred_at=clock.now() - timedelta(days=900))
    say(new, EventType.GRANT, purpose="profiling", occurred_at=clock.now() - timedelta(days=1))
    assert "NO_PROFILING" not in flags(new)
    merge(*two)
    assert "NO_PROFILING" in flags(new)
    assert "NO_PROFILING" in flags(old)
    say(old, EventType.GRANT, purpose="profiling", occurred_at=clock.now())
    assert "NO_PROFILING" not in flags(new) | flags(old)


def test_taken_apart_each_side_has_its_own_again(two: tuple[world.Person, world.Person]) -> None:
    _one, other = two
    for who in two:
        say(who, EventType.GRANT)
    say(other, EventType.DENY, purpose="profiling")
    before = {who.record.pk: (answer(who), flags(who)) for who in two}
    merge(*two)
    split(other)
    assert {who.record.pk: (answer(who), flags(who)) for who in two} == before


def test_taken_back_every_stored_answer_is_what_it_was(two: tuple[world.Person, world.Person]) -> None:
    yes, no = two
    say(yes, EventType.GRANT)
    objection = {"identifier_id": None, "record_id": no.record.pk, "scope": "person", "purpose": "*"}
    say(no, EventType.OBJECT, channel="*", **objection)
    names = ("identifier", "channel", "basket", "newsletter", "newsletter_reason", "service", "own_similar")
    before = list(ContactAnswer.objects.order_by("identifier", "channel").values_list(*names))
    verbs.undo(act=merge(*two), actor=WHO)
    assert list(ContactAnswer.objects.order_by("identifier", "channel").values_list(*names)) == before


def test_the_preview_says_what_the_ledger_will_answer_and_changes_nothing(
    two: tuple[world.Person, world.Person], alice: User
) -> None:
    yes, no = two
    say(yes, EventType.GRANT)
    objection = {"identifier_id": None, "record_id": no.record.pk, "scope": "person", "purpose": "*"}
    say(no, EventType.OBJECT, channel="*", **objection)
    shown = preview_merge([now(yes), now(no)])
    sections = {section.key: section for section in shown.sections}
    lines = {(line.subject, str(line.what)): line for line in sections["permissions"].lines}
    newsletter = lines["kari@example.no", "Newsletter"]
    assert (str(newsletter.before), str(newsletter.after), newsletter.tone) == ("Yes", "No", "bad")
    assert "Said no to marketing" in str(newsletter.note)
    baskets = [(line.subject, str(line.before), str(line.after)) for line in sections["segments"].lines]
    assert baskets == [("kari@example.no", "Marketing", "Nothing")]
    assert answer(yes) == ("ALLOW", "CONSENT")
    assert now(yes) != now(no)
    merge(yes, no)
    back = preview_unmerge(now(no), [no.record.pk])
    lines = {(line.subject, str(line.what)): line for line in back.sections[0].lines}
    assert str(lines["kari@example.no", "Newsletter"].after) == "Yes"
    assert answer(yes) == ("BLOCK", "OBJECTED")
