"""The merge queue: in which order pairs come, who looks at which, and what answers do."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_tenants.utils import tenant_context

from organisations.models import Organisation
from profiles.identity import answers, queue, verbs
from profiles.identity.precision import band
from profiles.identity.queue import Chosen
from profiles.models import LinkConstraint, MatchPair, Pin, Profile, SourceRecord
from tests.profiles.pairs import a_queue, ask, two_people
from tests.profiles.sample import deliver, ticket

ALICE, BOB = "alice@example.org", "bob@example.org"
State = MatchPair.State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


ALL = Chosen()


def probabilities(chosen: Chosen = ALL) -> list[float]:
    return [pair.probability for pair in queue.list_pairs(chosen).pairs]


def answer_merge(pair: MatchPair, actor: str = ALICE) -> None:
    answers.merge(pair.pk, actor=actor, shown=answers.shown(pair))


def test_the_most_certain_come_first_or_the_most_valuable() -> None:
    a_queue([0.7, 0.99, 0.8])
    assert probabilities() == [0.99, 0.8, 0.7]
    assert probabilities(Chosen(order="value")) == [0.8, 0.99, 0.7]


def test_a_band_and_a_reason_narrow_the_queue() -> None:
    pairs = a_queue([0.7, 0.96, 0.97])
    MatchPair.objects.filter(pk=pairs[2].pk).update(blocked_by="birth_dates")
    assert probabilities(Chosen(band=band("0.95"))) == [0.97, 0.96]
    assert probabilities(Chosen(why="birth_dates")) == [0.97]
    assert probabilities(Chosen(why=queue.NOTHING_AGAINST)) == [0.96, 0.7]
    assert queue.reasons_open() == {"": 2, "birth_dates": 1}


@pytest.mark.parametrize("order", ["certainty", "value"])
def test_pages_by_key_show_every_pair_once(order: queue.Order, monkeypatch: pytest.MonkeyPatch) -> None:
    a_queue([0.9, 0.8, 0.9, 0.9, 0.7, 0.8, 0.9])
    MatchPair.objects.filter(probability=0.9).update(value=100)
    monkeypatch.setattr(queue, "PAGE", 2)
    seen, after = [], ""
    for _page in range(4):
        page = queue.list_pairs(Chosen(order=order), after)
        seen += [pair.pk for pair in page.pairs]
        after = page.after
    assert seen == [pair.pk for pair in queue.open_pairs(Chosen(order=order))]
    assert after == ""


@pytest.mark.parametrize("key", ["", "x", "1~2", "nan~1~1", "1~inf~2", "1~1~99999999999999999999"])
def test_a_key_that_somebody_changed_by_hand_starts_from_the_beginning(key: str) -> None:
    a_queue([0.9])
    assert len(queue.list_pairs(after=key).pairs) == 1


def test_what_one_looks_at_is_not_given_to_another() -> None:
    first, second = a_queue([0.9, 0.8])
    assert queue.next_pair(ALICE) == first
    assert queue.next_pair(BOB) == second
    assert queue.next_pair("carol@example.org") is None
    assert queue.next_pair(ALICE) == first, "whoever reloads the page gets the same pair"


def test_a_claim_ends_after_five_minutes_unless_the_open_page_renews_it() -> None:
    (pair,) = a_queue([0.9])
    queue.next_pair(ALICE)
    assert not queue.hold(pair.pk, BOB)
    MatchPair.objects.update(claimed_until=timezone.now() + timedelta(seconds=5))
    assert queue.hold(pair.pk, ALICE)
    pair.refresh_from_db()
    assert pair.claimed_until
    assert pair.claimed_until > timezone.now() + timedelta(minutes=4)
    MatchPair.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert queue.next_pair(BOB) == pair
    assert not queue.hold(pair.pk, ALICE)


def test_a_released_pair_is_free_at_once() -> None:
    (pair,) = a_queue([0.9])
    queue.next_pair(ALICE)
    queue.release(pair.pk, BOB)
    assert queue.next_pair(BOB) is None, "nobody gives back what is another's"
    queue.release(pair.pk, ALICE)
    assert queue.next_pair(BOB) == pair


def test_a_skipped_pair_comes_last_for_me_and_as_before_for_others() -> None:
    first, second, third = a_queue([0.9, 0.8, 0.7])
    queue.skip(first.pk, ALICE)
    assert queue.next_pair(ALICE) == second
    assert queue.next_pair(BOB) == first
    queue.release(first.pk, BOB)
    queue.skip(second.pk, ALICE)
    queue.skip(third.pk, ALICE)
    assert queue.next_pair(ALICE) == first, "all are skipped: the least often skipped, in order"
    queue.skip(first.pk, ALICE)
    assert queue.next_pair(ALICE) == second


def test_merging_makes_one_person_with_the_values_chosen() -> None:
    one, two = two_people()
    pair = ask(one, two)
    record = SourceRecord.objects.get(profile=two)
    answers.merge(pair.pk, actor=ALICE, shown=answers.shown(pair), pins={"name": record.pk})
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by) == (State.MERGED, ALICE)
    assert pair.decided_at
    assert pair.act
    assert pair.act.kind == "merge"
    assert [p.name for p in Profile.objects.filter(state="active")] == ["Solveig Odegaard"]
    assert Pin.objects.get().act == pair.act
    assert queue.open_count() == 0


def test_not_the_same_keeps_its_reason_and_a_never_link() -> None:
    pair = ask(*two_people())
    shown = answers.shown(pair)
    answers.apart(pair.pk, actor=BOB, shown=shown, reason="household")
    pair.refresh_from_db()
    assert (pair.state, pair.reason, pair.decided_by) == (State.APART, "household", BOB)
    said = LinkConstraint.objects.get()
    assert (said.kind, said.reason, said.fingerprint) == ("cannot", "household", shown)


def test_either_answer_can_be_taken_back_and_the_pair_is_open_again() -> None:
    one, two = two_people()
    pair = ask(one, two)
    for merging in (True, False):
        shown = answers.shown(pair)
        if merging:
            act = answers.merge(pair.pk, actor=ALICE, shown=shown)
        else:
            act = answers.apart(pair.pk, actor=ALICE, shown=shown, reason="namesake")
        answers.undo(act, actor=BOB)
        pair.refresh_from_db()
        assert (pair.state, pair.reason, pair.decided_by, pair.act) == (State.OPEN, "", "", None)
        assert queue.is_about_two(pair)
        assert {pair.profile_a, pair.profile_b} == {one, two}
    assert queue.next_pair(BOB) == pair


def test_an_answer_to_what_has_changed_since_does_nothing() -> None:
    one, two = two_people()
    pair = ask(one, two)
    shown = answers.shown(pair)
    deliver([ticket(99, email=two.email, name="Solveig Odegaard", phone="+47 41 22 90 17")])
    with pytest.raises(answers.Changed):
        answers.merge(pair.pk, actor=ALICE, shown=shown)
    with pytest.raises(answers.Changed):
        answers.apart(pair.pk, actor=ALICE, shown=shown, reason="household")
    assert Profile.objects.filter(state="active").count() == 2
    assert not LinkConstraint.objects.exists()
    answer_merge(pair)
    assert Profile.objects.filter(state="active").count() == 1


def test_an_answer_to_what_was_answered_or_is_with_a_colleague_does_nothing() -> None:
    pair = ask(*two_people())
    queue.hold(pair.pk, BOB)
    with pytest.raises(answers.TakenBySomebody):
        answer_merge(pair)
    queue.release(pair.pk, BOB)
    answers.apart(pair.pk, actor=BOB, shown=answers.shown(pair), reason="")
    with pytest.raises(answers.Answered):
        answer_merge(pair)
    assert Profile.objects.filter(state="active").count() == 2


def test_questions_follow_the_people_that_a_merge_makes_and_that_undoing_brings_back() -> None:
    one, two = two_people(1)
    three, four = two_people(2)
    first, second, third = ask(one, two), ask(two, three), ask(one, three)
    act = answers.merge(first.pk, actor=ALICE, shown=answers.shown(first))
    second.refresh_from_db()
    third.refresh_from_db()
    assert {second.state, third.state} == {State.OPEN, State.GONE}, "two questions have become one"
    answers.undo(act, actor=ALICE)
    for pair, people in ((first, {one, two}), (second, {two, three}), (third, {one, three})):
        pair.refresh_from_db()
        assert pair.state == State.OPEN
        assert {pair.profile_a, pair.profile_b} == people
    assert four.state == "active"


def test_people_who_became_one_in_another_way_are_no_question() -> None:
    one, two = two_people()
    pair = ask(one, two)
    SourceRecord.objects.filter(profile=two).update(profile=one)
    assert queue.next_pair(ALICE) is None
    pair.refresh_from_db()
    assert pair.state == State.GONE


def test_a_pair_asked_about_again_says_what_was_answered_and_what_has_changed() -> None:
    one, two = two_people()
    pair = ask(one, two)
    assert answers.earlier(pair) is None
    answers.apart(pair.pk, actor=BOB, shown=answers.shown(pair), reason="household")
    evidence = [
        {**piece, "right": "4799999999"} if piece["comparison"] == "phone" else piece
        for piece in pair.evidence
    ]
    again = ask(one, two, evidence=evidence)
    told = answers.earlier(again)
    assert told
    assert (told.by, told.reason, told.changed) == (BOB, "Two people in one household", ["phone"])
    answer_merge(again)
    assert Profile.objects.filter(state="active").count() == 1, "the newest word of a person counts"


def test_merging_people_elsewhere_answers_their_question() -> None:
    one, two = two_people()
    pair = ask(one, two)
    verbs.merge(profiles=[one, two], actor=BOB)
    pair.refresh_from_db()
    assert pair.state == State.MERGED


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Two people in two transactions."""

    def test_two_people_working_at_once_never_see_the_same_pair(self, aurora: Organisation) -> None:
        with tenant_context(aurora):
            a_queue([0.9] * 12)
        seen: dict[str, list[int]] = {ALICE: [], BOB: []}
        start = threading.Barrier(2)
        faults: list[BaseException] = []

        def work(actor: str) -> None:
            try:
                with tenant_context(aurora):
                    start.wait()
                    while pair := queue.next_pair(actor):
                        seen[actor].append(pair.pk)
                        MatchPair.objects.filter(pk=pair.pk).update(state=State.GONE)
            except BaseException as fault:
                faults.append(fault)
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=[actor]) for actor in seen]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        assert not set(seen[ALICE]) & set(seen[BOB])
        assert len(seen[ALICE]) + len(seen[BOB]) == 12

    def test_one_who_is_being_given_a_pair_does_not_keep_another_waiting(self, aurora: Organisation) -> None:
        with tenant_context(aurora):
            first, second = a_queue([0.9, 0.8])
        taken, done = threading.Event(), threading.Event()
        given: list[MatchPair | None] = []

        def hold_it() -> None:
            from django.db import transaction

            with tenant_context(aurora), transaction.atomic():
                queue.next_pair(ALICE)
                taken.set()
                done.wait(20)
            connection.close()

        thread = threading.Thread(target=hold_it)
        thread.start()
        taken.wait(20)
        with tenant_context(aurora):
            given.append(queue.next_pair(BOB))
        done.set()
        thread.join()
        assert given == [second]
        assert first.pk != second.pk


def test_a_question_that_a_night_asks_at_the_same_moment_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The night's own is not seen yet when this one is brought up to date; the database says so."""
    old, new = a_queue([0.9, 0.8])
    SourceRecord.objects.filter(pk=old.record_a_id).update(profile=new.profile_a_id)
    SourceRecord.objects.filter(pk=old.record_b_id).update(profile=new.profile_b_id)
    monkeypatch.setattr(queue, "_is_asked", lambda *_pair, but: False)
    assert queue.next_pair(ALICE) == new
    old.refresh_from_db()
    assert old.state == State.GONE
