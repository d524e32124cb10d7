"""Right before sending: asked anew, logged with its facts; nightly; the ledger command; erasure."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from cdp.lib import clock
from consent import answers, ledger, nightly, sending
from consent.facts import Message, MessageClass
from consent.models import ConsentState, ContactAnswer, SendDecision
from organisations.models import Organisation
from profiles import erasure
from tests.consent import world
from tests.consent.test_claims import said_no
from tests.consent.world import bought, claim, morning, person, point

pytestmark = pytest.mark.usefixtures("in_aurora")

NEWS = Message("aurora", "marketing.newsletter", "email")


def ids(*people: world.Person) -> list[int]:
    return [who.email.pk for who in people if who.email]


def test_each_decision_is_logged_with_its_facts() -> None:
    anna, ben = person("anna@example.org"), person("ben@example.org")
    morning(claim(anna, "yes", point()))

    asked = sending.ask(NEWS, label="newsletter 48", identifier_ids=ids(anna, ben))

    assert asked.may() == ids(anna)
    logged = SendDecision.objects.get(identifier=anna.email)
    assert (logged.message, logged.decision, logged.basis) == ("newsletter 48", "ALLOW", "consent")
    assert logged.deciding_events == [anna.events()[0].pk]
    assert logged.flags == ["NO_OPEN_TRACKING"]
    refused = SendDecision.objects.get(identifier=ben.email)
    assert (refused.decision, refused.reason, refused.facts["country"]) == ("BLOCK", "NO_BASIS", "NO")


def test_a_no_said_since_the_plan_was_made_stops_the_letter() -> None:
    anna = person("anna@example.org")
    morning(claim(anna, "yes", point()))
    answers.refresh()
    ledger.record(said_no(anna))

    assert sending.ask(NEWS, label="newsletter 48", identifier_ids=ids(anna)).may() == []


def test_a_service_letter_goes_to_who_has_a_ticket() -> None:
    anna, ben = person("anna@example.org"), person("ben@example.org")
    bought(anna, starts_at=clock.now() + timedelta(days=3))
    letter = Message("aurora", "service.event_info", "email", kind=MessageClass.SERVICE)

    assert sending.ask(letter, label="moved", identifier_ids=ids(anna, ben)).may() == ids(anna)


def test_a_mail_is_not_sent_to_a_phone_number() -> None:
    anna = person(phone="+4790000001")
    assert anna.phone is not None

    assert sending.ask(NEWS, label="newsletter 48", identifier_ids=[anna.phone.pk]).decisions == {}


def test_somebody_erased_is_not_written_to_again_because_a_file_says_yes() -> None:
    """C140: whichever way the same mailbox is spelled."""
    erasure.bury([("email", "", "anna+news@gmail.com")], at=clock.now() - timedelta(days=30))
    anna = person("a.n.n.a@gmail.com")

    morning(claim(anna, "yes", point()))

    assert world.answer(anna).newsletter_reason == "SUPPRESSED_AFTER_ERASURE"


def test_somebody_erased_who_says_yes_again_is_written_to() -> None:
    """C94."""
    erasure.bury([("email", "", "anna@example.org")], at=clock.now() - timedelta(days=30))
    anna, checkout = person("anna@example.org"), point(kind="act", text=world.text())

    morning(claim(anna, "yes", checkout, order_ref="1", occurred_at=clock.now() - timedelta(days=1)))

    assert world.answer(anna).newsletter_reason == "CONSENT"


def test_every_organisation_is_woken_at_night(
    in_aurora: Organisation, borealis: Organisation, settings: Any
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    bought(person("anna@example.org"), starts_at=clock.now())
    answers.refresh()
    ContactAnswer.objects.update(valid_until=clock.now(), basket="marketing")

    nightly.wake_everybody()

    with tenant_context(in_aurora):
        assert ContactAnswer.objects.get().basket == "service"


def said(*words: str) -> str:
    out = StringIO()
    call_command("ledger", *words, stdout=out)
    return out.getvalue()


def test_the_ledger_command_checks_and_mends(in_aurora: Organisation) -> None:
    morning(claim(person("anna@example.org"), "yes", point()))
    assert "aurora: no permissions differ" in said("check", "--organisation", "aurora")
    ConsentState.objects.update(state="withdrawn")

    with pytest.raises(CommandError, match="1 permissions differ"):
        said("check", "--organisation", "aurora")

    assert "aurora: 1 permissions rebuilt" in said("rebuild", "--organisation", "aurora")
    assert "aurora: no permissions differ" in said("check", "--organisation", "aurora")


def test_the_ledger_command_visits_every_organisation() -> None:
    told = said("check")

    assert "aurora:" in told
    assert "borealis:" in told


def test_the_ledger_command_names_an_organisation_it_does_not_know() -> None:
    with pytest.raises(CommandError, match="no organisation 'nowhere'"):
        said("check", "--organisation", "nowhere")
