"""Why are these records one person: what ties them, what does not, drawn and in words."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from organisations.audit.models import AccessEntry
from organisations.models import Organisation, User
from profiles.identity import graph, verbs
from profiles.identity.why import Tie, Why, why
from profiles.identity.why_picture import MOST_TIES, picture
from profiles.identity.why_words import sentence, shortened
from profiles.models import Profile, Source, SourceRecord
from tests.conftest import ClientFor
from tests.profiles.one_person import ALICE, EMAIL, joined, kari, set_aside
from tests.profiles.sample import a_source, deliver, ticket
from tests.profiles.visits import profile_of, visit, website

# --- the layout, pure ---------------------------------------------------------


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[str], list[graph.Tie]]:
    rows = [f"r{n}" for n in range(draw(st.integers(1, 30)))]
    members = st.lists(st.sampled_from(rows), min_size=1, max_size=6, unique=True).map(tuple)
    ties = draw(st.lists(st.tuples(members, st.booleans()), max_size=40))
    return rows, [graph.Tie(f"t{n}", on, apart) for n, (on, apart) in enumerate(ties)]


@given(worlds())
def test_no_two_boxes_overlap_and_all_are_inside(world: tuple[list[str], list[graph.Tie]]) -> None:
    rows, ties = world
    drawn = graph.draw(rows, ties)
    for column in (rows, [tie.key for tie in ties]):
        tops = sorted(drawn.tops[key] for key in column)
        assert all(below - above >= graph.BOX for above, below in pairwise(tops))
        assert all(top >= 0 and top + graph.BOX <= drawn.height for top in tops)


@given(worlds())
def test_what_joins_nobody_stands_below_all_that_joins(world: tuple[list[str], list[graph.Tie]]) -> None:
    rows, ties = world
    drawn = graph.draw(rows, ties)
    near = [drawn.tops[tie.key] for tie in ties if not tie.apart]
    far = [drawn.tops[tie.key] for tie in ties if tie.apart]
    assert (drawn.heading is None) == (not far)
    if far:
        assert drawn.heading is not None
        assert max(near, default=-graph.PITCH) + graph.PITCH <= drawn.heading < min(far)


@given(worlds())
def test_every_tie_has_a_line_to_each_of_its_members(world: tuple[list[str], list[graph.Tie]]) -> None:
    rows, ties = world
    drawn = graph.draw(rows, ties)
    wanted = sorted((member, tie.key) for tie in ties for member in tie.members)
    assert sorted((line.left, line.right) for line in drawn.lines) == wanted


@given(worlds(), st.integers(0, 99))
def test_the_same_people_give_the_same_picture(world: tuple[list[str], list[graph.Tie]], seed: int) -> None:
    rows, ties = world
    shuffled = [
        graph.Tie(t.key, tuple(random.Random(seed).sample(t.members, len(t.members))), t.apart) for t in ties
    ]
    assert graph.draw(rows, ties).tops == graph.draw(rows, shuffled).tops


def test_lines_that_need_not_cross_do_not() -> None:
    drawn = graph.draw(
        ["a", "b", "c"], [graph.Tie("z", ("c",)), graph.Tie("y", ("b",)), graph.Tie("x", ("a",))]
    )
    rows = sorted(("a", "b", "c"), key=drawn.tops.__getitem__)
    ties = sorted(("x", "y", "z"), key=drawn.tops.__getitem__)
    assert [rows.index(row) for row in "abc"] == [ties.index(tie) for tie in "xyz"]


def test_a_long_value_keeps_both_ends() -> None:
    assert shortened("kari", 10) == "kari"
    short = shortened("kari.nordmann-long@theatre.example.no", 20)
    assert (short[:4], short[-3:], "…" in short) == ("kari", ".no", True)
    assert len(short) < 25
    assert len(shortened("WMWMWMWMWMWMWMWM", 10)) < len(shortened("ililililililililil", 10))


# --- what ties a person -------------------------------------------------------

database = pytest.mark.usefixtures("in_aurora", "db")


def ties(found: Why) -> dict[str, tuple[bool, int]]:
    """Each tie by its value: does it join, and how many records."""
    return {tie.value or tie.what: (tie.joins, len(tie.records)) for tie in found.ties}


@database
def test_one_record_needed_no_joining() -> None:
    deliver([ticket(1, email=EMAIL)])
    found = why(Profile.objects.get())
    assert sentence(found) == "One record alone makes up this person, so nothing had to be joined."
    assert ties(found) == {EMAIL: (False, 1)}
    assert [tie.reason for tie in found.ties] == [""]


@database
def test_what_records_share_and_what_was_said_of_them_is_why_they_are_one() -> None:
    found = why(joined())
    assert [record.external_id for record in found.records if record.source.slug == "club"] == ["K-77"]
    told = ties(found)
    assert told[EMAIL] == (True, 2)
    assert told["GA1.2.1234567890.1700000000"] == (True, 2)
    assert (told["word"], told["link"]) == ((True, 4), (True, 2))
    assert told["kari"] == (False, 1)
    words = sentence(found)
    assert words.startswith("These 5 records are one person because they share ")
    assert EMAIL in words
    assert "the cookie GA1.2." in words
    assert "Alice said so on " in words
    assert words.endswith("the matcher found them alike (99.93 %).")


@database
def test_what_joins_nobody_says_why() -> None:
    person = joined()
    set_aside(person)
    reasons = {tie.value: tie.reason for tie in why(person).ties if tie.reason}
    assert "too many different people" in reasons["+4722000000"]
    assert "Several people rightly use it" in reasons["karin@example.no"]
    assert ALICE in reasons["karin@example.no"]


@database
def test_a_cookie_of_two_known_people_joins_neither_and_says_so() -> None:
    shared = ("cookie", "c1")
    deliver([visit(1, shared, ("login", "kari")), visit(2, shared, ("login", "ola"), day=1)], website())
    tie = next(tie for tie in why(profile_of("login:kari")).ties if tie.value == "c1")
    assert (tie.joins, tie.reason) == (False, "On 2 people, and it could be any of them.")


@database
def test_an_address_of_two_people_with_other_names_says_what_keeps_them_apart() -> None:
    deliver([ticket(1, email=EMAIL, name="Kari Li"), ticket(2, email=EMAIL, name="Ola Li")])
    [tie] = why(Profile.objects.get(name="Ola Li")).ties
    assert (tie.joins, tie.short) == (False, "several people's")
    assert tie.reason == "On 2 people, whom names, birth dates or a colleague's word keep apart."


@database
def test_a_limit_that_set_an_identifier_aside_is_named() -> None:
    source = a_source()
    deliver([ticket(1, email=EMAIL, external_id="71"), ticket(2, email=EMAIL, external_id="72")], source)
    assert Profile.objects.filter(state="active").count() == 2
    tie = next(tie for tie in why(profile_of("71")).ties if tie.value == EMAIL)
    assert not tie.joins
    assert tie.reason == (
        "It is on somebody else too, and was set aside: a person has at most 1 of “Customer number”."
        " On 2 people."
    )


@database
def test_whom_a_colleague_told_apart_is_listed_with_name_and_day() -> None:
    person = kari()
    verbs.apart(profiles=[person, profile_of("D-9")], actor=ALICE, reason="Mother and daughter.")
    [told] = why(person).apart
    assert (told.profile, told.who, told.reason) == (profile_of("D-9"), "Alice", "Mother and daughter.")
    [back] = why(profile_of("D-9")).apart
    assert back.profile == person


@database
def test_an_act_that_was_taken_back_is_no_reason_any_more() -> None:
    person = kari()
    act = verbs.merge(profiles=[person, profile_of("D-9")], actor=ALICE)
    assert "word" in ties(why(profile_of("4711")))
    verbs.undo(act=act, actor=ALICE)
    assert "word" not in ties(why(profile_of("4711")))
    assert why(profile_of("4711")).apart == []


# --- drawn --------------------------------------------------------------------


@database
def test_the_picture_has_a_box_for_every_record_and_tie() -> None:
    found = why(joined())
    drawn = picture(found)
    assert {box.key for box in drawn.left} == {f"r{record.pk}" for record in found.records}
    assert {box.key for box in drawn.right} == {tie.key for tie in found.ties}
    tones = {box.key[0]: box.tone for box in drawn.right if box.tone in ("word", "link")}
    assert tones == {"w": "word", "l": "link"}
    assert not drawn.is_summary


def test_many_records_are_drawn_by_source() -> None:
    sources = [Source(pk=n, name=f"Source {n}") for n in (1, 2)]
    records = [SourceRecord(pk=n, source=sources[n % 2], external_id=f"k{n}") for n in range(31)]
    found = Why(
        records,
        [
            Tie(f"i{n}", "identifier", (n, n + 1), True, "email", "E-mail", f"k{n}@example.no")
            for n in range(30)
        ],
    )
    drawn = picture(found)
    assert drawn.is_summary
    assert [(box.label, box.sub) for box in drawn.left] == [
        ("Source 1", "16 records"),
        ("Source 2", "15 records"),
    ]
    assert len(drawn.right) == MOST_TIES
    assert drawn.left_out == 30 - MOST_TIES


# --- the tab ------------------------------------------------------------------


@pytest.fixture
def browser(alice: User, aurora: Organisation, client_for: ClientFor) -> Client:
    return client_for(alice, aurora)


def tab(browser: Client, person: Profile) -> str:
    return browser.get(reverse("profiles:person", args=[person.public_id]), {"tab": "why"}).content.decode()


@database
def test_the_tab_draws_and_lists_the_same(browser: Client) -> None:
    person = joined()
    text = tab(browser, person)
    assert "Why one person?" in text
    found = why(person)
    for tie in found.ties:
        assert f'href="#why-{tie.key}"' in text
        assert f'id="why-{tie.key}"' in text
    for record in found.records:
        assert f'href="#why-r{record.pk}"' in text
        assert f'id="why-r{record.pk}"' in text
    assert " style=" not in text
    assert "<style" not in text


@database
def test_what_somebody_else_wrote_is_text(browser: Client) -> None:
    deliver([ticket(1, email=EMAIL, name="<b>Kari</b> </svg>", external_id="<i>1")])
    text = tab(browser, Profile.objects.get())
    assert "<b>Kari" not in text
    assert "<i>1" not in text
    assert "Kari&lt;/b&gt; &lt;/svg&gt;" in text


@database
def test_whoever_is_named_beside_is_in_the_log_of_who_saw_whom(browser: Client) -> None:
    person = kari()
    verbs.apart(profiles=[person, profile_of("D-9")], actor=ALICE, reason="Two people.")
    tab(browser, person)
    assert AccessEntry.objects.latest("pk").profile_ids == [person.pk, profile_of("D-9").pk]


@database
def test_the_tab_asks_as_often_for_many_records_as_for_two(browser: Client) -> None:
    for mail, phone, count in (("a@example.no", "90000001", 2), ("b@example.no", "90000002", 10)):
        for n in range(count):
            deliver([ticket(n, order=f"{mail}{n}", email=mail, phone=phone)], a_source(f"s{n}"))
    counts = []
    for mail in ("a@example.no", "b@example.no"):
        person = Profile.objects.get(email=mail, state="active")
        tab(browser, person)
        with CaptureQueriesContext(connection) as asked:
            tab(browser, person)
        counts.append(len(asked))
    assert SourceRecord.objects.filter(profile__email="b@example.no").count() == 10
    assert counts[0] == counts[1]
