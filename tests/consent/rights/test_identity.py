"""Who asks: a link, a second fact that is compared and never shown, a colleague's word."""

from __future__ import annotations

from datetime import date

import pytest

from consent.models import ConsentEvent
from consent.rights import identity, subject, verbs
from consent.rights.verbs import NotPossible
from organisations.models import User
from profiles.models import SourceRecord
from tests.consent import world
from tests.consent.rights.test_intake import open_request

pytestmark = pytest.mark.usefixtures("in_aurora")


def kari() -> world.Person:
    who = world.person("kari@example.no")
    SourceRecord.objects.filter(pk=who.record.pk).update(
        birth_date=date(1975, 12, 2), postal_code="0150", external_id="K-77"
    )
    return who


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("birth", "02.12.1975"),
        ("birth", "1975-12-2"),
        ("birth", "2/12/1975"),
        ("postcode", "01 50"),
        ("customer", " K-77 "),
    ],
)
def test_a_fact_that_is_so_proves_the_whole_person(fact: str, said: str, alice: User) -> None:
    who = kari()
    request = open_request(person=who.profile)
    assert identity.prove_by_fact(request=request, fact=fact, said=said, actor=alice)
    assert (request.identity, request.state) == ("second_fact", "scoped")
    assert said.strip() not in str(list(request.notes.values_list("note", flat=True)))


def test_the_number_of_an_order_is_a_fact(alice: User) -> None:
    who = kari()
    number = world.bought(who).external_id
    request = open_request(person=who.profile)
    assert identity.prove_by_fact(request=request, fact="order", said=f"#{number}", actor=alice)


@pytest.mark.parametrize("said", ["", "1975-12-03", "nonsense", "99.99.9999", "2.12.75"])
def test_a_fact_that_is_not_so_proves_nothing(said: str, alice: User) -> None:
    request = open_request(person=kari().profile)
    assert not identity.prove_by_fact(request=request, fact="birth", said=said, actor=alice)
    assert request.identity == "unproven"


def test_there_are_few_tries(alice: User) -> None:
    request = open_request(person=kari().profile)
    for _each in range(identity.TRIES):
        assert not identity.prove_by_fact(request=request, fact="postcode", said="9999", actor=alice)
    with pytest.raises(NotPossible):
        identity.prove_by_fact(request=request, fact="postcode", said="0150", actor=alice)


def test_of_a_mailbox_of_two_the_fact_says_which_of_them_asks(alice: User) -> None:
    one, two = world.person("familien@example.no"), world.person("familien@example.no")
    SourceRecord.objects.filter(pk=one.record.pk).update(birth_date=date(1975, 12, 2), postal_code="0150")
    SourceRecord.objects.filter(pk=two.record.pk).update(postal_code="0150")
    request = open_request("objection", came_by="preferences", proven=one.email)
    assert not identity.prove_by_fact(request=request, fact="postcode", said="0150", actor=alice)
    assert identity.prove_by_fact(request=request, fact="birth", said="1975-12-02", actor=alice)
    assert request.profile == one.profile
    assert subject.of(request).records == (one.record.pk,)
    scopes = set(ConsentEvent.objects.filter(type="OBJECT").values_list("scope", "record_id"))
    assert scopes == {("address", None), ("person", one.record.pk)}


def test_a_colleague_vouches_with_words(alice: User) -> None:
    request = open_request(person=kari().profile)
    with pytest.raises(NotPossible):
        identity.vouch(request=request, words="  ", actor=alice)
    identity.vouch(request=request, words="At the counter, member for years.", actor=alice)
    assert (request.identity, request.state) == ("known", "scoped")


def test_nobody_can_vouch_for_a_person_who_was_not_chosen(alice: User) -> None:
    request = open_request("erasure")
    with pytest.raises(NotPossible):
        identity.vouch(request=request, words="I know them.", actor=alice)
    who = kari()
    identity.say_who(request=request, person=who.profile, actor=alice)
    assert (request.profile, request.identity) == (who.profile, "unproven")
    assert ConsentEvent.objects.get(type="OBJECT").record == who.record  # the no waits for no proof
    with pytest.raises(NotPossible):
        identity.say_who(request=request, person=who.profile, actor=alice)


def test_a_link_does_not_narrow_what_was_proven_better(alice: User) -> None:
    who = kari()
    request = open_request(person=who.profile)
    identity.vouch(request=request, words="Known.", actor=alice)
    assert who.email
    identity.prove_by_link(request=request, identifier=who.email)
    assert (request.identity, request.proven) == ("known", None)


def test_a_closed_request_proves_nothing_more(alice: User) -> None:
    request = open_request(person=kari().profile)
    verbs.close(request=request, actor=alice)
    with pytest.raises(NotPossible):
        identity.vouch(request=request, words="Known.", actor=alice)
