"""Previews: what an act would do, exactly, without doing it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cdp.lib import locks
from profiles.identity import consequences, preview, verbs
from profiles.identity.consequences import Consequence, Line
from profiles.ingest.turn import wait_for_turn
from profiles.models import (
    Decision,
    Event,
    IdentityAct,
    LinkConstraint,
    Profile,
    SourceRecord,
)
from profiles.rows import CanonicalRow, EventRow, PersonRow
from tests.profiles.acts import WHO, a_record, groups, ids, membership, people, person_of, the_record
from tests.profiles.sample import START, a_source, deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


def busy(key: str, events: int) -> None:
    """Somebody with an order and so many events."""
    told = tuple(EventRow(f"{key}{n}", "page_viewed", START) for n in range(events))
    buyer = PersonRow(external_id=key, email=f"{key}@example.no", full_name="Kari Li", observed_at=START)
    source = a_source(f"source-{key}")
    deliver([CanonicalRow(1, [key], key=key, buyer=buyer, events=told)], source)
    deliver([ticket(2, order=f"o-{key}", email=f"{key}@example.no", name="Kari Li", external_id=key)], source)


def merge_preview() -> preview.MergePreview:
    return preview.preview_merge([person_of("a"), person_of("b")])


def everything() -> list[Any]:
    models = (SourceRecord, Profile, LinkConstraint, IdentityAct, Decision)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_it_tells_records_events_orders_value_and_tags_before_and_after() -> None:
    busy("a", 3)
    busy("b", 2)
    shown = merge_preview()
    told = [(each.events, each.orders, int(each.value), len(each.tags)) for each in shown.before]
    assert told == [(3, 1, 450, 1), (2, 1, 450, 1)]
    [after] = shown.after
    assert (after.events, after.orders, int(after.value)) == (5, 2, 900)
    assert list(after.tags) == ["Hamlet 2026"]
    assert (shown.records, shown.events, shown.orders) == (2, 5, 2)
    assert {"a@example.no", "b@example.no"} <= set(after.identifiers)
    assert shown.winners["email"] in ids("ab")


def test_looking_changes_nothing() -> None:
    for key in "abc":
        busy(key, 1)
    before = everything()
    merge_preview()
    assert everything() == before
    verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    before = everything()
    preview.preview_unmerge(person_of("a"), ids("b"))
    with pytest.raises(verbs.NotPossible):
        preview.preview_unmerge(person_of("a"), ids("c"))
    assert everything() == before


def test_what_it_foresees_is_what_happens() -> None:
    busy("a", 1)
    busy("b", 2)
    foreseen = merge_preview()
    verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    [(now, _pk)] = preview.people_of(ids("ab"))
    assert [now] == list(foreseen.after)
    apart = preview.preview_unmerge(person_of("a"), ids("b"))
    verbs.unmerge(profile=person_of("a"), records=ids("b"), actor=WHO, reason="two")
    assert [p for p, _pk in preview.people_of(ids("ab"))] == list(apart.after)


def test_those_who_only_hung_together_through_the_third_are_foreseen_to_be_two() -> None:
    a_record("b", email="b@example.no", phone="41229017", name="Kari Li")
    a_record("a", email="b@example.no", name="Kari Li")
    a_record("c", phone="41229017", name="Kari Li")
    shown = preview.preview_unmerge(person_of("a"), ids("b"))
    assert [len(each.records) for each in shown.after] == [1, 1, 1]


def test_others_who_change_along_are_counted() -> None:
    a_record("a", email="a@example.no", name="Kari Li")
    a_record("b", email="b@example.no", name="Kari Li", birth_date=date(1980, 1, 1))
    a_record("c", email="c@example.no", name="Kari Li", birth_date=date(1990, 1, 1))
    verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    verbs.bulk_link(pairs=[(the_record("a").pk, the_record("c").pk, 12.0, 0.999, None)], actor=WHO)
    assert people() == groups("ab", "c")
    shown = preview.preview_unmerge(person_of("a"), ids("a"))
    assert shown.others == 1
    assert {len(each.records) for each in shown.after} == {1, 2}


def test_a_hundred_times_the_events_cost_the_same_queries() -> None:
    def cost(look: Callable[[], Any]) -> int:
        look()
        with CaptureQueriesContext(connection) as captured:
            look()
        assert not [q for q in captured if '"profiles_event"' in q["sql"]]
        return len(captured)

    busy("a", 2)
    busy("b", 2)
    few = cost(merge_preview)
    Event.objects.bulk_create(
        Event(
            source=the_record("b").source, message_id=f"x{n}", record=the_record("b"), type="page_viewed",
            occurred_at=START, intake=the_record("b").intake,
        )
        for n in range(200)
    )  # fmt: skip
    assert cost(merge_preview) == few
    assert merge_preview().events == 204


def test_other_rooms_compare_both_worlds_and_settle_what_became_of_them() -> None:
    settled: list[list[int]] = []

    def look(records: frozenset[int]) -> int:
        return SourceRecord.objects.filter(pk__in=records).values("profile").distinct().count()

    part = Consequence(
        "people",
        "People",
        look=look,
        compare=lambda before, after: [Line("them", "How many", str(before), str(after))],
        settle=lambda profiles: settled.append(list(profiles)),
    )
    before = dict(consequences._registry)
    try:
        consequences.register(part)
        busy("a", 0)
        busy("b", 0)
        section = next(each for each in merge_preview().sections if each.key == "people")
        [line] = section.lines
        assert (line.before, line.after, line.changes, section.changes) == ("2", "1", True, True)
        settled.clear()
        two = [person_of("a"), person_of("b")]
        verbs.merge(profiles=two, actor=WHO)
        assert settled == [sorted(person.pk for person in two)]
    finally:
        consequences._registry.clear()
        consequences._registry.update(before)


@pytest.mark.django_db(transaction=True)
def test_it_does_not_wait_for_ever_behind_a_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    busy("a", 0)
    busy("b", 0)
    before = membership()
    monkeypatch.setattr(preview, "PATIENCE", "50ms")
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        wait_for_turn()
    statements = [q["sql"] for q in captured if "advisory" in q["sql"]]
    keeper: psycopg.Connection[Any] = locks.open_keeper()
    try:
        keeper.execute(statements[0].replace("pg_advisory_xact_lock", "pg_advisory_lock"))
        with pytest.raises(preview.Busy):
            merge_preview()
    finally:
        keeper.close()
    assert membership() == before
    assert merge_preview().after
