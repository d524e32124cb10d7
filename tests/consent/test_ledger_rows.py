"""What the ledger promises about addresses, likenesses and new versions of a text (CONSENT.md 5.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from cdp.lib import clock
from consent import verbs
from consent.facts import Message
from consent.models import ConsentEvent, ConsentText, ContactAnswer
from consent.sending import ask
from organisations.models import User
from profiles.models import Identifier, MatchPair, SourceRecord
from profiles.rows import ResolvedClaim
from tests.consent import world
from tests.consent.world import claim, morning, person, point
from tests.profiles import pairs
from tests.profiles.sample import a_source, deliver, ticket

pytestmark = pytest.mark.usefixtures("in_aurora")

NEWS = Message("aurora", "marketing.newsletter", "email")
PARTNERS = Message("aurora", "marketing.partner", "email")


def reasons(message: Message, *people: Identifier | None) -> list[str]:
    """What is decided about each, in their order."""
    ids = [each.pk for each in people if each]
    decided = ask(message, label="letter", identifier_ids=ids).decisions
    return [decided[pk].reason for pk in ids]


def said_in_a_file(record: SourceRecord, answer: str, at_point: str) -> ResolvedClaim:
    [address] = Identifier.objects.filter(kind="email", recordidentifier__record=record)
    return claim(world.Person(record.profile, record, address, None), answer, at_point)


def test_an_address_written_in_two_ways_is_one_contact_point_with_one_history() -> None:
    """C139: the yes under one spelling, the no under the other."""
    deliver([ticket(1, email="Anna@Teater.no ")])
    deliver([ticket(2, email="anna@teater.no")], source=a_source("shop"))
    news = point("tickets:news", source=world.source("tickets"), no_is_explicit=True)
    first, second = SourceRecord.objects.order_by("pk")

    morning(said_in_a_file(first, "yes", news.key))
    morning(said_in_a_file(second, "no", news.key))

    [address] = Identifier.objects.filter(kind="email")
    assert set(ConsentEvent.objects.values_list("identifier", "type")) == {
        (address.pk, "GRANT"),
        (address.pk, "WITHDRAW"),
    }
    assert reasons(NEWS, address) == ["WITHDRAWN"]


def test_a_probable_match_carries_no_yes_and_shares_no_mailbox() -> None:
    """C147: the same name and postcode, until somebody has said that it is one person."""
    one, two = pairs.two_people()
    pairs.ask(one, two, probability=0.99)
    theirs = [Identifier.objects.get(kind="email", value=each.email) for each in (one, two)]
    [record] = SourceRecord.objects.filter(profile=one)
    morning(said_in_a_file(record, "yes", point("tickets:news", source=world.source("tickets")).key))

    decided = ask(NEWS, label="letter", identifier_ids=[each.pk for each in theirs]).decisions

    assert [decided[each.pk].reason for each in theirs] == ["CONSENT", "NO_BASIS"]
    assert "NO_CROSS_PERSON_PERSONALISATION" not in decided[theirs[0].pk].flags
    assert MatchPair.objects.get().state == MatchPair.State.OPEN


def versions(alice: User) -> tuple[ConsentText, ConsentText, ConsentText]:
    """A text, the same with a typo fixed, and one that also covers partners' offers."""

    def add(body: str, covers: Sequence[str] = ()) -> ConsentText:
        asked = ["marketing.newsletter"]
        return verbs.add_text(
            actor=alice, name="news", body=body, purposes=asked, channels=["email"], covers=list(covers)
        )

    return add("Ja til nyhetr"), add("Ja til nyheter"), add("… og tilbud", covers=["marketing.partner"])


def said_yes_to(text: ConsentText, name: str) -> Identifier | None:
    who = person(f"{name}@example.org")
    checkout = point(f"checkout:{name}", kind="act", text=text)
    yesterday = clock.now() - timedelta(days=1)
    morning(claim(who, "yes", checkout, order_ref=name, occurred_at=yesterday))
    return who.email


def test_after_a_typo_is_fixed_old_answers_keep_their_text_and_stay_valid(alice: User) -> None:
    """C148."""
    misspelt, mended, _partners = versions(alice)
    anna, ben = said_yes_to(misspelt, "anna"), said_yes_to(mended, "ben")

    assert reasons(NEWS, anna, ben) == ["CONSENT", "CONSENT"]
    assert list(ConsentEvent.objects.order_by("pk").values_list("text__version", flat=True)) == [1, 2]


def test_who_said_yes_before_a_purpose_was_added_has_not_said_yes_to_it(alice: User) -> None:
    """C149."""
    _misspelt, before, after = versions(alice)
    anna, ben = said_yes_to(before, "anna"), said_yes_to(after, "ben")

    assert reasons(PARTNERS, anna, ben) == ["NO_BASIS", "CONSENT"]
    assert reasons(NEWS, anna, ben) == ["CONSENT", "CONSENT"]
    assert not ContactAnswer.objects.exclude(newsletter="ALLOW").exists()
