"""A visitor without a name is nobody to the ledger, to the morning's answers or to Mailchimp."""

from __future__ import annotations

import dataclasses

import pytest

from consent import answers, ledger
from consent.models import ConsentEvent, ContactAnswer
from profiles.models import Identifier, Profile
from profiles.rows import ConsentClaim
from tests.consent.world import point
from tests.profiles.sample import deliver, ticket
from tests.profiles.visits import profile_of, visit, website

pytestmark = pytest.mark.usefixtures("in_aurora", "db")

COOKIE, LOGIN = ("cookie", "c1"), ("login", "kari")


def test_a_yes_of_a_visitor_opens_nothing() -> None:
    said_yes = dataclasses.replace(visit(1, COOKIE), claims=(ConsentClaim(point().key, "yes"),))
    intake, _result = deliver([said_yes], website(), permit=ledger.record_claims)
    assert Profile.objects.get().is_visitor
    assert (intake.permits["granted"], intake.permits["refused"]) == (0, {"no_address": 1})
    assert not ConsentEvent.objects.exclude(identifier=None).exists()


def test_the_morning_asks_no_question_about_visitors() -> None:
    deliver([visit(1, COOKIE), ticket(2, email="kari@example.no")], website())
    answers.refresh(identifier_ids=None)
    asked = set(ContactAnswer.objects.values_list("identifier__value", flat=True))
    assert asked == {"kari@example.no"}


def test_becoming_known_changes_no_answer_of_the_address() -> None:
    deliver([ticket(2, email="kari@example.no", identifiers=(LOGIN,))], website())
    answers.refresh(identifier_ids=None)
    kari = Identifier.objects.get(value="kari@example.no")
    before = ContactAnswer.objects.values("basket", "newsletter_reason", "own_similar_reason").get(
        identifier=kari
    )
    deliver([visit(1, COOKIE), visit(3, COOKIE, LOGIN, day=1)], website())
    assert profile_of("cookie:c1").email == "kari@example.no"
    answers.refresh(identifier_ids=None)
    after = ContactAnswer.objects.values("basket", "newsletter_reason", "own_similar_reason").get(
        identifier=kari
    )
    assert before == after
