"""Whoever visits, logs in and shares devices with others: who is who does not depend on what came first."""

from __future__ import annotations

import random

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.identity import batch
from profiles.models import Event, Profile, SourceRecord
from profiles.rows import CanonicalRow
from tests.profiles.sample import deliver
from tests.profiles.visits import together, visit, website

COOKIES = tuple(("cookie", f"c{n}") for n in range(4))
DEVICES = tuple(("device", f"d{n}") for n in range(2))
LOGINS = (("login", "kari"), ("login", "ola"))
NAMES = {"kari": "Kari Li", "ola": "Ola Li"}

Shown = tuple[tuple[str, str], ...]


@st.composite
def visits(draw: st.DrawFn, *, named: bool = True) -> list[CanonicalRow]:
    """A few days at a website: mostly a cookie, sometimes a device too, now and then a log-in."""
    count = draw(st.integers(2, 8))
    return [_visit(draw, number, named) for number in range(count)]


def _visit(draw: st.DrawFn, number: int, named: bool) -> CanonicalRow:
    shown: Shown = (draw(st.sampled_from(COOKIES)),)
    if draw(st.integers(0, 3)) == 0:
        shown += (draw(st.sampled_from(DEVICES)),)
    if draw(st.integers(0, 2)) == 0:
        login = draw(st.sampled_from(LOGINS))
        return visit(
            number, *shown, login, day=draw(st.integers(0, 9)), full_name=NAMES[login[1]] if named else ""
        )
    return visit(number, *shown, day=draw(st.integers(0, 9)))


@pytest.mark.django_db
@pytest.mark.usefixtures("in_aurora")
@settings(max_examples=12, deadline=None)
@given(visits(), st.integers(0, 10_000))
def test_one_delivery_after_another_gives_the_same_people_as_all_at_once(
    rows: list[CanonicalRow], seed: int
) -> None:
    apart = rows[:]
    random.Random(seed).shuffle(apart)
    found = []
    for batches in ([rows], [[row] for row in apart]):
        with transaction.atomic():
            for chunk in batches:
                deliver(chunk, website())
            found.append((together(), _visitors(), _history()))
            assert batch.check().records == 0, "nor on whether the whole table is judged at once"
            transaction.set_rollback(True)
    assert found[0] == found[1]


def _visitors() -> set[str]:
    rows = SourceRecord.objects.filter(profile__is_visitor=True)
    return set(rows.values_list("external_id", flat=True))


def _history() -> set[frozenset[str]]:
    """Whose events are whose."""
    return {
        frozenset(Event.objects.filter(record__profile=person).values_list("message_id", flat=True))
        for person in Profile.objects.filter(state="active")
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("in_aurora")
@settings(max_examples=8, deadline=None)
@given(visits(named=False))
def test_two_known_people_are_never_joined_by_what_they_visited_with(rows: list[CanonicalRow]) -> None:
    with transaction.atomic():
        deliver(rows, website())
        for group in together():
            assert len({key for key in group if key.startswith("login:")}) <= 1
        transaction.set_rollback(True)
