"""Setting up, verifying and correcting collection points; consent texts; what staff note."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from cdp.lib import clock
from consent import ledger, projection, staff, verbs
from consent.models import CollectionPoint, ConsentText, ContactAnswer
from consent.verbs import Meaning
from organisations.audit.models import AuditEntry
from organisations.models import User
from tests.consent import world
from tests.consent.test_claims import said_no
from tests.consent.world import answer, claim, morning, person, point, types

pytestmark = pytest.mark.usefixtures("in_aurora")


def test_setting_up_twice_makes_one_point() -> None:
    first = verbs.ensure_point(key="dx:news", name="DX news", source=world.source(), meaning=Meaning())
    second = verbs.ensure_point(
        key="dx:news", name="DX news", source=world.source(), meaning=Meaning(no_is_explicit=True)
    )

    assert first.pk == second.pk
    assert second.no_is_explicit
    assert AuditEntry.objects.filter(verb="collection_point.set_up").count() == 2


def test_setting_up_again_leaves_a_verified_point_alone(alice: User) -> None:
    news = point(verified=False)
    verbs.verify_point(news, meaning=Meaning(no_is_explicit=True), actor=alice)

    again = verbs.ensure_point(key=news.key, name="other", source=None, meaning=Meaning())

    assert again.no_is_explicit
    assert again.verified_by == str(alice)


def test_answers_that_were_not_asked_for_stay(alice: User) -> None:
    registered = world.text()
    news = point(text=registered, preticked=True, contract_party="other", sales_channel="till")

    verbs.verify_point(news, meaning=Meaning(no_is_explicit=True), actor=alice)

    news.refresh_from_db()
    assert (news.text, news.preticked, news.contract_party, news.sales_channel) == (
        registered,
        True,
        "other",
        "till",
    )


def test_verifying_opens_what_waited_and_says_so_first(alice: User) -> None:
    news = point(verified=False)
    anna, ben, refuser = (person(f"{name}@example.org") for name in ("anna", "ben", "refuser"))
    morning(*[claim(who, "yes", news) for who in (anna, ben, refuser)])
    ledger.record(said_no(refuser))

    foreseen = ledger.consequences(news, no_is_explicit=False)
    done = verbs.verify_point(news, meaning=Meaning(), actor=alice)

    assert foreseen == done
    assert (done.opens, done.stays_closed) == (2, 1)
    assert types(anna) == [("GRANT", "C"), ("GRANT", "B")]
    assert answer(anna).basket == "marketing"
    assert answer(refuser).newsletter_reason == "OBJECTED"
    assert projection.drift() == []


def test_an_opened_yes_counts_from_when_it_was_first_seen(alice: User) -> None:
    news, anna = point(verified=False), person("anna@example.org")
    morning(claim(anna, "yes", news))

    verbs.verify_point(news, meaning=Meaning(), actor=alice)

    waiting, opened = anna.events()
    assert opened.occurred_at == waiting.recorded_at


def test_verifying_twice_opens_once(alice: User) -> None:
    news, anna = point(verified=False), person("anna@example.org")
    morning(claim(anna, "yes", news))
    verbs.verify_point(news, meaning=Meaning(), actor=alice)

    assert not verbs.verify_point(news, meaning=Meaning(), actor=alice).anything
    assert len(anna.events()) == 2


def test_undoing_the_delivery_takes_back_what_verifying_opened(alice: User) -> None:
    news, anna, delivery = point(verified=False), person("anna@example.org"), world.intake()
    morning(claim(anna, "yes", news), delivery=delivery)
    verbs.verify_point(news, meaning=Meaning(), actor=alice)

    ledger.invalidate_intake(delivery.pk)

    assert answer(anna).newsletter_reason == "NO_BASIS"


def test_saying_that_a_no_is_a_refusal_writes_the_remembered_nos(alice: User) -> None:
    news, anna, ben = point(verified=False), person("anna@example.org"), person("ben@example.org")
    morning(claim(anna, "no", news), claim(ben, "yes", news))

    done = verbs.verify_point(news, meaning=Meaning(no_is_explicit=True), actor=alice)

    assert (done.opens, done.refusals) == (1, 1)
    assert answer(anna).newsletter_reason == "WITHDRAWN"
    assert answer(ben).basket == "marketing"


def test_saying_that_a_no_was_an_empty_box_takes_the_refusals_back(alice: User) -> None:
    news, anna = point(no_is_explicit=True), person("anna@example.org")
    morning(claim(anna, "yes", news))
    morning(claim(anna, "no", news))
    assert answer(anna).newsletter_reason == "WITHDRAWN"

    done = verbs.verify_point(news, meaning=Meaning(no_is_explicit=False), actor=alice)

    assert done.taken_back == 1
    assert answer(anna).basket == "marketing"
    assert projection.drift() == []


def test_a_box_ticked_beforehand_counts_for_nothing(alice: User) -> None:
    """C61."""
    news, anna = point(), person("anna@example.org")
    morning(claim(anna, "yes", news))

    verbs.verify_point(news, meaning=Meaning(preticked=True), actor=alice)

    assert answer(anna).newsletter_reason == "INVALID_CONSENT"


def test_a_yes_not_used_for_two_years_has_lapsed_unless_the_list_is_in_use(alice: User) -> None:
    news, anna = point(), person("anna@example.org")
    morning(claim(anna, "yes", news, occurred_at=world.at("2019-10-01T10:00")))
    assert answer(anna).newsletter_reason == "CONSENT_LAPSED"

    verbs.verify_point(news, meaning=Meaning(last_written_at=clock.now()), actor=alice)

    assert answer(anna).newsletter_reason == "CONSENT"


def test_a_consent_that_was_used_has_not_lapsed() -> None:
    """C68."""
    anna = person("anna@example.org")
    morning(claim(anna, "yes", point(), occurred_at=world.at("2019-10-01T10:00")))
    assert anna.email is not None

    ledger.mark_used([anna.email.pk], "email")

    assert answer(anna).newsletter_reason == "CONSENT"


def test_the_next_wording_is_a_new_version(alice: User) -> None:
    """C148: the old text stays as it was said yes to."""
    first, second = (
        verbs.add_text(
            actor=alice, name="news", body=body, purposes=["marketing.newsletter"], channels=["email"]
        )
        for body in ("Ja til nyheter", "Ja takk til nyheter")
    )

    assert (first.version, second.version, second.supersedes_id) == (1, 2, first.pk)
    assert ConsentText.objects.get(pk=first.pk).body == "Ja til nyheter"


def test_a_text_cannot_be_changed() -> None:
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        ConsentText.objects.filter(pk=world.text().pk).update(body="Ja til alt")


def test_staff_note_a_withdrawal(alice: User) -> None:
    anna = person("anna@example.org")
    morning(claim(anna, "yes", point()))
    assert anna.email is not None

    staff.withdraw(actor=alice, person=anna.profile, identifier=anna.email, scope="this", note="phone")

    event = anna.events()[-1]
    assert (event.type, event.actor, event.note) == ("WITHDRAW", "staff", "phone")
    assert answer(anna).newsletter_reason == "WITHDRAWN"
    assert AuditEntry.objects.filter(verb="permission.withdrawn").count() == 1


def test_staff_note_a_yes_that_lifts_no_no(alice: User) -> None:
    """C70."""
    anna, ben = person("anna@example.org"), person("ben@example.org")
    ledger.record(said_no(anna))

    for who in (anna, ben):
        assert who.email is not None
        staff.give(
            actor=alice,
            person=who.profile,
            identifier=who.email,
            wanted=[("marketing.newsletter", "email")],
            note="at the door",
        )

    assert answer(anna).newsletter_reason == "OBJECTED"
    assert answer(ben).newsletter_reason == "CONSENT"


def test_an_objection_of_the_person_reaches_every_address_at_once(alice: User) -> None:
    anna = person("anna@example.org", "+4790000001")
    morning(claim(anna, "yes", point(channels=["email", "sms"])))

    staff.object_to_everything(actor=alice, person=anna.profile)

    stored = dict(ContactAnswer.objects.values_list("channel", "newsletter_reason"))
    assert stored == {"email": "OBJECTED", "sms": "OBJECTED"}


def test_unverified_points_come_first_with_what_waits() -> None:
    point("a", verified=True)
    point("b", verified=False)

    assert [found.key for found in CollectionPoint.objects.unverified()] == ["b"]
