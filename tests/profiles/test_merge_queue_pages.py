"""The merge queue's pages as a browser without script sees them."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consent.facts import EventType
from organisations.audit.models import AccessEntry
from organisations.models import Membership, Organisation, User
from profiles.identity import answers, approval, nights, queue
from profiles.identity.precision import Band
from profiles.models import IdentityAct, MatchPair, Pin, Profile, SourceRecord
from tests.conftest import ClientFor
from tests.consent import world
from tests.consent.test_merging import say
from tests.profiles.pairs import a_queue, ask, two_people
from tests.profiles.sample import deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]

State = MatchPair.State
BOB = "bob@example.org"


@pytest.fixture
def browser(alice: User, aurora: Organisation, client_for: ClientFor) -> Client:
    return client_for(alice, aurora)


def page(browser: Client, name: str, *args: object, query: str = "") -> str:
    return browser.get(reverse(f"identity:{name}", args=args) + query).content.decode()


def answer(browser: Client, pair: MatchPair, **data: str) -> list[str]:
    """Posts what the page would post, and answers what the reader is told."""
    given = {"shown": answers.shown(pair), **data}
    reply = browser.post(reverse("identity:review_answer", args=[pair.pk]), given)
    assert reply.status_code == 302
    return [str(message) for message in get_messages(reply.wsgi_request)]


def active() -> int:
    return Profile.objects.filter(state="active").count()


def test_the_queue_lists_two_people_with_reasons_and_what_is_at_stake(browser: Client) -> None:
    ask(*two_people(), blocked_by="birth_dates")
    shown = page(browser, "review")
    for words in ("94 %", "Solveig Ødegård", "Solveig Odegaard", "Same phone", "1,350", "Two birth dates"):
        assert words in shown
    assert "Same given name, family name nearly the same" in shown
    assert "1 pair looks like one person." in shown


def test_the_queue_costs_the_same_however_long_it_is(browser: Client) -> None:
    a_queue([0.9] * 2)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(browser, "review")
    MatchPair.objects.all().delete()
    a_queue([0.9] * 12)
    with CaptureQueriesContext(connection) as many:
        page(browser, "review")
    assert len(many) <= len(few)


def test_who_saw_whom_is_logged_for_data_quality(browser: Client) -> None:
    one, two = two_people()
    pair = ask(one, two)
    page(browser, "review")
    page(browser, "review_pair", pair.pk)
    entries = AccessEntry.objects.order_by("pk")
    assert [(entry.screen, entry.purpose) for entry in entries] == [
        ("merge queue", "quality"),
        ("merge review", "quality"),
    ]
    assert all(set(entry.profile_ids) == {one.pk, two.pk} for entry in entries)


def test_an_empty_queue_says_what_happens_next(browser: Client) -> None:
    assert "Nothing to review" in page(browser, "review")
    assert "None of these waits" in page(browser, "review", query="?band=0.9")


def test_the_matcher_can_be_started_and_says_what_it_found(browser: Client) -> None:
    two_people()
    assert "has not looked for duplicates yet" in page(browser, "review")
    browser.post(reverse("identity:review_match"))
    nights.match_people()
    shown = page(browser, "review")
    assert "The matcher looked through everybody" in shown or "Latest matching" in shown


def test_two_colleagues_start_with_different_pairs(
    browser: Client, bob: User, aurora: Organisation, client_for: ClientFor
) -> None:
    first, second = a_queue([0.9, 0.8])
    start = reverse("identity:review_next")
    assert browser.get(start)["Location"] == reverse("identity:review_pair", args=[first.pk])
    assert client_for(bob, aurora).get(start)["Location"] == reverse("identity:review_pair", args=[second.pk])


def test_a_pair_that_a_colleague_looks_at_is_not_shown(browser: Client) -> None:
    pair, other = a_queue([0.9, 0.8])
    queue.hold(pair.pk, BOB)
    reply = browser.get(reverse("identity:review_pair", args=[pair.pk]), follow=True)
    assert reply.redirect_chain[-1][0] == reverse("identity:review_pair", args=[other.pk])
    assert "Bob is looking at that pair just now" in reply.content.decode()


def test_the_page_shows_both_marks_what_differs_and_says_why(browser: Client) -> None:
    pair = ask(*two_people())
    shown = page(browser, "review_pair", pair.pk)
    assert "Solveig <mark>Ø</mark>deg<mark>å</mark>rd" in shown
    assert "Solveig <mark>O</mark>deg<mark>aa</mark>rd" in shown
    assert "Strandg<mark>aten</mark> 14" in shown
    assert "What moves along" in shown
    assert "Permissions after the merge" in shown
    assert "+11.2" in shown
    assert "−1.3" in shown


def test_the_page_shows_that_a_no_survives_before_anybody_merges(browser: Client) -> None:
    yes, no = world.person("kari@example.no"), world.person("k.li@example.no")
    say(yes, EventType.GRANT)
    objection = {"identifier_id": None, "record_id": no.record.pk, "scope": "person", "purpose": "*"}
    say(no, EventType.OBJECT, channel="*", **objection)
    one, two = (SourceRecord.objects.get(pk=each.record.pk).profile for each in (yes, no))
    pair = ask(one, two)
    shown = page(browser, "review_pair", pair.pk)
    changing = shown.split('<li class="changes">')
    assert len(changing) > 1
    assert "Said no to marketing on" in changing[1]
    assert active() == 2, "looking changes nothing"


def test_names_that_others_wrote_are_text(browser: Client) -> None:
    pair = ask(*two_people(name="<script>alert(1)</script> Odegaard"))
    for name in ("review_pair", "review"):
        shown = page(browser, name, *([pair.pk] if name == "review_pair" else []))
        assert "<script>alert" not in shown
        assert "alert(1)" in shown


def test_merging_leads_to_the_next_pair_with_a_way_back(browser: Client) -> None:
    pair = ask(*two_people())
    assert answer(browser, pair, answer="merge") == [
        "Solveig Ødegård and Solveig Odegaard are one person now."
    ]
    assert active() == 1
    back = browser.post(reverse("identity:review_undo", args=[pair.pk]))
    assert back["Location"] == reverse("identity:review_pair", args=[pair.pk])
    assert active() == 2
    again = browser.post(reverse("identity:review_undo", args=[pair.pk]), follow=True)
    assert "taken back already" in again.content.decode()


def test_only_a_value_chosen_against_the_rules_is_pinned(browser: Client) -> None:
    one, two = two_people()
    pair = ask(one, two)
    shown = page(browser, "review_pair", pair.pk)
    assert 'name="usual-name" value="left"' in shown
    kept = {"usual-name": "left", "keep-name": "left", "usual-address": "left", "keep-address": "right"}
    answer(browser, pair, answer="merge", **kept)
    pin = Pin.objects.get()
    assert (pin.unit, pin.record_id) == ("address", SourceRecord.objects.get(first_profile=two).pk)
    person = Profile.objects.get(state="active")
    assert (person.name, person.street) == ("Solveig Ødegård", "Strandgt. 14")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"reason": "household"}, "household"),
        ({"reason": "", "words": " Twins "}, "Twins"),
        ({"reason": "made up", "words": ""}, ""),
    ],
)
def test_not_the_same_keeps_its_reason(browser: Client, given: dict[str, str], kept: str) -> None:
    pair = ask(*two_people())
    assert answer(browser, pair, answer="apart", **given) == [
        "Solveig Ødegård and Solveig Odegaard stay two people."
    ]
    pair.refresh_from_db()
    assert (pair.state, pair.reason) == (State.APART, kept)


def test_an_unknown_answer_changes_nothing(browser: Client) -> None:
    pair = ask(*two_people())
    answer(browser, pair, answer="perhaps")
    pair.refresh_from_db()
    assert pair.state == State.OPEN


def test_skipping_leads_on_and_keeps_what_was_chosen(browser: Client) -> None:
    first, second = a_queue([0.92, 0.91])
    reply = browser.post(
        reverse("identity:review_answer", args=[first.pk]),
        {"answer": "skip", "order": "value", "band": "0.9", "why": "nothing"},
    )
    assert reply["Location"] == reverse("identity:review_next") + "?order=value&band=0.9&why=nothing"
    assert queue.next_pair("alice@example.org") == second


def test_what_has_changed_since_it_was_shown_is_shown_again(browser: Client) -> None:
    one, two = two_people()
    pair = ask(one, two)
    shown = answers.shown(pair)
    deliver([ticket(99, email=two.email, name="Solveig Odegaard", phone="+47 41 22 90 17")])
    reply = browser.post(
        reverse("identity:review_answer", args=[pair.pk]), {"answer": "merge", "shown": shown}, follow=True
    )
    assert reply.redirect_chain[-1][0] == reverse("identity:review_pair", args=[pair.pk])
    assert "has changed since you opened them" in reply.content.decode()
    assert active() == 2


def test_what_a_colleague_has_answered_says_so(browser: Client) -> None:
    pair = ask(*two_people())
    shown = answers.shown(pair)
    answers.apart(pair.pk, actor=BOB, shown=shown, reason="household")
    assert answer(browser, pair, answer="merge") == ["Bob has already said that these two are not the same."]


def test_a_pair_that_vanished_with_an_erased_person_says_so(browser: Client) -> None:
    pair = ask(*two_people())
    page(browser, "review_pair", pair.pk)
    MatchPair.objects.filter(pk=pair.pk).delete()
    reply = browser.post(reverse("identity:review_answer", args=[pair.pk]), {"answer": "merge"}, follow=True)
    assert "was erased meanwhile" in reply.content.decode()


def test_a_pair_asked_about_again_tells_what_was_said_before(browser: Client) -> None:
    one, two = two_people()
    pair = ask(one, two)
    answers.apart(pair.pk, actor=BOB, shown=answers.shown(pair), reason="household")
    again = ask(one, two, evidence=[*pair.evidence[1:]])
    shown = page(browser, "review_pair", again.pk)
    assert "Bob said “not the same” on" in shown
    assert "Two people in one household" in shown
    assert "Since then this has changed: phone." in shown


def test_the_open_page_renews_its_hold_and_is_told_when_it_is_lost(browser: Client) -> None:
    (pair,) = a_queue([0.9])
    page(browser, "review_pair", pair.pk)
    url = reverse("identity:review_hold", args=[pair.pk])
    assert "every 120s" in browser.post(url).content.decode()
    MatchPair.objects.update(claimed_by="", claimed_until=None)
    queue.hold(pair.pk, BOB)
    lost = browser.post(url).content.decode()
    assert "Bob is looking at that pair" in lost
    assert "every 120s" not in lost


def test_stopping_gives_the_pair_back(browser: Client) -> None:
    (pair,) = a_queue([0.9])
    page(browser, "review_pair", pair.pk)
    assert queue.next_pair(BOB) is None
    browser.post(reverse("identity:review_release", args=[pair.pk]))
    assert queue.next_pair(BOB) == pair


def test_suggestions_and_thresholds_are_there_for_those_who_may(
    browser: Client, bob: User, aurora: Organisation, client_for: ClientFor
) -> None:
    assert 'name="automatic"' in page(browser, "review")
    assert 'name="automatic"' not in page(client_for(bob, aurora), "review")
    told = browser.post(
        reverse("identity:review_thresholds"), {"automatic": "0.4", "review": "0.9"}, follow=True
    )
    assert "must lie between" in told.content.decode()
    browser.post(reverse("identity:review_thresholds"), {"automatic": "0.95", "review": "0.6"})
    assert "From 95 % certainty" in page(browser, "review")
    act = IdentityAct.objects.get()
    browser.post(reverse("identity:review_take_back", args=[act.pk]))
    assert "From 99.9 % certainty" in page(browser, "review")


def test_a_band_is_approved_after_its_sample(browser: Client) -> None:
    a_queue([0.96] * 22)
    query = {"band": "0.95", "sample": "1"}
    assert "0 of 20 answered" in page(browser, "review_band", query="?band=0.95")
    told = browser.post(reverse("identity:review_approve"), {"band": "0.95"}, follow=True)
    assert "nothing was approved" in told.content.decode()
    for _each in range(20):
        reply = browser.get(reverse("identity:review_next"), query)
        pair = MatchPair.objects.get(claimed_by="alice@example.org", state=State.OPEN)
        assert reply["Location"].startswith(reverse("identity:review_pair", args=[pair.pk]))
        answers.merge(pair.pk, actor="alice@example.org", shown=answers.shown(pair))
    done = browser.get(reverse("identity:review_next"), query)
    assert done["Location"] == reverse("identity:review_band") + "?band=0.95"
    shown = page(browser, "review_band", query="?band=0.95")
    assert "20 of 20 were one person" in shown
    assert "Approve the remaining 2" in shown
    browser.post(reverse("identity:review_approve"), {"band": "0.95"})
    assert queue.open_count() == 0
    assert "2 pairs approved together" in page(browser, "review")


def test_a_large_approval_goes_to_the_background_and_shows_how_far_it_is(
    browser: Client, monkeypatch: pytest.MonkeyPatch, alice: User
) -> None:
    monkeypatch.setattr(approval, "AT_ONCE", 1)
    monkeypatch.setattr(approval, "SAMPLE", 2)
    monkeypatch.setattr(approval, "GOOD", 0.3)
    a_queue([0.96] * 5)
    for pk in approval.sample(Band(0.95, 0.98)).drawn:
        answers.merge(pk, actor=alice.email, shown=answers.shown(MatchPair.objects.get(pk=pk)))
    browser.post(reverse("identity:review_approve"), {"band": "0.95"})
    assert queue.open_count() == 3
    assert "every 2s" in page(browser, "review_band", query="?band=0.95")
    approval.run(IdentityAct.objects.get(kind="bulk").pk)
    shown = page(browser, "review_band", query="?band=0.95")
    assert "every 2s" not in shown
    assert "3 pairs became one person." in shown


def test_customer_service_may_answer_and_not_approve(
    bob: User, aurora: Organisation, client_for: ClientFor
) -> None:
    Membership.objects.filter(user=bob).update(role="customer_service")
    bobs = client_for(bob, aurora)
    pair = ask(*two_people())
    answer(bobs, pair, answer="merge")
    assert active() == 1
    assert bobs.post(reverse("identity:review_approve"), {"band": "0.95"}).status_code == 403
