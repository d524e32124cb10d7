"""A request to be forgotten, from the lock to the proof (CONSENT.md 3.4, C133, C155)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.core import mail
from django.db import connection

from cdp.lib import clock
from consent import answers
from consent.models import (
    ConsentEvent,
    ContactAnswer,
    ErasedEvent,
    ErasureProof,
    KeptPermission,
    RequestTask,
    RightsRequest,
)
from consent.rights import erasing_proof, erasure, verbs
from consent.rights.verbs import NotPossible
from organisations import personal_data
from organisations.models import User
from organisations.personal_data import ByHand, Destination, Later, Subject
from profiles.models import (
    Event,
    Identifier,
    Order,
    OrderLine,
    Profile,
    RecordMark,
    RowState,
    SalesFact,
    SourceRecord,
    Tombstone,
)
from profiles.rows import ConsentClaim
from tests.consent import world
from tests.consent.erasure.making import HOME, KARI, OLA, a_life, asked, claims, erased, live, visits
from tests.profiles.sample import a_source, deliver, ticket

pytestmark = [pytest.mark.usefixtures("in_aurora"), pytest.mark.django_db]


def test_whoever_asks_to_be_forgotten_is_locked_at_once(alice: User) -> None:
    person = live()
    request = asked(person, alice)
    assert RecordMark.objects.filter(record__profile=person, kind="restricted").count() == 2
    assert {a.service_reason for a in ContactAnswer.objects.all()} == {"RESTRICTED"}
    verbs.withdraw(request=request, actor=alice)
    assert not RecordMark.objects.exists()


def test_the_plan_counts_what_the_act_itself_does_and_leaves_everything_as_it_was(alice: User) -> None:
    request = asked(live(), alice)
    plan = erasure.plan(request)
    rows = {line.store: line.rows for line in plan.lines}
    assert (rows["profiles.SourceRecord"], rows["profiles.Order"], rows["profiles.Event"]) == (2, 2, 3)
    assert (SourceRecord.objects.count(), Order.objects.count(), Tombstone.objects.count()) == (2, 2, 0)
    erasure.approve(request=request, actor=alice, seen=plan.seen)
    erasure.execute(request)
    request.refresh_from_db()
    assert {line["store"]: line["rows"] for line in request.plan} == rows


def test_what_is_approved_is_what_was_looked_at(alice: User) -> None:
    request = asked(live(), alice)
    seen = erasure.plan(request).seen
    deliver([ticket(3, order="A3", email=KARI, external_id="4711", day=2)])
    with pytest.raises(NotPossible, match="changed"):
        erasure.approve(request=request, actor=alice, seen=seen)


def test_nothing_of_the_person_is_left_and_the_sums_of_sales_stay(alice: User) -> None:
    request = erased(live(), alice)
    for model in (SourceRecord, Profile, Identifier, Order, OrderLine, Event, RowState, ConsentEvent):
        assert not model.objects.exists(), model
    facts = SalesFact.objects.all()
    assert [(f.orders, f.tickets, f.price_from) for f in facts] == [(1, 1, 250), (1, 1, 250)]
    assert (request.letter, request.records, request.profile, request.proven) == ("", [], None, None)


def test_tomorrows_files_do_not_bring_them_back(alice: User) -> None:
    """C133, for a file with times of its own and for a register that has none."""
    erased(live(), alice)
    again, _ = deliver(a_life())
    web, _ = deliver(visits(), a_source("web"))
    assert (again.rows_erased, web.rows_erased) == (2, 1)
    assert not SourceRecord.objects.exists()
    assert not Order.objects.exists()


def test_a_row_about_an_erased_order_stays_out_even_when_it_names_nobody(alice: User) -> None:
    erased(live(), alice)
    refunded = replace(ticket(1, order="A1", status="refunded", day=40), buyer=None)
    intake, _ = deliver([refunded])
    assert (intake.rows_erased, Order.objects.count()) == (1, 0)


def buys_again(at: dt.datetime, *, act: bool) -> None:
    """A new order, with a yes: ticked in words that are on file, or a bare flag."""
    world.point(
        "till:news", source=a_source(), kind="act" if act else "snapshot", text=world.text() if act else None
    )
    row = ticket(9, order="B1", email=KARI)
    assert row.buyer
    assert row.order
    row = replace(
        row,
        buyer=replace(row.buyer, observed_at=at),
        order=replace(row.order, ordered_at=at),
        claims=(ConsentClaim("till:news", "yes", occurred_at=at, order_ref="B1"),),
    )
    claims([row])
    answers.refresh(identifier_ids=list(Identifier.objects.values_list("pk", flat=True)))


def test_whoever_buys_again_starts_anew_and_a_flag_opens_no_marketing(alice: User) -> None:
    """C93, C95."""
    erased(live(), alice)
    buys_again(clock.now(), act=False)
    answer = ContactAnswer.objects.get(channel="email")
    assert (answer.newsletter, answer.newsletter_reason) == ("BLOCK", "SUPPRESSED_AFTER_ERASURE")
    assert answer.service == "ALLOW"
    assert Profile.objects.get().orders_count == 1
    assert not ConsentEvent.objects.exists()


def test_an_own_new_yes_opens_marketing_again(alice: User) -> None:
    """C94."""
    erased(live(), alice)
    buys_again(clock.now(), act=True)
    assert ContactAnswer.objects.get(channel="email").newsletter_reason == "CONSENT"


def test_a_household_mailbox_goes_on_for_the_other(alice: User) -> None:
    news = world.point("till:news", source=a_source())
    both = [
        ticket(1, order="A1", email=HOME, name="Kari Nordmann", external_id="4711"),
        ticket(2, order="A2", email=HOME, name="Ola Nordmann", external_id="4712", phone="+4790000002"),
    ]
    deliver(both)
    kari, ola = (Profile.objects.get(sourcerecord__external_id=key) for key in ("4711", "4712"))
    before = {name: getattr(ola, name) for name in ("name", "email", "phone", "orders_count", "public_id")}
    erased(kari, alice)
    ola.refresh_from_db()
    assert {name: getattr(ola, name) for name in before} == before
    assert Identifier.objects.filter(value=HOME).exists()
    again, _ = deliver([*both, ticket(3, order="A3", email=HOME, name="Ola Nordmann", external_id="4712")])
    assert (again.rows_erased, again.rows_created) == (1, 1)
    assert not Profile.objects.filter(name="Kari Nordmann").exists()
    assert news.pk


def test_a_no_said_at_a_shared_mailbox_goes_on_holding_there(alice: User) -> None:
    """C76: nobody can tell who reads it."""
    kari, ola = world.person(HOME), world.person(HOME)
    world.morning(world.claim(ola, "yes", world.point()))
    assert world.answer(ola).newsletter == "ALLOW"
    world.morning(world.claim(kari, "no", world.point("web:news", no_is_explicit=True)))
    assert world.answer(ola).newsletter_reason == "WITHDRAWN"
    erased(kari.profile, alice)
    assert world.answer(ola).newsletter_reason == "WITHDRAWN"
    assert not ConsentEvent.objects.filter(record_id=kari.record.pk).exists()


def test_the_ledger_leaves_hashes_and_the_last_words_under_the_hash_of_the_address(alice: User) -> None:
    anna = world.person("anna@example.org")
    world.morning(
        world.claim(
            anna,
            "yes",
            world.point(text=world.text(), kind="act"),
            occurred_at=world.at("2026-03-01"),
            order_ref="A1",
        )
    )
    said = ConsentEvent.objects.count()
    request = erased(anna.profile, alice)
    assert not ConsentEvent.objects.exists()
    assert ErasedEvent.objects.filter(request_uid=request.uid).count() > said  # and the objection it was
    assert [(k.type, k.text_id is not None) for k in KeptPermission.objects.filter(type="GRANT")] == [
        ("GRANT", True)
    ]


def test_old_addresses_of_the_page_answer_that_nobody_is_there(alice, client_for, aurora) -> None:  # type: ignore[no-untyped-def]
    person = live()
    erased(person, alice)
    assert client_for(alice, aurora).get(f"/people/{person.public_id}/").status_code in (404, 410)


class Far:
    """Another system that can be made to answer, to be late, or to want a person."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def forget(self, address: str) -> str:
        self.asked.append(address)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    def registered(self, key: str) -> Far:
        destination = Destination(key=key, label=key, holds=self.holds, forget=self.forget)
        personal_data.register_destinations(key, lambda: [destination])
        return self

    @staticmethod
    def holds(subject: Subject) -> Iterator[tuple[str, str]]:
        for value in Identifier.objects.filter(pk__in=subject.identifiers, kind="email").values_list(
            "value", flat=True
        ):
            yield value, "Far away"


@pytest.fixture
def far():  # type: ignore[no-untyped-def]
    known = dict(personal_data._registry.destinations)
    personal_data._registry.destinations.clear()
    yield Far
    personal_data._registry.destinations.clear()
    personal_data._registry.destinations.update(known)


def test_a_silent_system_is_asked_again_and_nobody_can_wave_it_through(alice, far, time_machine) -> None:  # type: ignore[no-untyped-def]
    """C155."""
    quick, silent = far("receipt 1").registered("quick"), far(Later("busy")).registered("silent")
    request = erased(live(), alice)
    erasure.round_()
    assert quick.asked == [KARI] == silent.asked
    request.refresh_from_db()
    assert request.state == RightsRequest.State.WAITING_DOWNSTREAM
    task = request.tasks.get(destination="silent")
    assert (task.state, task.attempts, KARI in task.address) == ("failed", 1, False)
    assert request.tasks.get(destination="quick").address == ""
    with pytest.raises(NotPossible):
        verbs.close(request=request, actor=alice)
    with pytest.raises(NotPossible, match="letter"):
        erasure.settle_letter(task, letter="ok", actor=alice)
    told = request.tasks.get(destination="person")
    erasure.settle_letter(told, letter="Letter of 1 December, folder 7", actor=alice)
    erasure.settle_letter(task, letter="Letter of the SMS house, 2 December, folder 7", actor=alice)
    request.refresh_from_db()
    assert request.state == RightsRequest.State.DONE
    assert not RequestTask.objects.exclude(address="").exists()


def test_what_only_a_person_can_do_becomes_a_task_for_one(alice, far) -> None:  # type: ignore[no-untyped-def]
    far(ByHand("Write to them.")).registered("letters")
    request = erased(live(), alice)
    erasure.round_()
    task = request.tasks.get(destination="letters")
    assert (task.by_hand, task.error, task.next_try_at) == (True, "Write to them.", None)


def test_the_proof_adds_up_and_names_nobody(alice, far) -> None:  # type: ignore[no-untyped-def]
    far("number 77").registered("quick")
    request = erased(live(), alice)
    erasure.round_()
    erasure.settle_letter(
        request.tasks.get(destination="person"), letter="Told on the telephone, 1 December", actor=alice
    )
    proof = ErasureProof.objects.get(request_uid=request.uid)
    text = erasing_proof.as_file(proof)
    assert erasing_proof.checksum(proof) == proof.sha256 == json.loads(text)["sha256"]
    assert proof.counts["profiles.Order"] == {"doing": "anonymise", "rows": 2}
    assert any(each["number"] == "number 77" for each in proof.acknowledgements)
    assert not any(word in text for word in (KARI, "Kari", "Nordmann", "4711", "90000001"))


def test_a_person_who_asked_by_link_is_told_by_mail(alice, far) -> None:  # type: ignore[no-untyped-def]
    from consent.rights import intake

    person = live()
    proven = Identifier.objects.get(kind="email", value=KARI)
    request = intake.open_request(
        RightsRequest.Kind.ERASURE,
        person=person,
        came_by="preferences",
        received_at=clock.now(),
        proven=proven,
    )
    erasure.approve(request=request, actor=alice, seen=erasure.plan(request).seen)
    erasure.round_()
    erasure.round_()
    request.refresh_from_db()
    assert [message.to for message in mail.outbox][-1] == [KARI]
    assert request.state == RightsRequest.State.DONE


def test_a_worker_that_dies_at_any_step_leaves_all_or_nothing(alice: User) -> None:
    steps: list[str] = []
    request = asked(live(), alice)
    erasure.approve(request=request, actor=alice, seen=erasure.plan(request).seen)

    class Killed(BaseException):
        pass

    def die_at(number: int):  # type: ignore[no-untyped-def]
        def step(name: str) -> None:
            steps.append(name)
            if len(steps) == number:
                raise Killed

        return step

    for number in (1, 2, 9, 30, 55):
        steps.clear()
        with pytest.raises(Killed):
            erasure.execute(request, step=die_at(number))
        assert (SourceRecord.objects.count(), Tombstone.objects.count()) == (2, 0)
    assert erasure.round_().executed == 1
    assert not SourceRecord.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_others_of_the_same_address_form_are_not_buried_with_them(alice: User) -> None:
    deliver(
        [
            ticket(1, email="anna+news@example.no", name="Anna Li"),
            ticket(2, email="anna@example.no", name="Per"),
        ]
    )
    erased(Profile.objects.get(name="Anna Li"), alice)
    again, _ = deliver([ticket(3, email="anna@example.no", name="Per", day=-1)])
    assert (again.rows_erased, again.rows_created) == (0, 1)
    assert OLA not in str(again)
